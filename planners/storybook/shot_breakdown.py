"""Film grammar: from the steps of a scene to shots, with sizes, moves and what everybody does in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from planners.plan.actions import read_action
from planners.plan.model import NARRATOR, Line, Shot
from planners.plan.vocabulary import CameraMove, Emotion, ShotSize, Transition
from planners.storybook.cast import Role

__all__ = ["Beat", "SceneFrame", "stage_scene"]

MOST_IN_FRAME: Final = 4
_SHORT_WORDS: Final = 5
"""Two lines this short make one shot of two people rather than two shots."""

_GESTURES: Final[dict[Emotion, tuple[str, ...]]] = {
    "neutral": ("explains", "nods", "looks around", "thinks it over", "gestures", "considers it"),
    "happy": ("smiles", "laughs", "beams", "nods"),
    "sad": ("looks at the ground", "shakes {his} head", "broods", "stares into the distance"),
    "afraid": ("trembles", "backs away", "flinches", "looks around"),
    "angry": ("points at {other}", "crosses {his} arms", "shakes {his} head"),
    "surprised": ("gasps", "stares at {other}", "starts"),
    "tender": ("smiles at {other}", "reaches out to {other}", "nods to {other}"),
}
_STRONG: Final = frozenset({"sad", "afraid", "angry", "surprised", "tender"})
_REACTIONS: Final[dict[Emotion, str]] = {
    "angry": "recoils",
    "afraid": "looks around",
    "sad": "listens to {other}",
    "surprised": "stares at {other}",
    "tender": "smiles at {other}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """One filled step: a line or an action of somebody."""

    who: str
    """An entity id or `narrator`."""
    text: str
    emotion: Emotion = "neutral"
    spoken: bool = True
    optional: bool = False
    folded: bool = False
    """An action that goes on in somebody else's shot instead of taking one of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneFrame:
    """What the grammar has to know of a scene beside its steps."""

    number: int
    present: tuple[str, ...]
    new_place: bool
    outdoors: bool
    tense: bool
    peak: bool
    """Whether something is decided here."""
    last: bool
    transition: Transition


class _Stager:
    def __init__(self, frame: SceneFrame, roles: Mapping[str, Role], rng: Random) -> None:
        self._frame, self._roles, self._rng = frame, roles, rng
        self._shots: list[Shot] = []
        self._gestured: dict[str, str] = {}

    def _other(self, who: str) -> str | None:
        """Whom somebody talks to: the last other speaker, or the first other who is there."""
        for shot in reversed(self._shots):
            for line in reversed(shot.lines):
                if line.speaker not in (who, NARRATOR):
                    return line.speaker
        return next((name for name in self._frame.present if name != who), None)

    def _word(self, pattern: str, who: str, other: str | None) -> str:
        name = self._roles[other].slots()[""] if other else "the distance"
        return pattern.replace("{his}", self._roles[who].slots()["his"]).replace("{other}", name)

    def _gesture(self, who: str, emotion: Emotion) -> str:
        other = self._other(who)
        options = [gesture for gesture in _GESTURES[emotion] if gesture != self._gestured.get(who)]
        chosen = self._rng.choice(options)
        self._gestured[who] = chosen
        return self._word(chosen, who, other)

    def _add(
        self, size: ShotSize, camera: CameraMove, focus: Sequence[str], action: Mapping[str, str], lines: Sequence[Beat]
    ) -> None:
        """Append a shot of the scene."""
        first = not self._shots
        spoken = tuple(Line(speaker=beat.who, emotion=beat.emotion, text=beat.text) for beat in lines)
        self._shots.append(
            Shot(
                id=f"s{self._frame.number:02d}.{len(self._shots) + 1}",
                size=size,
                camera=camera,
                focus=tuple(dict.fromkeys(focus))[:MOST_IN_FRAME],
                action=dict(action),
                lines=spoken,
                transition=self._frame.transition if first else "cut",
            )
        )

    def _wide(self) -> ShotSize:
        return "extreme_wide" if self._frame.outdoors and self._frame.new_place and self._rng.random() < 0.4 else "wide"

    def _establish(self, beats: list[Beat]) -> int:
        """The first shot shows the place. It takes along what can be said or done in it; returns how many beats it took."""
        action: dict[str, str] = {}
        lines: list[Beat] = []
        took = 0
        for beat in beats[:3]:
            if beat.spoken and (beat.who != NARRATOR or lines):
                break
            if beat.spoken:
                lines.append(beat)
            elif beat.who not in action:
                action[beat.who] = beat.text
            else:
                break
            took += 1
        if took == 0:
            beat = beats[0]
            others = [name for name in self._frame.present if name != beat.who]
            self._add(
                "full" if not self._frame.new_place else "wide",
                "static",
                [beat.who, *others],
                self._with_listeners({beat.who: self._gesture(beat.who, beat.emotion)}, others),
                [beat],
            )
            return 1
        focus = [*action, *[name for name in self._frame.present if name not in action]]
        camera: CameraMove = (
            "pull_out"
            if self._frame.last and len(beats) == took
            else self._rng.choice(["push_in", "pan_right", "static", "pan_left"])
        )
        self._add(self._wide(), camera, focus, action or {focus[0]: "looks around"}, lines)
        return took

    def _with_listeners(self, action: dict[str, str], others: Sequence[str]) -> dict[str, str]:
        speaker = next(iter(action))
        for listener in others[: MOST_IN_FRAME - 1]:
            action.setdefault(listener, f"listens to {self._roles[speaker].slots()['']}")
        return action

    def _narrated(self, beat: Beat, action: dict[str, str]) -> None:
        focus = list(action) or list(self._frame.present)
        doing = action or {focus[0]: "looks around" if not self._frame.peak else "stands still"}
        self._add("full" if action else "wide", "pull_out" if self._frame.last else "static", focus, doing, [beat])

    def _add_silent(self, action: dict[str, str]) -> None:
        """Add a shot of action without lines."""
        reading = read_action(next(iter(action.values())))
        moves = reading.moves != "none"
        near = reading.action in {"reach", "think", "cry", "nod", "listen", "laugh"}
        camera: CameraMove = "track" if moves else "push_in" if near and self._frame.peak else "static"
        self._add("full" if moves else "medium_close" if near else "medium", camera, list(action), action, ())

    def _add_spoken(self, beat: Beat, action: dict[str, str], *, climax: bool) -> None:
        """Add the shot of one spoken beat."""
        doing = action if beat.who in action else {beat.who: self._gesture(beat.who, beat.emotion)} | action
        moves = any(read_action(text).moves != "none" for text in doing.values())
        size: ShotSize = (
            "full"
            if moves
            else "close"
            if climax and beat.emotion in _STRONG
            else "medium_close"
            if (beat.emotion in _STRONG or self._rng.random() < 0.35)
            else "medium"
        )
        camera: CameraMove = "track" if moves else "static"
        if climax and self._frame.peak:
            camera = "push_in"
        elif self._frame.tense and beat.emotion in {"afraid", "angry"} and not moves:
            camera = "handheld"
        self._add(size, camera, [beat.who, *[name for name in doing if name != beat.who]], doing, [beat])

    def _join_last(self, pending: dict[str, str]) -> None:
        """What is done at the very end happens in the last shot, if the one who does it has nothing else to do there."""
        last = self._shots[-1]
        fits = len(set(last.focus) | set(pending)) <= MOST_IN_FRAME and not set(pending) & {line.speaker for line in last.lines}
        if not fits:
            self._add_silent(pending)
            return
        focus = tuple(dict.fromkeys([*last.focus, *pending]))
        size: ShotSize = last.size if last.size in {"full", "wide", "extreme_wide"} else "full" if len(focus) > 2 else "medium"
        self._shots[-1] = last.model_copy(update={"action": {**last.action, **pending}, "focus": focus, "size": size})

    def _two(self, first: Beat, second: Beat, action: dict[str, str]) -> None:
        doing = dict(action)
        for beat in (first, second):
            doing.setdefault(beat.who, self._gesture(beat.who, beat.emotion))
        self._add("medium", "static", [first.who, second.who], doing, [first, second])

    def run(self, beats: list[Beat], *, reactions: int) -> list[Shot]:
        at = self._establish(beats)
        strong = [index for index, beat in enumerate(beats) if beat.spoken and beat.who != NARRATOR]
        climax = strong[-1] if strong else -1
        pending: dict[str, str] = {}
        while at < len(beats):
            beat = beats[at]
            after = beats[at + 1] if at + 1 < len(beats) else None
            if not beat.spoken:
                if pending and (beat.who in pending or after is None):
                    self._add_silent(pending)
                    pending = {}
                pending[beat.who] = beat.text
                if not beat.folded and (after is None or (after.spoken and after.who not in (beat.who, NARRATOR))):
                    self._add_silent(pending)
                    pending = {}
            elif beat.who == NARRATOR:
                self._narrated(beat, pending)
                pending = {}
            elif (
                after
                and after.spoken
                and after.who not in (NARRATOR, beat.who)
                and max(len(beat.text.split()), len(after.text.split())) <= _SHORT_WORDS
            ):
                self._two(beat, after, pending)
                pending = {}
                at += 1
            else:
                self._add_spoken(beat, pending, climax=at == climax)
                pending = {}
                if reactions and beat.emotion in _REACTIONS and (other := self._other(beat.who)):
                    self._add(
                        "medium_close", "static", [other], {other: self._word(_REACTIONS[beat.emotion], other, beat.who)}, ()
                    )
                    reactions -= 1
            at += 1
        if pending:
            self._join_last(pending)
        return self._shots


def stage_scene(
    frame: SceneFrame, beats: list[Beat], roles: Mapping[str, Role], seed: int, *, reactions: int = 0
) -> tuple[Shot, ...]:
    """The shots of a scene. `reactions` is how many silent looks of a listener there is time for."""
    return tuple(_Stager(frame, roles, Random(seed)).run(beats, reactions=reactions))
