"""What a commit reads from the artifacts of an episode."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from episodic.backbones.keyframes.sheet_file import open_sheet
from episodic.production.commit.take_records import SurveyedTake
from episodic.production.files.embedding_file import read_embedding, read_embeddings
from episodic.production.files.names import TAKE_FILE
from episodic.production.files.take_file import read_take
from episodic.production.graph.step import task_id
from episodic.quality.survey import read_survey
from episodic.storage.artifacts import ArtifactStore
from planners.plan.model import Scene

__all__ = ["ArtifactReader", "DryRunReader", "SceneReader"]

_STAND_IN_LENGTH: Final = 32
"""Numbers in a stand-in for an embedding."""


class SceneReader(Protocol):
    """Reads what memory keeps of a scene's artifacts."""

    def takes(self, scene: Scene) -> Sequence[SurveyedTake]:
        """The takes of a scene with their surveys, in story order."""
        ...

    def meaning(self, number: int) -> tuple[float, ...]:
        """The vector of a scene's text. `number`: of the scene, from 1."""
        ...

    def embedding(self, task: str) -> Sequence[float]:
        """The embedding that an audition made; empty where there is no such task."""
        ...

    def views(self, key: str) -> tuple[str, ...]:
        """The pictures that a sheet has."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactReader:
    """Reads the artifacts of an episode, which are all made."""

    store: ArtifactStore
    keys: Mapping[str, str]
    """Of the episode's tasks."""

    def takes(self, scene: Scene) -> Sequence[SurveyedTake]:
        """See `SceneReader`."""
        return [self._take(shot.id) for shot in scene.shots]

    def _take(self, shot: str) -> SurveyedTake:
        """The take of a shot with its survey."""
        key, survey_key = self.keys[task_id("shoot", shot)], self.keys[task_id("survey", shot)]
        request, _ = read_take(self.store.folder(key) / TAKE_FILE)
        return SurveyedTake(key=key, request=request, survey_key=survey_key, survey=read_survey(self.store.folder(survey_key)))

    def meaning(self, number: int) -> tuple[float, ...]:
        """See `SceneReader`."""
        return tuple(read_embeddings(self.store.folder(self.keys["meaning"]))[number - 1])

    def embedding(self, task: str) -> Sequence[float]:
        """See `SceneReader`."""
        return read_embedding(self.store.folder(self.keys[task])) if task in self.keys else ()

    def views(self, key: str) -> tuple[str, ...]:
        """See `SceneReader`."""
        return tuple(open_sheet(self.store.folder(key)).pictures) if self.store.has(key) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRunReader:
    """Reads those artifacts that are made, and gives stand-ins for embeddings that are not."""

    made: ArtifactReader

    def takes(self, scene: Scene) -> Sequence[SurveyedTake]:
        """The takes that are made and surveyed."""
        shots = tuple(
            shot for shot in scene.shots if self._has(task_id("shoot", shot.id)) and self._has(task_id("survey", shot.id))
        )
        return self.made.takes(scene.model_copy(update={"shots": shots}))

    def meaning(self, number: int) -> tuple[float, ...]:
        """The vector of a scene's text; empty before it is made."""
        return self.made.meaning(number) if self._has("meaning") else ()

    def embedding(self, task: str) -> Sequence[float]:
        """The embedding that an audition made; before that, a stand-in that no other task has, so that later episodes count on one."""
        if task not in self.made.keys or self._has(task):
            return self.made.embedding(task)
        numbers = hashlib.shake_256(self.made.keys[task].encode()).digest(_STAND_IN_LENGTH)
        return [byte / 255 for byte in numbers]

    def views(self, key: str) -> tuple[str, ...]:
        """See `SceneReader`."""
        return self.made.views(key)

    def _has(self, task: str) -> bool:
        """Whether the artifact of a task is made."""
        return self.made.store.has(self.made.keys[task])
