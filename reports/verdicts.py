"""Every verdict in words: what it means in one line, how it is reached, what to do about it.

The definitions are in ``docs/verdicts.md``; this is the short form that stands in terminal output, reports
and ``gradjury explain``.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple


class Explanation(NamedTuple):
    """One verdict: its meaning in a line, the rule that reaches it, and the reader's next step."""

    meaning: str
    rule: str
    action: str


#: Mildest first, as records are ranked; ``invalid`` stands apart, for records that could not be read.
EXPLANATIONS: dict[str, Explanation] = {
    "agree": Explanation(
        "the number is what a correct evaluation returns",
        "It lies in the enclosure of all results that rounding permits (standard program), or within 4 units "
        "in the last place of the exact derivative (standard function).",
        "Nothing to do.",
    ),
    "kink": Explanation(
        "the one-sided derivatives differ here, and the number lies between them",
        "At a corner such as that of |x| at 0 every number between the left and the right slope is a "
        "legitimate choice.",
        "Nothing to do, unless a convention matters to you: the enclosure reaches from one slope to the other.",
    ),
    "undefined": Explanation(
        "no derivative exists here: there is nothing that the number could agree with",
        "The function jumps or has a pole, or the point is outside its domain; the number is nan, or lies "
        "between the one-sided slopes where they exist.",
        "Check whether the point was meant: is it inside the domain of every operation?",
    ),
    "imprecise": Explanation(
        "the number has lost digits, but few enough to leave it useful",
        "It lies outside the enclosure, yet within 2^10 units in the last place of the exact derivative, or "
        "within 2^10 radii of the enclosure and 2^-20 of its size; or a wide enclosure holds it, and a single "
        "operation on its way is off by more than 2^10 units by itself.",
        "Look at the blamed operation if the last digits matter; a more stable formula would keep them.",
    ),
    "undecided": Explanation(
        "no claim is made: the evidence does not separate right from wrong",
        "The enclosure is too wide or not finite, precision or time ran out, an operation has no symbolic "
        "derivative, or the two oracles contradict each other (blame: oracle). Never counted as agreement.",
        "Read the reason beside it; a point of moderate size, or a larger --timeout, often decides.",
    ),
    "inaccurate": Explanation(
        "a result that floating point can represent was lost to rounding",
        "The error is far beyond the last digits, yet no larger than rounding of quantities of size 1 would "
        "cause: 1 - tanh(20)^2 gives 0 where the truth is 1.7e-17.",
        "Replace the formula of the blamed operation by one without cancellation.",
    ),
    "nonfinite": Explanation(
        "nan or an infinity where the derivative is finite, or a finite number where it is infinite",
        "An infinity is excused only where the exact derivative exceeds the largest float. Blame singular or "
        "overflow says that the chain met 0/0, or overflowed on the way, although the result is finite.",
        "Rewrite the function around the singular point, or guard the operation that overflows.",
    ),
    "wrong": Explanation(
        "no correct evaluation returns this number",
        "It lies outside the enclosure by more than rounding can explain; at a kink, outside both slopes.",
        "Read the blame: it names the operation, its argument, and the smallest function that still fails.",
    ),
    "invalid": Explanation(
        "the record could not be read, so nothing was judged",
        "Its error says what arrived, what is expected, and where. The other records of a file go on.",
        "Correct the record; docs/records.md and docs/expressions.md describe what is read.",
    ),
}

#: What verdicts mean of a function that could not be read: values alone have been looked at, and no enclosure.
BY_DIFFERENCES: dict[str, str] = {
    "agree": "differences of the function's values see this number; nothing is certified",
    "kink": "differences see two slopes here, and the number lies between them; nothing is certified",
    "nonfinite": "nan or an infinity where differences of values see a slope; nothing is certified",
    "wrong": "differences of the function's values contradict this number; nothing is certified",
}

#: Verdicts of functions, mildest first: all but ``invalid``.
ORDER: tuple[str, ...] = tuple(v for v in EXPLANATIONS if v != "invalid")

#: Verdicts that make the exit status 1 unless others are named.
FAILING: tuple[str, ...] = ("wrong", "nonfinite", "inaccurate")


def meaning_of(verdict: str, by_differences: bool = False) -> str:
    """What a verdict means, in a line.

    Args:
        by_differences: whether the function could not be read, so that the verdict is that of differences alone.
    """
    meaning = EXPLANATIONS[verdict].meaning
    return BY_DIFFERENCES.get(verdict, meaning) if by_differences else meaning


def explain(verdict: str) -> str:
    """The parts of one verdict as paragraphs: its meaning, its rule, what it is by differences alone, what to do.

    Raises:
        KeyError: there is no such verdict.
    """
    meaning, rule, action = EXPLANATIONS[verdict]
    alone = f"Of a function that could not be read: {BY_DIFFERENCES[verdict]}." if verdict in BY_DIFFERENCES else ""
    return "\n\n".join(filter(None, (f"{verdict}: {meaning}", rule, alone, f"What to do: {action}")))


def verdicts_in(given: str | Collection[str]) -> frozenset[str]:
    """Verdicts by their names; a text holds several separated by commas.

    Raises:
        InvalidInput: one is none.
    """
    from ..verifier.errors import InvalidInput  # explaining a verdict must not wait for SymPy

    if not isinstance(given, Collection):
        raise InvalidInput(f"got {given!r}; expected names of verdicts: some of {', '.join(ORDER)}")
    names = [name.strip() for name in given.split(",") if name.strip()] if isinstance(given, str) else list(given)
    if not names and given and isinstance(given, str):
        raise InvalidInput(f"{given!r} names no verdict; expected some of {', '.join(ORDER)}, or nothing at all")
    for name in names:
        if name not in ORDER:
            # of what cannot be read there is a verdict to explain, and none to choose: it never passes
            what = "fails anyway" if name == "invalid" else "is no verdict"
            raise InvalidInput(f"{name!r} {what}; expected some of {', '.join(ORDER)}, separated by commas")
    return frozenset(names)
