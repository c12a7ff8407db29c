# %% [markdown]
# # 10. Symbolic against numeric
#
# New: a third way, SymPy's derivative of the formula, and a verdict over all three. At $x = 20$ a difference of
# $\tanh$ sees nothing: its values are all 1. The certified truth shows that it is the difference that is wrong.
#
# **기호 미분과 수치 미분.** 자동 미분, 기호 미분(SymPy), 차분을 나란히 놓으면 어느 것이 틀렸는지 가려낼 수
# 있습니다.

# %%
import math

import gradjury as gj


def difference(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


print("a difference:", difference(math.tanh, 20.0, 1e-5))
print("1 - tanh²:   ", 1 - math.tanh(20.0) ** 2)

# %%
found = gj.verify("tanh(x)", at={"x": 20.0})
partial = found.points[0].partials["x"]
print("engine:      ", partial.engine)
print("symbolic:    ", partial.symbolic)
print("difference:  ", partial.difference)
print("verdict:     ", found.verdict)

# %%
claimed = gj.verify("tanh(x)", at={"x": 20.0}, gradient={"x": 0.0})
print("the verdict on 0:", claimed.verdict)

# %%
gj.lesson("tanh(x)*y", at={"x": 20.0, "y": 2.0}).write("10_symbolic_against_numeric.html")
