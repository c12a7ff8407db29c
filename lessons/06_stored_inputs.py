# %% [markdown]
# # 6. Stored inputs
#
# New: what happens without them. $C'(b)$ needs the $b$ of the forward pass, so the forward pass must store it. Forget
# the stored inputs, and the backward pass fails at its first multiplication ①: here, and in gradjury's own engine.
#
# **저장된 입력.** 국소 미분 $C'(b)$를 구하려면 순전파 때의 $b$가 필요합니다. 저장한 값을 지우면 역전파는 ①에서
# 멈춥니다.

# %%
import math

import gradjury as gj
from gradjury.engine import Execution
from gradjury.verifier import read


class Variable:
    def __init__(self, data, creator=None):
        self.data, self.creator, self.grad = data, creator, None

    def backward(self):
        y, y.grad = self, 1.0
        while y.creator:
            f, x = y.creator, y.creator.input
            x.grad = y.grad * f.derivative(x.data)
            y = x

    def forget(self):
        value = self
        while value.creator:
            value = value.creator.input
            value.data = None


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
y.forget()
try:
    y.backward()
except TypeError as error:
    print(f"① fails: {error}")

# %%
engine = Execution(read("a = x**2; b = exp(a); b**2"))
engine.forward({"x": 0.5})
engine.drop()
try:
    engine.reverse()
except gj.EngineError as error:
    print(f"gradjury's engine: {error}")

# %%
parts = ["backward", "product", "stored"]
gj.lesson("a = x**2; b = exp(a); b**2", at={"x": 0.5}, parts=parts).write("06_stored_inputs.html")
