"""The embedded planner: a prompt to an episode's plan by a story grammar, without a language model."""

from __future__ import annotations

import hashlib
import re
from random import Random
from typing import Final

from memory.model.canon import Canon
from planners.discourse.cut_joins import join_shots
from planners.plan.durations import scene_seconds
from planners.plan.model import EpisodePlan, Look, Place, Scene
from planners.planner import Brief
from planners.reading.clean_prompt import clean_prompt
from planners.storybook.cast import cast_figures, members
from planners.storybook.language.prompt_parser import read_prompt
from planners.storybook.phrases import PHRASES
from planners.storybook.premise import Premise, make_premise, prop_of
from planners.storybook.script.scene_cards import fill
from planners.storybook.sequel import next_premise
from planners.storybook.story import DraftScene, Storyteller

__all__ = ["StorybookPlanner"]

_TOLERANCE: Final = 0.06


def _seed_of(*parts: object) -> int:
    return int.from_bytes(hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()[:7], "big")


class StorybookPlanner:
    """Plans from the prompt's own words with a story grammar. Needs no model beyond spaCy's small English one."""

    def plan(self, brief: Brief, canon: Canon) -> EpisodePlan:
        """Plan one episode. Deterministic in its arguments. Raises PromptError."""
        goes_on = bool(canon.characters) and brief.episode > 1
        prompt = clean_prompt(brief.prompt) if brief.prompt.strip() or not goes_on else ""
        seed = _seed_of("storybook", brief.seed, brief.episode, prompt)
        premise = _sequel_premise(prompt, canon, brief, seed) if goes_on else _first_premise(prompt, brief, seed)
        reading = premise.reading
        scenes, drafts = _fit(premise, seed, brief.minutes * 60.0)
        spots = dict.fromkeys(draft.spot for draft in drafts)
        return EpisodePlan(
            title=_title(premise, seed),
            prompt=prompt,
            seed=brief.seed,
            look=Look(style=brief.style or reading.style),
            cast=dict(members(list(premise.roles))),
            locations={spot.id: Place(name=spot.name.removeprefix("the "), description=spot.description) for spot in spots},
            props=prop_of(premise),
            scenes=join_shots(scenes, seed),
        )


def _first_premise(prompt: str, brief: Brief, seed: int) -> Premise:
    """The premise of a first episode, from the prompt alone."""
    reading = read_prompt(prompt)
    roles = cast_figures(reading, Random(f"{seed}/cast"))
    return make_premise(reading, roles, Random(f"{seed}/premise"), brief.episode)


def _sequel_premise(prompt: str, canon: Canon, brief: Brief, seed: int) -> Premise:
    return next_premise(prompt, canon, brief.episode, seed)


def _title(premise: Premise, seed: int) -> str:
    words = fill(PHRASES.titles[premise.reading.genre], premise.slots(), Random(f"{seed}/title")).split()
    small = {"a", "an", "the", "of", "and", "for", "to", "in", "against", "is"}
    return " ".join(word if at and word.lower() in small else word[:1].upper() + word[1:] for at, word in enumerate(words))


def _thread(premise: Premise) -> str:
    """Id of the story thread that the episode's want opens."""
    slug = re.sub(r"[^a-z0-9]+", "_", premise.want.lower()).strip("_")[:28].strip("_")
    return f"e{premise.episode}_{slug}"


def _break_down(teller: Storyteller, drafts: list[DraftScene], thread: str, reactions: int) -> list[Scene]:
    """Break drafts down into scenes with shots."""
    return [
        teller.scene_of(draft, at + 1, len(drafts), drafts[at - 1] if at else None, thread, reactions=reactions)
        for at, draft in enumerate(drafts)
    ]


_FRAMES: Final[tuple[tuple[str, ...], ...]] = (
    ("want", "attempt", "setback", "help", "choice", "outcome"),
    ("want", "attempt", "setback", "choice", "outcome"),
    ("want", "setback", "choice", "outcome"),
    ("want", "choice", "outcome"),
    ("want", "outcome"),
)
"""What a story can do without, when its time is short."""
_SALTS: Final = 5
"""How many choices of cards are tried before a scene is given up."""
_FOUR_SCENES: Final = 45.0
"""Seconds from which an episode has at least four scenes."""


def _seconds(scenes: list[Scene]) -> float:
    """Estimated length of the scenes in seconds."""
    return sum(scene_seconds(scene) for scene in scenes)


def _fit(premise: Premise, seed: int, target: float) -> tuple[list[Scene], list[DraftScene]]:
    """As many scenes as the time holds, then without the steps that can be spared until it fits."""
    teller = Storyteller(premise, seed)
    thread = _thread(premise)
    best: tuple[list[Scene], list[DraftScene]] | None = None
    for beats in _FRAMES:
        if target >= _FOUR_SCENES and len(beats) < 4:
            break
        for salt in range(_SALTS):
            drafts = _trim(teller, teller.tell(teller.choose(beats, 0, salt)), thread, target)
            if best is None or abs(_seconds(drafts[0]) - target) < abs(_seconds(best[0]) - target):
                best = drafts
            if len(beats) == len(_FRAMES[0]) and _seconds(drafts[0]) < target * (1 - _TOLERANCE):
                return _lengthen(teller, drafts, thread, target)
            if abs(_seconds(drafts[0]) - target) <= target * _TOLERANCE:
                return drafts
    if best is None:
        raise RuntimeError("no frame was tried")
    return best


def _lengthen(
    teller: Storyteller, best: tuple[list[Scene], list[DraftScene]], thread: str, target: float
) -> tuple[list[Scene], list[DraftScene]]:
    """With more attempts, setbacks and escalations between the beginning and the end."""
    turns = 0
    for _ in range(12):
        missing = target - _seconds(best[0])
        if missing <= target * _TOLERANCE:
            break
        turns += max(1, round(missing / (_seconds(best[0]) / len(best[0]))))
        drafts = teller.tell(teller.choose(_FRAMES[0], turns))
        best = _break_down(teller, drafts, thread, 0), drafts
    return _trim(teller, best[1], thread, target)


def _spare(draft: DraftScene, level: int, *, edge: bool) -> int | None:
    """Which step of a scene can be spared at a level: first what the card says, then silent steps, then what the narrator adds."""
    for index in range(len(draft.beats) - 1, -1, -1):
        beat = draft.beats[index]
        if beat.optional:
            return index
        if level >= 1 and not beat.spoken and not beat.folded and draft.stands_alone(index):
            return index
        if level >= 2 and beat.who == "narrator" and not edge:
            return index
    return None


def _trim(teller: Storyteller, drafts: list[DraftScene], thread: str, target: float) -> tuple[list[Scene], list[DraftScene]]:
    """Remove optional steps until the scenes fit the target length."""
    scenes = _break_down(teller, drafts, thread, reactions=0)
    for level in range(3):
        while (over := _seconds(scenes) - target * (1 + _TOLERANCE * 0.8)) > 0:
            spare = [
                (scene_seconds(scenes[at]), at, index)
                for at, draft in enumerate(drafts)
                if (index := _spare(draft, level, edge=at in (0, len(drafts) - 1))) is not None
            ]
            if not spare:
                break
            for _, at, index in sorted(spare, reverse=True)[: max(1, int(over / 5))]:
                drafts[at].spare(index)
                scenes[at] = teller.scene_of(drafts[at], at + 1, len(drafts), drafts[at - 1] if at else None, thread, reactions=0)
    return scenes, drafts
