"""What a take was made from: what was held out to each window of it, and what of that went into the model's call.

Only what went into every window to which it was held out is received, in the words of `conditioning.delivery`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from episodic.backbones.diffusers.family import Window
from episodic.backbones.previs import Previs
from episodic.backbones.protocol import Capabilities
from episodic.backbones.request import ReferencePicture, ShotRequest
from memory.model.facts import FactValue

__all__ = ["Given", "receipt_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One window: what was held out, and what was taken, as `Shown.taken` names it; `light`: its guide."""

    offered: frozenset[str]
    taken: frozenset[str]

    @classmethod
    def of(cls, window: Window, taken: frozenset[str], *, known: bool, light: bool) -> Given:
        """`known`, `light`: whether the window goes on from frames, whether light is held."""
        offered = {"prompt", *(f"control:{kind}" for kind in window.control)}
        offered |= {f"reference:{one.name}" for one in window.references}
        offered |= {f"sound:{one.name}" for one in window.references if one.sound is not None}
        fields = {"first_frame": window.first_frame, "last_frame": window.last_frame, "speech": window.speech}
        offered |= {name for name, value in fields.items() if value is not None}
        offered |= ({"known"} if known else set()) | ({"light"} if light else set())
        return cls(offered=frozenset(offered), taken=taken)


def receipt_of(request: ShotRequest, can: Capabilities, windows: Sequence[Given], previs: Previs | None) -> dict[str, FactValue]:
    """The receipt of a take of these windows."""
    offered = set().union(*(one.offered for one in windows))
    arrived = {name for name in offered if all(name in one.taken for one in windows if name in one.offered)}
    made: tuple[tuple[str, ReferencePicture | None], ...] = (
        ("first_frame", request.first_frame),
        ("last_frame", request.last_frame),
    )
    pictures: list[FactValue] = [*_named("reference:", arrived)]
    pictures += [one.name for name, one in made if one is not None and name in arrived]
    controlled = any(one.startswith("control:") for one in arrived)
    continued = request.continues is not None and "known" in windows[0].offered & arrived
    voices = [f"voice:{one}" for one in dict.fromkeys(cue.speaker for cue in request.speech)]
    # a model that takes no speech leaves the voices to the mix, where they always are
    heard = not can.speech or "speech" in arrived
    return {
        # the prompt was read back from disk, and is the one that was composed of these texts
        "text": [*request.text] if "prompt" in arrived else [],
        "picture": pictures,
        "sound": [*_named("sound:", arrived)],
        "frames": [f"take:{request.continues.shot_id}"] if request.continues is not None and continued else [],
        "control": _played(previs) if previs is not None and controlled else [],
        "guidance": [f"light:{request.setting.location}"] if "light" in arrived else [],
        "heard": [*voices] if heard else [],
    }


def _named(prefix: str, fields: set[str]) -> list[str]:
    return [one.removeprefix(prefix) for one in sorted(fields) if one.startswith(prefix)]


def _played(previs: Previs) -> list[FactValue]:
    """What the previsualisation was sampled from and its passes show: how everybody moves, and in which mood. Not the light."""
    received = previs.receipt.get("received")
    tokens = received.get("tokens", []) if isinstance(received, dict) else []
    return [str(one) for one in tokens if str(one).startswith(("motion:", "emotion:"))]
