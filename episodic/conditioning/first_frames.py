"""The pictures that a shot begins or ends with, made for it: by a picture model from its prompt and pictures of everybody who is seen, or
painted as `stage` plays it. Pure.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from episodic.backbones.keyframes.model import FIRST_FILE, LAST_FILE, PAINTER
from episodic.backbones.protocol import Capabilities
from episodic.conditioning.cast import EpisodeCast
from episodic.conditioning.delivery import Delivery, hand_over
from episodic.conditioning.prompt.picture_prompt import picture_key
from episodic.conditioning.prompt.video_prompt import fit
from episodic.conditioning.reference_sheets import SHEET, SheetBook, with_sheets
from episodic.conditioning.shot_brief import ShotBrief
from planners.plan.model import EpisodePlan

__all__ = ["KEYFRAME", "FrameBrief", "brief_frames", "frames_wanted", "with_frames"]

KEYFRAME: Final = "keyframe"
"""What stands for the artifact in the name of a first frame, which a task of the same episode makes."""
_STILL_TOKENS: Final = 24
"""Of the words that say that it is a still."""

_FIRST: Final = "first frame"
"""No entity's id: it has a space."""

Deliveries = Mapping[str, tuple[Delivery, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameBrief:
    """What a shot begins with, ends with, or both."""

    first: bool
    last: bool
    prompt: str = ""
    last_prompt: str = ""
    """Of the last frame, where it is shown the first one too; empty: as of the first."""
    references: tuple[Mapping[str, str], ...] = ()
    """As in `ShotBrief.request`."""

    @property
    def sheets(self) -> tuple[str, ...]:
        """Of whom or what its references are sheets that a task of the same episode makes."""
        return tuple(dict.fromkeys(one["entity"] for one in self.references if one["artifact"] == SHEET))


def frames_wanted(plan: EpisodePlan, can: Capabilities, by: str) -> dict[str, FrameBrief]:
    """Which shots a backbone begins or ends with a picture that is made for them.

    A picture model makes the beginnings of all shots that go on from no take, of a backbone that takes such pictures; not of one that
    takes either those or reference pictures, which tell it more. What a backbone cannot do without is made in any case.
    """
    takes = can.first_frame and not (can.frames_or_pictures and can.reference_pictures)
    begins = can.needs_first_frame or (takes and by != PAINTER)
    found = {}
    for scene in plan.scenes:
        for number, shot in enumerate(scene.shots):
            goes_on = bool(number and shot.continues and can.continuation_frames)
            frame = FrameBrief(first=begins and not goes_on, last=can.needs_last_frame)
            if frame.first or frame.last:
                found[shot.id] = frame
    return found


def brief_frames(
    wanted: Mapping[str, FrameBrief],
    briefs: Mapping[str, ShotBrief],
    requested: Deliveries,
    cast: EpisodeCast,
    can: Capabilities,
    count: Callable[[str], int],
    book: SheetBook,
) -> dict[str, FrameBrief]:
    """What a picture model (`can`, `count`: its tokens) is asked for, by shot id. `requested`: what each shot asks memory for, of it."""
    names = cast.names
    found = {}
    for shot, frame in wanted.items():
        brief = briefs[shot]
        deliveries = with_sheets(requested[shot], brief, can, book)
        references = _once(hand_over(deliveries).get("references", []))
        shown = [one["entity"] for one in references]
        keys = [picture_key(shown, names)]
        if frame.first and frame.last and can.reference_pictures:
            keys.append(picture_key([*shown[: can.reference_pictures - 1], _FIRST], {**names, _FIRST: "the first frame"}))
        room = can.text_tokens - _STILL_TOKENS - max(map(count, keys))
        text, _ = fit(brief.request, deliveries, names, max(1, room), count)
        prompt, *last = (f"{key} {text}".strip() for key in keys)
        found[shot] = dataclasses.replace(frame, prompt=prompt, last_prompt="".join(last), references=tuple(references))
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


def with_frames(
    briefs: Mapping[str, ShotBrief], requested: Deliveries, frames: Mapping[str, FrameBrief], by: str
) -> tuple[dict[str, ShotBrief], dict[str, tuple[Delivery, ...]]]:
    """Briefs whose requests begin and end with those frames, and the deliveries that say so."""
    handed, settled = dict(briefs), dict(requested)
    for shot, frame in frames.items():
        files = {"first": FIRST_FILE} if frame.first else {}
        files |= {"last": LAST_FILE} if frame.last else {}
        pictures = {f"{which}_frame": {"entity": shot, "artifact": KEYFRAME, "file": file} for which, file in files.items()}
        handed[shot] = briefs[shot].handed(pictures)
        settled[shot] = (*requested[shot], *(_delivered(shot, which, file, frame, by) for which, file in files.items()))
    return handed, settled


def _delivered(shot: str, which: str, file: str, frame: FrameBrief, by: str) -> Delivery:
    shown = ", ".join(dict.fromkeys(one["entity"] for one in frame.references)) or "text alone"
    return Delivery(
        kind="picture",
        entity="",
        text=f"the shot's {which} frame",
        form="picture",
        detail=f"painted as {PAINTER} plays the shot" if by == PAINTER else f"made for this shot by {by}, from {shown}",
        name=f"{shot}:{KEYFRAME}/{file}",
    )
