"""From what shots ask for to what their requests carry: texts within the prompt's budget, pictures, and sheets for who has none. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from episodic.backbones.protocol import Backbone, Capabilities, PromptReader
from episodic.conditioning.cast import EpisodeCast
from episodic.conditioning.delivery import Delivery, hand_over
from episodic.conditioning.prompt.video_prompt import fit, negative_prompt
from episodic.conditioning.reference_sheets import SheetBook, light_picture, with_sheets
from episodic.conditioning.shot_brief import ShotBrief

__all__ = ["hand_over_episode"]

Deliveries = Mapping[str, tuple[Delivery, ...]]


def hand_over_episode(
    briefs: Mapping[str, ShotBrief], requested: Deliveries, cast: EpisodeCast, backbone: Backbone, book: SheetBook
) -> tuple[dict[str, ShotBrief], dict[str, tuple[Delivery, ...]]]:
    """Every shot's brief with what it hands over, and its deliveries with what did not fit, by shot id."""
    can = backbone.capabilities
    handed, settled = {}, {}
    for shot, brief in briefs.items():
        deliveries: Sequence[Delivery] = with_sheets(requested[shot], brief, can, book)
        deliveries = _without_pictures(deliveries, can) if can.frames_or_pictures else deliveries
        prompt: dict[str, str] = {}
        if isinstance(backbone, PromptReader) and can.text_tokens:
            text, deliveries = fit(brief.request, deliveries, cast.names, can.text_tokens, backbone.count_tokens)
            unwanted = negative_prompt(brief.request["style"], can.text_tokens, backbone.count_tokens)
            prompt = {"prompt": text, "negative": unwanted}
        light = {"light_from": light_picture(deliveries, brief, book)} if can.light_guidance else {}
        handed[shot] = brief.handed({**hand_over(deliveries), **prompt, **light})
        settled[shot] = tuple(deliveries)
    return handed, settled


def _without_pictures(deliveries: Sequence[Delivery], can: Capabilities) -> Sequence[Delivery]:
    """Of a model that is shown either frames to begin with or reference pictures: those of a shot that begins with frames."""
    if not any(one.form == "frames" for one in deliveries):
        return deliveries
    why = f"the shot goes on from a take, and {can.name} takes reference pictures only where it begins with nothing"
    return [
        dataclasses.replace(one, form=None, dropped="no slot", detail=why, name="") if one.form == "picture" else one
        for one in deliveries
    ]
