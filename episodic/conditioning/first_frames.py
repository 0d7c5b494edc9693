"""Pictures made for a shot to begin or end with: by a picture model, from its prompt and pictures of everybody who is seen, or painted as
`stage` plays the shot. Pure.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from episodic.backbones.keyframes.keyframer import FIRST_FILE, LAST_FILE, PAINTER
from episodic.backbones.protocol import Capabilities
from episodic.backbones.request import FrameEnd, MadeHere, ReferencePicture
from episodic.conditioning.cast import EpisodeCast
from episodic.conditioning.delivery import Delivery, pictures_of
from episodic.conditioning.prompt.picture_prompt import picture_key
from episodic.conditioning.prompt.video_prompt import fit
from episodic.conditioning.reference_sheets import SheetBook, with_sheets
from episodic.conditioning.shot_brief import ShotBrief
from planners.plan.model import EpisodePlan

__all__ = ["FrameBrief", "brief_frames", "frames_wanted", "with_frames"]

_STILL_TOKENS: Final = 24
"""Length of the words that say that it is a still."""

_FIRST: Final = "first frame"
"""No entity's id: it has a space."""

Deliveries = Mapping[str, tuple[Delivery, ...]]
"""The deliveries of each shot, by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameBrief:
    """The pictures that are made for one shot to begin or end with."""

    first: bool
    last: bool
    prompt: str = ""
    last_prompt: str = ""
    """Prompt of the last frame, where the model is shown the first one too; empty: the same as for the first."""
    references: tuple[ReferencePicture, ...] = ()

    @property
    def sheets(self) -> tuple[str, ...]:
        """Entities whose reference sheet is produced in this run."""
        made_here = (picture for picture in self.references if picture.source == MadeHere("sheet"))
        return tuple(dict.fromkeys(picture.entity for picture in made_here))


def frames_wanted(plan: EpisodePlan, can: Capabilities, by: str) -> dict[str, FrameBrief]:
    """The shots for which a first or last frame is made. `by`: the maker's name in series.yaml.

    A picture model makes the first frame of every shot that continues no take, for a backbone that takes first frames; but not for one
    that takes either a first frame or reference pictures, because the latter tell it more. Frames that a backbone requires are always
    made.
    """
    takes = can.first_frame and not (can.frames_or_pictures and can.reference_pictures)
    begins = can.needs_first_frame or (takes and by != PAINTER)
    frames = {}
    for scene in plan.scenes:
        for number, shot in enumerate(scene.shots):
            continues = bool(number and shot.continues and can.continuation_frames)
            frame = FrameBrief(first=begins and not continues, last=can.needs_last_frame)
            if frame.first or frame.last:
                frames[shot.id] = frame
    return frames


def brief_frames(
    frames: Mapping[str, FrameBrief],
    briefs: Mapping[str, ShotBrief],
    requested: Deliveries,
    cast: EpisodeCast,
    can: Capabilities,
    count: Callable[[str], int],
    book: SheetBook,
) -> dict[str, FrameBrief]:
    """Frames with the prompt and pictures for the model that makes them, by shot id.

    `can`: what that model takes. `count`: the length of a text in its tokens. `requested`: what each shot asks memory for on its behalf.
    """
    names = cast.names
    briefed = {}
    for shot, frame in frames.items():
        brief = briefs[shot]
        deliveries = with_sheets(requested[shot], brief, can, book)
        references = _each_once(pictures_of(deliveries))
        shown = [picture.entity for picture in references]
        keys = [picture_key(shown, names)]
        if frame.first and frame.last and can.reference_pictures:
            keys.append(picture_key([*shown[: can.reference_pictures - 1], _FIRST], {**names, _FIRST: "the first frame"}))
        room = can.text_tokens - _STILL_TOKENS - max(map(count, keys))
        text, _ = fit(brief.request, deliveries, names, max(1, room), count)
        prompt, *last = (f"{key} {text}".strip() for key in keys)
        briefed[shot] = dataclasses.replace(frame, prompt=prompt, last_prompt="".join(last), references=references)
    return briefed


def _each_once(pictures: Iterable[ReferencePicture]) -> tuple[ReferencePicture, ...]:
    """Each picture once: memory may keep one key frame for several entities in it. Sheets made in this run have no key to compare yet."""
    chosen: list[ReferencePicture] = []
    for picture in pictures:
        repeated = any((picture.source, picture.file) == (earlier.source, earlier.file) for earlier in chosen)
        if isinstance(picture.source, MadeHere) or not repeated:
            chosen.append(picture)
    return tuple(chosen)


def with_frames(
    briefs: Mapping[str, ShotBrief], requested: Deliveries, frames: Mapping[str, FrameBrief], by: str
) -> tuple[dict[str, ShotBrief], dict[str, tuple[Delivery, ...]]]:
    """Briefs whose requests begin and end with those frames, and the deliveries that say so."""
    handed, settled = dict(briefs), dict(requested)
    for shot, frame in frames.items():
        first = _frame_picture(shot, FIRST_FILE) if frame.first else None
        last = _frame_picture(shot, LAST_FILE) if frame.last else None
        handed[shot] = briefs[shot].with_request(dataclasses.replace(briefs[shot].request, first_frame=first, last_frame=last))
        pictures: dict[FrameEnd, ReferencePicture | None] = {"first": first, "last": last}
        delivered = (_delivery(end, picture, frame, by) for end, picture in pictures.items() if picture is not None)
        settled[shot] = (*requested[shot], *delivered)
    return handed, settled


def _frame_picture(shot: str, file: str) -> ReferencePicture:
    return ReferencePicture(entity=shot, source=MadeHere("keyframe"), file=file)


def _delivery(end: FrameEnd, picture: ReferencePicture, frame: FrameBrief, by: str) -> Delivery:
    shown = ", ".join(dict.fromkeys(reference.entity for reference in frame.references)) or "text alone"
    return Delivery(
        kind="picture",
        entity="",
        text=f"the shot's {end} frame",
        form="picture",
        detail=f"painted as {PAINTER} plays the shot" if by == PAINTER else f"made for this shot by {by}, from {shown}",
        name=picture.name,
    )
