"""Judgements of an episode's takes for its report, read from the notes of the takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from episodic.production.take_selection import JUDGEMENT, JUDGEMENT_FORMAT
from memory.model.facts import FactValue

__all__ = ["JudgedCriterion", "JudgedShot", "JudgedTake", "judged_shot"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedCriterion:
    """One criterion of one take: its value, or without one the reason why it could not be measured."""

    name: str
    value: str = ""
    passed: bool = True
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedTake:
    """One draft or take and its verdict."""

    name: str
    score: str
    chosen: bool
    reason: str
    """Why the take was shot."""
    criteria: tuple[JudgedCriterion, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedShot:
    """The drafts and takes of one shot."""

    shot: str
    why: str
    """Why the chosen take was chosen."""
    takes: tuple[JudgedTake, ...]


class _Criterion(BaseModel):
    """One judged criterion in the stored record."""

    value: float
    threshold: float
    against: str
    measured: str = Field(alias="found")


class _Verdict(BaseModel):
    """One verdict in the stored record."""

    score: float
    judged: dict[str, _Criterion]
    absent: dict[str, str]


class _Take(BaseModel):
    """One draft or take in the stored record."""

    take: int
    draft: bool
    reason: str
    verdict: _Verdict


class _Choice(BaseModel):
    """The chosen take in the stored record."""

    take: int
    why: str


class _Record(BaseModel):
    """The stored record of a judgement (`JUDGEMENT_FORMAT`), as far as the report shows it."""

    drafts: list[_Take]
    shot: list[_Take]
    chosen: _Choice


def judged_shot(shot: str, notes: Mapping[str, FactValue]) -> JudgedShot | None:
    """Read the judgement in a take's notes; None if the take was not judged."""
    stored: Any = notes.get(JUDGEMENT)
    if not isinstance(stored, dict) or stored.get("format") != JUDGEMENT_FORMAT:
        return None
    record = _Record.model_validate(stored)
    takes = [_judged_take(draft, chosen=False) for draft in record.drafts]
    takes += [_judged_take(take, chosen=take.take == record.chosen.take) for take in record.shot]
    return JudgedShot(shot=shot, why=record.chosen.why, takes=tuple(takes))


def _judged_take(take: _Take, *, chosen: bool) -> JudgedTake:
    return JudgedTake(
        name=f"{'draft' if take.draft else 'take'} {take.take}",
        score=f"{take.verdict.score:.2f}",
        chosen=chosen,
        reason=take.reason,
        criteria=tuple(_criteria(take.verdict)),
    )


def _criteria(verdict: _Verdict) -> Iterator[JudgedCriterion]:
    for name, judged in verdict.judged.items():
        words = f"{judged.measured}; compared with {judged.against}, at least {judged.threshold:.2f}"
        passed = judged.value >= judged.threshold
        yield JudgedCriterion(name=name, value=f"{judged.value:.2f}", passed=passed, words=words)
    for name, reason in verdict.absent.items():
        yield JudgedCriterion(name=name, words=reason)
