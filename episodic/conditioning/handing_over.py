"""From what shots ask for to what their requests carry: texts within the prompt's budget, pictures, and sheets for who has none. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from episodic.backbones.protocol import Backbone, PromptReader
from episodic.conditioning.casting import EpisodeCast
from episodic.conditioning.delivery import Delivery, hand_over
from episodic.conditioning.prompt import fit, negative_prompt
from episodic.conditioning.sheets import with_sheets
from episodic.conditioning.shot_brief import ShotBrief

__all__ = ["hand_over_episode"]

Deliveries = Mapping[str, tuple[Delivery, ...]]


def hand_over_episode(
    briefs: Mapping[str, ShotBrief], requested: Deliveries, cast: EpisodeCast, backbone: Backbone
) -> tuple[dict[str, ShotBrief], dict[str, tuple[Delivery, ...]]]:
    """Every shot's brief with what it hands over, and its deliveries with what did not fit, by shot id."""
    can = backbone.capabilities
    names = {one.id: one.name for one in cast.characters.values()}
    names |= {one.id: one.name for one in cast.locations.values()} | {one.id: one.name for one in cast.props.values()}
    handed, settled = {}, {}
    for shot, brief in briefs.items():
        deliveries: Sequence[Delivery] = with_sheets(requested[shot], brief, can) if can.reference_pictures else requested[shot]
        prompt: dict[str, str] = {}
        if isinstance(backbone, PromptReader) and can.text_tokens:
            text, deliveries = fit(brief.request, deliveries, names, can.text_tokens, backbone.count_tokens)
            prompt = {"prompt": text, "negative": negative_prompt(brief.request["style"])}
        handed[shot] = brief.handed({**hand_over(deliveries), **prompt})
        settled[shot] = tuple(deliveries)
    return handed, settled
