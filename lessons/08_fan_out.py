# %% [markdown]
# # 8. Fan-out
#
# New: a value that is used twice. It gets a derivative back from each use, and they must be added; `=` keeps only the
# last one. And a function may hand back only when all that used its output have done so, so the walk follows the order
# of the forward pass, backwards.
#
# **경로의 합.** 값을 두 번 쓰면 미분도 두 경로로 돌아옵니다. 경로마다 얻은 곱을 모두 더해야 하며, 덮어쓰면
# 틀립니다.

# %%
import gradjury as gj


class Variable:
    def __init__(self, data, creator=None):
        self.data, self.creator, self.grad = data, creator, 0.0

    def backward(self, overwrite=False):
        self.grad = 1.0
        for f in sorted(self.made_by(), key=lambda f: -f.place):
            locals_ = f.derivatives(*(x.data for x in f.inputs))
            for x, local in zip(f.inputs, locals_, strict=True):
                product = f.output.grad * local
                x.grad = product if overwrite else x.grad + product

    def made_by(self):
        found, waiting = set(), [self]
        while waiting:
            f = waiting.pop().creator
            if f and f not in found:
                found.add(f)
                waiting += f.inputs
        return found


class Function:
    count = 0

    def __call__(self, *inputs):
        self.inputs, self.place = inputs, Function.count
        Function.count += 1
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


for overwrite in (True, False):
    x, w = Variable(3.0), Variable(0.5)
    a = Multiply()(w, x)
    y = Multiply()(a, Square()(a))  # a is used twice
    y.backward(overwrite)
    print(f"{'overwritten' if overwrite else 'added':>11}: dy/dx = {x.grad}, dy/dw = {w.grad}")

dx, dw = gj.grad(lambda x, w: (w * x) ** 3)(3.0, 0.5)
print(f"   gradjury: dy/dx = {dx}, dy/dw = {dw}")

# %%
parts = ["backward", "product", "stored", "cost", "paths"]
gj.lesson("a = w*x; a*a**2", at={"w": 0.5, "x": 3.0}, parts=parts).write("08_fan_out.html")
