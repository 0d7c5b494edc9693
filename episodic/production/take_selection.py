"""Several takes of one shot: drafts are judged, the best is shot in full, and what fails is shot again within a budget.

The evidence is kept with the take, as its note `judgement`: every draft's and every take's verdict, which was chosen and why, what was
shot again for what reason, and whether drafts stopped early. Format `episodic/judgement@1`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from episodic.backbones.protocol import Backbone
from episodic.backbones.request import Setting, ShotDraft, ShotRequest
from episodic.backbones.take import Take
from episodic.seeds import derive_seed
from memory.model.facts import FactValue, StoryPosition

if TYPE_CHECKING:
    import numpy as np

    from episodic.quality.judge import Verdict
    from memory.store import MemoryStore

__all__ = ["JUDGEMENT", "JUDGEMENT_FORMAT", "Judge", "as_shot", "remembered_for", "shoot_best", "take_seed"]

JUDGEMENT: Final = "judgement"
"""The note of a take that holds the evidence."""
JUDGEMENT_FORMAT: Final = "episodic/judgement@1"
Judge = Callable[[ShotRequest, Take], "Verdict"]
_EACH: Final = 3
"""Look vectors of each entity that a judge is given."""
_LATEST: Final = 24
"""Of so many latest ones they are chosen."""
_OTHERS: Final = 12
"""Whom somebody in the shot could be taken for: those seen last."""
_LIGHTS: Final = 3


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
class _Shot:
    """What is known of one take (or draft) once it is judged."""

    number: int
    seed: int
    draft: bool
    reason: str
    """Why it was shot."""
    verdict: Verdict

    def to_json(self) -> dict[str, Any]:
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
    costs (`Capabilities.heavy` is False), drafts are takes. `retries`: further takes at most where what was shot in full fails
    (`Verdict.failure`): first of the next best draft, then of new seeds. There is always a take: the best there is. With one take
    and no retries, it is what the backbone shoots, unjudged.

    Raises ValueError for less than one take or a negative number of retries, BackboneError as `Backbone.shoot`.
    """
    if takes < 1 or retries < 0:
        raise ValueError(f"expected at least 1 take and no negative number of retries, found {takes} and {retries}")
    if takes == 1 and retries == 0:
        return backbone.shoot(request)
    heavy = backbone.capabilities.heavy
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
    record: dict[str, Any] = {
        "format": JUDGEMENT_FORMAT,
        "takes": takes,
        "retries": retries,
        "good_enough": good_enough,
        "drafts": [one.to_json() for one in drafts if one.draft],
        "shot": [one.to_json() for one in finals],
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
        self._best: tuple[_Shot, Take] | None = None

    @property
    def best_take(self) -> Take:
        """The best of those shot in full so far. Raises ValueError before there is any."""
        if self._best is None:
            raise ValueError("nothing was shot in full")
        return self._best[1]

    def drafts(self, takes: int, good_enough: float, *, cheap: bool) -> Iterator[_Shot]:
        """One after the other, until one is good enough."""
        for number in range(1, takes + 1):
            draft = self._shoot(number, f"{'draft' if cheap else 'take'} {number} of at most {takes}", draft=cheap)
            yield draft
            if draft.verdict.score >= good_enough and draft.verdict.passed:
                return

    def full(self, number: int, reason: str) -> _Shot:
        """A take in full."""
        return self._shoot(number, reason, draft=False)

    def _shoot(self, number: int, reason: str, *, draft: bool) -> _Shot:
        request = dataclasses.replace(self._request, seed=take_seed(self._request.seed, number), draft=draft)
        take = self._backbone.shoot(request)
        shot = _Shot(number=number, seed=request.seed, draft=draft, reason=reason, verdict=self._judge(request, take))
        if not draft and (self._best is None or _rank(shot) > _rank(self._best[0])):
            self._best = shot, take
        return shot


def _rank(one: _Shot) -> tuple[bool, bool, float, int]:
    """What has not failed first, what passed every criterion before the rest, then by score; of equals the first."""
    return not one.verdict.failure, one.verdict.passed, one.verdict.score, -one.number


def _first(drafts: Sequence[_Shot]) -> tuple[int, str]:
    if not drafts:
        return 1, "the only take"
    best = max(drafts, key=_rank)
    return best.number, f"the best of {len(drafts)} drafts, with a score of {best.verdict.score:.2f}"


def _further(drafts: Sequence[_Shot], shot: _Shot, takes: int) -> Iterator[tuple[int, str]]:
    """What to shoot instead, in order: the other drafts by rank, then seeds that nobody has seen."""
    for one in sorted(drafts, key=_rank, reverse=True):
        if one.number != shot.number:
            yield one.number, f"draft {one.number} was the next best, with a score of {one.verdict.score:.2f}"
    number = takes
    while True:
        number += 1
        yield number, "a new seed"


def _why(best: _Shot, drafts: Sequence[_Shot], finals: Sequence[_Shot], takes: int, retries: int) -> str:
    score = f"score {best.verdict.score:.2f}"
    if best.verdict.failure:
        left = "there are no retries" if not retries else f"all {retries} retries are spent"
        return f"{score}: the best there is, although it failed ({best.verdict.failure}); {left}"
    early = f"; good enough after {len(drafts)} of {takes} drafts" if 0 < len(drafts) < takes else ""
    return f"{score}: the best of {max(len(finals), len(drafts))}{early}"


def remembered_for(draft: ShotDraft, memory: MemoryStore, branch: str, position: StoryPosition) -> dict[str, Any]:
    """What a judge needs to know of who and what is in a shot, as `Remembered` JSON: small, and part of what the shot is made from.

    Only what was committed before `position` (the episode's beginning) counts, and only what was verified; of whoever the story has
    changed since, nothing.
    """
    import numpy as np

    from episodic.quality.judge import Remembered
    from episodic.quality.look import LOOK_ENCODER

    owners, matrix = memory.vectors("look", LOOK_ENCODER, branch)
    rows: dict[str, list[int]] = {}
    for row, owner in enumerate(owners):
        if owner.entity and owner.position < position:
            rows.setdefault(owner.entity, []).append(row)
    there = [performer.id for performer in draft.performers if performer.id in rows]
    others = [one for one in sorted(rows, key=lambda one: (-rows[one][-1], one)) if one not in there][:_OTHERS] if there else []
    looks = {one: _far_apart(matrix[rows[one][-_LATEST:]], _EACH) for one in there}
    looks |= {one: _far_apart(matrix[rows[one][-_LATEST:]], 1) for one in others}
    rounded = {
        who: tuple(tuple(map(float, np.round(one.astype(np.float64), 4))) for one in found) for who, found in looks.items()
    }
    return Remembered(
        encoder=LOOK_ENCODER,
        looks=rounded,
        changed=tuple(_changed(draft, memory, branch, position)),
        lights=tuple(_lights(draft.setting, memory, branch, position)),
    ).to_json()


def _far_apart(rows: np.ndarray, count: int) -> list[np.ndarray]:
    """The latest, and those farthest from the ones chosen before (Gonzalez 1985)."""
    chosen = [len(rows) - 1]
    apart = 1 - rows @ rows[-1]
    while len(chosen) < min(count, len(rows)):
        chosen.append(int(apart.argmax()))
        apart = apart.clip(max=1 - rows @ rows[chosen[-1]])
    return [rows[one] for one in chosen]


def _changed(draft: ShotDraft, memory: MemoryStore, branch: str, position: StoryPosition) -> Iterator[str]:
    """Who is drawn otherwise than the canon had them before the episode."""
    from episodic.looks.look import dress

    before = memory.as_of(position, branch)
    for performer in draft.performers:
        known = before.characters.get(performer.id)
        if known is not None and dress(known.look, known.state) != dict(performer.look):
            yield performer.id


def _lights(setting: Setting, memory: MemoryStore, branch: str, position: StoryPosition) -> Iterator[dict[str, FactValue]]:
    """The latest surveys of the place at this time of day and in this weather, one for each scene."""
    place = setting.location
    measured = memory.measures(place, position, branch)
    skies = [one for one in memory.history(place, branch) if one.attribute in ("time", "weather")] if measured else []

    def stated(attribute: str, at: StoryPosition) -> FactValue:
        holds = (one for one in skies if one.attribute == attribute and one.since <= at and (one.until is None or at < one.until))
        return next((one.value for one in holds), None)

    found = {
        owner.position: {"at": f"{owner.position}, shot {owner.shot_id}", "light": one["light"], "palette": one["palette"]}
        for owner, one in measured
        if stated("time", owner.position) == setting.time
        and stated("weather", owner.position) == setting.weather
        and "light" in one
        and "palette" in one
    }
    yield from [found[at] for at in sorted(found)[-_LIGHTS:]]
