# %% [markdown]
# # 11. A wrong derivative, found
#
# New: your own engine before the jury. It is the one of lesson 5, with a slip in `Exp`. One small class says which of
# its functions is which operation; the verdict names the operation, and the smallest function that still fails.
#
# **틀린 미분 찾기.** 5번 수업의 엔진에 실수를 하나 넣었습니다. 판정은 어느 연산이 틀렸는지, 그리고 그래도 틀리는
# 가장 작은 함수가 무엇인지 알려 줍니다.

# %%
import numpy as np

import gradjury as gj


class Variable:
    def __init__(self, data, creator=None):
        self.data, self.creator, self.grad = data, creator, None

    def backward(self):
        y, y.grad = self, np.ones_like(self.data)
        while y.creator:
            f, x = y.creator, y.creator.input
            x.grad = y.grad * f.derivative(x.data)
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
        return np.exp(x)

    def derivative(self, x):
        return x  # a slip: exp is its own derivative


# %%
class Mine(gj.TapeRunner):
    name, version = "mine", "1"
    table = {"square": lambda x: Square()(x), "exp": lambda x: Exp()(x)}

    def array(self, numbers):
        return Variable(numbers)

    def numbers(self, array):
        return array.data

    def differentiate(self, function, inputs):
        y = function(*inputs)
        y.backward()
        return y, [x.grad for x in inputs]


found = gj.verify("square(exp(square(x)))", at={"x": 0.5}, engine=Mine())
print(found.verdict, "because of the", found.blame.kind, "of", found.blame.primitive)
print("the smallest function that still fails:", found.blame.minimal)

# %%
print(found)

# %%
gj.lesson("square(exp(square(x)))", at={"x": 0.5}).write("11_wrong_derivative_found.html")
