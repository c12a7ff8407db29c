# %% [markdown]
# # 4. Multiply from the output
#
# New: the order of the multiplications. Begin with $\dfrac{dy}{dy} = 1$ and multiply by one local derivative at each
# step; every product on the way is itself a derivative: $\dfrac{dy}{db}$, then $\dfrac{dy}{da}$, then $\dfrac{dy}{dx}$.
#
# **역전파.** 출력 쪽의 $\dfrac{dy}{dy} = 1$에서 시작하여 국소 미분을 하나씩 곱하며 거꾸로 돌아옵니다.

# %%
import math

import gradjury as gj


class Square:
    def forward(self, x):
        return x**2

    def derivative(self, x):
        return 2 * x


class Exp:
    def forward(self, x):
        return math.exp(x)

    def derivative(self, x):
        return math.exp(x)


A, B, C = Square(), Exp(), Square()
x = 0.5
a = A.forward(x)
b = B.forward(a)
y = C.forward(b)

dy = 1.0
print(f"  dy/dy = {dy}")
db = dy * C.derivative(b)
print(f"① dy/db = dy/dy · C'(b) = {db:.6g}")
da = db * B.derivative(a)
print(f"② dy/da = dy/db · B'(a) = {da:.6g}")
dx = da * A.derivative(x)
print(f"③ dy/dx = dy/da · A'(x) = {dx:.6g}")

# %%
parts = ["backward", "product", "cost"]
gj.lesson("a = x**2; b = exp(a); b**2", at={"x": x}, parts=parts).write("04_multiply_from_the_output.html")
