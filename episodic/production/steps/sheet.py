"""Sheets: the pictures that show a character, a prop or a place by itself."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from episodic.backbones.keyframes.keyframer import PAINTER
from episodic.backbones.keyframes.sheet_file import SHEET_VERSION
from episodic.backbones.keyframes.wishes import CharacterWanted, PlaceWanted, PropWanted
from episodic.backbones.registry import open_backbone
from episodic.conditioning.reference_sheets import FRONT_FILE, PLATE_FILE, SheetOrder, SheetWish
from episodic.production.blueprint import ShotBlueprint
from episodic.production.graph.needs import NO_NEEDS, Need, Needs, Slot
from episodic.production.graph.step import Cost, Step, Task, key_of, register, task_id
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.backbones import keyframer_of, machine_of_keyframer, notes_of_host
from episodic.quality.likeness import look_likeness
from episodic.storage.artifacts import Stored
from memory.model.facts import FactValue

__all__ = ["Sheet"]


@register
@dataclass(frozen=True, kw_only=True)
class Sheet(Step):
    """Make a character sheet, the picture of a prop, or the plate of a place."""

    kind: ClassVar = "sheet"
    flow: ClassVar = 40
    label: ClassVar = "sheets"
    cost: ClassVar = Cost(seconds=0.6)
    slots: ClassVar = {"like": Slot.optional("sheet", stored=True)}
    """The sheet of the same entity in another look: a picture model makes this one like it."""

    wish: SheetWish
    look: str
    """What it shows, as 16 hex digits (`SheetOrder.look`)."""
    maker: str = PAINTER
    """`stage`, or what identifies the weights of a picture model."""

    @classmethod
    def of(cls, order: SheetOrder) -> Self:
        """The step that makes a sheet as it is ordered."""
        return cls(wish=order.wish, look=order.look, maker=order.maker or PAINTER)

    @property
    def subject(self) -> Literal["character", "prop", "place"]:
        """What it is a sheet of."""
        match self.wish:
            case CharacterWanted():
                return "character"
            case PropWanted():
                return "prop"
            case PlaceWanted():
                return "place"

    def to_json(self) -> dict[str, FactValue]:
        """The inputs as JSON, with the subject."""
        return {**super().to_json(), "of": self.subject}

    @classmethod
    def for_shot(cls, shot: ShotBlueprint) -> Iterator[Task]:
        """The sheets of earlier episodes that this one can make again, then the sheets that this episode makes for the shot."""
        yield from _made_again(shot)
        episode = shot.episode
        for entity in shot.sheets:
            order, first = episode.book.order(entity, shot.brief), episode.first_sheets.get(entity)
            like: Need | None = order.like
            if first is not None and like is None and order.look != first.look:
                like = task_id(cls.kind, first.shot, entity)
            step, needs = cls.of(order), NO_NEEDS if like is None else Needs[Need]({"like": like})
            yield Task.of_shot(
                step,
                shot,
                _version(entity, shot),
                needs,
                name=f"{shot.id}/{entity}",
                still=True,
                device=episode.picture_device,
                machine=machine_of_keyframer(episode),
            )

    def perform(self, run: StepRun) -> None:
        """Write the sheet's pictures and `sheet.json`."""
        keyframer, folder = keyframer_of(self.maker, run), run.optional_need("like")
        match self.wish:
            case CharacterWanted() as character:
                keyframer.sheet(dataclasses.replace(character, like=folder and folder / FRONT_FILE), run.folder, look_likeness())
            case PropWanted() as prop:
                keyframer.prop(dataclasses.replace(prop, like=folder and folder / FRONT_FILE), run.folder)
            case PlaceWanted() as place:
                keyframer.plate(dataclasses.replace(place, like=folder and folder / PLATE_FILE), run.folder)
        run.tell(*notes_of_host(keyframer))


def _version(entity: str, shot: ShotBlueprint) -> str:
    """The version of a sheet. `stage` does not only paint a plate, it shoots it."""
    episode = shot.episode
    sampled = "" if episode.book.model or entity != shot.scene.at else f"+{open_backbone('stage').version}"
    return f"{SHEET_VERSION}+{episode.keyframer.version}{sampled}"


def _made_again(shot: ShotBlueprint) -> Iterator[Task]:
    """Plan the sheets of earlier episodes that the shot is shown and whose very same artifact this episode can make."""
    episode = shot.episode
    for entity, source in _shown(shot):
        known = tuple(episode.book.known.get(entity, {}).values())
        if source.key not in known or source != episode.book.source(entity, shot.brief):
            continue
        step = Sheet.of(episode.book.order(entity, shot.brief))
        possible: Iterable[Needs[Need]] = [NO_NEEDS]
        if episode.book.model:  # it may have been made like any other sheet of the entity
            possible = [NO_NEEDS, *(Needs[Need]({"like": Stored(other)}) for other in known if other != source.key)]
        for needs in possible:
            task = Task(
                id=task_id(Sheet.kind, source.key[:12], entity),
                step=step,
                version=_version(entity, shot),
                needs=needs,
                device=episode.picture_device,
                machine=machine_of_keyframer(episode),
            )
            if key_of(task, needs.map(str)) == source.key:
                yield task
                break


def _shown(shot: ShotBlueprint) -> Iterator[tuple[str, Stored]]:
    """Entity and artifact of every stored picture that the shot or its first frame is shown, each once."""
    pictures = [*shot.draft.pictures, *(shot.frame.references if shot.frame else ())]
    yield from dict.fromkeys((picture.entity, picture.source) for picture in pictures if isinstance(picture.source, Stored))
