"""What a shot asks canon and plan for, and by which channel each of it reaches a given backbone. Pure: from canon, plan and what the model takes.

Reference pictures and earlier scenes, which have to be recalled, are in `memory_requests`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from episodic.backbones.protocol import ConditionedModel, control_kinds, draws_looks, takes_motion, takes_speech
from episodic.conditioning.cast import CastCharacter, EpisodeCast, find_prop
from episodic.conditioning.delivery import Delivery, DeliveryKind
from episodic.conditioning.memory_requests import deliver_recall
from episodic.conditioning.scene_facts import circumstances
from episodic.conditioning.scene_state import State, sky_of
from episodic.conditioning.shot_brief import ShotBrief, needs_auditions
from episodic.conditioning.substitutions import seen_as
from episodic.errors import MissingReference
from episodic.looks.explain import Understanding, understood_clothes
from episodic.looks.look import dress
from memory.model.canon import Canon, Relationship
from memory.model.facts import FactValue, StoryPosition
from memory.queries.recall import Recall
from planners.plan.model import NARRATOR, EpisodePlan, Relation, Scene, Shot

__all__ = ["check_deliverable", "named_in", "request_episode", "request_memory"]

_DRESSED: Final = ("wearing", "clothes", "hair", "injury", "wound", "color", "colour")
"""Attributes that change a look (`episodic.looks.look.dress`)."""
_CLOTHES: Final = ("wearing", "clothes")
_NO_RECALL: Final[Mapping[str, Recall]] = {}
_NOTHING: Final = ("", "nothing", "none")


def named_in(shot: Shot) -> tuple[str, ...]:
    """The characters whom the plan names in a shot: in focus, acting or speaking. The narrator is heard, never seen."""
    named = dict.fromkeys([*shot.focus, *(line.speaker for line in shot.lines), *shot.action])
    return tuple(entity for entity in named if entity != NARRATOR)


def request_memory(
    scene: Scene, shot: Shot, brief: ShotBrief, cast: EpisodeCast, state: State, canon: Canon, model: ConditionedModel
) -> tuple[Delivery, ...]:
    """Everything that one shot asks of canon and plan. `state`: as of its scene. `canon`: as of the episode's beginning."""
    return tuple(_ShotRequests(scene, shot, brief, cast, state, canon, model).deliveries())


def request_episode(
    plan: EpisodePlan,
    briefs: Mapping[str, ShotBrief],
    cast: EpisodeCast,
    states: Sequence[State],
    canon: Canon,
    model: ConditionedModel,
    recalls: Mapping[str, Recall] = _NO_RECALL,
) -> dict[str, tuple[Delivery, ...]]:
    """Everything that each shot of an episode asks for, by shot id. `states`: one per scene.

    `recalls`: by scene id, what memory found for it; a shot asks for the part about those who are in it.
    """

    def of_shot(scene: Scene, shot: Shot, state: State) -> Iterator[Delivery]:
        brief = briefs[shot.id]
        yield from request_memory(scene, shot, brief, cast, state, canon, model)
        if scene.id in recalls:
            props = [prop.id for prop in brief.request.setting.props]
            yield from deliver_recall(recalls[scene.id], [*brief.on_stage, scene.at], model.capabilities, props)

    return {
        shot.id: tuple(of_shot(scene, shot, state))
        for scene, state in zip(plan.scenes, states, strict=True)
        for shot in scene.shots
    }


def check_deliverable(plan: EpisodePlan, briefs: Mapping[str, ShotBrief], model: ConditionedModel) -> None:
    """Refuse a plan in which a shot names a character whose reference cannot reach the backbone in any form.

    Raises MissingReference with every such shot and character, the reason and the remedy. A shot with `allow_missing: true` passes;
    so does every shot on a backbone that takes no looks at all.
    """
    if not _takes_looks(model):
        return
    faults = [
        f"scene {scene.id}, shot {shot.id}: {entity} is named here, but {why}"
        for scene in plan.scenes
        for shot in scene.shots
        if not shot.allow_missing
        for entity in named_in(shot)
        for why in _undeliverable(entity, briefs[shot.id], model)
    ]
    if faults:
        more = [f"… and {len(faults) - 8} more"] if len(faults) > 8 else []
        remedy = (
            "split the shot, or name fewer in its focus, action and lines; or write `allow_missing: true` on it, "
            "and it is made without what is missing"
        )
        raise MissingReference("\n".join([*faults[:8], *more, remedy]))


def _undeliverable(entity: str, brief: ShotBrief, model: ConditionedModel) -> Iterator[str]:
    """Why a character that a shot names cannot reach the backbone."""
    can = model.capabilities
    performer = brief.request.performer(entity)
    if entity in brief.left_out:
        others = ", ".join(brief.on_stage)
        yield f"{can.name} shoots at most {can.max_performers} performers at a time, and these come first: {others}"
    elif performer is not None:
        if not performer.look:
            yield "memory holds no look for it"
        if needs_auditions(model) and not performer.motion and entity not in brief.auditions:
            yield f"{can.name} takes how somebody moves, memory holds no motion embedding for it, and no audition makes one"


def _takes_looks(model: ConditionedModel) -> bool:
    return draws_looks(model) or model.capabilities.reference_pictures > 0 or model.capabilities.text_tokens > 0


class _ShotRequests:
    """The deliveries that one shot asks for."""

    def __init__(
        self, scene: Scene, shot: Shot, brief: ShotBrief, cast: EpisodeCast, state: State, canon: Canon, model: ConditionedModel
    ) -> None:
        self._scene, self._shot, self._brief = scene, shot, brief
        self._cast, self._state, self._canon = cast, state, canon
        self._model, self._can = model, model.capabilities
        self._named = named_in(shot)

    def deliveries(self) -> Iterator[Delivery]:
        """Performers, voices, place, continued take, relations and threads, and actions of which no movement is known."""
        for entity in self._brief.on_stage:
            yield from self._performer(self._cast.characters[entity])
        for entity in self._brief.left_out:
            yield self._left_out(self._cast.characters[entity])
        yield from self._voices()
        yield from self._place()
        yield from self._continuation()
        yield from self._relations_and_threads()
        if (
            draws_looks(self._model) or control_kinds(self._model) or not self._can.text_tokens
        ):  # a model that only reads gets the plan's own words
            for action in self._brief.unknown_actions:
                why = f"no movement is known for these words; played as {action.played}"
                yield Delivery(kind="action", entity=action.entity, text=action.text, dropped="unknown", detail=why)

    def _performer(self, character: CastCharacter) -> Iterator[Delivery]:
        """The look, movement and state of a character on stage."""
        entity, name = character.id, character.name
        how = _drawing(seen_as(character), "from the canon")
        yield self._drawn("look", entity, character.description or name, f"look:{entity}", how)
        source = "from an audition" if character.motion is None else "from memory"
        yield self._token("motion", entity, f"how {name} moves", f"motion:{entity}", source)
        for attribute, value in sorted(self._state.get(entity, {}).items()):
            if (attribute, value) != ("whereabouts", self._scene.at):  # where the shot plays anyway
                yield self._trait(character, attribute, value)

    def _left_out(self, character: CastCharacter) -> Delivery:
        """A character for whom the backbone has no place in the shot."""
        why = f"{self._can.name} shoots at most {self._can.max_performers} performers at a time"
        return Delivery(
            kind="look",
            entity=character.id,
            text=character.description or character.name,
            dropped="no slot",
            detail=why,
            named=character.id in self._named,
        )

    def _trait(self, character: CastCharacter, attribute: str, value: FactValue) -> Delivery:
        """One attribute of a character's state."""
        text, entity = f"{attribute} = {_value_words(value)}", character.id
        if attribute in _DRESSED:
            return self._clothes(character, attribute, value, text)
        if attribute == "whereabouts":
            return _unknown(entity, text, f"the plan has {character.name} at {self._scene.at} here")
        if attribute == "holding":
            return self._in_hand(entity, text, _value_words(value))
        if attribute == "mood":
            return self._mood(entity, text, _value_words(value))
        return self._text("state", entity, text)

    def _clothes(self, character: CastCharacter, attribute: str, value: FactValue, text: str) -> Delivery:
        """An attribute that changes how a character is dressed or groomed."""
        entity = character.id
        if draws_looks(self._model) and not _changes_look(character, attribute, value):
            return _unknown(entity, text, f"nothing in these words says how to draw it on a {character.kind}")
        worn = understood_clothes(_value_words(value)) if attribute in _CLOTHES else None
        how = "put on" if worn is None else _drawing(worn, "put on", "put on ")
        return self._drawn("state", entity, text, f"look:{entity}", how)

    def _mood(self, entity: str, text: str, mood: str) -> Delivery:
        """A mood of a character: played if the figure has that emotion, else in the text of the prompt."""
        speaks = any(line.speaker == entity for line in self._shot.lines)
        played = next(performer.emotion for performer in self._brief.request.performers if performer.id == entity)
        unplayed = not speaks and played == "neutral" != mood.strip().lower()
        if unplayed and self._can.text_tokens:
            return self._text("state", entity, text)
        if unplayed:
            return _unknown(entity, text, "no way of playing is known for this mood; played neutral")
        how = f"played {played}" + (", as the line says" if speaks else "")
        return self._token("state", entity, text, f"emotion:{entity}", how)

    def _in_hand(self, entity: str, text: str, prop_name: str) -> Delivery:
        if prop_name.strip().lower() in _NOTHING:
            return self._drawn("state", entity, text, f"look:{entity}", "with empty hands")
        prop = find_prop(prop_name, self._cast.props)
        if prop is None and self._can.text_tokens:
            return self._text("state", entity, text)
        if prop is None:
            return _unknown(entity, text, "no prop of that name is in the plan; add it under `props`")
        how = _drawing(seen_as(prop), "in the hand", "in the hand, ")
        return self._drawn("state", entity, text, f"prop:{prop.id}", how)

    def _voices(self) -> Iterator[Delivery]:
        """The voice of each speaker of the shot."""
        for speaker in dict.fromkeys(line.speaker for line in self._shot.lines):
            name = "the narrator" if speaker == NARRATOR else self._cast.characters[speaker].name
            yield Delivery(
                kind="voice",
                entity=speaker,
                text=f"the voice of {name}",
                form="heard",
                detail=self._how_heard(speaker),
                name=f"voice:{speaker}",
            )

    def _how_heard(self, speaker: str) -> str:
        if speaker not in self._brief.on_stage:
            return "off screen"
        if draws_looks(self._model):
            return "and seen on the lips"
        return (
            "by the model too"
            if takes_speech(self._model)
            else f"in the film's sound; {self._can.name} hears no speech, and the lips do not follow it"
        )

    def _place(self) -> Iterator[Delivery]:
        """The layout, light and state of the scene's place."""
        place = self._cast.locations[self._scene.at]
        how = _drawing(seen_as(place), "from the canon")
        yield self._drawn("layout", place.id, place.description or place.name, f"layout:{place.id}", how)
        source = "from an audition" if place.light is None else "from memory"
        yield self._token("light", place.id, f"how {place.name} is lit", f"light:{place.id}", source)
        restated = {(fact.entity, fact.attribute): fact.value for fact in circumstances(self._scene, StoryPosition(0))}
        sky = sky_of(self._scene, self._state)
        shown: dict[str, FactValue] = {"time": sky.time, "weather": sky.weather}
        for attribute, value in sorted(self._state.get(place.id, {}).items()):
            text = f"{attribute} = {_value_words(value)}"
            if restated.get((place.id, attribute)) == value:
                continue  # the plan states it itself
            if attribute in ("time", "weather", "lighting"):
                if shown.get(attribute, value) == value:
                    yield self._drawn("state", place.id, text, f"layout:{place.id}", "on the set, instead of what the plan says")
                else:
                    yield _unknown(place.id, text, "the film knows no such word; the plan's is shown")
            elif attribute in place.look:
                yield self._drawn("state", place.id, text, f"layout:{place.id}", "on the set")
            else:
                yield self._text("state", place.id, text)

    def _continuation(self) -> Iterator[Delivery]:
        if not self._shot.continues:
            return
        before = next(a for a, b in zip(self._scene.shots, self._scene.shots[1:], strict=False) if b.id == self._shot.id)
        text, can = f"the end of shot {before.id}", self._can
        if can.continuation_frames:
            yield Delivery(kind="frames", entity="", text=text, form="frames", detail="gone on from", name=f"take:{before.id}")
        else:
            yield Delivery(kind="frames", entity="", text=text, dropped="no slot", detail=f"{can.name} goes on from no take")

    def _relations_and_threads(self) -> Iterator[Delivery]:
        """Relations among those present, and the threads that the story has left open: only a prompt can carry them."""
        present = {*self._brief.on_stage, *self._brief.left_out, self._scene.at}
        restated = {(relation.subject, relation.object) for relation in self._scene.relations}
        standing = (
            relation
            for relation in self._canon.relationships
            if {relation.subject, relation.object} <= present and (relation.subject, relation.object) not in restated
        )
        relations: list[Relationship | Relation] = [*standing, *self._scene.relations]
        for relation in relations:
            strength = "" if relation.strength == 1.0 else f" ({relation.strength:g})"
            text = f"{relation.subject} {relation.relation} {relation.object}{strength}"
            yield self._text("relation", relation.subject, text)
        for thread in self._canon.threads:
            if not thread.closed:
                yield self._text("thread", "", thread.text)

    def _drawn(self, kind: DeliveryKind, entity: str, text: str, name: str, detail: str) -> Delivery:
        """A memory that a painter draws, and that others can only read."""
        named = kind == "look" and entity in self._named
        if draws_looks(self._model):
            return Delivery(kind=kind, entity=entity, text=text, form="drawn", detail=detail, name=name, named=named)
        return self._text(kind, entity, text, f"{self._can.name} draws nobody and nothing as described")

    def _token(self, kind: DeliveryKind, entity: str, text: str, name: str, detail: str) -> Delivery:
        """A memory of movement or light: as tokens, as guidance or as control video."""
        if takes_motion(self._model):
            return Delivery(kind=kind, entity=entity, text=text, form="tokens", detail=detail, name=name)
        if self._can.light_guidance and kind == "light":
            how = "the light and palette of a picture of the place, held while it denoises"
            return Delivery(kind=kind, entity=entity, text=text, form="guidance", detail=how, name=name)
        if control_kinds(self._model) and kind != "light":
            how = f"{detail}, as the previsualisation plays it"
            return Delivery(kind=kind, entity=entity, text=text, form="control", detail=how, name=name)
        return self._no_slot(kind, entity, text, f"{self._can.name} takes no {kind} tokens")

    def _text(self, kind: DeliveryKind, entity: str, text: str, why: str = "") -> Delivery:
        """A memory in the words of the prompt."""
        if self._can.text_tokens:
            name = f"{entity}: {text}" if entity and not text.startswith(entity) else text
            named = kind == "look" and entity in self._named
            return Delivery(kind=kind, entity=entity, text=text, form="text", detail="in the prompt", name=name, named=named)
        return self._no_slot(kind, entity, text, why or f"{self._can.name} reads no text")

    def _no_slot(self, kind: DeliveryKind, entity: str, text: str, detail: str) -> Delivery:
        named = kind == "look" and entity in self._named
        return Delivery(kind=kind, entity=entity, text=text, dropped="no slot", detail=detail, named=named)


def _unknown(entity: str, text: str, why: str) -> Delivery:
    """A state that this film cannot show."""
    return Delivery(kind="state", entity=entity, text=text, dropped="unknown", detail=why)


def _drawing(understanding: Understanding, exact: str, before: str = "") -> str:
    """How something is drawn: `exact` where the painter draws what the words say, else what it draws instead, and why."""
    return exact if understanding.exact else f"{before}{understanding}"


def _value_words(value: FactValue) -> str:
    """A fact's value in words."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_value_words(part) for part in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value_words(part)}" for name, part in value.items())
    return "" if value is None else str(value)


def _changes_look(character: CastCharacter, attribute: str, value: FactValue) -> bool:
    """Whether `dress` understands these words: they then change a look that has nothing of what they say."""
    blank: dict[str, FactValue] = {name: "#010203" for name in ("color",) if name in character.look}
    blank |= {"hair": {}} if isinstance(character.look.get("hair"), dict) else {}
    blank |= {"top": {"cut": "", "color": "#010203"}}
    return dress(blank, {attribute: value}) != blank or _value_words(value).strip().lower() in _NOTHING
