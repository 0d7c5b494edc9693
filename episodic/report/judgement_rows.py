"""What the judge said of an episode's takes, for its report: from the notes that takes of several seeds carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from episodic.production.take_selection import JUDGEMENT, JUDGEMENT_FORMAT
from memory.model.facts import FactValue

__all__ = ["JudgedCriterion", "JudgedShot", "JudgedTake", "judged_shot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCriterion:
    """One criterion of one take: what was measured, or (without a value) why it could not be."""

    name: str
    value: str = ""
    passed: bool = True
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedTake:
    """One draft or take with its verdict."""

    name: str
    score: str
    chosen: bool
    reason: str
    """Why it was shot."""
    criteria: tuple[JudgedCriterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedShot:
    """All drafts and takes of one shot."""

    shot: str
    why: str
    """Why the chosen one was chosen."""
    takes: tuple[JudgedTake, ...]


def judged_shot(shot: str, notes: Mapping[str, FactValue]) -> JudgedShot | None:
    """The judgement in a take's notes; None where the take was not judged."""
    record: Any = notes.get(JUDGEMENT)
    if not isinstance(record, dict) or record.get("format") != JUDGEMENT_FORMAT:
        return None
    chosen = record["chosen"]
    takes = [_take(one, chosen=False) for one in record["drafts"]]
    takes += [_take(one, chosen=one["take"] == chosen["take"]) for one in record["shot"]]
    return JudgedShot(shot=shot, why=str(chosen["why"]), takes=tuple(takes))


def _take(data: Mapping[str, Any], *, chosen: bool) -> JudgedTake:
    verdict = data["verdict"]
    return JudgedTake(
        name=f"{'draft' if data['draft'] else 'take'} {data['take']}",
        score=f"{verdict['score']:.2f}",
        chosen=chosen,
        reason=str(data["reason"]),
        criteria=tuple(_criteria(verdict)),
    )


def _criteria(verdict: Mapping[str, Any]) -> Iterator[JudgedCriterion]:
    for name, one in verdict["judged"].items():
        passed = one["value"] >= one["threshold"]
        words = f"{one['found']}; held against {one['against']}, at least {one['threshold']:.2f}"
        yield JudgedCriterion(name=name, value=f"{one['value']:.2f}", passed=passed, words=words)
    for name, why in verdict["absent"].items():
        yield JudgedCriterion(name=name, words=why)
