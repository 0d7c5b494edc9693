"""What a shot asks memory for, and which way each of it goes to a given backbone. Pure: from canon, plan and `Capabilities` alone.

Reference pictures and earlier scenes, which have to be looked for, are `recalled`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from episodic.backbones.protocol import Capabilities
from episodic.conditioning.cast import CastCharacter, EpisodeCast, find_prop
from episodic.conditioning.delivery import Delivery, Reason
from episodic.conditioning.memory_requests import deliver_recall
from episodic.conditioning.scene_facts import circumstances
from episodic.conditioning.scene_state import State, sky_of
from episodic.conditioning.shot_brief import ShotBrief, auditioned
from episodic.conditioning.substitutions import seen_as
from episodic.errors import MissingReference
from episodic.looks.explain import Understanding, understood_clothes
from episodic.looks.look import dress
from memory.model.canon import Canon, Relationship
from memory.model.facts import FactValue, StoryPosition
from memory.queries.recall import Recall
from planners.plan.model import NARRATOR, EpisodePlan, Relation, Scene, Shot

__all__ = ["check_deliverable", "named_in", "request_episode", "request_memory"]

_WORN: Final = ("wearing", "clothes", "hair", "injury", "wound", "color", "colour")
"""Attributes that are put on when somebody is dressed."""
_CLOTHES: Final = ("wearing", "clothes")
_NO_RECALL: Final[Mapping[str, Recall]] = {}
_NOTHING: Final = ("", "nothing", "none")


def named_in(shot: Shot) -> tuple[str, ...]:
    """Whom the plan names in a shot: in focus, acting or speaking. The narrator is heard, never seen."""
    named = dict.fromkeys([*shot.focus, *(line.speaker for line in shot.lines), *shot.action])
    return tuple(one for one in named if one != NARRATOR)


def request_memory(
    scene: Scene, shot: Shot, brief: ShotBrief, cast: EpisodeCast, state: State, canon: Canon, can: Capabilities
) -> tuple[Delivery, ...]:
    """Everything one shot asks of canon and plan. `state`: as of its scene. `canon`: as of the episode's beginning."""
    return tuple(_Asking(scene, shot, brief, cast, state, canon, can).all())


def request_episode(
    plan: EpisodePlan,
    briefs: Mapping[str, ShotBrief],
    cast: EpisodeCast,
    states: Sequence[State],
    canon: Canon,
    can: Capabilities,
    recalls: Mapping[str, Recall] = _NO_RECALL,
) -> dict[str, tuple[Delivery, ...]]:
    """What every shot of an episode asks of canon and plan, by shot id. `states`: one per scene.

    `recalls`: by scene id, what memory found for it; a shot asks for what is of those that are in it.
    """

    def asked(scene: Scene, shot: Shot, state: State) -> Iterator[Delivery]:
        brief = briefs[shot.id]
        yield from request_memory(scene, shot, brief, cast, state, canon, can)
        if scene.id in recalls:
            props = [one["id"] for one in brief.request["setting"]["props"]]
            yield from deliver_recall(recalls[scene.id], [*brief.on_stage, scene.at], can, props)

    return {
        shot.id: tuple(asked(scene, shot, state))
        for scene, state in zip(plan.scenes, states, strict=True)
        for shot in scene.shots
    }


def check_deliverable(plan: EpisodePlan, briefs: Mapping[str, ShotBrief], can: Capabilities) -> None:
    """Refuse a plan of which a shot names somebody whose reference cannot reach the backbone in any form.

    Raises MissingReference naming every such shot, who, why and what helps. A shot that says `allow_missing: true` is let through;
    so is a backbone that takes nobody's looks at all, for then nothing of theirs is missing in particular.
    """
    if not _takes_looks(can):
        return
    faults = [
        f"scene {scene.id}, shot {shot.id}: {one} is named here, but {why}"
        for scene in plan.scenes
        for shot in scene.shots
        if not shot.allow_missing
        for one in named_in(shot)
        for why in _undeliverable(one, briefs[shot.id], can)
    ]
    if faults:
        help_ = (
            "split the shot, or name fewer in its focus, action and lines; or write `allow_missing: true` on it, "
            "and it is made without what is missing"
        )
        raise MissingReference("\n".join([*faults[:8], *([f"… and {len(faults) - 8} more"] if len(faults) > 8 else []), help_]))


def _undeliverable(one: str, brief: ShotBrief, can: Capabilities) -> Iterator[str]:
    if one in brief.left_out:
        there = ", ".join(brief.on_stage)
        yield f"{can.name} shoots at most {can.max_performers} performers at a time, and these come first: {there}"
    elif one in brief.on_stage:
        performer = next(each for each in brief.request["performers"] if each["id"] == one)
        if not performer["look"]:
            yield "memory holds no look for it"
        if auditioned(can) and not performer["motion"] and one not in brief.auditions:
            yield f"{can.name} takes how somebody moves, memory holds no motion embedding for it, and no audition makes one"


def _takes_looks(can: Capabilities) -> bool:
    return can.draws or can.reference_pictures > 0 or can.text_tokens > 0


class _Asking:
    def __init__(
        self, scene: Scene, shot: Shot, brief: ShotBrief, cast: EpisodeCast, state: State, canon: Canon, can: Capabilities
    ) -> None:
        self._scene, self._shot, self._brief = scene, shot, brief
        self._cast, self._state, self._canon, self._can = cast, state, canon, can
        self._named = named_in(shot)

    def all(self) -> Iterator[Delivery]:
        for one in self._brief.on_stage:
            yield from self._performer(self._cast.characters[one])
        for one in self._brief.left_out:
            yield self._left_out(self._cast.characters[one])
        yield from self._voices()
        yield from self._place()
        yield from self._continuation()
        yield from self._words()
        # who reads is told the plan's own words
        for who, text, played in self._brief.untold if self._can.draws or self._can.control or not self._can.text_tokens else ():
            said = f"no movement is known for these words; played as {played}"
            yield Delivery(kind="action", entity=who, text=text, dropped="unknown", detail=said)

    def _performer(self, who: CastCharacter) -> Iterator[Delivery]:
        yield self._drawn("look", who.id, who.description or who.name, f"look:{who.id}", _how(seen_as(who), "from the canon"))
        new = "from an audition" if who.motion is None else "from memory"
        yield self._token("motion", who.id, f"how {who.name} moves", f"motion:{who.id}", new)
        for attribute, value in sorted(self._state.get(who.id, {}).items()):
            if (attribute, value) != ("whereabouts", self._scene.at):  # where the shot plays anyway
                yield self._trait(who, attribute, value)

    def _left_out(self, who: CastCharacter) -> Delivery:
        why = f"{self._can.name} shoots at most {self._can.max_performers} performers at a time"
        return Delivery(
            kind="look",
            entity=who.id,
            text=who.description or who.name,
            dropped="no slot",
            detail=why,
            named=who.id in self._named,
        )

    def _trait(self, who: CastCharacter, attribute: str, value: FactValue) -> Delivery:
        text = f"{attribute} = {_words(value)}"
        if attribute in _WORN:
            if self._can.draws and not _understood(who, attribute, value):
                why = f"nothing in these words says how to draw it on a {who.kind}"
                return Delivery(kind="state", entity=who.id, text=text, dropped="unknown", detail=why)
            worn = understood_clothes(_words(value)) if attribute in _CLOTHES else None
            return self._drawn(
                "state", who.id, text, f"look:{who.id}", "put on" if worn is None else _how(worn, "put on", "put on ")
            )
        if attribute == "whereabouts":
            why = f"the plan has {who.name} at {self._scene.at} here"
            return Delivery(kind="state", entity=who.id, text=text, dropped="unknown", detail=why)
        if attribute == "holding":
            return self._held(who, text, _words(value))
        if attribute == "mood":
            speaks = next((line for line in self._shot.lines if line.speaker == who.id), None)
            played = next(one["emotion"] for one in self._brief.request["performers"] if one["id"] == who.id)
            unplayed = speaks is None and played == "neutral" != _words(value).strip().lower()
            if unplayed and self._can.text_tokens:
                return self._text("state", who.id, text)
            if unplayed:
                why = "no way of playing is known for this mood; played neutral"
                return Delivery(kind="state", entity=who.id, text=text, dropped="unknown", detail=why)
            how = f"played {played}" + ("" if speaks is None else ", as the line says")
            return self._token("state", who.id, text, f"emotion:{who.id}", how)
        return self._text("state", who.id, text)

    def _held(self, who: CastCharacter, text: str, held: str) -> Delivery:
        if held.strip().lower() in _NOTHING:
            return self._drawn("state", who.id, text, f"look:{who.id}", "with empty hands")
        prop = find_prop(held, self._cast.props)
        if prop is None and self._can.text_tokens:
            return self._text("state", who.id, text)
        if prop is None:
            why = "no prop of that name is in the plan; add it under `props`"
            return Delivery(kind="state", entity=who.id, text=text, dropped="unknown", detail=why)
        return self._drawn("state", who.id, text, f"prop:{prop.id}", _how(seen_as(prop), "in the hand", "in the hand, "))

    def _voices(self) -> Iterator[Delivery]:
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
        if self._can.draws:
            return "and seen on the lips"
        return (
            "by the model too"
            if self._can.speech
            else f"in the film's sound; {self._can.name} hears no speech, and the lips do not follow it"
        )

    def _place(self) -> Iterator[Delivery]:
        place = self._cast.locations[self._scene.at]
        how = _how(seen_as(place), "from the canon")
        yield self._drawn("layout", place.id, place.description or place.name, f"layout:{place.id}", how)
        new = "from an audition" if place.light is None else "from memory"
        yield self._token("light", place.id, f"how {place.name} is lit", f"light:{place.id}", new)
        restated = {(one.entity, one.attribute): one.value for one in circumstances(self._scene, StoryPosition(0))}
        sky = sky_of(self._scene, self._state)
        shown: dict[str, FactValue] = {"time": sky.time, "weather": sky.weather}
        for attribute, value in sorted(self._state.get(place.id, {}).items()):
            text = f"{attribute} = {_words(value)}"
            if restated.get((place.id, attribute)) == value:
                continue  # the plan says so itself
            if attribute in ("time", "weather", "lighting"):
                if shown.get(attribute, value) == value:
                    yield self._drawn("state", place.id, text, f"layout:{place.id}", "on the set, instead of what the plan says")
                else:
                    why = "the film knows no such word; the plan's is shown"
                    yield Delivery(kind="state", entity=place.id, text=text, dropped="unknown", detail=why)
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

    def _words(self) -> Iterator[Delivery]:
        """Relations among those who are there, and what the story has left open: what only a prompt can say."""
        there = {*self._brief.on_stage, *self._brief.left_out, self._scene.at}
        restated = {(one.subject, one.object) for one in self._scene.relations}
        standing = (
            one
            for one in self._canon.relationships
            if {one.subject, one.object} <= there and (one.subject, one.object) not in restated
        )
        related: list[Relationship | Relation] = [*standing, *self._scene.relations]
        for one in related:
            much = "" if one.strength == 1.0 else f" ({one.strength:g})"
            yield self._text("relation", one.subject, f"{one.subject} {one.relation} {one.object}{much}")
        for thread in self._canon.threads:
            if not thread.closed:
                yield self._text("thread", "", thread.text)

    def _drawn(self, kind: str, entity: str, text: str, name: str, detail: str) -> Delivery:
        named = kind == "look" and entity in self._named
        if self._can.draws:
            return Delivery(kind=kind, entity=entity, text=text, form="drawn", detail=detail, name=name, named=named)
        return self._text(kind, entity, text, f"{self._can.name} draws nobody and nothing as described")

    def _token(self, kind: str, entity: str, text: str, name: str, detail: str) -> Delivery:
        if self._can.motion_embeddings:
            return Delivery(kind=kind, entity=entity, text=text, form="tokens", detail=detail, name=name)
        if self._can.light_guidance and kind == "light":
            held = "the light and palette of a picture of the place, held while it denoises"
            return Delivery(kind=kind, entity=entity, text=text, form="guidance", detail=held, name=name)
        if self._can.control and kind != "light":
            played = f"{detail}, as the previsualisation plays it"
            return Delivery(kind=kind, entity=entity, text=text, form="control", detail=played, name=name)
        return self._no_slot(kind, entity, text, f"{self._can.name} takes no {kind} tokens")

    def _text(self, kind: str, entity: str, text: str, why: str = "") -> Delivery:
        if self._can.text_tokens:
            said = f"{entity}: {text}" if entity and not text.startswith(entity) else text
            named = kind == "look" and entity in self._named
            return Delivery(kind=kind, entity=entity, text=text, form="text", detail="in the prompt", name=said, named=named)
        return self._no_slot(kind, entity, text, why or f"{self._can.name} reads no text")

    def _no_slot(self, kind: str, entity: str, text: str, detail: str, reason: Reason = "no slot") -> Delivery:
        named = kind == "look" and entity in self._named
        return Delivery(kind=kind, entity=entity, text=text, dropped=reason, detail=detail, named=named)


def _how(understanding: Understanding, exact: str, before: str = "") -> str:
    """How something is drawn: `exact` where it is what the words say, else as what instead, and why."""
    return exact if understanding.exact else f"{before}{understanding}"


def _words(value: FactValue) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(_words(one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_words(one)}" for name, one in value.items())
    return "" if value is None else str(value)


def _understood(who: CastCharacter, attribute: str, value: FactValue) -> bool:
    """Whether `dress` can do anything with these words: then they change a look of which nothing is as they say."""
    blank: dict[str, FactValue] = {name: "#010203" for name in ("color",) if name in who.look}
    blank |= {"hair": {}} if isinstance(who.look.get("hair"), dict) else {}
    blank |= {"top": {"cut": "", "color": "#010203"}}
    return dress(blank, {attribute: value}) != blank or _words(value).strip().lower() in _NOTHING
