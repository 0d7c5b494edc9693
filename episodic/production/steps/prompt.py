"""Prompts: the text of a shot as the model's own text encoder has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from episodic.backbones.protocol import PromptReader
from episodic.errors import BackboneError
from episodic.production.blueprint import ShotBlueprint
from episodic.production.graph.step import Cost, Step, Task, register
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.backbones import machine_of, notes_of_host, open_shooter
from episodic.series.shooting_settings import DEFAULT_SHOOTING

__all__ = ["Prompt"]


@register
@dataclass(frozen=True, kw_only=True)
class Prompt(Step):
    """Encode the prompt of a shot."""

    kind: ClassVar = "prompt"
    flow: ClassVar = 70
    label: ClassVar = "prompts"
    cost: ClassVar = Cost(seconds=2.0)

    backbone: str
    prompt: str
    negative: str

    @classmethod
    def for_shot(cls, shot: ShotBlueprint) -> Iterator[Task]:
        """One task where the backbone reads text."""
        episode, draft = shot.episode, shot.draft
        if isinstance(episode.backbone, PromptReader):
            step = cls(backbone=episode.backbone.capabilities.name, prompt=draft.prompt, negative=draft.negative)
            yield Task.of_shot(step, shot, episode.backbone.version, device=episode.device, machine=machine_of(episode))

    def perform(self, run: StepRun) -> None:
        """Write the encoded prompt. Raises BackboneError where the backbone encodes none."""
        backbone = open_shooter(self.backbone, DEFAULT_SHOOTING, run)
        if not isinstance(backbone, PromptReader):
            raise BackboneError(f"{self.backbone} reads text but encodes no prompts; the backbone is at fault")
        backbone.encode_prompt(self.prompt, self.negative, run.folder)
        run.tell(*notes_of_host(backbone))
