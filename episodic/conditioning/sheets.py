"""Character sheets and place plates for shots: who has no picture in memory yet is shown to the model as a sheet has them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from episodic.backbones.protocol import Capabilities
from episodic.conditioning.delivery import Delivery
from episodic.conditioning.shot_brief import ShotBrief

__all__ = ["SHEET", "sheet_inputs", "sheets_wanted", "with_sheets"]

SHEET: Final = "sheet"
"""What stands for the artifact in the name of a reference picture that a task of the same episode makes."""
_FRONT: Final = "front.png"
_PLATE: Final = "wide.png"


def with_sheets(deliveries: Sequence[Delivery], brief: ShotBrief, can: Capabilities) -> tuple[Delivery, ...]:
    """A shot's deliveries, with a sheet for everybody in the frame and the place, as far as there is room and memory has no picture."""
    pictured = {one.entity for one in deliveries if one.form == "picture"}
    room = can.reference_pictures - sum(one.form == "picture" for one in deliveries)
    seen = [one["id"] for one in brief.request["performers"] if one["in_frame"]]
    wanted = [(one, _FRONT, "the character sheet, from the front") for one in seen]
    wanted.append((brief.request["setting"]["location"], _PLATE, "the empty place"))
    missing = [one for one in wanted if one[0] not in pictured]
    drawn = (
        Delivery(
            kind="picture", entity=who, text=text, form="picture", detail="made for this series", name=f"{who}:{SHEET}/{file}"
        )
        for who, file, text in missing[: max(0, room)]
    )
    beyond = (
        Delivery(
            kind="picture",
            entity=who,
            text=text,
            dropped="no slot",
            detail=f"{can.name} takes {can.reference_pictures} reference pictures, and better ones came first",
        )
        for who, _, text in missing[max(0, room) :]
    )
    return (*deliveries, *drawn, *(beyond if can.reference_pictures else ()))


def sheets_wanted(brief: ShotBrief) -> tuple[str, ...]:
    """Of whom or what a brief's references are sheets, in their order."""
    return tuple(dict.fromkeys(one["entity"] for one in brief.request.get("references", ()) if one["artifact"] == SHEET))


def sheet_inputs(entity: str, brief: ShotBrief, descriptions: Mapping[str, str]) -> dict[str, Any]:
    """What a sheet is drawn from, as JSON: the look as of the shot's scene; of a place with its hour, weather and light."""
    request, setting = brief.request, brief.request["setting"]
    common = {"style": request["style"], "description": descriptions.get(entity, "")}
    if entity == setting["location"]:
        names = ("location", "look", "time", "weather", "mood", "key", "temperature_k", "contrast")
        return {"of": "place", "setting": {name: setting[name] for name in names}, **common}
    performer = _performer(request["performers"], entity)
    return {"of": "character", "kind": performer["kind"], "look": performer["look"], **common}


def _performer(performers: Iterable[Mapping[str, Any]], entity: str) -> Mapping[str, Any]:
    return next(one for one in performers if one["id"] == entity)
