"""Several takes of one shot: drafts are judged, the best is shot in full, and a take that fails is shot again within a budget.

The evidence is kept with the take, as its note `judgement`: the verdict on every draft and take, which was chosen and why, what was shot
again for what reason, and whether drafts stopped early. Format `episodic/judgement@1`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.backbones.protocol import Backbone, is_heavy
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Take
from episodic.quality.judge import Verdict
from episodic.seeds import derive_seed
from memory.model.facts import FactValue

__all__ = ["JUDGEMENT", "JUDGEMENT_FORMAT", "Judge", "as_shot", "shoot_best", "take_seed"]

JUDGEMENT: Final = "judgement"
"""The note of a take that holds the evidence."""
JUDGEMENT_FORMAT: Final = "episodic/judgement@1"
Judge = Callable[[ShotRequest, Take], Verdict]


def take_seed(seed: int, number: int) -> int:
    """The seed of a shot's take, from 1: the first is the shot's own."""
    return seed if number == 1 else derive_seed(seed, "take", str(number))


def as_shot(request: ShotRequest, take: Take) -> ShotRequest:
    """The request with the seed that `take` was shot with: what it is developed, observed and stored with."""
    judgement = take.notes.get(JUDGEMENT)
    chosen = judgement.get("chosen") if isinstance(judgement, dict) else None
    seed = chosen.get("seed") if isinstance(chosen, dict) else None
    return dataclasses.replace(request, seed=seed) if isinstance(seed, int) else request


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One take or draft with its verdict."""

    number: int
    seed: int
    draft: bool
    reason: str
    """Why it was shot."""
    verdict: Verdict

    def to_json(self) -> dict[str, FactValue]:
        """The take as the note `judgement` has it."""
        return {
            "take": self.number,
            "seed": self.seed,
            "draft": self.draft,
            "reason": self.reason,
            "verdict": self.verdict.to_json(),
        }


def shoot_best(backbone: Backbone, request: ShotRequest, *, takes: int, retries: int, good_enough: float, judge: Judge) -> Take:
    """The best of several takes of one shot. Deterministic in its arguments.

    `takes`: drafts that are shot and judged at most, fewer where one passes with a score of `good_enough` before; where a draft costs what a take
    costs (it is no `HeavyModel`), drafts are takes. `retries`: further takes at most where what was shot in full fails
    (`Verdict.failure`): first of the next best draft, then of new seeds. There is always a take: the best there is. With one take
    and no retries, it is what the backbone shoots, unjudged.

    Raises ValueError for less than one take or a negative number of retries, BackboneError as `Backbone.shoot`.
    """
    if takes < 1 or retries < 0:
        raise ValueError(f"expected at least 1 take and no negative number of retries, found {takes} and {retries}")
    if takes == 1 and retries == 0:
        return backbone.shoot(request)
    heavy = is_heavy(backbone)
    shooting = _Shooting(backbone, request, judge)
    drafts = list(shooting.drafts(takes, good_enough, cheap=heavy)) if takes > 1 else []
    finals = [] if heavy else drafts
    if not finals:
        finals = [shooting.full(*_first(drafts))]
    best, retried = max(finals, key=_rank), 0
    further = _further(drafts if heavy else [], best, takes)
    while best.verdict.failure and retried < retries:
        number, instead = next(further)
        latest = shooting.full(number, f"{instead}, because take {best.number} failed: {best.verdict.failure}")
        finals, retried = [*finals, latest], retried + 1
        best = max(finals, key=_rank)
    record: dict[str, FactValue] = {
        "format": JUDGEMENT_FORMAT,
        "takes": takes,
        "retries": retries,
        "good_enough": good_enough,
        "drafts": [draft.to_json() for draft in drafts if draft.draft],
        "shot": [final.to_json() for final in finals],
        "stopped_early": 0 < len(drafts) < takes,
        "retried": retried,
        "chosen": {"take": best.number, "seed": best.seed, "why": _why(best, drafts, finals, takes, retries)},
    }
    take = shooting.best_take
    return dataclasses.replace(take, notes={**take.notes, JUDGEMENT: record})


class _Shooting:
    """Shoots and judges takes of one shot by their number. Of all their footage, only that of the best full take stays in memory."""

    def __init__(self, backbone: Backbone, request: ShotRequest, judge: Judge) -> None:
        self._backbone, self._request, self._judge = backbone, request, judge
        self._best: tuple[_Judged, Take] | None = None

    @property
    def best_take(self) -> Take:
        """The best of those shot in full so far. Raises ValueError before there is any."""
        if self._best is None:
            raise ValueError("nothing was shot in full")
        return self._best[1]

    def drafts(self, takes: int, good_enough: float, *, cheap: bool) -> Iterator[_Judged]:
        """One after the other, until one is good enough."""
        for number in range(1, takes + 1):
            draft = self._shoot(number, f"{'draft' if cheap else 'take'} {number} of at most {takes}", draft=cheap)
            yield draft
            if draft.verdict.score >= good_enough and draft.verdict.passed:
                return

    def full(self, number: int, reason: str) -> _Judged:
        """A take in full."""
        return self._shoot(number, reason, draft=False)

    def _shoot(self, number: int, reason: str, *, draft: bool) -> _Judged:
        """Shoot and judge one take or draft, and keep the best full take."""
        request = dataclasses.replace(self._request, seed=take_seed(self._request.seed, number), draft=draft)
        take = self._backbone.shoot(request)
        shot = _Judged(number=number, seed=request.seed, draft=draft, reason=reason, verdict=self._judge(request, take))
        if not draft and (self._best is None or _rank(shot) > _rank(self._best[0])):
            self._best = shot, take
        return shot


def _rank(take: _Judged) -> tuple[bool, bool, float, int]:
    """Takes that have not failed before those that have, then those that passed every criterion, then by score; of equals the first."""
    return not take.verdict.failure, take.verdict.passed, take.verdict.score, -take.number


def _first(drafts: Sequence[_Judged]) -> tuple[int, str]:
    """The number of the first take to shoot in full, and why that one."""
    if not drafts:
        return 1, "the only take"
    best = max(drafts, key=_rank)
    return best.number, f"the best of {len(drafts)} drafts, with a score of {best.verdict.score:.2f}"


def _further(drafts: Sequence[_Judged], shot: _Judged, takes: int) -> Iterator[tuple[int, str]]:
    """What to shoot instead, in order: the other drafts by rank, then seeds that nobody has seen."""
    for draft in sorted(drafts, key=_rank, reverse=True):
        if draft.number != shot.number:
            yield draft.number, f"draft {draft.number} was the next best, with a score of {draft.verdict.score:.2f}"
    number = takes
    while True:
        number += 1
        yield number, "a new seed"


def _why(best: _Judged, drafts: Sequence[_Judged], finals: Sequence[_Judged], takes: int, retries: int) -> str:
    """Why a take was chosen."""
    score = f"score {best.verdict.score:.2f}"
    if best.verdict.failure:
        budget = "there are no retries" if not retries else f"all {retries} retries are spent"
        return f"{score}: the best there is, although it failed ({best.verdict.failure}); {budget}"
    early = f"; good enough after {len(drafts)} of {takes} drafts" if 0 < len(drafts) < takes else ""
    return f"{score}: the best of {max(len(finals), len(drafts))}{early}"
