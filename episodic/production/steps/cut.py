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
from episodic.production.steps.parts.film_timeline import CutLine, CutScene, CutShot, Film

__all__ = ["Cut"]

VERSION = "1"
"""Changes whenever this step cuts the same pictures and sounds otherwise."""
_PROMPT_CHARACTERS: Final = 500
"""Of the prompt go into the film's comment."""


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

    film: Film

    @classmethod
    def for_episode(cls, episode: EpisodeBlueprint) -> Iterator[Task]:
        """One task for the episode."""
        film = Film(
            title=episode.plan.title,
            prompt=episode.plan.prompt[:_PROMPT_CHARACTERS],
            fps=episode.settings.fps,
            size=episode.settings.size,
            scenes=tuple(_scene(scene, number) for number, scene in enumerate(episode.scenes, 1)),
        )
        needs = {
            "takes": {shot.id: task_id("shoot", shot.id) for shot in film.shots},
            "pictures": {shot.id: task_id("picture", shot.id) for shot in film.shots},
            "mixes": {scene.id: task_id("mix", scene.id) for scene in film.scenes},
        }
        yield Task(
            id=cls.kind,
            step=cls(film=film),
            version=f"{VERSION}+{ENCODER_VERSION}",
            needs=Needs(needs),
            length_s=sum(scene.seconds for scene in episode.scenes),
        )

    def perform(self, run: StepRun) -> None:
        """Write the film, its subtitles and its stems."""
        from episodic.production.steps.parts.final_cut import cut_episode  # loads av

        cut_episode(self.film, run.named_needs("takes"), run.named_needs("pictures"), run.named_needs("mixes"), run.folder)


def _scene(blueprint: SceneBlueprint, number: int) -> CutScene:
    """A scene of the plan as a chapter of the film. `number`: from 1, for a scene without a title."""
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
