"""Scene cards: the written scenes the planner tells its stories with, and how their words are filled in.

A card is a small script in `scripts/*.txt`:

    = befriend.want            genre and beat
    title: The lamp in the dark
    at: home                   home, away (a new place), far, same, back (home again)
    time: 0                    how many times of day later than the scene before
    mood: uneasy
    needs: C thing             roles and things the card cannot do without
    goal: / synopsis: / opens: / fact: / rel:
    N: narration               a line of the narrator
    A sad: words               a line of the first role, with its emotion
    C/B: words                 C where there is one, otherwise B
    A > walks to the window    an action
    + A: words                 left out when time is short

`{A}` is a role, `{A.his}` a word about it (see `Role.slots`); `[one|two]` is a choice; `[blunt:one|two]` prefers the first for a
blunt speaker.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from random import Random
from typing import Final, Literal, cast

from planners.plan.vocabulary import EMOTIONS, MOODS, WEATHERS, Emotion, Mood, Weather
from planners.storybook.language.inflect import sentence_case

__all__ = ["Card", "Step", "all_cards", "fill", "parse_cards"]

_SLOT: Final = re.compile(r"\{([A-Za-z][\w.]*)\}")
_CHOICE: Final = re.compile(r"\[([^\[\]]*)\]")
_STEP: Final = re.compile(
    r"^(?P<more>\+\s*)?(?P<who>(?:[A-FHJLSUVWX](?:/[A-F])*|N))(?:\s+(?P<emotion>[a-z]+))?\s*(?P<sort>[:>])\s*(?P<text>.+)$"
)
_KEYED: Final = re.compile(r"^(blunt|dreamy|formal|playful|shy):")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One line or one action of a card."""

    who: tuple[str, ...]
    """Roles in order of preference; `N` is the narrator."""
    sort: Literal["line", "action"]
    text: str
    emotion: Emotion = "neutral"
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One written scene."""

    genre: str
    beat: str
    steps: tuple[Step, ...]
    title: str = ""
    at: str = "away"
    time: int = 0
    mood: Mood = "calm"
    needs: frozenset[str] = frozenset()
    goal: str = ""
    synopsis: str = ""
    opens: str = ""
    facts: tuple[str, ...] = ()
    relations: tuple[str, ...] = ()
    weather: Weather | None = None
    key: str = ""
    """Its number within its file, for telling cards apart."""


@dataclass(slots=True)
class _Draft:
    genre: str
    beat: str
    key: str
    heads: dict[str, list[str]] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)

    def done(self) -> Card:
        def head(name: str, default: str = "") -> str:
            return self.heads.get(name, [default])[0]

        mood = head("mood", "calm")
        if mood not in MOODS or not self.steps:
            raise ValueError(f"card {self.key}: mood {mood!r}, {len(self.steps)} steps")
        return Card(
            genre=self.genre,
            beat=self.beat,
            steps=tuple(self.steps),
            title=head("title"),
            at=head("at", "away"),
            time=int(head("time", "0")),
            mood=mood,
            needs=frozenset(head("needs").split()),
            goal=head("goal"),
            synopsis=head("synopsis"),
            opens=head("opens"),
            facts=tuple(self.heads.get("fact", ())),
            relations=tuple(self.heads.get("rel", ())),
            weather=next((sky for sky in WEATHERS if sky == head("weather")), None),
            key=self.key,
        )


def _step(row: str, where: str) -> Step:
    """Read one row of a scene card."""
    match = _STEP.match(row)
    if match is None:
        raise ValueError(f"{where}: cannot read {row!r}")
    emotion = match["emotion"] or "neutral"
    if emotion not in EMOTIONS:
        raise ValueError(f"{where}: {emotion!r} is no emotion")
    return Step(
        who=tuple(match["who"].split("/")),
        sort="line" if match["sort"] == ":" else "action",
        text=match["text"].strip(),
        emotion=cast(Emotion, emotion),
        optional=bool(match["more"]),
    )


def parse_cards(text: str, name: str) -> list[Card]:
    """Read the cards of one script file. Raises ValueError with the file and row."""
    cards: list[Card] = []
    draft: _Draft | None = None
    for number, raw in enumerate(text.splitlines(), start=1):
        row, where = raw.strip(), f"{name}:{number}"
        if not row or row.startswith("#"):
            continue
        if row.startswith("="):
            if draft is not None:
                cards.append(draft.done())
            genre, _, beat = row.lstrip("= ").partition(".")
            draft = _Draft(genre=genre, beat=beat, key=f"{genre}.{beat}.{number}")
        elif draft is None:
            raise ValueError(f"{where}: a card begins with `= genre.beat`")
        elif head := re.match(r"^(title|at|time|mood|needs|goal|synopsis|opens|fact|rel|weather):\s*(.*)$", row):
            draft.heads.setdefault(head[1], []).append(head[2].strip())
        else:
            draft.steps.append(_step(row, where))
    if draft is not None:
        cards.append(draft.done())
    return cards


@lru_cache(maxsize=1)
def all_cards() -> tuple[Card, ...]:
    """Every card that ships with the planner."""
    cards: list[Card] = []
    for entry in sorted((files("planners.storybook") / "scripts").iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".txt"):
            cards += parse_cards(entry.read_text(encoding="utf-8"), entry.name)
    return tuple(cards)


def _choose(options: list[str], rng: Random, temperament: str) -> str:
    """Choose one alternative, preferring those for the temperament."""
    keyed = [option for option in options if option.startswith(f"{temperament}:")]
    plain = [option for option in options if not _KEYED.match(option)]
    pool = keyed if keyed and (not plain or rng.random() < 0.8) else plain or options
    return _KEYED.sub("", rng.choice(pool))


def fill(text: str, slots: Mapping[str, str], rng: Random, temperament: str = "") -> str:
    """`text` with its choices made and its slots filled, as a sentence. Raises KeyError for a slot nobody knows."""
    while (match := _CHOICE.search(text)) is not None:
        text = text[: match.start()] + _choose(match[1].split("|"), rng, temperament) + text[match.end() :]
    filled = _SLOT.sub(lambda slot: slots[slot[1]], text)
    return sentence_case(re.sub(r"\s+", " ", filled).strip())
