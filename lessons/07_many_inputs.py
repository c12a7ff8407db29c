# %% [markdown]
# # 7. Many inputs
#
# New: a function of two inputs has two local derivatives, and hands one back to each. One backward pass gives the
# derivatives by all inputs of the loss $(w x - t)^2$; forward passes would need one for each.
#
# **여러 개의 입력.** 입력이 둘인 함수는 국소 미분도 둘입니다. 손실함수의 값은 하나이므로, 역전파 한 번으로 모든
# 입력에 대한 미분을 얻습니다.

# %%
import gradjury as gj


class Variable:
    def __init__(self, data, creator=None):
        self.data, self.creator, self.grad = data, creator, None

    def backward(self):
        self.grad = 1.0
        waiting = [self.creator]
        while waiting:
            f = waiting.pop()
            locals_ = f.derivatives(*(x.data for x in f.inputs))
            for x, local in zip(f.inputs, locals_, strict=True):
                x.grad = f.output.grad * local
                if x.creator:
                    waiting.append(x.creator)


class Function:
    def __call__(self, *inputs):
        self.inputs = inputs
        self.output = Variable(self.forward(*(x.data for x in inputs)), creator=self)
        return self.output


class Square(Function):
    def forward(self, x):
        return x**2

    def derivatives(self, x):
        return (2 * x,)


class Multiply(Function):
    def forward(self, x, w):
        return x * w

    def derivatives(self, x, w):
        return w, x


class Subtract(Function):
    def forward(self, x, t):
        return x - t

    def derivatives(self, x, t):
        return 1.0, -1.0


w, x, t = Variable(0.5), Variable(3.0), Variable(2.0)
loss = Square()(Subtract()(Multiply()(w, x), t))
loss.backward()
print(f"loss = {loss.data}")
for name, value in (("w", w), ("x", x), ("t", t)):
    print(f"dloss/d{name} = {value.grad}")

# %%
parts = ["backward", "product", "stored", "cost"]
gj.lesson("a = w*x; b = a - t; b**2", at={"w": 0.5, "x": 3.0, "t": 2.0}, parts=parts).write("07_many_inputs.html")
