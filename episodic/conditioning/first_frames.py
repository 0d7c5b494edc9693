"""What a shot begins with, where a picture model makes that: its prompt, and the pictures of everybody who is seen. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from episodic.backbones.keyframes import FRAME_FILE
from episodic.backbones.protocol import Capabilities
from episodic.conditioning.casting import EpisodeCast
from episodic.conditioning.delivery import Delivery, hand_over
from episodic.conditioning.picture_prompt import picture_key
from episodic.conditioning.prompt import fit
from episodic.conditioning.sheets import SHEET, SheetBook, with_sheets
from episodic.conditioning.shot_brief import ShotBrief
from planners.plan import EpisodePlan

__all__ = ["KEYFRAME", "FrameBrief", "beginning_afresh", "brief_first_frames", "with_first_frames"]

KEYFRAME: Final = "keyframe"
"""What stands for the artifact in the name of a first frame, which a task of the same episode makes."""
_STILL: Final = "The first frame of a film shot, a still picture. "

Deliveries = Mapping[str, tuple[Delivery, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameBrief:
    """One first frame."""

    prompt: str
    references: tuple[Mapping[str, str], ...]
    """As in `ShotBrief.request`."""

    @property
    def sheets(self) -> tuple[str, ...]:
        """Of whom or what its references are sheets that a task of the same episode makes."""
        return tuple(dict.fromkeys(one["entity"] for one in self.references if one["artifact"] == SHEET))


def beginning_afresh(plan: EpisodePlan, can: Capabilities) -> tuple[str, ...]:
    """The shots that a backbone begins with a picture: all that go on from no take, of one that takes such pictures.

    None of one that takes either that or reference pictures: those tell it more.
    """
    if not can.first_frame or (can.frames_or_pictures and can.reference_pictures):
        return ()
    return tuple(
        shot.id
        for scene in plan.scenes
        for number, shot in enumerate(scene.shots)
        if not (number and shot.continues and can.continuation_frames)
    )


def brief_first_frames(
    shots: tuple[str, ...],
    briefs: Mapping[str, ShotBrief],
    requested: Deliveries,
    cast: EpisodeCast,
    can: Capabilities,
    count: Callable[[str], int],
    book: SheetBook,
) -> dict[str, FrameBrief]:
    """What a picture model (`can`, `count`: its tokens) is asked for, by shot id. `requested`: what each shot asks memory for, of it."""
    names = {one.id: one.name for one in cast.characters.values()}
    names |= {one.id: one.name for one in cast.locations.values()} | {one.id: one.name for one in cast.props.values()}
    found = {}
    for shot in shots:
        brief = briefs[shot]
        deliveries = with_sheets(requested[shot], brief, can, book)
        references = _once(hand_over(deliveries).get("references", []))
        key = f"{picture_key([one['entity'] for one in references], names)} {_STILL}".lstrip()
        text, _ = fit(brief.request, deliveries, names, max(1, can.text_tokens - count(key)), count)
        found[shot] = FrameBrief(prompt=f"{key}{text}", references=tuple(references))
    return found


def _once(pictures: list[dict[str, str]]) -> list[dict[str, str]]:
    """Each picture once: a key frame may be remembered for several who are in it."""
    found: list[dict[str, str]] = []
    for one in pictures:
        if one["artifact"] == SHEET or not any(
            (one["artifact"], one["file"]) == (each["artifact"], each["file"]) for each in found
        ):
            found.append(one)
    return found


def with_first_frames(
    briefs: Mapping[str, ShotBrief], requested: Deliveries, frames: Mapping[str, FrameBrief], by: str
) -> tuple[dict[str, ShotBrief], dict[str, tuple[Delivery, ...]]]:
    """Briefs whose requests begin with those frames, and the deliveries that say so."""
    handed, settled = dict(briefs), dict(requested)
    for shot, frame in frames.items():
        picture = {"entity": shot, "artifact": KEYFRAME, "file": FRAME_FILE}
        handed[shot] = briefs[shot].handed({"first_frame": picture})
        shown = ", ".join(dict.fromkeys(one["entity"] for one in frame.references)) or "text alone"
        made = Delivery(
            kind="picture",
            entity="",
            text="the shot's first frame",
            form="picture",
            detail=f"made for this shot by {by}, from {shown}",
            name=f"{shot}:{KEYFRAME}/{FRAME_FILE}",
        )
        settled[shot] = (*requested[shot], made)
    return handed, settled
