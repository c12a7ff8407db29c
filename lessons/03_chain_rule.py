# %% [markdown]
# # 3. The chain rule
#
# New: every function knows its own derivative, and the derivative of the composition is their product,
# $\dfrac{dy}{dx} = \dfrac{dy}{db} \cdot \dfrac{db}{da} \cdot \dfrac{da}{dx}$.
#
# **연쇄 법칙.** 합성함수의 미분은 각 함수의 국소 미분을 모두 곱한 것입니다.

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
print(f"A'(x) = {A.derivative(x)}   B'(a) = {B.derivative(a):.6g}   C'(b) = {C.derivative(b):.6g}")

slope = C.derivative(b) * B.derivative(a) * A.derivative(x)
print(f"dy/dx = {slope:.6g}")

# %%
gj.lesson("a = x**2; b = exp(a); b**2", at={"x": x}, parts=["product"]).write("03_chain_rule.html")
