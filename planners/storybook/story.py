"""From a premise to scenes: which cards, in which order, where and when, with every line said only once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from planners.plan import FactText, Lighting, Scene
from planners.storybook.cards import Card, Step, all_cards, fill
from planners.storybook.casting import Role
from planners.storybook.obstacles import Obstacle, all_obstacles
from planners.storybook.premise import Premise
from planners.storybook.staging import Beat, SceneFrame, stage_scene
from planners.storybook.world import REGIONS, Spot
from planners.vocabulary import Key, Mood, TimeOfDay, Weather

__all__ = ["DraftScene", "Storyteller"]

_LATER: Final[dict[TimeOfDay, TimeOfDay]] = {"dawn": "day", "day": "dusk", "dusk": "night", "night": "dawn"}
_KELVIN: Final[dict[TimeOfDay, int]] = {"dawn": 4200, "day": 5600, "dusk": 3400, "night": 2900}
_CONTRAST: Final[dict[Mood, float]] = {"calm": 0.35, "warm": 0.35, "playful": 0.3, "uneasy": 0.6, "tense": 0.75, "sad": 0.5, "wonder": 0.45,
                                       "triumphant": 0.4, "mysterious": 0.7}  # fmt: skip
_KEYS: Final[dict[Mood, Key]] = {"calm": "left", "warm": "right", "playful": "front", "uneasy": "left", "tense": "back", "sad": "top",
                                 "wonder": "back", "triumphant": "right", "mysterious": "back"}  # fmt: skip
_AGAIN: Final = ("Listen.", "As I said:", "Once more:", "I mean it.", "Truly.", "Believe me.", "Well.", "So.", "You know,", "Hear me out.",
                 "Look.", "All the same,", "Even so,", "Like I told you:")  # fmt: skip


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
    relations: tuple[tuple[str, str, str], ...] = ()
    present: tuple[str, ...] = ()

    def spares(self, index: int) -> bool:
        """Whether the silent step at `index` can go without taking somebody out of the scene."""
        return any(beat.who == self.beats[index].who for at, beat in enumerate(self.beats) if at != index)


@dataclass(slots=True)
class _State:
    spot: Spot
    time: TimeOfDay
    weather: Weather
    seen: list[Spot] = field(default_factory=list)
    spoken: set[str] = field(default_factory=set)
    obstacle: Obstacle | None = None


def _plain(text: str) -> str:
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

    def choose(self, beats: Sequence[str], turns: int) -> list[Card]:
        """The cards of an episode: one for each of `beats`, and `turns` scenes more between them."""
        rng = Random(f"{self._seed}/cards")
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
        return card.needs <= self._have

    def _card(self, beat: str, rng: Random) -> Card:
        options = self._eligible(self._premise.reading.genre, beat) or self._eligible("longing", beat)
        # A card written for just this cast is nearly always the better one.
        closest = [card for card in options if len(card.needs) == max(len(one.needs) for one in options)]
        return rng.choice(closest if rng.random() < 0.8 else options)

    def _turns(self, turns: int, rng: Random) -> list[Card]:
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
        obstacles = all_obstacles(self._premise.region.name)
        rng.shuffle(obstacles)
        scenes: list[DraftScene] = []
        for at, card in enumerate(cards):
            if card.beat == "meet":
                state.obstacle = obstacles.pop(0) if obstacles else None
            scenes.append(self._scene(card, at, len(cards), state, rng))
        return self._everybody(scenes, state, rng)

    def _scene(self, card: Card, at: int, count: int, state: _State, rng: Random) -> DraftScene:
        before = state.spot
        self._move(card, state, rng)
        self._pass_time(card, at, count, state)
        slots = dict(self._slots) | {"place": state.spot.name, "here": state.spot.where}
        if state.obstacle:
            slots |= state.obstacle.slots()
        beats = [beat for step in card.steps if (beat := self._beat(step, slots, state, rng))]
        scene = DraftScene(
            card=card, spot=state.spot, time=state.time, weather=state.weather, new_place=at == 0 or state.spot != before, beats=beats,
            goal=fill(card.goal, slots, rng), synopsis=fill(card.synopsis, slots, rng), title=fill(card.title, slots, rng),
            opens=fill(card.opens, slots, rng))  # fmt: skip
        scene.facts = tuple(self._facts(card, slots, rng))
        scene.relations = tuple(self._relations(card))
        return scene

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
            elsewhere = [spot for region in REGIONS.values() for spot in region.spots
                         if region.name in {"street", "forest", "house", "mountain", "garden"} and spot not in state.seen]  # fmt: skip
            roaming = self._premise.region.name in {"street", "forest", "garden", "farm", "coast", "desert", "castle", "mountain"}
            fresh = elsewhere[:1] if roaming and elsewhere else [spot for spot in self._premise.spots if spot != state.spot]
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
        if card.beat == "setback" and state.weather == "clear":
            state.weather = ("wind", "fog", "rain")[self._seed % 3]  # type: ignore[assignment]
        if card.weather:
            state.weather = card.weather  # type: ignore[assignment]

    def _who(self, step: Step) -> Role | None:
        return next((self._roles[one] for one in step.who if one in self._roles), None)

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
        for opener in [*_AGAIN, *(f"{one} {two}" for one in _AGAIN for two in _AGAIN)]:
            again = f"{opener} {text if opener[-1] in '.:' else text[:1].lower() + text[1:]}"
            if _plain(again) not in state.spoken:
                state.spoken.add(_plain(again))
                return again
        return ""

    def _facts(self, card: Card, slots: dict[str, str], rng: Random) -> Iterable[FactText]:
        for fact in card.facts:
            head, _, value = fact.partition("=")
            letter, _, attribute = head.strip().partition(".")
            if letter in self._roles:
                text = fill(value, slots, rng)
                yield FactText(entity=self._roles[letter].id, attribute=attribute.strip(), value=text[:1].lower() + text[1:])

    def _relations(self, card: Card) -> Iterable[tuple[str, str, str]]:
        for relation in card.relations:
            one, verb, other = relation.split(" ")
            if one in self._roles and other in self._roles:
                yield self._roles[one].id, verb.replace("_", " "), self._roles[other].id

    def _everybody(self, scenes: list[DraftScene], state: _State, rng: Random) -> list[DraftScene]:
        """Who was named and has not been seen gets a place and a word."""
        for at, role in enumerate(self._premise.roles):
            if role.unseen or any(beat.who == role.id for scene in scenes for beat in scene.beats if not beat.optional):
                continue
            scene = scenes[min(1 + at % max(1, len(scenes) - 2), len(scenes) - 2)]
            slots = dict(self._slots) | {"X": role.slots()[""], "place": scene.spot.name, "here": scene.spot.where}
            line = self._fresh(_JOINING, slots, state, rng, role.temperament)
            where = (
                next(
                    (index for index, beat in enumerate(scene.beats) if beat.spoken and beat.who != "narrator"),
                    len(scene.beats) - 1,
                )
                + 1
            )
            scene.beats[where:where] = [Beat(who=role.id, text=line, emotion="neutral")]
        return scenes

    # -- shots --------------------------------------------------------------------------------------------------------------

    def scene_of(
        self, draft: DraftScene, number: int, count: int, before: DraftScene | None, thread: str, *, reactions: int
    ) -> Scene:
        """The scene, cut into shots."""
        roles = {role.id: role for role in self._premise.roles}
        present = tuple(dict.fromkeys(beat.who for beat in draft.beats if beat.who != "narrator")) or (self._premise.roles[0].id,)
        moved = before is None or before.spot != draft.spot or before.time != draft.time
        frame = SceneFrame(
            number=number, present=present, new_place=draft.new_place, outdoors=not draft.spot.indoors,
            tense=draft.card.mood in {"tense", "uneasy", "mysterious"}, peak=draft.card.beat in {"choice", "setback", "outcome"},
            last=number == count, transition="fade" if number == 1 else "dissolve" if moved else "cut")  # fmt: skip
        shots = stage_scene(frame, draft.beats, roles, self._seed + number, reactions=reactions)
        opens = {thread: draft.opens} if number == 1 and draft.opens else {}
        return Scene(
            id=f"s{number:02d}", title=draft.title or None, beat=draft.card.beat, at=draft.spot.id, time=draft.time, weather=draft.weather,
            lighting=Lighting(key=_KEYS[draft.card.mood], temperature_k=_KELVIN[draft.time], contrast=_CONTRAST[draft.card.mood]),
            mood=draft.card.mood, goal=draft.goal, synopsis=draft.synopsis, present=present, relations=draft.relations, shots=shots,
            facts=draft.facts, opens=opens, closes=(thread,) if number == count else ())  # fmt: skip


_JOINING: Final = ("[blunt:Count me in. Somebody has to be sensible.|shy:May I help? I can be very quiet.|playful:Wait for me! I never miss anything.|"
                   "formal:I shall assist, if nobody objects.|dreamy:I had a feeling you would need me.|I am coming too, {A.call}.]")  # fmt: skip
