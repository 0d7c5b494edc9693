"""The edge to whatever makes pictures for models: `Keyframer`, the sheets that it makes, and the views that a sheet has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from episodic.backbones.keyframes.checks import LikenessTest
from episodic.backbones.keyframes.wishes import CharacterWanted, FramesWanted, PlaceWanted, PropWanted
from episodic.backbones.protocol import Capabilities
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue
from planners.plan.vocabulary import Emotion, Style

__all__ = [
    "EXPRESSIONS",
    "FIRST_FILE",
    "LAST_FILE",
    "PAINTER",
    "Keyframer",
    "Sheet",
    "SheetPicture",
    "body_turns",
    "sheet_views",
]

PAINTER: Final = "stage"
"""The name of the maker that ships."""
FIRST_FILE: Final = "first.png"
LAST_FILE: Final = "last.png"
EXPRESSIONS: Final[tuple[Emotion, ...]] = ("neutral", "happy", "sad", "afraid", "angry", "surprised")
_TURNS: Final = {"front": 0.0, "three_quarter": 0.5, "side": 1.0}
"""Turn of the body in each view: 0 at the camera, 1 to the picture's right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetPicture:
    """One picture of a sheet. `box`: left, top, right and bottom of its subject, in pixels."""

    file: str
    width: int
    height: int
    box: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Pictures of one entity in one style, by view: front, three_quarter, side, back, or an expression. A prop has only `front`, a place
    only `wide`."""

    folder: Path
    style: Style
    pictures: Mapping[str, SheetPicture]
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Views that were made and cannot serve as references, each with the reason."""


@runtime_checkable
class Keyframer(Protocol):
    """Makes the pictures that models are shown."""

    @property
    def name(self) -> str:
        """`stage`, or the model as it is named in series.yaml."""
        ...

    @property
    def maker(self) -> str:
        """`stage`, or what identifies the model's weights, wherever they are stored."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """Limits of what a first frame can be made from: number of reference pictures, length of the prompt."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever the same wish would give other pictures."""
        ...

    def count_tokens(self, text: str) -> int:
        """Length of a text in the model's tokens; 0 where it reads no text."""
        ...

    def sheet(self, wish: CharacterWanted, folder: Path, likeness: LikenessTest) -> Sheet:
        """Make a character sheet in `folder`, every view of which passes `likeness`. Deterministic. Raises BackboneError."""
        ...

    def prop(self, wish: PropWanted, folder: Path) -> Sheet:
        """Make a picture of a prop by itself in `folder`, a sheet of one picture, `front`. Deterministic. Raises BackboneError."""
        ...

    def plate(self, wish: PlaceWanted, folder: Path) -> Sheet:
        """Make the plate of a place in `folder`, a sheet of one picture, `wide`. Deterministic. Raises BackboneError."""
        ...

    def frames(self, wish: FramesWanted, folder: Path) -> None:
        """Make the wished ones of `first.png` and `last.png` of a shot in `folder`, and `keyframe.json` beside them.

        Deterministic. Raises BackboneError.
        """
        ...


def sheet_views(kind: CharacterKind, look: Mapping[str, FactValue]) -> tuple[str, ...]:
    """The views of a sheet that `stage` draws (`draw_sheet`)."""
    return (*body_turns(kind, look), *EXPRESSIONS)


def body_turns(kind: CharacterKind, look: Mapping[str, FactValue]) -> Mapping[str, float]:
    """The painter's views of a body with the turn of each; `front` first."""
    form = look.get("form") if kind == "animal" else kind
    if form == "swimmer":
        return {"front": 0.0, "side": 1.0}
    if form in ("spirit", "thing", "octopus"):
        return {view: turn for view, turn in _TURNS.items() if view != "side"}
    return _TURNS
