"""Character sheets, plates of places and pictures of props, which show a model whom and what a shot is about. Pure.

A sheet that `stage` paints stands in for a picture that memory does not have yet. A sheet that a picture model makes comes before
remembered pictures: it shows the entity by itself, is verified, and is the same for the whole series. Both are found again through the
canon (an entity's fact `sheet`) as long as they show the same look. Whether an artifact still exists changes no request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Final

from episodic.backbones.keyframes.keyframer import EXPRESSIONS, sheet_views
from episodic.backbones.keyframes.wishes import CharacterWanted, PlaceWanted, PropWanted
from episodic.backbones.protocol import Capabilities
from episodic.backbones.request import MadeHere, Performer, ReferencePicture, Setting, ShotDraft
from episodic.conditioning.cast import CastEntity, EpisodeCast
from episodic.conditioning.delivery import Delivery, pictures_of
from episodic.conditioning.prompt.kind_words import kind_words
from episodic.conditioning.prompt.picture_prompt import plate_prompt, prop_prompt, view_prompts, worn_words
from episodic.conditioning.scene_state import State
from episodic.conditioning.shot_brief import ShotBrief
from episodic.conditioning.substitutions import seen_as
from episodic.storage.artifacts import Stored
from episodic.storage.files import digest
from memory.model.canon import Canon
from memory.model.facts import FactValue
from planners.plan.vocabulary import Style

__all__ = [
    "FRONT_FILE",
    "PLATE_FILE",
    "SheetBook",
    "SheetOrder",
    "SheetWish",
    "known_sheets",
    "known_views",
    "latest_sheets",
    "light_picture",
    "sheet_fact",
    "sheets_wanted",
    "with_sheets",
]

FRONT_FILE: Final = "front.png"
PLATE_FILE: Final = "wide.png"
_SHEET: Final = MadeHere("sheet")
_CLOSE: Final = ("medium_close", "close", "extreme_close")
_FURTHER: Final = ("front", "three_quarter", "side")
"""Views that are handed over where there is room, in their order."""
_VIEW_WORDS: Final[Mapping[str, str]] = {
    "front": "from the front",
    "three_quarter": "turned by a quarter",
    "side": "from the side",
}

SheetWish = CharacterWanted | PropWanted | PlaceWanted


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetOrder:
    """One sheet that a shot needs: the wish for its maker, and what identifies it in memory."""

    wish: SheetWish
    subject: Mapping[str, FactValue]
    """What the sheet shows, whoever makes it and however it is asked for, as JSON."""
    maker: str = ""
    """What identifies the picture model that makes it; empty: `stage` paints it."""
    like: Stored | None = None
    """The latest sheet of the entity, in another look: a picture model makes this one like it."""

    @property
    def look(self) -> str:
        """The key of the look that it shows, 16 hex digits: the same for every maker."""
        return digest(dict(self.subject))[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetBook:
    """What the sheets of an episode are made from, and which of them memory has."""

    cast: EpisodeCast
    by: str
    """The maker: `stage`, or what identifies a picture model (`Keyframer.maker`)."""
    called: str = ""
    """The picture model's name in series.yaml."""
    model: bool = False
    """Whether the maker is a picture model, which is asked in words and whose pictures come before those of takes."""
    states: Mapping[str, State] = field(default_factory=dict)
    """The state at each shot, by its id."""
    size: tuple[int, int] = (1280, 720)
    """The film's width and height in pixels."""
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Artifacts of sheets that were made for the series, by entity and look."""
    views: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The pictures of such a sheet, by its artifact, where memory knows them."""
    latest: Mapping[str, str] = field(default_factory=dict)
    """The artifact of each entity's latest sheet, in whatever look."""

    def source(self, entity: str, brief: ShotBrief) -> Stored | MadeHere:
        """The artifact of an entity's sheet in the look of a shot, or that a step of this episode makes it."""
        key = self.known.get(entity, {}).get(self.order(entity, brief).look)
        main = "wide" if entity == brief.request.setting.location else "front"
        return Stored(key) if key is not None and main in self.views.get(key, (main,)) else _SHEET

    def shown(self, entity: str, brief: ShotBrief) -> tuple[str, ...]:
        """The views that a character's sheet is known to have before it is made: a picture model may fail at all but the front."""
        source = self.source(entity, brief)
        views = self.views.get(source.key, ()) if isinstance(source, Stored) else ()
        if views or self.model:
            return views or ("front",)
        performer = _performer(brief.request, entity)
        return sheet_views(performer.kind, performer.look)

    def order(self, entity: str, brief: ShotBrief) -> SheetOrder:
        """The sheet of an entity in the look of the shot's scene; that of a place with its hour, weather and light."""
        draft, member = brief.request, self.cast.member(entity)
        description = "" if member is None else f"{member.name}, {member.description}"
        worn = worn_words(self.states.get(draft.shot_id, {}).get(entity, {}))
        seed = member.seed if self.model and member is not None else 0
        if entity == draft.setting.location:
            return self._plate(entity, draft.setting, draft.style, description, seed)
        for prop in draft.setting.props:
            if prop.id == entity:
                return self._prop(entity, prop.look, draft.style, description, worn, seed)
        return self._character(_performer(draft, entity), draft.style, member, worn, seed)

    def _plate(self, entity: str, setting: Setting, style: Style, description: str, seed: int) -> SheetOrder:
        shown: dict[str, FactValue] = {
            "location": setting.location,
            "look": dict(setting.look),
            "time": setting.time,
            "weather": setting.weather,
            "mood": setting.mood,
            "key": setting.key,
            "temperature_k": setting.temperature_k,
            "contrast": setting.contrast,
        }
        empty = replace(setting, light=(), props=())
        wish = PlaceWanted(setting=empty, style=style)
        if self.model:
            prompt = plate_prompt(description, setting, style)
            wish = PlaceWanted(setting=empty, style=style, prompt=prompt, size=self.size, seed=seed)
        return self._ordered(entity, wish, {"of": "place", "setting": shown, "style": style, "description": description})

    def _prop(
        self, entity: str, look: Mapping[str, FactValue], style: Style, description: str, worn: str, seed: int
    ) -> SheetOrder:
        subject: dict[str, FactValue] = {"of": "prop", "look": dict(look), "style": style, "description": description}
        if not self.model:
            return self._ordered(entity, PropWanted(look=look, style=style), subject)
        wish = PropWanted(look=look, style=style, prompt=prop_prompt(description, worn, style), seed=seed)
        return self._ordered(entity, wish, {**subject, "worn": worn})

    def _character(self, performer: Performer, style: Style, member: CastEntity | None, worn: str, seed: int) -> SheetOrder:
        description = "" if member is None else f"{member.name}, {member.description}"
        subject: dict[str, FactValue] = {
            "of": "character",
            "kind": performer.kind,
            "look": dict(performer.look),
            "style": style,
            "description": description,
        }
        if not self.model:
            wish = CharacterWanted(kind=performer.kind, look=performer.look, style=style)
            return self._ordered(performer.id, wish, subject)
        if member is None or not member.description:
            description = _with_kind(description.strip(" ,"), performer)
        prompts = view_prompts(description, worn, style)
        wish = CharacterWanted(kind=performer.kind, look=performer.look, style=style, prompts=prompts, seed=seed)
        return self._ordered(performer.id, wish, {**subject, "worn": worn})

    def _ordered(self, entity: str, wish: SheetWish, subject: Mapping[str, FactValue]) -> SheetOrder:
        """The order, to a picture model with the latest sheet of the entity to go by."""
        if not self.model:
            return SheetOrder(wish=wish, subject=subject)
        like = Stored(self.latest[entity]) if entity in self.latest else None
        return SheetOrder(wish=wish, subject=subject, maker=self.by, like=like)


def known_sheets(canon: Canon, by: Collection[str]) -> dict[str, dict[str, str]]:
    """`SheetBook.known` as the canon has it, of one maker. `by`: the names that the maker has and had."""
    return {
        entity: {look: key for look, key, _ in _looks_of(sheet)} for entity, sheet in _sheets_of(canon) if sheet.get("by") in by
    }


def known_views(canon: Canon) -> dict[str, tuple[str, ...]]:
    """`SheetBook.views` as the canon has it."""
    return {key: views for _, sheet in _sheets_of(canon) for _, key, views in _looks_of(sheet) if views}


def latest_sheets(canon: Canon, by: Collection[str]) -> dict[str, str]:
    """`SheetBook.latest` as the canon has it, of one maker. `by`: as of `known_sheets`."""
    artifacts = {entity: sheet.get("artifact") for entity, sheet in _sheets_of(canon) if sheet.get("by") in by}
    return {entity: key for entity, key in artifacts.items() if isinstance(key, str)}


def sheet_fact(
    look: str, by: Sequence[str], artifact: str, before: Mapping[str, FactValue], views: Sequence[str]
) -> dict[str, FactValue]:
    """What memory keeps of a sheet: the value of the entity's fact `sheet`.

    `look`: as of `SheetOrder`. `by`: the maker's name, then the names it had earlier. `before`: the fact's value before.
    """
    others: dict[str, FactValue] = {}
    if before.get("by") in by:
        others = {other: {"artifact": key, "views": list(has)} for other, key, has in _looks_of(before) if other != look}
    return {"artifact": artifact, "look": look, "by": by[0], "views": list(views), **({"others": others} if others else {})}


def _looks_of(sheet: Mapping[str, FactValue]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Look, artifact and views of every sheet in a fact `sheet`. Earlier versions stored the other looks' artifacts alone."""
    others = sheet.get("others")
    for look, stored in [*(others if isinstance(others, dict) else {}).items(), (str(sheet.get("look")), dict(sheet))]:
        key, views = (stored.get("artifact"), stored.get("views")) if isinstance(stored, dict) else (stored, None)
        if isinstance(key, str):
            yield look, key, tuple(map(str, views)) if isinstance(views, list) else ()


def _sheets_of(canon: Canon) -> Iterable[tuple[str, Mapping[str, FactValue]]]:
    for group in (canon.characters, canon.locations, canon.props):
        yield from ((entity.id, entity.sheet) for entity in group.values() if entity.sheet)


def with_sheets(deliveries: Sequence[Delivery], brief: ShotBrief, can: Capabilities, book: SheetBook) -> tuple[Delivery, ...]:
    """A shot's deliveries with sheets of everybody in the frame, the place and every visible prop, within the model's limit of pictures.

    Painted sheets fill in only for entities that memory has no picture of, and for props that the painter knows. Sheets of a picture
    model come before all remembered pictures. Each entity gets one picture before any gets a second, props last; further views of the
    sheets use the remaining places.
    """
    if not can.reference_pictures:
        return tuple(deliveries)
    pictured = set() if book.model else {delivery.entity for delivery in deliveries if delivery.form == "picture"}
    props = {prop.id for prop in brief.request.setting.props}
    sheets = [_sheet(view, brief, book) for view in _main_views(brief, book) if view.entity not in pictured]
    of_props = [delivery for delivery in deliveries if delivery.form == "picture" and delivery.entity in props]
    others = [delivery for delivery in deliveries if not (delivery.form == "picture" and delivery.entity in props)]
    ordered = _once_each((*sheets, *others, *of_props) if book.model else (*others, *sheets, *of_props))
    why = f"{can.name} takes {can.reference_pictures} reference pictures, and better ones came first"
    settled, names = [], []
    for delivery in ordered:
        if delivery.form == "picture":
            names.append(delivery.name)
        fits = delivery.form != "picture" or len(names) <= can.reference_pictures
        settled.append(delivery if fits else delivery.drop("no slot", why))
    further = [view for view in (_sheet(view, brief, book) for view in _further(sheets, brief, book)) if view.name not in names]
    return (*settled, *further[: max(0, can.reference_pictures - len(names))])


def _once_each(ordered: Sequence[Delivery]) -> list[Delivery]:
    """Pictures of entities that an earlier picture shows come last."""
    first: dict[str, Delivery] = {}
    for delivery in ordered:
        if delivery.form == "picture":
            first.setdefault(delivery.entity, delivery)
    return sorted(ordered, key=lambda delivery: delivery.form == "picture" and first[delivery.entity] is not delivery)


@dataclass(frozen=True, slots=True)
class _View:
    """One picture of a sheet."""

    entity: str
    view: str
    text: str
    """What it shows, in words."""


def _of_character(entity: str, view: str) -> _View:
    return _View(entity, view, f"the character sheet, {_VIEW_WORDS.get(view, view)}")


def _main_views(brief: ShotBrief, book: SheetBook) -> list[_View]:
    """The picture of each performer in the frame that serves the shot best, then the place, then the visible props."""
    setting = brief.request.setting
    visible = [performer.id for performer in brief.request.performers_in_frame]
    props = [prop.id for prop in setting.props if prop.held_by is None or prop.held_by in visible]
    return [
        *(_of_character(entity, _best_view(entity, brief, book)) for entity in visible),
        _View(setting.location, PLATE_FILE.removesuffix(".png"), "the empty place"),
        *(_View(prop, FRONT_FILE.removesuffix(".png"), "the prop by itself") for prop in props),
    ]


def _best_view(entity: str, brief: ShotBrief, book: SheetBook) -> str:
    """The face with its expression for a close-up, the whole figure for every other shot."""
    emotion = _performer(brief.request, entity).emotion
    expressive = emotion in EXPRESSIONS and emotion != "neutral" and brief.request.size in _CLOSE
    return emotion if expressive and emotion in book.shown(entity, brief) else "front"


def _further(sheets: Sequence[Delivery], brief: ShotBrief, book: SheetBook) -> Iterator[_View]:
    """Further views of the performers whose sheets are shown: one of each, then a second of each."""
    entities = (sheet.entity for sheet in sheets if brief.request.performer(sheet.entity) is not None)
    of_each = [[_of_character(entity, view) for view in _FURTHER if view in book.shown(entity, brief)] for entity in entities]
    for views in zip_longest(*of_each):
        yield from (view for view in views if view is not None)


def _sheet(view: _View, brief: ShotBrief, book: SheetBook) -> Delivery:
    """A view of a sheet as a delivery; dropped where the painter would draw another thing."""
    prop = None if book.model else book.cast.props.get(view.entity)
    if prop is not None and not (drawn := seen_as(prop)).exact:
        why = (
            f"memory has no picture of it, and the painter would show another thing: {drawn}; how it looks is said in words alone"
        )
        return Delivery(kind="picture", entity=view.entity, text=view.text, dropped="unknown", detail=why)
    picture = ReferencePicture(entity=view.entity, source=book.source(view.entity, brief), file=f"{view.view}.png")
    return Delivery(
        kind="picture",
        entity=view.entity,
        text=view.text,
        form="picture",
        detail=f"made for this series by {book.called or book.by}" if book.model else "made for this series",
        name=picture.name,
        picture=picture,
    )


def light_picture(deliveries: Sequence[Delivery], brief: ShotBrief, book: SheetBook) -> ReferencePicture:
    """The picture that shows how a shot's place is lit: a remembered one, else its plate."""
    place = brief.request.setting.location
    pictures = pictures_of(delivery for delivery in deliveries if delivery.entity == place)
    return pictures[0] if pictures else ReferencePicture(entity=place, source=book.source(place, brief), file=PLATE_FILE)


def sheets_wanted(draft: ShotDraft) -> tuple[str, ...]:
    """Entities whose sheets are produced in this run and shown to a shot as reference pictures or for its light."""
    pictures = (*draft.references, draft.light_from)
    return tuple(dict.fromkeys(picture.entity for picture in pictures if picture is not None and picture.source == _SHEET))


def _with_kind(name: str, performer: Performer) -> str:
    """A name with the kind of creature it names, unless the name says that itself."""
    words = kind_words(performer.kind, name, performer.look)
    return name if set(words.split()) <= set(name.lower().split()) else ", ".join(filter(None, (name, words)))


def _performer(draft: ShotDraft, entity: str) -> Performer:
    """A performer that the shot is known to have."""
    return next(performer for performer in draft.performers if performer.id == entity)
