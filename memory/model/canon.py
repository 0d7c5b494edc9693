"""The canon: frozen snapshots of what the series knows at one story position."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal, get_args

from memory.model.facts import FactValue, StoryPosition

__all__ = ["STORY", "Canon", "Character", "EntityKind", "Location", "Prop", "Relationship", "Thread", "Voice", "empty_canon"]

CharacterKind = Literal["human", "animal", "robot", "spirit", "thing"]
"""The build of a character. `thing` is a living plant or object: a leaf, a radio, a heart."""

EntityKind = Literal["character", "location", "prop", "story"]

STORY: Final = "story"
"""The only entity of kind `story`: it holds facts about the series as a whole, such as its theme and its musical motif."""

CHARACTER_KINDS: tuple[CharacterKind, ...] = get_args(CharacterKind)


def _read_only(values: Mapping[str, FactValue]) -> Mapping[str, FactValue]:
    """A read-only copy of values."""
    return MappingProxyType(dict(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """A persistent voice. All ratios are relative to the one recorded voice that ships with the speech engine."""

    pitch: float = 1.0
    """Fundamental frequency ratio, 0.45 (deep) to 1.7 (a child)."""
    formant: float = 1.0
    """Spectral envelope ratio, 0.8 (large body) to 1.25 (small body)."""
    rate: float = 1.0
    """Speaking rate ratio, 0.7 (slow) to 1.4 (quick)."""
    range: float = 1.0
    """Intonation range ratio around the mean pitch, 0.4 (flat) to 1.6 (lively)."""
    breath: float = 0.0
    """Added breathiness, 0 to 1."""
    effect: Literal["none", "robot", "ghost", "tiny"] = "none"
    """A treatment of the finished voice."""
    tilt: float = 0.0
    """Slope of the spectrum, dB per octave added from 250 Hz to 5.6 kHz: -2.5 (dark, covered) to 2.5 (bright, brassy)."""
    throat: float = 1.0
    """Ratio of the first formant to the higher ones, beside `formant`: 0.86 (narrow throat) to 1.16 (wide, open)."""
    nasal: float = 0.0
    """How much is heard through the nose, 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """A character of the series, as of one story position."""

    id: str
    name: str
    kind: CharacterKind
    description: str = ""
    look: Mapping[str, FactValue] = field(default_factory=lambda: _read_only({}))
    """What the painter draws: JSON values, set once when the character is cast."""
    voice: Voice = field(default_factory=Voice)
    motion: tuple[float, ...] = ()
    """The motion embedding that conditions a backbone. Empty: not cast yet."""
    sheet: Mapping[str, FactValue] = field(default_factory=lambda: _read_only({}))
    """Reference pictures: `artifact`, its `views`, the `look` they show, the model they are `by`, and `others` by look."""
    state: Mapping[str, FactValue] = field(default_factory=lambda: _read_only({}))
    """Every other attribute that holds: wearing, holding, mood, wants, knows…"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A location of the series, as of one story position."""

    id: str
    name: str
    description: str = ""
    look: Mapping[str, FactValue] = field(default_factory=lambda: _read_only({}))
    light: tuple[float, ...] = ()
    """The embedding of its light and air that conditions a backbone."""
    sheet: Mapping[str, FactValue] = field(default_factory=lambda: _read_only({}))
    """Its plate, in the form of a character's sheet."""
    state: Mapping[str, FactValue] = field(default_factory=lambda: _read_only({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Prop:
    """A prop of the series, as of one story position."""

    id: str
    name: str
    description: str = ""
    sheet: Mapping[str, FactValue] = field(default_factory=lambda: _read_only({}))
    """Pictures of it alone, in the form of a character's sheet."""
    state: Mapping[str, FactValue] = field(default_factory=lambda: _read_only({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Relationship:
    """`subject` relation `object`, for instance mara fears storm. The opposite direction is another relationship."""

    subject: str
    relation: str
    object: str
    strength: float = 1.0
    """From 0 to 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A question the story has opened. `closed` once it is answered."""

    id: str
    text: str
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Canon:
    """Everything that holds at `position` on `branch`. Mappings are keyed by entity id and read-only."""

    position: StoryPosition
    branch: str = "main"
    title: str = ""
    characters: Mapping[str, Character] = field(default_factory=lambda: MappingProxyType({}))
    locations: Mapping[str, Location] = field(default_factory=lambda: MappingProxyType({}))
    props: Mapping[str, Prop] = field(default_factory=lambda: MappingProxyType({}))
    story: Mapping[str, FactValue] = field(default_factory=lambda: MappingProxyType({}))
    """Facts about the series as a whole: theme, motif…"""
    relationships: tuple[Relationship, ...] = ()
    threads: tuple[Thread, ...] = ()
    synopses: tuple[str, ...] = ()
    """The synopses of the latest 100 committed scenes up to `position`, one line each, in story order."""

    def states(self) -> dict[str, Mapping[str, FactValue]]:
        """The state of every entity, by id."""
        groups = (self.characters, self.locations, self.props)
        states: dict[str, Mapping[str, FactValue]] = {entity.id: entity.state for group in groups for entity in group.values()}
        return states | {STORY: self.story} if self.story else states


def empty_canon(position: StoryPosition | None = None) -> Canon:
    """The canon of a series that has not begun."""
    return Canon(position=position or StoryPosition(1, 0))
