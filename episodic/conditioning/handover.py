"""From what shots ask for to what their requests carry: prompts within the model's budget, pictures, and sheets of whoever has none. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from episodic.backbones.protocol import Backbone, Capabilities, PromptReader
from episodic.conditioning.cast import EpisodeCast
from episodic.conditioning.delivery import Delivery, pictures_of, texts_of
from episodic.conditioning.prompt.video_prompt import fit, negative_prompt
from episodic.conditioning.reference_sheets import SheetBook, light_picture, with_sheets
from episodic.conditioning.shot_brief import ShotBrief

__all__ = ["hand_over_episode"]

Deliveries = Mapping[str, tuple[Delivery, ...]]
"""The deliveries of each shot, by its id."""


def hand_over_episode(
    briefs: Mapping[str, ShotBrief], requested: Deliveries, cast: EpisodeCast, backbone: Backbone, book: SheetBook
) -> tuple[dict[str, ShotBrief], dict[str, tuple[Delivery, ...]]]:
    """Every shot's brief with what it hands over, and its deliveries with what did not fit dropped, by shot id."""
    can = backbone.capabilities
    handed, settled = {}, {}
    for shot, brief in briefs.items():
        deliveries: Sequence[Delivery] = with_sheets(requested[shot], brief, can, book)
        deliveries = _without_pictures(deliveries, can) if can.frames_or_pictures else deliveries
        prompt = negative = ""
        if isinstance(backbone, PromptReader):
            prompt, deliveries = fit(brief.request, deliveries, cast.names, can.text_tokens, backbone.count_tokens)
            negative = negative_prompt(brief.request.style, can.text_tokens, backbone.count_tokens)
        request = dataclasses.replace(
            brief.request,
            text=texts_of(deliveries),
            references=pictures_of(deliveries),
            prompt=prompt,
            negative=negative,
            light_from=light_picture(deliveries, brief, book) if can.light_guidance else None,
        )
        handed[shot] = brief.with_request(request)
        settled[shot] = tuple(deliveries)
    return handed, settled


def _without_pictures(deliveries: Sequence[Delivery], can: Capabilities) -> Sequence[Delivery]:
    """The deliveries for a model that takes either first frames or reference pictures: a shot that begins with frames drops its pictures."""
    if not any(delivery.form == "frames" for delivery in deliveries):
        return deliveries
    why = f"the shot goes on from a take, and {can.name} takes reference pictures only where it begins with nothing"
    return [delivery.drop("no slot", why) if delivery.form == "picture" else delivery for delivery in deliveries]
