"""The cut: pictures, sound, subtitles and chapters become the film."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from episodic.cut import ENCODER_VERSION
from episodic.production.blueprint import EpisodeBlueprint, SceneBlueprint
from episodic.production.graph.needs import Needs, Slot
from episodic.production.graph.step import Cost, Step, Task, register, task_id
from episodic.production.graph.step_run import StepRun
from planners.plan.vocabulary import Transition

__all__ = ["CLOSING_FADE_S", "MOST_GAIN_DB", "Cut", "CutLine", "CutScene", "CutShot"]

VERSION = "1"
"""Changes whenever this step cuts the same pictures and sounds otherwise."""
CLOSING_FADE_S: Final = 1.0
MOST_GAIN_DB: Final = 24.0
"""A quieter episode than that stays quiet."""
_PROMPT_CHARACTERS: Final = 500
"""Of the prompt go into the film's comment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLine:
    """One line as a subtitle."""

    speaker: str
    """The speaker's name."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CutShot:
    """One shot of the film."""

    id: str
    transition: Transition
    lines: tuple[CutLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CutScene:
    """One scene of the film: a chapter."""

    id: str
    title: str
    shots: tuple[CutShot, ...]


@register
@dataclass(frozen=True, kw_only=True)
class Cut(Step):
    """Cut the film: join the pictures, lay the sound under them, add subtitles and chapters."""

    kind: ClassVar = "cut"
    flow: ClassVar = 140
    label: ClassVar = "cut"
    noun: ClassVar = "film"
    cost: ClassVar = Cost(seconds=0.5, per_second=0.06, waits_for_all=True)
    slots: ClassVar = {"takes": Slot.named("shoot"), "pictures": Slot.named("picture"), "mixes": Slot.named("mix")}
    """Takes and pictures by their shots, mixes by their scenes."""

    title: str
    prompt: str
    fps: int
    size: tuple[int, int]
    scenes: tuple[CutScene, ...]

    @property
    def shots(self) -> tuple[CutShot, ...]:
        """Every shot, in story order."""
        return tuple(shot for scene in self.scenes for shot in scene.shots)

    @classmethod
    def for_episode(cls, episode: EpisodeBlueprint) -> Iterator[Task]:
        """One task for the episode."""
        step = cls(
            title=episode.plan.title,
            prompt=episode.plan.prompt[:_PROMPT_CHARACTERS],
            fps=episode.settings.fps,
            size=episode.settings.size,
            scenes=tuple(_scene(scene, number) for number, scene in enumerate(episode.scenes, 1)),
        )
        needs = {
            "takes": {shot.id: task_id("shoot", shot.id) for shot in step.shots},
            "pictures": {shot.id: task_id("picture", shot.id) for shot in step.shots},
            "mixes": {scene.id: task_id("mix", scene.id) for scene in step.scenes},
        }
        length_s = sum(scene.seconds for scene in episode.scenes)
        yield Task(id=cls.kind, step=step, version=f"{VERSION}+{ENCODER_VERSION}", needs=Needs(needs), length_s=length_s)

    def perform(self, run: StepRun) -> None:
        """Write the film, its subtitles and its stems."""
        from episodic.production.steps.parts.final_cut import cut_episode  # loads av

        cut_episode(self, run.named_needs("takes"), run.named_needs("pictures"), run.named_needs("mixes"), run.folder)


def _scene(blueprint: SceneBlueprint, number: int) -> CutScene:
    names = {character.id: character.name for character in blueprint.episode.cast.characters.values()}
    shots = tuple(
        CutShot(
            id=shot.id,
            transition=shot.transition,
            lines=tuple(CutLine(speaker=names.get(line.speaker, line.speaker), text=line.text) for line in shot.lines),
        )
        for shot in blueprint.scene.shots
    )
    return CutScene(id=blueprint.scene.id, title=blueprint.scene.title or f"Scene {number}", shots=shots)
