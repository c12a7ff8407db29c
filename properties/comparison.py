"""Two campaigns on the same functions, set side by side: what is new, what is fixed, what has not changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ..verifier.errors import GradjuryError
from ..verifier.verdicts.judgement import FLAGGED, RANK
from .aggregates import Cause
from .settings import DRAWN, complete
from .store import Store

_COMPARED = (*DRAWN, "engine", "engine_version", "versions")
_JUDGED = ("dtype", "timeout", "certify")  # settings that decide how a function is judged
LISTED = 1000  # functions of each kind of change

KINDS = ("new", "fixed", "unchanged", "shifted")


class Change(NamedTuple):
    """A function with its verdicts in both campaigns."""

    index: int  # type: ignore[assignment]  # tuple.index is not missed
    old: str
    new: str


@dataclass(frozen=True)
class Comparison:
    """What became of the functions that two campaigns share.

    A function is *new* if it fails now and did not before, *fixed* the other way round, *unchanged* if it fails in both
    with one verdict. *Shifted* are other changes: from one failing verdict to another, or from one that passes to
    another.

    Attributes:
        new_settings, old_settings: of the two stores.
        common: how many functions were judged in both: 0 … common − 1.
        only_new, only_old: how many in one alone.
        changes: how many functions went from the first verdict to the second, those that stayed included.
        counts: how many are ``new``, ``fixed``, ``unchanged``, ``shifted``.
        new, fixed, unchanged, shifted: the first ``LISTED`` of each, in the order of their index.
        causes_new, causes_fixed, causes_unchanged: causes of failing verdicts, among the functions that were judged in
            both, in one store alone, or in both (as they are in the new one).
    """

    new_settings: dict[str, Any]
    old_settings: dict[str, Any]
    common: int
    only_new: int
    only_old: int
    changes: dict[tuple[str, str], int]
    counts: dict[str, int]
    new: list[Change]
    fixed: list[Change]
    unchanged: list[Change]
    shifted: list[Change]
    causes_new: list[Cause]
    causes_fixed: list[Cause]
    causes_unchanged: list[Cause]


def compare(new: str | Path, old: str | Path, failing: Collection[str] = FLAGGED) -> Comparison:
    """Set a campaign beside an older one on the same functions: another version of the engine, or of this program.

    Args:
        new, old: the stores.
        failing: verdicts that count as a failure.

    Raises:
        GradjuryError: one is no store, or they are not about the same functions at the same points.
    """
    with Store.open(new) as now, Store.open(old) as before:
        _check_alike(now, before)
        common = min(now.done, before.done)
        changes: Counter[tuple[str, str]] = Counter()
        lists: dict[str, list[Change]] = {kind: [] for kind in KINDS}
        for index, (was, is_) in enumerate(zip(before.verdicts(common), now.verdicts(common), strict=True)):
            changes[was, is_] += 1
            kind = kind_of(was, is_, failing)
            if kind is not None and len(lists[kind]) < LISTED:
                lists[kind].append(Change(index, was, is_))
        counts = Counter(dict.fromkeys(KINDS, 0))
        for (was, is_), n in changes.items():
            if (kind := kind_of(was, is_, failing)) is not None:
                counts[kind] += n
        ours_by_key, theirs_by_key = (_causes(store, common, failing) for store in (now, before))
        return Comparison(
            new_settings=now.settings(),
            old_settings=before.settings(),
            common=common,
            only_new=now.done - common,
            only_old=before.done - common,
            changes=dict(sorted(changes.items(), key=lambda c: (RANK[c[0][0]], RANK[c[0][1]]))),
            counts=dict(counts),
            **lists,
            causes_new=[c for key, c in ours_by_key.items() if key not in theirs_by_key],
            causes_fixed=[c for key, c in theirs_by_key.items() if key not in ours_by_key],
            causes_unchanged=[c for key, c in ours_by_key.items() if key in theirs_by_key],
        )


def _causes(store: Store, common: int, failing: Collection[str]) -> dict[Any, Cause]:
    """The causes that came up before a function: what one campaign did not come to says nothing of the other."""
    return {c.key: c for c in store.aggregates().causes if c.verdict in failing and c.first < common}


def kind_of(old: str, new: str, failing: Collection[str] = FLAGGED) -> str | None:
    """The kind of a change, one of ``KINDS``; None where nothing fails and nothing has changed."""
    if (old in failing) != (new in failing):
        return "new" if new in failing else "fixed"
    if old != new:
        return "shifted"
    return "unchanged" if new in failing else None


def _check_alike(now: Store, before: Store) -> None:
    ours, theirs = (complete(store.settings(), store.path, _COMPARED) for store in (now, before))
    for name in DRAWN:
        if ours[name] != theirs[name]:
            raise GradjuryError(
                f"stores {now.path!r} and {before.path!r} are about different functions or points, "
                f"{_why(name, ours, theirs)}; expected two campaigns of one seed, grammar and choice of points"
            )


def _why(name: str, ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> str:
    if name == "sample":
        versions = ours["versions"]["gradjury"], theirs["versions"]["gradjury"]
        return f"since gradjury {versions[0]} and {versions[1]} draw different ones"
    if name == "grammar":
        return "since the engines have different operations"
    return f"{name} = {ours[name]} and {theirs[name]}"


def in_words(comparison: Comparison, listed: int = 20) -> list[str]:
    """A comparison as lines of text: counts, the functions that changed, the causes that came and went.

    Args:
        comparison: what is told.
        listed: how many functions of each kind are named.
    """
    ours, theirs = comparison.new_settings, comparison.old_settings
    lines = [
        f"new: {ours['engine']} {ours['engine_version']}, old: {theirs['engine']} {theirs['engine_version']}; "
        f"{comparison.common:,} functions judged in both"
        + "".join(
            f", {n:,} in the {which} one alone"
            for which, n in (("new", comparison.only_new), ("old", comparison.only_old))
            if n
        )
    ]
    if others := [f"{name} {old} → {new}" for name, old, new in differences(ours, theirs) if name != "engine"]:
        lines.append(f"they differ besides in {', '.join(others)}")
    for kind in KINDS:
        changes: list[Change] = getattr(comparison, kind)
        named = [f"{c.index} ({c.old} → {c.new})" if c.old != c.new else f"{c.index} ({c.new})" for c in changes]
        more = comparison.counts[kind] - min(len(named), listed)
        rest = f" and {more:,} more" if more > 0 else ""
        names = f"  functions {', '.join(named[:listed])}{rest}" if named else ""
        lines.append(f"{kind:<9} {comparison.counts[kind]:>8,}{names}")
    for kind in ("new", "fixed", "unchanged"):
        for cause in getattr(comparison, f"causes_{kind}"):
            lines.append(f"{kind} cause: {_cause_in_words(cause)}")
    return lines


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What may have changed a verdict between two campaigns: engine, settings, versions of libraries.

    Args:
        ours: settings of the new one.
        theirs: of the old one.

    Returns:
        The name of each that differs, and what it was before and is now.
    """
    names = ["engine", *_JUDGED]
    before, now = ({name: settings.get(name) for name in names} | settings["versions"] for settings in (theirs, ours))
    for settings, found in ((theirs, before), (ours, now)):
        found["engine"] = f"{settings['engine']} {settings['engine_version']}"
    every = dict.fromkeys([*now, *before])
    return [(n, str(before.get(n)), str(now.get(n))) for n in every if before.get(n) != now.get(n)]


def _cause_in_words(cause: Cause) -> str:
    argument = "" if cause.argument is None else f", argument {cause.argument}"
    operation = f" of {cause.primitive}{argument}" if cause.primitive else ""
    blamed = f"{cause.kind}{operation}" if cause.kind else cause.reason or "nobody is blamed"
    plural = "" if cause.functions == 1 else "s"
    return f"{cause.verdict}, {blamed}: {cause.functions:,} function{plural}, such as {cause.example['expression']}"
