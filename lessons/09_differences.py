# %% [markdown]
# # 9. Differences and their step
#
# New: a derivative from values alone, with no rule at all, $\dfrac{f(x+h) - f(x-h)}{2h}$. A large $h$ cuts off the
# curvature, a small one subtracts nearly equal numbers: the error is a V, and the best $h$ lies between.
#
# **차분.** 함숫값만으로 미분을 어림합니다. $h$가 크면 절단 오차, 작으면 반올림 오차가 커지므로 오차는 V자를
# 그립니다.

# %%
import math

import gradjury as gj


def f(x):
    return math.exp(x**2) ** 2


def difference(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


x = 0.5
truth = 4 * x * math.exp(2 * x**2)
for k in range(1, 15):
    error = abs(difference(f, x, 10.0**-k) - truth) / truth
    print(f"h = 1e-{k:02d}   error = {error:.1e}   {'#' * max(0, round(16 + math.log10(error)))}")

# %%
parts = ["backward", "product", "ways"]
gj.lesson("a = x**2; b = exp(a); b**2", at={"x": x}, parts=parts).write("09_differences.html")
