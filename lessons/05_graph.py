# %% [markdown]
# # 5. The graph
#
# New: every value remembers which function made it, and that function remembers what it was made from. These links
# are the computational graph; walking along them backwards needs no names and no order by hand.
#
# **계산 그래프.** 변수는 자기를 만든 함수를, 함수는 자기에게 들어온 변수를 기억합니다. 이 연결을 거꾸로 따라가면
# 역전파가 저절로 이루어집니다.

# %%
import math

import gradjury as gj


class Variable:
    def __init__(self, data, creator=None):
        self.data, self.creator, self.grad = data, creator, None

    def backward(self):
        y, y.grad = self, 1.0
        while y.creator:
            f, x = y.creator, y.creator.input
            x.grad = y.grad * f.derivative(x.data)
            print(f"{type(f).__name__:>6}: {y.grad:.6g} × {f.derivative(x.data):.6g} = {x.grad:.6g}")
            y = x


class Function:
    def __call__(self, x):
        self.input = x
        return Variable(self.forward(x.data), creator=self)


class Square(Function):
    def forward(self, x):
        return x**2

    def derivative(self, x):
        return 2 * x


class Exp(Function):
    def forward(self, x):
        return math.exp(x)

    def derivative(self, x):
        return math.exp(x)


x = Variable(0.5)
y = Square()(Exp()(Square()(x)))
y.backward()
print(f"dy/dx = {x.grad:.6g}")

# %%
gj.lesson("a = x**2; b = exp(a); b**2", at={"x": x.data}, parts=["backward", "product"]).write("05_graph.html")
