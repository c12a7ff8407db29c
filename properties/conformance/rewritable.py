"""Expressions that an engine may rewrite before it computes.

Identities, operations that undo each other or do nothing, and what a compiler takes for a more stable function. None of
them ties or overflows at its points.
"""

from __future__ import annotations

#: Of one variable of any sign.
_BOTH = """
relu(abs(x))
maximum(abs(x), 0)
maximum(x**2, 0)
maximum(exp(x), 0)
relu(cosh(x))
minimum(-abs(x), 0)
minimum(abs(x), 0) + x
maximum(abs(x), -1)
clip(abs(x), 0, 9)
abs(relu(x))
abs(abs(x))
abs(-x)
abs(x**2)
abs(exp(x))
abs(x*abs(x))
abs(x)*abs(x)
sign(x)*abs(x)
sign(abs(x))*x
sign(exp(x))*x
sign(-x)*x
abs(sign(x))*x
maximum(maximum(x, 1), x)
maximum(minimum(x, 1), -1)
maximum(-x, -1)
-maximum(-x, -1)
minimum(maximum(x, 1), 1) + x
clip(clip(x, -1, 1), -2, 2)
clip(clip(x, -2, 2), -1, 1)
maximum(x, 1) + minimum(x, 1)
maximum(x, 1)*minimum(x, 1)
maximum(2*x, 1)
maximum(x + 1, 0.25)
sqrt(x**2)
sqrt(x*x)
(x**2)**0.5
(x**2)**1.5
(x**3)**2
x**2*x**3
x**3/x
x**2*x**-1
square(x)*square(x)
abs(x)**2
abs(x)**3
x*abs(x)
abs(x)/x
x/abs(x)
x**1 + x**0
log(exp(x))
log1p(expm1(x))
log(exp(x) + 1)
log(1 + exp(x))
log1p(exp(x))
log(exp(-x) + 1)
-log(1 + exp(-x))
log(sigmoid(x))
log(1 - sigmoid(x))
1/(1 + exp(-x))
1/(1 + exp(x))
exp(x)/(1 + exp(x))
1 - sigmoid(x)
sigmoid(-x)
1 - sigmoid(-x)
sigmoid(x)*(1 - sigmoid(x))
1 - 1/(1 + exp(x))
softplus(-x)
softplus(x) - softplus(-x)
exp(-softplus(-x))
x*sigmoid(x)
exp(x) - 1
exp(-x) - 1
1 - exp(x)
exp(x)*exp(-x)
exp(x)*exp(x)
sqrt(exp(x))
exp(x)**2
log(x**2)
log(abs(x))
log(x**4)/2
log(square(x))
log(1 + x**2)
log(sqrt(1 + x**2))
1 - tanh(x)**2
(1 - tanh(x))*(1 + tanh(x))
sinh(x)/cosh(x)
tanh(x)*cosh(x)
1 - cos(x)**2
sin(x)**2 + cos(x)**2 + x
sin(x)/cos(x)
cos(-x)
sin(-x)
tan(atan(x))
atan(tan(x/4))
sinh(asinh(x))
asinh(sinh(x))
acosh(cosh(x))
atanh(tanh(x))
x - x
x + x
x + x + x
x - 2*x
-(-x)
-(1 - x)
0 - x
x/x
1/(1/x)
x/(1/x)
(x/2)/3
x/(2/x)
2/(x/3)
0*x + x
x*0 + 1
0/x + x
x*1 + 0
(x + 1) - 1
(x + 2) - x
(x*3)/3
(3*x)*(2/x)
x*(1/x)
(x + 1)*(x - 1)
x*x - 1
where(x > 0, x, x)
where(x > 0, x, -x)
where(x > 0, 1, -1)*x
where(x < 1, x, 1)
where(x > 1, where(x > 0, x, 7), 2*x)
where(abs(x) > 0, x**2, 5)
where(x == x, x**2, 5)
floor(floor(x) + 0.5) + x
ceil(floor(x)) + x
floor(x) + ceil(-x) + x
mod(mod(x, 7), 7)
2**x
2.5**x
0.5**x
exp(x*log(2))
10**x
1**x + x
2**(-x)
exp2(x)*2**x
erf(x) + erf(-x) + x
1 - erf(x)
erfc(x) - 1
1 - erfc(x)
erf(x)/erf(x)*x
exp(log1p(x**2))
expm1(log1p(x**2))
exp(softplus(x))
expm1(softplus(x))
softplus(log(x**2))
log(-expm1(-abs(x)))
log1p(-exp(-abs(x)))
log(1 - exp(-abs(x)))
sign(1/x)*x
sign(-2/x)*x
sign(2*x)*x
sign(x**3)*x
sign(x)*sign(x)*x
abs(1/x)
abs(x/3)
abs(-2/x)
abs(x**3)
1/abs(x)
log(2/abs(x))
log(abs(x)/2)
sqrt(square(x))
square(abs(x))
x**7
x**8
x**-3
x**3*x**-3
(x**2)**-1
exp(x)*sigmoid(-x)
exp(-x)*sigmoid(x)
exp(x)/(exp(x) + 1)
sigmoid(x)/(1 - sigmoid(x))
log(sigmoid(x)/(1 - sigmoid(x)))
log(1 + exp(x)) - x
log(exp(x) - exp(x - 1))
(exp(x) - 1)*exp(-x)
exp(-x)/exp(x)
exp(x)*exp(x**2)
2**x*2**x
2**x/2**x
maximum(-x, x)
maximum(x, x - 1)
minimum(x, x + 1)
abs(maximum(x, -x))
maximum(x, 1)*3
maximum(sinh(x), 0) + x
maximum(1/x, 0)
maximum(x**3, 0)
relu(x*abs(x))
relu(1 + tanh(x))
maximum(1 + cos(x), 0)
minimum(cosh(x), 0) + x
minimum(exp(x), 1)
clip(exp(x), 0.1, 5)
clip(x, -1, 1)*2
clip(-x, -1, 2)
where(x > 0, exp(x), 1)*2
2/where(x > 0, x, 3)
where(x > 0, x, 3)*where(x > 0, 2, x)
where(-x > 0, x, 2*x)
where(abs(x) >= 0, x, 7)
where(x**2 < 0, 7, x)
where(2*x > 1, x, x**2)
3 - (x - 3)
x - (-x)
1 + erf(x)
erf(x) - 1
erf(-x) - 1
erfc(-x)
log(erfc(x))
log(1 + erf(x))
cosh(x)**2 - sinh(x)**2 + x
sqrt(1 + sinh(x)**2)
log(cosh(x) + sinh(x))
1/cos(x)**2 - tan(x)**2 + x
sin(asin(tanh(x)))
cos(acos(tanh(x)))
floor(ceil(x)) + x
mod(x + 7, 7)
mod(-x, 7)
mod(x, -7)
"""

#: Of one positive variable.
_POSITIVE = """
exp(log(x))
log(1/x)
log(x**3)
log(sqrt(x))
sqrt(x)**2
sqrt(x)*sqrt(x)
1/sqrt(x)
x**0.5*x**0.5
x**-0.5
sqrt(1/x)
x*x**-1.5
expm1(log1p(x))
log(1 + x)
log1p(x - 1)
log(1 - exp(-x))
log1p(-exp(-x))
log(x) - log(2*x)
log(x*2)
x**x/x**x
exp(2*log(x))
abs(sqrt(x))
relu(sqrt(x))
maximum(log1p(x), 0)
relu(x)
cbrt(x)**3
cbrt(x**3)
loggamma(x + 1) - loggamma(x)
exp(loggamma(x))
gamma(x + 1)/gamma(x)
log(gamma(x))
log(2/x)
log(x/2)
log(1/sqrt(x))
log(exp(x) - 1)
log(expm1(x))
exp(log1p(x))
expm1(log(x))
exp(-log(x))
softplus(log(x))
log1p(exp(log(x)))
square(sqrt(x))
sqrt(x**3)
x**-1.5*x**2
log2(x**2)
log10(x)*log(10)
maximum(x, sqrt(x))
digamma(x + 1) - digamma(x)
polygamma(0, x)
polygamma(1, x)
log(besselk(1, x))
log(besseli(1, x))
exp(x**2)*erfc(x)
"""

#: Of two variables.
_TWO = """
(x*y)/y
(x + y) - y
x*y/x
x/y*y
x/(x/y)
(x - y) + (y - x) + x
abs(x*y)
abs(x)*abs(y)
exp(x)*exp(y)
exp(x)/exp(y)
exp(x - y)
log(exp(x)*exp(y))
log(exp(x) + exp(y))
logaddexp(x, y) - x
x*y + x*y
x*y - y*x + x
(x + y)*(x - y)
(x + y)**2 - x**2
x*y*x*y
maximum(x, y) + minimum(x, y)
maximum(x, y) - minimum(x, y)
maximum(x, y) - x
-minimum(-x, -y)
maximum(abs(x), abs(y))
maximum(maximum(x, y), minimum(x, y))
maximum(x*y, 0) + y
relu(x - y)
where(x < y, y, x)
where(x < y, x, y)
where(x >= y, x - y, y - x)
sqrt((x - y)**2)
sqrt(x**2*y**2)
sqrt(x**2 + y**2)
x/sqrt(x**2 + y**2)
(x**2 + y**2)/(x**2 + y**2)*x
sin(x)*cos(y) + cos(x)*sin(y)
cos(x - y) - cos(y - x) + x
tanh(x + y) - tanh(y + x) + x
x/y*(y/x)*x
abs(x/y)
sign(x/y)*x
sign(x*y)*x
(x/y)**2
(x*y)**3/x**2
x*y**2/y
x**2*y**2/(x*y)
sqrt(x**2/y**2)
-(x - y)
(x + y) - (x - y)
exp(x)/(exp(x) + exp(y))
log(exp(x)/exp(y))
log(exp(x + y))
log(exp(2*x) + exp(2*y))
exp(x)**y
hypot(x, y)**2
maximum(x, y)*minimum(x, y)
maximum(2*x, 2*y)
maximum(x + 1, y + 1)
maximum(x - y, y - x)
maximum(x**2 + y**2, 0)
maximum(x*x, y*y)
maximum(x, y)/2
where(x > y, x, y) - maximum(x, y) + x
where(x > y, where(x > y, x, 7), y)
where(x - y > 0, x, y)
"""

#: Each with its points.
REWRITABLE = {
    **{function: {"x": [-3.0, -0.75, 0.5, 2.0]} for function in _BOTH.split("\n") if function},
    **{function: {"x": [0.5, 0.75, 2.0, 3.0]} for function in _POSITIVE.split("\n") if function},
    **{
        function: {"x": [-3.0, -0.75, 0.5, 2.0], "y": [0.5, -2.5, 1.25, 0.375]}
        for function in _TWO.split("\n")
        if function
    },
}
