"""Character sheets and place plates for shots: who is shown to a model by the pictures that were made for the series. Pure.

What `stage` paints stands in for pictures that memory has not got yet. What a picture model made comes before them: it is the entity by
itself, verified, and the same for the whole series. Either is found again through the canon (`sheet` of an entity) as long as it shows
the look that is wanted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from episodic.backbones.protocol import Capabilities
from episodic.conditioning.casting import CastCharacter, EpisodeCast
from episodic.conditioning.delivery import Delivery, hand_over
from episodic.conditioning.picture_prompt import plate_prompt, view_prompts, worn_words
from episodic.conditioning.shot_brief import ShotBrief
from episodic.conditioning.states import State
from episodic.production.artifacts import digest
from memory.canon import Canon
from memory.facts import FactValue

__all__ = [
    "FRONT_FILE",
    "PLATE_FILE",
    "SHEET",
    "SheetBook",
    "known_sheets",
    "latest_sheets",
    "light_picture",
    "sheet_fact",
    "sheet_look",
    "sheets_wanted",
    "with_sheets",
]

SHEET: Final = "sheet"
"""What stands for the artifact in the name of a reference picture that a task of the same episode makes."""
FRONT_FILE: Final = "front.png"
PLATE_FILE: Final = "wide.png"
_SHOWN: Final = ("of", "kind", "look", "setting", "style", "description", "worn")
"""What of a sheet's inputs says what it shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetBook:
    """What the sheets of an episode are made from, and which of them memory has."""

    cast: EpisodeCast
    by: str
    """Who makes them: `stage`, or a picture model as it is named in series.yaml."""
    model: bool = False
    """Whether that is a picture model, which is asked in words, and whose pictures come before those of takes."""
    states: Mapping[str, State] = field(default_factory=dict)
    """What holds at each shot, by its id."""
    size: tuple[int, int] = (1280, 720)
    """Of the film."""
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Artifacts of sheets that there are, by entity and look."""
    latest: Mapping[str, str] = field(default_factory=dict)
    """The artifact that showed an entity last, whatever its look: a picture model makes the next one like it."""

    def artifact(self, entity: str, brief: ShotBrief) -> str:
        """Where the sheet of an entity lies as it looks in a shot; `SHEET`: a task of the episode makes it."""
        return self.known.get(entity, {}).get(sheet_look(self.inputs(entity, brief)), SHEET)

    def inputs(self, entity: str, brief: ShotBrief) -> dict[str, Any]:
        """What a sheet is made from, as JSON: the look as of the shot's scene; of a place with its hour, weather and light."""
        request, setting = brief.request, brief.request["setting"]
        who: Any = self.cast.locations.get(entity) or self.cast.characters.get(entity)
        description = "" if who is None else f"{who.name}, {who.description}"
        common = {"style": request["style"], "description": description}
        if entity == setting["location"]:
            names = ("location", "look", "time", "weather", "mood", "key", "temperature_k", "contrast")
            plate = {"of": "place", "setting": {name: setting[name] for name in names}, **common}
            asked = {"prompt": plate_prompt(description, setting, request["style"]), "size": list(self.size)}
            return {**plate, **self._model(asked, who, entity)}
        performer = _performer(request["performers"], entity)
        shown = {"of": "character", "kind": performer["kind"], "look": performer["look"], **common}
        if not self.model:
            return shown
        worn = worn_words(self.states.get(request["shot_id"], {}).get(entity, {}))
        return {**shown, "worn": worn, **self._model({"prompts": view_prompts(description, worn, request["style"])}, who, entity)}

    def _model(self, asked: Mapping[str, Any], who: CastCharacter | None, entity: str) -> dict[str, Any]:
        if not self.model:
            return {}
        like = {"like": self.latest[entity]} if entity in self.latest else {}
        return {"by": self.by, "seed": 0 if who is None else who.seed, **asked, **like}


def known_sheets(canon: Canon, by: str, has: Callable[[str], bool]) -> dict[str, dict[str, str]]:
    """`SheetBook.known` as the canon has it, of one maker. `has`: whether an artifact is there."""
    found: dict[str, dict[str, str]] = {}
    for entity, sheet in _sheets_of(canon):
        others = sheet.get("others")
        looks = {**(others if isinstance(others, dict) else {}), str(sheet.get("look")): sheet.get("artifact")}
        if sheet.get("by") == by:
            found[entity] = {look: key for look, key in looks.items() if isinstance(key, str) and has(key)}
    return found


def latest_sheets(canon: Canon, by: str, has: Callable[[str], bool]) -> dict[str, str]:
    """`SheetBook.latest` as the canon has it, of one maker."""
    found = {entity: sheet.get("artifact") for entity, sheet in _sheets_of(canon) if sheet.get("by") == by}
    return {entity: key for entity, key in found.items() if isinstance(key, str) and has(key)}


def sheet_fact(
    inputs: Mapping[str, Any], by: str, artifact: str, before: Mapping[str, FactValue], views: Sequence[str]
) -> dict[str, FactValue]:
    """What memory keeps of a sheet: value of the entity's fact `sheet`. `inputs`: of its task; `before`: the fact that held before."""
    others = before.get("others")
    kept: dict[str, FactValue] = {}
    if before.get("by") == by:
        kept = {**(others if isinstance(others, dict) else {}), str(before.get("look")): before.get("artifact")}
    look = sheet_look(inputs)
    kept.pop(look, None)
    return {"artifact": artifact, "look": look, "by": by, "views": list(views), **({"others": kept} if kept else {})}


def sheet_look(inputs: Mapping[str, Any]) -> str:
    """What a sheet shows, as 16 hex digits: whoever made it, however it was asked for."""
    return digest({name: inputs[name] for name in _SHOWN if name in inputs})[:16]


def _sheets_of(canon: Canon) -> Iterable[tuple[str, Mapping[str, FactValue]]]:
    for group in (canon.characters, canon.locations):
        yield from ((one.id, one.sheet) for one in group.values() if one.sheet)


def with_sheets(deliveries: Sequence[Delivery], brief: ShotBrief, can: Capabilities, book: SheetBook) -> tuple[Delivery, ...]:
    """A shot's deliveries, with a sheet for everybody in the frame and the place, as far as there is room.

    Painted ones only of those of whom memory has no picture; a picture model's before all remembered pictures.
    """
    if not can.reference_pictures:
        return tuple(deliveries)
    pictured = set() if book.model else {one.entity for one in deliveries if one.form == "picture"}
    sheets = [_sheet(*one, book.artifact(one[0], brief), book.by) for one in _wanted(brief) if one[0] not in pictured]
    ordered = (*sheets, *deliveries) if book.model else (*deliveries, *sheets)
    room = [one for one in ordered if one.form == "picture"][: can.reference_pictures]
    why = f"{can.name} takes {can.reference_pictures} reference pictures, and better ones came first"
    return tuple(
        dataclasses.replace(one, form=None, dropped="no slot", detail=why, name="")
        if one.form == "picture" and not any(one is each for each in room)
        else one
        for one in ordered
    )


def _wanted(brief: ShotBrief) -> list[tuple[str, str, str]]:
    seen = [one["id"] for one in brief.request["performers"] if one["in_frame"]]
    found = [(one, FRONT_FILE, "the character sheet, from the front") for one in seen]
    return [*found, (brief.request["setting"]["location"], PLATE_FILE, "the empty place")]


def _sheet(who: str, file: str, text: str, artifact: str, by: str) -> Delivery:
    made = "made for this series" if by == "stage" else f"made for this series by {by}"
    return Delivery(kind="picture", entity=who, text=text, form="picture", detail=made, name=f"{who}:{artifact}/{file}")


def light_picture(deliveries: Sequence[Delivery], brief: ShotBrief, book: SheetBook) -> dict[str, str]:
    """The picture that shows how a shot's place is lit, as JSON: a remembered one, else its plate."""
    place = brief.request["setting"]["location"]
    pictures = hand_over([one for one in deliveries if one.entity == place]).get("references", [])
    return dict(pictures[0]) if pictures else {"entity": place, "artifact": book.artifact(place, brief), "file": PLATE_FILE}


def sheets_wanted(brief: ShotBrief) -> tuple[str, ...]:
    """Of whom or what the pictures in a brief are sheets, in their order."""
    pictures = [*brief.request.get("references", ()), brief.request.get("light_from")]
    return tuple(dict.fromkeys(one["entity"] for one in pictures if one and one["artifact"] == SHEET))


def _performer(performers: Iterable[Mapping[str, Any]], entity: str) -> Mapping[str, Any]:
    return next(one for one in performers if one["id"] == entity)
