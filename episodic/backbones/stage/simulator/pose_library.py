"""The pose library: key poses of every action on a 24 Hz clock, and the expression of every emotion.

Every action adds targets to a `Pose`. Springs turn targets into motion afterwards, so a target may jump. Amplitudes are those of an
average adult; motion styles scale them in the choreographer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float

from episodic.backbones.stage.staging.framing import CROUCH, ease
from episodic.looks.data_files import read_rows
from planners.plan.vocabulary import EMOTIONS, Action, Emotion

__all__ = ["FACES", "KEY_POSES", "Pose", "hold", "strike"]

Track = Float[np.ndarray, " tick"]


@dataclass(frozen=True, slots=True)
class _Target:
    """What an emotion adds to one target of the pose."""

    target: str
    amount: float


def _expressions() -> dict[Emotion, dict[str, float]]:
    """Read the targets of every emotion. An emotion without rows changes nothing."""
    expressions: dict[str, dict[str, float]] = {emotion: {} for emotion in EMOTIONS}
    for emotion, row in read_rows("expressions.tsv", _Target, Path(__file__).with_name("data")):
        expressions[emotion][row.target] = row.amount
    return {emotion: expressions[emotion] for emotion in EMOTIONS}


FACES: Final[Mapping[Emotion, Mapping[str, float]]] = _expressions()
"""What an emotion adds to the face and the bearing. `pace` is a ratio."""


@dataclass(slots=True)
class Pose:
    """Targets of one body over time. `main` is the hand the character prefers."""

    seconds: Track
    """Time since the start of the shot."""
    length: float
    """Length of the shot, seconds."""
    beat: float
    """Duration of an ordinary movement of this character, seconds."""
    side: Track
    """Direction of the action: -1 the picture's left..1 its right."""
    tracks: dict[str, Track] = field(default_factory=dict)

    def add(self, **changes: Track | float) -> None:
        """Add to the targets."""
        for name, change in changes.items():
            self.tracks[name] = self.tracks.get(name, np.zeros_like(self.seconds)) + change

    def reached(self, start: float = 0.35) -> Track:
        """Rise to 1 after `start`, with anticipation, and stay there to the end of the shot."""
        return strike(self.seconds, start, self.length + 9, self.beat, self.beat)

    def wave(self, hz: float, phase: float = 0.0) -> Track:
        """Return a sine in the character's own tempo."""
        wave: Track = np.sin(2 * np.pi * hz * self.seconds * (0.5 / self.beat) + phase)
        return wave


def hold(seconds: Track, start: float, end: float, rise: float, fall: float) -> Track:
    """Return 1 between `start` and `end`, 0 elsewhere, eased in and out."""
    level: Track = ease((seconds - start) / rise) - ease((seconds - end) / fall)
    return level


def strike(seconds: Track, start: float, end: float, rise: float, fall: float) -> Track:
    """Like `hold`, with a wind-up before and an overshoot after."""
    wind_up = hold(seconds, start - 0.7 * rise, start, 0.5 * rise, 0.5 * rise)
    swing = hold(seconds, end + 0.6 * fall, end + fall, 0.4 * fall, 0.6 * fall)
    return hold(seconds, start, end, rise, fall) - 0.16 * wind_up - 0.07 * swing


KeyPoses = Callable[[Pose], None]

_KEY_POSES: Final[dict[Action, KeyPoses]] = {}
KEY_POSES: Final[Mapping[Action, KeyPoses]] = _KEY_POSES
"""Adds the key poses of every action of the vocabulary."""


def _poses(*actions: Action) -> Callable[[KeyPoses], KeyPoses]:
    """Register a function that adds the key poses of `actions`."""

    def register(add_poses: KeyPoses) -> KeyPoses:
        _KEY_POSES.update(dict.fromkeys(actions, add_poses))
        return add_poses

    return register


@_poses("stand", "walk")
def _stand(_: Pose) -> None:
    """Add nothing: breath, balance and gait come from the choreographer."""


@_poses("run")
def _run(p: Pose) -> None:
    p.add(main_bend=0.9, off_bend=0.9, lean=0.06 * p.side)


@_poses("sneak")
def _sneak(p: Pose) -> None:
    up = p.reached(0.0)
    p.add(crouch=0.26 * up, main_raise=0.45 * up, off_raise=0.35 * up, main_bend=1.3 * up, off_bend=1.3 * up, head_nod=0.08 * up)
    p.add(head_turn=0.25 * p.wave(0.3))


@_poses("sit")
def _sit(p: Pose) -> None:
    down = p.reached(0.25)
    p.add(crouch=CROUCH["sit"] * down, main_bend=0.8 * down, off_bend=0.75 * down, main_raise=0.12 * down)
    p.add(head_nod=0.25 * hold(p.seconds, 0.2, 0.6, 0.3, 0.4))


@_poses("rise")
def _rise(p: Pose) -> None:
    up = p.reached(0.4)
    p.add(crouch=CROUCH["sit"] * (1 - up), main_bend=0.7 * (1 - up), off_bend=0.7 * (1 - up))
    p.add(head_nod=0.3 * hold(p.seconds, 0.2, 0.55, 0.25, 0.5), lean=0.08 * hold(p.seconds, 0.3, 0.7, 0.2, 0.5) * p.side)


@_poses("kneel")
def _kneel(p: Pose) -> None:
    down = p.reached(0.3)
    p.add(crouch=CROUCH["kneel"] * down, main_bend=0.9 * down, off_bend=0.5 * down, head_nod=0.16 * down, main_raise=0.25 * down)


@_poses("reach")
def _reach(p: Pose) -> None:
    """The main arm stretched out."""
    out = p.reached(0.5)
    p.add(main_raise=1.15 * out, main_bend=-0.25 * out, lean=0.14 * out * p.side, head_nod=0.06 * out, off_raise=0.2 * out)


@_poses("point")
def _point(p: Pose) -> None:
    out = strike(p.seconds, 0.45, max(p.length - 0.8, 1.2), 0.7 * p.beat, p.beat)
    p.add(
        main_raise=1.35 * out, main_bend=-0.4 * out, head_turn=0.35 * out * p.side, lean=0.06 * out * p.side, brow_raise=0.2 * out
    )


@_poses("wave")
def _wave(p: Pose) -> None:
    """The main arm raised, the hand going to and fro."""
    up = strike(p.seconds, 0.35, min(p.length - 0.5, 3.2), 0.8 * p.beat, p.beat)
    p.add(
        main_raise=2.0 * up,
        main_bend=(0.55 + 0.55 * p.wave(1.9)) * up,
        head_tilt=0.09 * up,
        smile=0.25 * up,
        brow_raise=0.25 * up,
    )


@_poses("hug")
def _hug(p: Pose) -> None:
    in_ = p.reached(0.5)
    p.add(main_raise=0.95 * in_, off_raise=0.85 * in_, main_bend=0.9 * in_, off_bend=0.8 * in_, lean=0.16 * in_ * p.side)
    p.add(head_tilt=0.14 * in_ * p.side, lid=-0.35 * in_, smile=0.3 * in_)


@_poses("dance")
def _dance(p: Pose) -> None:
    swing, step = p.wave(0.8), p.wave(1.6)
    p.add(main_raise=1.1 + 0.75 * swing, off_raise=1.1 - 0.75 * swing, main_bend=0.6 + 0.4 * step, off_bend=0.6 - 0.4 * step)
    p.add(lean=0.13 * swing, crouch=0.1 + 0.1 * step, bob=0.035 * np.abs(swing), head_tilt=-0.13 * swing, turn=0.35 * p.wave(0.4))
    p.add(smile=0.3, step=0.45 * np.ones_like(swing))


@_poses("jump")
def _jump(p: Pose) -> None:
    for start in np.arange(0.5, max(p.length - 0.9, 0.6), 2.6 * p.beat + 0.5)[:4]:
        s = p.seconds - float(start)
        air = 0.5 + 0.12 * p.beat
        fly = np.where((s > 0) & (s < air), 4 * s * (air - s) / air**2, 0.0)
        squash = hold(s, -0.32, -0.08, 0.24, 0.1) + 0.8 * hold(s, air, air + 0.1, 0.06, 0.35)
        p.add(lift=0.42 * fly, crouch=0.34 * squash, main_raise=1.6 * fly - 0.3 * squash, off_raise=1.5 * fly - 0.3 * squash)
        p.add(head_nod=0.14 * squash - 0.1 * fly, brow_raise=0.35 * fly, smile=0.2 * fly)


@_poses("nod")
def _nod(p: Pose) -> None:
    on = hold(p.seconds, 0.4, 1.9, 0.2, 0.4)
    p.add(head_nod=0.26 * on * np.maximum(p.wave(1.5), -0.3), smile=0.1 * on, brow_raise=0.15 * on)


@_poses("refuse")
def _refuse(p: Pose) -> None:
    on = hold(p.seconds, 0.35, 2.0, 0.2, 0.5)
    p.add(
        head_turn=0.55 * on * p.wave(1.3),
        lean=-0.08 * p.reached() * p.side,
        main_raise=0.3 * p.reached(),
        off_raise=0.3 * p.reached(),
    )
    p.add(main_bend=1.3 * p.reached(), off_bend=1.3 * p.reached(), brow_furrow=0.3 * on)


@_poses("look_around")
def _look_around(p: Pose) -> None:
    sweep = np.tanh(2.2 * p.wave(0.28))
    p.add(head_turn=0.75 * sweep, turn=0.18 * p.wave(0.28, -0.5), gaze_x=0.6 * sweep, gaze_y=0.3 * p.wave(0.45, 0.7))
    p.add(head_nod=-0.1 * p.wave(0.45, 0.4), brow_raise=0.22, lean=0.03 * sweep)


@_poses("work")
def _work(p: Pose) -> None:
    strokes = p.wave(1.0)
    p.add(
        main_raise=0.55 + 0.28 * strokes, main_bend=1.0 + 0.45 * strokes, off_raise=0.35, off_bend=1.1, head_nod=0.2, gaze_y=-0.6
    )
    p.add(lean=0.04 * strokes, crouch=0.06 + 0.03 * strokes, turn=0.2 * p.side)


@_poses("carry")
def _carry(p: Pose) -> None:
    """Both arms bent in front of the body."""
    p.add(main_raise=0.5, off_raise=0.5, main_bend=1.2, off_bend=1.2, crouch=0.07, head_nod=-0.05)


@_poses("push")
def _push(p: Pose) -> None:
    heave = 0.75 + 0.25 * p.wave(0.7)
    on = p.reached(0.2) * heave
    p.add(
        main_raise=1.05 * on, off_raise=1.05 * on, main_bend=0.1 * on, off_bend=0.1 * on, lean=0.27 * on * p.side, crouch=0.2 * on
    )
    p.add(brow_furrow=0.5 * on, lid=-0.15 * on, head_nod=0.12 * on)


@_poses("fall")
def _fall(p: Pose) -> None:
    """A flail, then the body goes down."""
    start = 0.55
    s = p.seconds - start
    down = ease(s / 0.55) - 0.12 * hold(s, 0.55, 0.65, 0.08, 0.3)
    flail = hold(s, -0.25, 0.5, 0.2, 0.5)
    p.add(
        crouch=CROUCH["fall"] * down,
        lean=(0.38 * down - 0.15 * hold(s, -0.35, -0.1, 0.2, 0.2)) * p.side,
        lid=-0.3 * hold(s, 0.5, 0.9, 0.1, 0.4),
    )
    p.add(
        main_raise=1.7 * flail,
        off_raise=1.5 * flail + 0.3 * down,
        main_bend=0.5 * down,
        brow_raise=0.7 * flail,
        head_nod=0.2 * down,
        open=0.3 * flail,
    )


@_poses("sleep")
def _sleep(p: Pose) -> None:
    down = ease(p.seconds / 0.9) * 0.25 + 0.75
    p.add(
        crouch=CROUCH["sleep"] * down,
        lid=-1.0 * down,
        lean=0.22 * down,
        head_nod=0.3 * down,
        head_tilt=0.14 * down,
        main_bend=0.7,
        off_bend=0.9,
    )


@_poses("eat")
def _eat(p: Pose) -> None:
    down = p.reached(0.0)
    bite = np.maximum(np.sin(2 * np.pi * 0.42 * p.seconds * (0.5 / p.beat) - 0.6), 0) ** 0.7
    p.add(crouch=CROUCH["eat"] * down, main_raise=0.3 + 0.45 * bite, main_bend=0.8 + 1.1 * bite, off_raise=0.2, off_bend=1.1)
    p.add(head_nod=0.16 - 0.05 * bite, gaze_y=-0.3, chew=(1 - bite) * 0.14 * (1 + p.wave(1.5)) + 0.3 * bite**4)


@_poses("float")
def _float(p: Pose) -> None:
    up = p.reached(0.2)
    p.add(
        lift=(0.5 + 0.1 * p.wave(0.35)) * up,
        main_raise=(0.7 + 0.2 * p.wave(0.35, 1.0)) * up,
        off_raise=(0.7 + 0.2 * p.wave(0.35, 1.6)) * up,
    )
    p.add(lean=0.06 * p.wave(0.25), head_nod=-0.06 * up)


@_poses("recoil")
def _recoil(p: Pose) -> None:
    shock = strike(p.seconds, 0.4, 1.0, 0.3 * p.beat + 0.08, 1.2 * p.beat)
    rest = p.reached(0.4)
    on = 0.6 * shock + 0.4 * rest
    p.add(
        lean=-0.3 * on * p.side,
        main_raise=0.85 * on,
        off_raise=0.75 * on,
        main_bend=1.4 * on,
        off_bend=1.35 * on,
        head_nod=-0.16 * on,
    )
    p.add(brow_raise=0.6 * on, lid=0.12 * on, crouch=0.1 * on, open=0.3 * shock)


@_poses("think")
def _think(p: Pose) -> None:
    up = p.reached(0.35)
    p.add(main_raise=0.55 * up, main_bend=1.75 * up, off_bend=1.0 * up, off_raise=0.15 * up, head_tilt=0.11 * up, gaze_y=0.5 * up)
    p.add(gaze_x=0.4 * up * np.tanh(3 * p.wave(0.2, 0.5)), brow_furrow=0.25 * up, head_nod=-0.05 * up)


@_poses("cheer")
def _cheer(p: Pose) -> None:
    up, pump = p.reached(0.3), p.wave(1.5)
    p.add(
        main_raise=(2.1 + 0.3 * pump) * up,
        off_raise=(2.0 + 0.3 * p.wave(1.5, 0.5)) * up,
        main_bend=(0.1 - 0.4 * pump) * up,
        off_bend=(0.1 - 0.4 * pump) * up,
    )
    p.add(
        lift=0.13 * np.maximum(pump, 0) * up,
        crouch=0.1 * np.maximum(-pump, 0) * up,
        smile=0.5 * up,
        brow_raise=0.4 * up,
        head_nod=-0.13 * up,
        open=0.35 * up,
    )


@_poses("cry")
def _cry(p: Pose) -> None:
    on = p.reached(0.2)
    sob = np.maximum(p.wave(1.1), 0) ** 2
    p.add(main_raise=0.7 * on, off_raise=0.6 * on, main_bend=1.7 * on, off_bend=1.6 * on, head_nod=(0.3 + 0.06 * sob) * on)
    p.add(
        crouch=0.14 * on,
        bob=-0.03 * sob * on,
        lid=-0.45 * on,
        smile=-0.4 * on,
        brow_furrow=-0.5 * on,
        tremble=0.25 * on,
        open=0.15 * sob * on,
    )


@_poses("laugh")
def _laugh(p: Pose) -> None:
    on = hold(p.seconds, 0.25, max(p.length - 0.6, 1.2), 0.4, 0.7)
    shake = np.sin(2 * np.pi * 2.7 * p.seconds)
    p.add(
        head_nod=(-0.14 + 0.05 * shake) * on,
        lean=-0.08 * on * p.side,
        bob=0.025 * shake * on,
        smile=0.75 * on,
        lid=-0.35 * on,
        brow_raise=0.3 * on,
    )
    p.add(open=(0.4 + 0.25 * shake) * on, main_raise=0.2 * on, main_bend=1.0 * on, crouch=0.06 * on)


@_poses("listen")
def _listen(p: Pose) -> None:
    """The head tilted towards the speaker."""
    p.add(head_tilt=0.1 * p.reached() * p.side, lean=0.05 * p.reached() * p.side, lid=0.05, brow_raise=0.12)
