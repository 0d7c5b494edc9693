"""Character sheets, place plates and pictures of props for shots: who is shown to a model by the pictures that were made for the series. Pure.

What `stage` paints stands in for pictures that memory has not got yet. What a picture model made comes before them: it is the entity by
itself, verified, and the same for the whole series. Either is found again through the canon (`sheet` of an entity) as long as it shows
the look that is wanted; whether its artifact still lies there changes nothing that is asked for.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, Final

from episodic.backbones.keyframes.sheets import EXPRESSIONS, sheet_views
from episodic.backbones.protocol import Capabilities
from episodic.conditioning.cast import EpisodeCast
from episodic.conditioning.delivery import Delivery, hand_over
from episodic.conditioning.prompt.kind_words import kind_words
from episodic.conditioning.prompt.picture_prompt import plate_prompt, prop_prompt, view_prompts, worn_words
from episodic.conditioning.scene_state import State
from episodic.conditioning.shot_brief import ShotBrief
from episodic.conditioning.substitutions import seen_as
from episodic.storage.files import digest
from memory.model.canon import Canon
from memory.model.facts import FactValue

__all__ = [
    "FRONT_FILE",
    "PLATE_FILE",
    "SHEET",
    "SheetBook",
    "known_sheets",
    "known_views",
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
_CLOSE: Final = ("medium_close", "close", "extreme_close")
_FURTHER: Final = ("front", "three_quarter", "side")
"""Views that are handed over where there is room, in their order."""
_SEEN: Final[Mapping[str, str]] = {"front": "from the front", "three_quarter": "turned by a quarter", "side": "from the side"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetBook:
    """What the sheets of an episode are made from, and which of them memory has."""

    cast: EpisodeCast
    by: str
    """Who makes them: `stage`, or what identifies a picture model (`Keyframer.maker`)."""
    called: str = ""
    """The picture model as it is named in series.yaml."""
    model: bool = False
    """Whether that is a picture model, which is asked in words, and whose pictures come before those of takes."""
    states: Mapping[str, State] = field(default_factory=dict)
    """What holds at each shot, by its id."""
    size: tuple[int, int] = (1280, 720)
    """Of the film."""
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Artifacts of sheets that were made for the series, by entity and look."""
    views: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What pictures such a sheet has, by its artifact, where memory says so."""
    latest: Mapping[str, str] = field(default_factory=dict)
    """The artifact that showed an entity last, whatever its look: a picture model makes the next one like it."""

    def artifact(self, entity: str, brief: ShotBrief) -> str:
        """Where the sheet of an entity lies as it looks in a shot; `SHEET`: a task of the episode makes it."""
        key = self.known.get(entity, {}).get(sheet_look(self.inputs(entity, brief)), SHEET)
        main = "wide" if entity == brief.request["setting"]["location"] else "front"
        return key if main in self.views.get(key, (main,)) else SHEET

    def shown(self, entity: str, brief: ShotBrief) -> tuple[str, ...]:
        """The pictures that a character's sheet is known to have before it is made: a model may fail at all but the front."""
        said = self.views.get(self.artifact(entity, brief), ())
        if said or self.model:
            return said or ("front",)
        performer = _performer(brief.request["performers"], entity)
        return sheet_views(performer["kind"], performer["look"])

    def inputs(self, entity: str, brief: ShotBrief) -> dict[str, Any]:
        """What a sheet is made from, as JSON: the look as of the shot's scene; of a place with its hour, weather and light."""
        request, setting = brief.request, brief.request["setting"]
        cast = self.cast
        who: Any = cast.locations.get(entity) or cast.characters.get(entity) or cast.props.get(entity)
        description = "" if who is None else f"{who.name}, {who.description}"
        common = {"style": request["style"], "description": description}
        if entity == setting["location"]:
            names = ("location", "look", "time", "weather", "mood", "key", "temperature_k", "contrast")
            plate = {"of": "place", "setting": {name: setting[name] for name in names}, **common}
            asked = {"prompt": plate_prompt(description, setting, request["style"]), "size": list(self.size)}
            return {**plate, **self._model(asked, who, entity)}
        worn = worn_words(self.states.get(request["shot_id"], {}).get(entity, {}))
        if entity in (props := {one["id"]: one for one in setting["props"]}):
            thing = {"of": "prop", "look": props[entity]["look"], **common}
            asked = {"prompt": prop_prompt(description, worn, request["style"])}
            return {**thing, **({"worn": worn} if self.model else {}), **self._model(asked, who, entity)}
        performer = _performer(request["performers"], entity)
        shown = {"of": "character", "kind": performer["kind"], "look": performer["look"], **common}
        if not self.model:
            return shown
        if who is None or not who.description:
            description = _named_as(description.strip(" ,"), performer)
        return {**shown, "worn": worn, **self._model({"prompts": view_prompts(description, worn, request["style"])}, who, entity)}

    def _model(self, asked: Mapping[str, Any], who: Any, entity: str) -> dict[str, Any]:
        """How a picture model is asked. `who`: as it was cast."""
        if not self.model:
            return {}
        like = {"like": self.latest[entity]} if entity in self.latest else {}
        return {"by": self.by, "seed": 0 if who is None else who.seed, **asked, **like}


def known_sheets(canon: Canon, by: Collection[str]) -> dict[str, dict[str, str]]:
    """`SheetBook.known` as the canon has it, of one maker. `by`: what the maker is and was called."""
    return {
        entity: {look: key for look, key, _ in _looks_of(sheet)} for entity, sheet in _sheets_of(canon) if sheet.get("by") in by
    }


def known_views(canon: Canon) -> dict[str, tuple[str, ...]]:
    """`SheetBook.views` as the canon has it."""
    return {key: views for _, sheet in _sheets_of(canon) for _, key, views in _looks_of(sheet) if views}


def latest_sheets(canon: Canon, by: Collection[str]) -> dict[str, str]:
    """`SheetBook.latest` as the canon has it, of one maker. `by`: as of `known_sheets`."""
    found = {entity: sheet.get("artifact") for entity, sheet in _sheets_of(canon) if sheet.get("by") in by}
    return {entity: key for entity, key in found.items() if isinstance(key, str)}


def sheet_fact(
    inputs: Mapping[str, Any], by: Sequence[str], artifact: str, before: Mapping[str, FactValue], views: Sequence[str]
) -> dict[str, FactValue]:
    """What memory keeps of a sheet: value of the entity's fact `sheet`.

    `inputs`: of its task; `by`: what the maker is called, and then what it was called earlier; `before`: the fact that held before.
    """
    look = sheet_look(inputs)
    kept: dict[str, FactValue] = {}
    if before.get("by") in by:
        kept = {other: {"artifact": key, "views": list(has)} for other, key, has in _looks_of(before) if other != look}
    return {"artifact": artifact, "look": look, "by": by[0], "views": list(views), **({"others": kept} if kept else {})}


def _looks_of(sheet: Mapping[str, FactValue]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Look, artifact and views of every sheet that a fact `sheet` tells of; of others, earlier versions kept the artifact alone."""
    others = sheet.get("others")
    for look, one in [*(others if isinstance(others, dict) else {}).items(), (str(sheet.get("look")), dict(sheet))]:
        key, views = (one.get("artifact"), one.get("views")) if isinstance(one, dict) else (one, None)
        if isinstance(key, str):
            yield look, key, tuple(map(str, views)) if isinstance(views, list) else ()


def sheet_look(inputs: Mapping[str, Any]) -> str:
    """What a sheet shows, as 16 hex digits: whoever made it, however it was asked for."""
    return digest({name: inputs[name] for name in _SHOWN if name in inputs})[:16]


def _sheets_of(canon: Canon) -> Iterable[tuple[str, Mapping[str, FactValue]]]:
    for group in (canon.characters, canon.locations, canon.props):
        yield from ((one.id, one.sheet) for one in group.values() if one.sheet)


def with_sheets(deliveries: Sequence[Delivery], brief: ShotBrief, can: Capabilities, book: SheetBook) -> tuple[Delivery, ...]:
    """A shot's deliveries, with a sheet for everybody in the frame, the place, and every prop that is seen, as far as there is room.

    Painted ones only of those of whom memory has no picture, and of props that the painter knows; a picture model's before all
    remembered pictures. Of each there is one
    picture before there are two of any, props last; further views of the sheets fill what room is left.
    """
    if not can.reference_pictures:
        return tuple(deliveries)
    pictured = set() if book.model else {one.entity for one in deliveries if one.form == "picture"}
    props = {one["id"] for one in brief.request["setting"]["props"]}
    sheets = [_sheet(one, brief, book) for one in _wanted(brief, book) if one.entity not in pictured]
    of_props = [one for one in deliveries if one.form == "picture" and one.entity in props]
    others = [one for one in deliveries if not any(one is each for each in of_props)]
    ordered = _once_each((*sheets, *others, *of_props) if book.model else (*others, *sheets, *of_props))
    pictures = [one for one in ordered if one.form == "picture"]
    why = f"{can.name} takes {can.reference_pictures} reference pictures, and better ones came first"
    dropped = pictures[can.reference_pictures :]
    settled = tuple(
        dataclasses.replace(one, form=None, dropped="no slot", detail=why, name="")
        if any(one is each for each in dropped)
        else one
        for one in ordered
    )
    shown = {one.name for one in pictures}
    further = [one for one in (_sheet(one, brief, book) for one in _further(sheets, brief, book)) if one.name not in shown]
    return (*settled, *further[: max(0, can.reference_pictures - len(pictures))])


def _once_each(ordered: Sequence[Delivery]) -> list[Delivery]:
    """Those in which somebody is pictured once more come last."""
    first: dict[str, Delivery] = {}
    for one in ordered:
        if one.form == "picture":
            first.setdefault(one.entity, one)
    return sorted(ordered, key=lambda one: one.form == "picture" and first[one.entity] is not one)


@dataclass(frozen=True, slots=True)
class _View:
    """One picture of a sheet."""

    entity: str
    view: str
    text: str
    """What it shows, in words."""


def _of_character(entity: str, view: str) -> _View:
    return _View(entity, view, f"the character sheet, {_SEEN.get(view, view)}")


def _wanted(brief: ShotBrief, book: SheetBook) -> list[_View]:
    """The picture of everybody in the frame that serves the shot best, then the place, then what of props is seen."""
    setting = brief.request["setting"]
    seen = [one["id"] for one in brief.request["performers"] if one["in_frame"]]
    props = [one["id"] for one in setting["props"] if one["held_by"] is None or one["held_by"] in seen]
    return [
        *(_of_character(one, _best_view(one, brief, book)) for one in seen),
        _View(setting["location"], PLATE_FILE.removesuffix(".png"), "the empty place"),
        *(_View(one, FRONT_FILE.removesuffix(".png"), "the prop by itself") for one in props),
    ]


def _best_view(entity: str, brief: ShotBrief, book: SheetBook) -> str:
    """A close-up shows a face with what it feels; everything else shows somebody as a whole."""
    feels = _performer(brief.request["performers"], entity)["emotion"]
    expressive = feels in EXPRESSIONS and feels != "neutral" and brief.request["size"] in _CLOSE
    return feels if expressive and feels in book.shown(entity, brief) else "front"


def _further(sheets: Sequence[Delivery], brief: ShotBrief, book: SheetBook) -> Iterator[_View]:
    """Other views of those whose sheets are shown: everybody's first, then everybody's second."""
    people = {one["id"] for one in brief.request["performers"]}
    of_each = [
        [_of_character(who, view) for view in _FURTHER if view in book.shown(who, brief)]
        for who in (one.entity for one in sheets if one.entity in people)
    ]
    for views in zip_longest(*of_each):
        yield from (one for one in views if one is not None)


def _sheet(one: _View, brief: ShotBrief, book: SheetBook) -> Delivery:
    prop = None if book.model else book.cast.props.get(one.entity)
    if prop is not None and not (drawn := seen_as(prop)).exact:
        why = (
            f"memory has no picture of it, and the painter would show another thing: {drawn}; how it looks is said in words alone"
        )
        return Delivery(kind="picture", entity=one.entity, text=one.text, dropped="unknown", detail=why)
    made = f"made for this series by {book.called or book.by}" if book.model else "made for this series"
    name = f"{one.entity}:{book.artifact(one.entity, brief)}/{one.view}.png"
    return Delivery(kind="picture", entity=one.entity, text=one.text, form="picture", detail=made, name=name)


def light_picture(deliveries: Sequence[Delivery], brief: ShotBrief, book: SheetBook) -> dict[str, str]:
    """The picture that shows how a shot's place is lit, as JSON: a remembered one, else its plate."""
    place = brief.request["setting"]["location"]
    pictures = hand_over([one for one in deliveries if one.entity == place]).get("references", [])
    return dict(pictures[0]) if pictures else {"entity": place, "artifact": book.artifact(place, brief), "file": PLATE_FILE}


def sheets_wanted(brief: ShotBrief) -> tuple[str, ...]:
    """Of whom or what the pictures in a brief are sheets, in their order."""
    pictures = [*brief.request.get("references", ()), brief.request.get("light_from")]
    return tuple(dict.fromkeys(one["entity"] for one in pictures if one and one["artifact"] == SHEET))


def _named_as(name: str, performer: Mapping[str, Any]) -> str:
    """A name with what it is the name of, where it does not say so itself."""
    what = kind_words(performer["kind"], name, performer["look"])
    return name if set(what.split()) <= set(name.lower().split()) else ", ".join(filter(None, (name, what)))


def _performer(performers: Iterable[Mapping[str, Any]], entity: str) -> Mapping[str, Any]:
    return next(one for one in performers if one["id"] == entity)
