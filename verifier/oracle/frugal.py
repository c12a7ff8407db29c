"""Arb's special functions within seconds: in no more bits than they need, of nothing that takes it for ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import RLock

from flint import arb, ctx

NAN = arb.nan()

#: Flint has one precision for all threads: one of them computes with balls at a time.
LOCK = RLock()


@contextmanager
def precision(bits: int) -> Iterator[None]:
    """Work in ``bits`` bits within this context, which other threads wait for."""
    with LOCK:
        before = ctx.prec
        ctx.prec = bits
        try:
            yield
        finally:
            ctx.prec = before


#: Far beyond the range of doubles: products and powers of a few floats stay within, as the x² of erf(x²) at 10²⁰⁰, and
#: there no function here takes a second. Arb's may take minutes for what lies further out, such as exp(exp(700)).
TINY, HUGE = arb(2) ** -16384, arb(2) ** 16384


def frugal(function: Callable[..., arb]) -> Callable[..., arb]:
    """A function at no more bits than its last argument holds: Arb's special functions take seconds for the rest."""

    def evaluate(*arguments: arb) -> arb:
        *orders, x = arguments
        if any(abs(order).upper() > HUGE for order in orders):
            return NAN  # an amplitude with more digits than memory may have ends the process
        if abs(x) < TINY and not x.is_zero():
            x = arb(0, 1) * TINY
        elif abs(x) > HUGE:
            return NAN
        bits = x.rel_accuracy_bits() + 64
        if bits >= ctx.prec:
            return function(*orders, x)
        with precision(max(bits, 64)):
            return function(*orders, x)

    return evaluate


#: Orders and parameters cost Arb time that grows with them and with the bits. It gets no more bits than the first of
#: these, from the size LARGE_ORDER on no more than the second; from HUGE_ORDER on it may never come back. Measured.
MOST_BITS, BITS_THERE, LARGE_ORDER, HUGE_ORDER = 1280, 256, 300, 1e8


def of_orders(function: Callable[..., arb]) -> Callable[..., arb]:
    """A special function of orders or parameters, and last its argument, as far as Arb comes back within seconds."""
    within = frugal(function)

    def evaluate(*arguments: arb) -> arb:
        sizes = [abs(order) for order in arguments[:-1]]
        if not all(size < HUGE_ORDER for size in sizes):
            return NAN
        bits = MOST_BITS if all(size < LARGE_ORDER for size in sizes) else BITS_THERE
        if bits >= ctx.prec:
            return within(*arguments)
        with precision(bits):
            return within(*arguments)

    return evaluate
