"""From a premise to scenes: which cards, in which order, where and when, with every line said only once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from planners.plan.model import FactText, Lighting, Relation, Scene
from planners.plan.vocabulary import Key, Mood, TimeOfDay, Weather
from planners.storybook.cast import Role
from planners.storybook.phrases import PHRASES
from planners.storybook.premise import Premise
from planners.storybook.script.obstacles import Obstacle, shuffled_obstacles
from planners.storybook.script.places import REGIONS, Spot
from planners.storybook.script.scene_cards import Card, Step, all_cards, fill
from planners.storybook.shot_breakdown import Beat, SceneFrame, stage_scene

__all__ = ["DraftScene", "Storyteller"]

_LATER: Final[dict[TimeOfDay, TimeOfDay]] = {"dawn": "day", "day": "dusk", "dusk": "night", "night": "dawn"}
_KELVIN: Final[dict[TimeOfDay, int]] = {"dawn": 4200, "day": 5600, "dusk": 3400, "night": 2900}
_CONTRAST: Final[dict[Mood, float]] = {
    "calm": 0.35,
    "warm": 0.35,
    "playful": 0.3,
    "uneasy": 0.6,
    "tense": 0.75,
    "sad": 0.5,
    "wonder": 0.45,
    "triumphant": 0.4,
    "mysterious": 0.7,
}
_KEYS: Final[dict[Mood, Key]] = {
    "calm": "left",
    "warm": "right",
    "playful": "front",
    "uneasy": "left",
    "tense": "back",
    "sad": "top",
    "wonder": "back",
    "triumphant": "right",
    "mysterious": "back",
}
_WORSE: Final[tuple[Weather, ...]] = ("wind", "fog", "rain")
_CREW_GENRES: Final = frozenset({"signal", "survival", "hiding", "longing", "quest", "sequel"})


@dataclass(slots=True, kw_only=True)
class DraftScene:
    """One scene before it is cut into shots."""

    card: Card
    spot: Spot
    time: TimeOfDay
    weather: Weather
    new_place: bool
    beats: list[Beat]
    goal: str
    synopsis: str
    title: str
    opens: str
    facts: tuple[FactText, ...] = ()
    relations: tuple[Relation, ...] = ()
    present: tuple[str, ...] = ()

    def stands_alone(self, index: int) -> bool:
        """Whether the silent step at `index` takes a shot of its own: nobody says anything while doing it."""
        after = self.beats[index + 1] if index + 1 < len(self.beats) else None
        return after is None or after.who != self.beats[index].who or not after.spoken

    def spare(self, index: int) -> None:
        """Save the time of one step: an action moves into somebody else's shot, a line goes."""
        beat = self.beats[index]
        if beat.spoken or beat.optional or beat.folded:
            del self.beats[index]
        else:
            self.beats[index] = replace(beat, folded=True)


@dataclass(slots=True)
class _State:
    spot: Spot
    time: TimeOfDay
    weather: Weather
    seen: list[Spot] = field(default_factory=list)
    spoken: set[str] = field(default_factory=set)
    obstacle: Obstacle | None = None


def _plain(text: str) -> str:
    """A text in lower case without punctuation, to compare lines."""
    return re.sub(r"[^\w]+", " ", text.lower()).strip()


class Storyteller:
    """Tells one premise. `tell` may be called with more or fewer cards; each call starts afresh with the same seed."""

    def __init__(self, premise: Premise, seed: int) -> None:
        self._premise = premise
        self._seed = seed
        self._roles = premise.letters()
        self._slots = premise.slots()
        self._have = premise.offers()

    # -- choosing cards -----------------------------------------------------------------------------------------------------

    def choose(self, beats: Sequence[str], turns: int, salt: int = 0) -> list[Card]:
        """The cards of an episode: one for each of `beats`, and `turns` scenes more between them. Another `salt` draws others."""
        rng = Random(f"{self._seed}/cards/{salt}")
        every = ("want", "attempt", "setback", "help", "choice", "outcome")
        # Always drawn in one order, so that an episode of another length has the same story at its heart.
        frame = {beat: self._card(beat, rng) for beat in every}
        middle = self._turns(turns, rng)
        before = len(middle) * 2 // 3
        before -= self._open_chain(middle, before)
        chosen: list[Card] = []
        for beat in beats:
            chosen += middle[before:] if beat == "choice" else []
            chosen.append(frame[beat])
            chosen += middle[:before] if beat == "attempt" else []
        return chosen

    @staticmethod
    def _open_chain(middle: list[Card], at: int) -> int:
        """How many cards to step back so that no chain of meet, try and solve is torn apart."""
        back = 0
        while at - back > 0 and at - back < len(middle) and middle[at - back].beat in {"try", "solve"}:
            back += 1
        return back

    def _eligible(self, genre: str, beat: str) -> list[Card]:
        return [card for card in all_cards() if card.genre == genre and card.beat == beat and self._fits(card)]

    def _fits(self, card: Card) -> bool:
        """Whether the premise has everything the card needs."""
        return card.needs <= self._have

    def _card(self, beat: str, rng: Random) -> Card:
        options = self._eligible(self._premise.reading.genre, beat) or self._eligible("longing", beat)
        # A card written for just this cast is nearly always the better one.
        closest = [card for card in options if len(card.needs) == max(len(other.needs) for other in options)]
        return rng.choice(closest if rng.random() < 0.8 else options)

    def _turns(self, turns: int, rng: Random) -> list[Card]:
        """Cards of the middle of the story."""
        own = self._eligible(self._premise.reading.genre, "turn")
        rng.shuffle(own)
        chosen = own[:turns]
        chains = {beat: self._eligible("any", beat) for beat in ("meet", "try", "solve")}
        order = {beat: [] for beat in chains}  # type: dict[str, list[Card]]
        while len(chosen) < turns and all(chains.values()):
            for beat, cards in chains.items():
                if not order[beat]:
                    order[beat] = rng.sample(cards, len(cards))
                chosen.append(order[beat].pop())
        return chosen

    # -- telling --------------------------------------------------------------------------------------------------------------

    def tell(self, cards: Iterable[Card]) -> list[DraftScene]:
        """The scenes of these cards, with places, times and words settled."""
        cards = list(cards)
        rng = Random(f"{self._seed}/words")
        reading = self._premise.reading
        state = _State(spot=self._premise.spots[0], time=reading.time, weather=reading.weather)
        obstacles: list[Obstacle] = []
        scenes: list[DraftScene] = []
        for at, card in enumerate(cards):
            if card.beat == "meet":
                obstacles = obstacles or shuffled_obstacles(self._premise.region.name, rng)
                state.obstacle = obstacles.pop(0)
            scenes.append(self._scene(card, at, len(cards), state, rng))
        return self._everybody(scenes, state, rng)

    def _scene(self, card: Card, at: int, count: int, state: _State, rng: Random) -> DraftScene:
        """Draft a scene from a card."""
        before = state.spot
        self._move(card, state, rng)
        self._pass_time(card, at, count, state)
        self._partner(card, at)
        slots = dict(self._slots) | {"place": state.spot.name, "here": state.spot.where}
        if state.obstacle:
            slots |= state.obstacle.slots()
        beats = [beat for step in card.steps if (beat := self._beat(step, slots, state, rng))]
        scene = DraftScene(
            card=card,
            spot=state.spot,
            time=state.time,
            weather=state.weather,
            new_place=at == 0 or state.spot != before,
            beats=beats,
            goal=fill(card.goal, slots, rng),
            synopsis=fill(card.synopsis, slots, rng),
            title=fill(card.title, slots, rng),
            opens=fill(card.opens, slots, rng),
        )
        scene.facts = tuple(self._facts(card, slots, rng))
        scene.relations = tuple(self._relations(card))
        return scene

    def _partner(self, card: Card, at: int) -> None:
        """In a crew everybody gets a scene: now and then another one stands where the second player would."""
        self._roles = self._premise.letters()
        self._slots = self._premise.slots()
        others = [letter for letter in "CDEF" if letter in self._roles]
        crew = self._premise.reading.genre in _CREW_GENRES or card.genre == "any"
        alone = not any(set(step.who) & set("CDEF") for step in card.steps)
        if not others or not crew or not alone or card.beat not in {"attempt", "turn", "help", "meet", "try", "solve"}:
            return
        chain = at if card.genre != "any" else at // 3
        other = ("B", *others)[chain % (len(others) + 1)]
        if other != "B":
            self._roles["B"], self._roles[other] = self._roles[other], self._roles["B"]
            self._slots |= {f"B.{word}" if word else "B": value for word, value in self._roles["B"].slots().items()}

    def _move(self, card: Card, state: _State, rng: Random) -> None:
        home = self._premise.spots[0]
        if not state.seen:
            state.seen.append(home)
            return
        if card.at in {"home", "back"}:
            state.spot = home
        elif card.at in {"away", "far"} or (
            card.beat in {"choice", "setback"} and len(set(state.seen)) < 3 and state.spot == state.seen[-1]
        ):
            state.spot = self._next_spot(state, rng)

    def _next_spot(self, state: _State, rng: Random) -> Spot:
        fresh = [spot for spot in self._premise.spots if spot not in state.seen]
        if not fresh:
            elsewhere = [
                spot
                for region in REGIONS.values()
                for spot in region.spots
                if region.name in {"street", "forest", "house", "mountain", "garden", "coast", "farm", "stage"}
                and spot not in state.seen
            ]
            roaming = self._premise.region.name not in {"space", "deep sea", "court"}
            fresh = elsewhere if roaming and elsewhere else [spot for spot in self._premise.spots if spot != state.spot]
            chosen = rng.choice(fresh) if fresh else state.spot
        else:
            chosen = fresh[0]
        state.seen.append(chosen)
        return chosen

    def _pass_time(self, card: Card, at: int, count: int, state: _State) -> None:
        if at == 0:
            return
        start = self._premise.reading.time
        if card.beat == "outcome":
            state.time = "dawn" if state.time in {"night", "dusk"} else "day"
            state.weather = state.weather if state.weather == "snow" else "clear"
            return
        if card.beat in {"setback", "meet"} and not (start == "night" and state.time == "night" and count < 10):
            state.time = _LATER[state.time]
        elif card.beat in {"choice", "help"} and state.time == "dusk":
            state.time = "night"
        if card.beat == "setback" and state.weather == "clear" and self._premise.region.name not in {"space", "deep sea"}:
            state.weather = _WORSE[self._seed % 3]
        if card.weather:
            state.weather = card.weather

    def _who(self, step: Step) -> Role | None:
        return next((self._roles[letter] for letter in step.who if letter in self._roles), None)

    def _beat(self, step: Step, slots: dict[str, str], state: _State, rng: Random) -> Beat | None:
        role = None if step.who == ("N",) else self._who(step)
        if role is None and step.who != ("N",):
            return None
        speaker = role.id if role else "narrator"
        temper = role.temperament if role else ""
        if step.sort == "action":
            text = fill(step.text, slots, rng)
            return Beat(who=speaker, text=text[:1].lower() + text[1:], spoken=False, optional=step.optional)
        text = self._fresh(step.text, slots, state, rng, temper)
        return Beat(who=speaker, text=text, emotion=step.emotion, optional=step.optional) if text else None

    def _fresh(self, pattern: str, slots: dict[str, str], state: _State, rng: Random, temper: str) -> str:
        """A line nobody has said yet. Its choices first; then it says that it says it again."""
        text = ""
        for _ in range(12):
            text = fill(pattern, slots, rng, temper)
            if text and _plain(text) not in state.spoken:
                state.spoken.add(_plain(text))
                return text
        for opener in [*PHRASES.repeats, *(f"{first} {second}" for first in PHRASES.repeats for second in PHRASES.repeats)]:
            again = f"{opener} {text if opener[-1] in '.:' else text[:1].lower() + text[1:]}"
            if _plain(again) not in state.spoken:
                state.spoken.add(_plain(again))
                return again
        return ""

    def _facts(self, card: Card, slots: dict[str, str], rng: Random) -> Iterable[FactText]:
        """Facts that a scene card states about its roles."""
        for fact in card.facts:
            head, _, value = fact.partition("=")
            letter, _, attribute = head.strip().partition(".")
            if letter in self._roles:
                text = fill(value, slots, rng)
                yield FactText(entity=self._roles[letter].id, attribute=attribute.strip(), value=text[:1].lower() + text[1:])

    def _relations(self, card: Card) -> Iterable[Relation]:
        """Relations that a scene card states between its roles."""
        for relation in card.relations:
            subject, verb, other = relation.split(" ")
            if subject in self._roles and other in self._roles:
                yield Relation(self._roles[subject].id, verb.replace("_", " "), self._roles[other].id)

    def _everybody(self, scenes: list[DraftScene], state: _State, rng: Random) -> list[DraftScene]:
        """Who was named and has not been seen gets a place and a word."""
        joined = 0
        for role in self._premise.roles:
            if role.unseen or any(beat.who == role.id for scene in scenes for beat in scene.beats if not beat.optional):
                continue
            scene = scenes[min(1 + joined % max(1, len(scenes) - 2), len(scenes) - 1)]
            joined += 1
            slots = dict(self._slots) | {"place": scene.spot.name, "here": scene.spot.where}
            line = self._fresh(_JOINING, slots, state, rng, role.temperament)
            where = next((index for index, beat in enumerate(scene.beats) if beat.spoken and beat.who != "narrator"), 0)
            scene.beats[where:where] = [Beat(who=role.id, text="enters", spoken=False, folded=True), Beat(who=role.id, text=line)]
        return scenes

    def _lasting(self) -> tuple[FactText, ...]:
        """What the next episode has to know of everybody new, and no picture shows: how to speak of them, and how they speak."""
        facts: list[FactText] = []
        for role in self._premise.roles:
            if not role.known:
                facts.append(FactText(entity=role.id, attribute="pronoun", value=role.slots()["he"]))
                facts.append(FactText(entity=role.id, attribute="manner", value=role.temperament))
        return tuple(facts)

    # -- shots --------------------------------------------------------------------------------------------------------------

    def scene_of(
        self, draft: DraftScene, number: int, count: int, before: DraftScene | None, thread: str, *, reactions: int
    ) -> Scene:
        """The scene, cut into shots."""
        roles = {role.id: role for role in self._premise.roles}
        present = tuple(dict.fromkeys(beat.who for beat in draft.beats if beat.who != "narrator")) or (self._premise.roles[0].id,)
        moved = before is None or before.spot != draft.spot or before.time != draft.time
        frame = SceneFrame(
            number=number,
            present=present,
            new_place=draft.new_place,
            outdoors=not draft.spot.indoors,
            tense=draft.card.mood in {"tense", "uneasy", "mysterious"},
            peak=draft.card.beat in {"choice", "setback", "outcome"},
            last=number == count,
            transition="fade" if number == 1 else "dissolve" if moved else "cut",
        )
        shots = stage_scene(frame, draft.beats, roles, self._seed + number, reactions=reactions)
        facts = self._lasting() + draft.facts if number == 1 else draft.facts
        opens = {thread: draft.opens} if number == 1 and draft.opens else {}
        return Scene(
            id=f"s{number:02d}",
            title=draft.title or None,
            beat=draft.card.beat,
            at=draft.spot.id,
            time=draft.time,
            weather=draft.weather,
            lighting=Lighting(key=_KEYS[draft.card.mood], temperature_k=_KELVIN[draft.time], contrast=_CONTRAST[draft.card.mood]),
            mood=draft.card.mood,
            goal=draft.goal,
            synopsis=draft.synopsis,
            present=present,
            relations=draft.relations,
            shots=shots,
            facts=facts,
            opens=opens,
            closes=tuple(dict.fromkeys(name for name in (thread, self._premise.thread_id) if name)) if number == count else (),
        )


_JOINING: Final = (
    "[blunt:Count me in. Somebody has to be sensible.|shy:May I help? I can be very quiet.|playful:Wait for me! I never miss anything.|"
    "formal:I shall assist, if nobody objects.|dreamy:I had a feeling you would need me.|I am coming too, {A.call}.]"
)
