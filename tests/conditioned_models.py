"""Models that memory conditions, without weights, for tests."""

from dataclasses import dataclass

from episodic.backbones.protocol import Capabilities, ControlFormat, TakesControl
from episodic.series.shooting_settings import ControlKind

__all__ = ["ControlledReader", "Reader"]


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A model that takes only what its numbers and limits state."""

    capabilities: Capabilities


@dataclass(frozen=True, kw_only=True)
class ControlledReader(Reader, TakesControl):
    """A model that also takes control video."""

    control_kinds: tuple[ControlKind, ...] = ("pose",)

    def control_format(self, width: int, height: int) -> ControlFormat:
        """Return the film's own size, at 12 frames per second."""
        return ControlFormat(kinds=self.control_kinds, width=width, height=height, fps=12)
