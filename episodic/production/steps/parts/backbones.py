"""The backbone of a step, opened as the series wants it, and what it tells the user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from episodic.backbones.keyframes.keyframer import PAINTER, Keyframer
from episodic.backbones.keyframes.model import open_keyframer
from episodic.backbones.protocol import Auditions, Backbone, ConditionedModel, HeavyModel, is_heavy
from episodic.backbones.registry import BACKBONES, open_backbone
from episodic.errors import BackboneError
from episodic.production.blueprint import EpisodeBlueprint
from episodic.production.graph.step_run import THIS_MACHINE, Machine, StepRun
from episodic.series.shooting_settings import Shooting

__all__ = [
    "keyframer_of",
    "machine_of",
    "machine_of_keyframer",
    "notes_of_host",
    "open_auditions",
    "open_developer",
    "open_shooter",
]


def machine_of(episode: EpisodeBlueprint) -> Machine:
    """Where the episode's models lie and how the user wants them fitted to the machine."""
    heavy = is_heavy(episode.backbone)
    return Machine(backbone=episode.settings.backbone if heavy else "", settings=episode.settings.machine)


def open_shooter(name: str, shooting: Shooting, run: StepRun) -> Backbone:
    """The backbone that shoots. `name`: what the model is called; where it lies, the machine knows."""
    place = run.machine.backbone or name
    if place in BACKBONES:
        return open_backbone(place, shooting)
    return open_backbone(place, shooting, run.machine.settings)


def open_developer(name: str, run: StepRun) -> Backbone:
    """The backbone that develops and observes takes: the series' wishes for shooting do not matter."""
    return open_backbone(run.machine.backbone or name)


def open_auditions(name: str) -> Auditions:
    """The backbone that holds auditions. Raises BackboneError where it holds none."""
    backbone = open_backbone(name)
    if not isinstance(backbone, Auditions):
        raise BackboneError(f"{name} takes motion embeddings but holds no auditions; the backbone is at fault")
    return backbone


def machine_of_keyframer(episode: EpisodeBlueprint) -> Machine:
    """Where the episode's picture model lies and how the user wants it fitted to the machine."""
    keyframer = episode.keyframer
    return replace(machine_of(episode), keyframes=keyframer.name) if is_heavy(keyframer) else THIS_MACHINE


def keyframer_of(maker: str, run: StepRun) -> Keyframer:
    """The maker of pictures: `stage`'s painter, or the picture model that the machine knows."""
    return open_keyframer(None) if maker == PAINTER else open_keyframer(run.machine.keyframes, run.machine.settings)


def notes_of_host(model: ConditionedModel) -> Sequence[str]:
    """How a heavy model was fitted to the machine, where the user was not told before."""
    return model.host_messages() if isinstance(model, HeavyModel) else ()
