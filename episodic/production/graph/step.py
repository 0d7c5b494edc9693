"""Steps: one class per kind, from typed inputs and named needs to one artifact.

A `Step` object holds the typed inputs of one artifact. Its class says everything else about the kind: its name, its place in the flow,
what it needs under which names, what it costs, how it is called, how it is planned and how it is performed.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final, TypeVar

from episodic.production.blueprint import EpisodeBlueprint, SceneBlueprint, ShotBlueprint
from episodic.production.graph.needs import NO_NEEDS, Need, Needs, Slot
from episodic.production.graph.step_json import fields_to_json
from episodic.production.graph.step_run import THIS_MACHINE, Machine, StepRun
from episodic.storage.artifacts import TRANSIENT
from episodic.storage.files import digest
from memory.model.facts import FactValue

__all__ = ["Cost", "Step", "Task", "key_of", "register", "registered", "task_id"]

_S = TypeVar("_S", bound="type[Step]")
_REGISTERED: Final[dict[str, type[Step]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """How long a step takes by experience: one core, at 1280x720 and 24 frames a second."""

    seconds: float
    """For any artifact of the kind."""
    per_second: float = 0.0
    """Further seconds for each second of the artifact's length."""
    guess: bool = False
    """Whether it depends on a model that nobody has timed: a guess, within a factor of three or so."""
    waits_for_all: bool = False
    """Whether it begins when everything else is done."""


@dataclass(frozen=True, kw_only=True)
class Step(ABC):
    """The typed inputs of one artifact, and how it is made. A subclass is a frozen dataclass, marked with `register`."""

    kind: ClassVar[str]
    """Name of the kind: the beginning of its tasks' ids."""
    flow: ClassVar[int]
    """Place in the flow of an episode: what is ready runs in this order, and lists show it in this order."""
    label: ClassVar[str]
    """What the progress display calls the steps of this kind."""
    noun: ClassVar[str] = ""
    """What people call one artifact of this kind; empty: as the kind."""
    cost: ClassVar[Cost]
    slots: ClassVar[Mapping[str, Slot]] = {}
    """What it needs, by name."""
    transient: ClassVar[bool] = False
    """Whether its artifact is large and only on the way to another: it is removed as soon as what needs it is made."""

    @classmethod
    def for_shot(cls, shot: ShotBlueprint) -> Iterable[Task]:
        """Plan the tasks of this kind for one shot."""
        del shot
        return ()

    @classmethod
    def for_scene(cls, scene: SceneBlueprint) -> Iterable[Task]:
        """Plan the tasks of this kind for one scene."""
        del scene
        return ()

    @classmethod
    def for_episode(cls, episode: EpisodeBlueprint) -> Iterable[Task]:
        """Plan the tasks of this kind for the episode as a whole."""
        del episode
        return ()

    @abstractmethod
    def perform(self, run: StepRun) -> None:
        """Fill `run.folder`. Raises an EpisodicError for what the user can fix."""

    def to_json(self) -> dict[str, FactValue]:
        """The inputs as JSON, without those that have their default: a new input with a default changes no key."""
        return fields_to_json(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A step in its place in the production graph."""

    id: str
    step: Step
    version: str
    """Changes whenever the same inputs would give another artifact."""
    needs: Needs[Need] = NO_NEEDS
    scene: str = ""
    shot: str = ""
    length_s: float = field(default=0.0, compare=False)
    """Estimated length of what it makes; for the estimate of time only."""
    device: str = ""
    """The model that it needs loaded, where that takes a process to itself; tasks of one model run one after the other."""
    machine: Machine = field(default=THIS_MACHINE, compare=False)
    """How the artifact is made on this machine: no part of the key."""

    @property
    def kind(self) -> str:
        """The kind of its step."""
        return self.step.kind

    @property
    def transient(self) -> bool:
        """Whether its artifact is removed once it has been used."""
        return self.step.transient

    @classmethod
    def of_shot(
        cls,
        step: Step,
        shot: ShotBlueprint,
        version: str,
        needs: Needs[Need] = NO_NEEDS,
        *,
        name: str = "",
        still: bool = False,
        device: str = "",
        machine: Machine = THIS_MACHINE,
    ) -> Task:
        """The task of a shot. `name`: what it is called after, by default the shot; `still`: its artifact has no length."""
        return cls(
            id=task_id(step.kind, name or shot.id),
            step=step,
            version=version,
            needs=needs,
            scene=shot.scene.id,
            shot=shot.id,
            length_s=0.0 if still else shot.seconds,
            device=device,
            machine=machine,
        )


def task_id(kind: str, *names: str) -> str:
    """The id of a task: its kind, and the names of what it belongs to."""
    return f"{kind}:{'/'.join(names)}"


def key_of(task: Task, needs: Needs[str]) -> str:
    """The key of a task's artifact. `needs`: the keys of what it needs."""
    key = digest([task.kind, task.version, task.step.to_json(), needs.values])
    return f"{TRANSIENT}{key}" if task.transient else key


def register(step: _S) -> _S:
    """Make a class of steps known by its kind. Raises ValueError where another class has that kind."""
    known = _REGISTERED.setdefault(step.kind, step)
    if (known.__module__, known.__qualname__) != (step.__module__, step.__qualname__):
        raise ValueError(
            f"{step.__module__}.{step.__qualname__} and {known.__module__}.{known.__qualname__}: both are {step.kind}"
        )
    if not dataclasses.is_dataclass(step):
        raise TypeError(f"{step.__qualname__} is no dataclass")
    _REGISTERED[step.kind] = step
    return step


def registered() -> dict[str, type[Step]]:
    """Every class that was registered so far, by kind. `episodic.production.steps.step_kinds` imports them first."""
    return _REGISTERED
