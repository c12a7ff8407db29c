# %% [markdown]
# # 2. Composition
#
# New: the output of one function is the input of the next, $y = C(B(A(x)))$.
#
# **합성함수.** 한 함수의 출력을 다음 함수의 입력으로 씁니다. 앞에서부터 값을 계산하는 것을 순전파라고 합니다.

# %%
import math

import gradjury as gj


class Square:
    def forward(self, x):
        return x**2


class Exp:
    def forward(self, x):
        return math.exp(x)


A, B, C = Square(), Exp(), Square()
x = 0.5
a = A.forward(x)
b = B.forward(a)
y = C.forward(b)
print(f"x = {x}   a = {a}   b = {b:.6g}   y = {y:.6g}")

# %%
gj.lesson("a = x**2; b = exp(a); b**2", at={"x": x}, parts=[]).write("02_composition.html")
