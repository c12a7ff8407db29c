# %% [markdown]
# # 1. A function
#
# Something goes in, something comes out: $y = A(x) = x^2$.
#
# **함수.** 입력 $x$를 넣으면 출력 $y$가 나옵니다.

# %%
import gradjury as gj


class Square:
    def forward(self, x):
        return x**2


A = Square()
x = 0.5
y = A.forward(x)
print(f"x = {x}")
print(f"y = A(x) = {y}")

# %%
gj.lesson("x**2", at={"x": x}, parts=[]).write("01_function.html")
