"""The receipt of a take: which of the inputs offered to its windows went into the model's calls.

An input counts as received only if it went into every window to which it was offered. Names are those of `conditioning.delivery`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from episodic.backbones.diffusers.window import Window
from episodic.backbones.previs import Previs
from episodic.backbones.request import ReferencePicture, ShotRequest
from memory.model.facts import FactValue

__all__ = ["WindowReceipt", "take_receipt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowReceipt:
    """The inputs offered to one window and those it used, by the names of `WindowResult.used`; `light` is the light guide."""

    offered: frozenset[str]
    used: frozenset[str]

    @classmethod
    def of(cls, window: Window, used: frozenset[str], *, known: bool, light: bool) -> WindowReceipt:
        """`known`, `light`: whether the window continues frames, and whether light is guided."""
        offered = {"prompt", *(f"control:{kind}" for kind in window.control)}
        offered |= {f"reference:{memory.name}" for memory in window.references}
        offered |= {f"sound:{memory.name}" for memory in window.references if memory.sound is not None}
        fields = {"first_frame": window.first_frame, "last_frame": window.last_frame, "speech": window.speech}
        offered |= {name for name, value in fields.items() if value is not None}
        offered |= ({"known"} if known else set()) | ({"light"} if light else set())
        return cls(offered=frozenset(offered), used=used)


def take_receipt(
    request: ShotRequest, windows: Sequence[WindowReceipt], previs: Previs | None, *, speech: bool
) -> dict[str, FactValue]:
    """Return the receipt of a take of these windows. `speech`: whether the model takes speech."""
    offered = set().union(*(window.offered for window in windows))
    received = {name for name in offered if all(name in window.used for window in windows if name in window.offered)}
    end_pictures: tuple[tuple[str, ReferencePicture | None], ...] = (
        ("first_frame", request.first_frame),
        ("last_frame", request.last_frame),
    )
    pictures: list[FactValue] = [*_with_prefix("reference:", received)]
    pictures += [picture.name for name, picture in end_pictures if picture is not None and name in received]
    controlled = any(name.startswith("control:") for name in received)
    continued = request.continues is not None and "known" in windows[0].offered & received
    voices = [f"voice:{speaker}" for speaker in dict.fromkeys(cue.speaker for cue in request.speech)]
    # the mix always has the voices; a model that takes no speech leaves them to it
    heard = not speech or "speech" in received
    return {
        # `read_prompt` checks that the prompt on disk was composed of these texts
        "text": [*request.text] if "prompt" in received else [],
        "picture": pictures,
        "sound": [*_with_prefix("sound:", received)],
        "frames": [f"take:{request.continues.shot_id}"] if request.continues is not None and continued else [],
        "control": _played_tokens(previs) if previs is not None and controlled else [],
        "guidance": [f"light:{request.setting.location}"] if "light" in received else [],
        "heard": [*voices] if heard else [],
    }


def _with_prefix(prefix: str, names: set[str]) -> list[str]:
    """Return the names with a prefix, sorted, without it."""
    return [name.removeprefix(prefix) for name in sorted(names) if name.startswith(prefix)]


def _played_tokens(previs: Previs) -> list[FactValue]:
    """Return the motions and moods that the previsualisation received and its passes show; its light is not in them."""
    received = previs.receipt.get("received")
    tokens = received.get("tokens") if isinstance(received, dict) else None
    return [
        str(token) for token in (tokens if isinstance(tokens, list) else []) if str(token).startswith(("motion:", "emotion:"))
    ]
