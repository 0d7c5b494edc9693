"""What a step is given when it is performed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from episodic.production.graph.needs import Needs
from episodic.series.machine_settings import DEFAULT_MACHINE, MachineSettings
from episodic.storage.artifacts import ArtifactStore

__all__ = ["THIS_MACHINE", "Machine", "StepRun"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where models lie and how they are fitted to the machine. The weights are part of a task's version, so a model may move."""

    backbone: str = ""
    """The video model as series.yaml names it; empty: a backbone that ships."""
    keyframes: str = ""
    """The picture model as series.yaml names it."""
    settings: MachineSettings = DEFAULT_MACHINE


THIS_MACHINE: Final = Machine()
"""For steps that load no model of the user's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRun:
    """One artifact in the making."""

    folder: Path
    """An empty folder to fill: it becomes the artifact."""
    folders: Needs[Path]
    """Folders of the artifacts it needs, by name."""
    store: ArtifactStore
    machine: Machine = THIS_MACHINE
    notes: list[str] = field(default_factory=list)
    """What it told the user so far."""

    def need(self, name: str) -> Path:
        """The folder of the artifact that it needs under a name. Raises KeyError where there is none."""
        return self.folders.single(name)

    def optional_need(self, name: str) -> Path | None:
        """The folder of an artifact that it may need; None where it does not."""
        return self.folders.optional(name)

    def needs(self, name: str) -> tuple[Path, ...]:
        """The folders of the artifacts under a name, in order."""
        return self.folders.ordered(name)

    def named_needs(self, name: str) -> Mapping[str, Path]:
        """The folders of the artifacts under a name, each by a name of its own."""
        return self.folders.named(name)

    def tell(self, *texts: str) -> None:
        """Tell the user something, a sentence each."""
        self.tell_all(texts)

    def tell_all(self, texts: Iterable[str]) -> None:
        """Tell the user several things."""
        self.notes.extend(texts)
