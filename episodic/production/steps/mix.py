"""Mixes: everything heard in one scene."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from episodic.conditioning.scene_state import sky_of
from episodic.production.blueprint import SceneBlueprint
from episodic.production.files.loudness_file import write_energies
from episodic.production.files.names import MIX_FILE, STEMS, TAKE_FILE, stem_file
from episodic.production.files.speech_file import read_speech
from episodic.production.files.take_file import read_take
from episodic.production.graph.needs import Needs, Slot
from episodic.production.graph.step import Cost, Step, Task, register, task_id
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.scene_to_mix import MixedShot, SceneToMix
from episodic.production.steps.parts.shot_inputs import cut_into, speech_ids
from episodic.seeds import derive_seed
from episodic.sound import MIX_VERSION
from memory.model.canon import STORY
from memory.model.facts import FactValue

__all__ = ["Mix"]

VERSION = "1"
"""Changes whenever this step mixes the same sounds otherwise."""


@register
@dataclass(frozen=True, kw_only=True)
class Mix(Step):
    """Mix one scene: dialogue where the takes have it, a bed for the place, a cue for the mood, steps and blows."""

    kind: ClassVar = "mix"
    flow: ClassVar = 120
    label: ClassVar = "sound"
    noun: ClassVar = "sound track"
    cost: ClassVar = Cost(seconds=0.4, per_second=0.12)
    slots: ClassVar = {"takes": Slot.named("shoot"), "speech": Slot.named("speech")}
    """Takes by their shots; lines by their tasks."""

    scene: SceneToMix

    @classmethod
    def for_scene(cls, scene: SceneBlueprint) -> Iterator[Task]:
        """One task for every scene."""
        episode, shots = scene.episode, [shot.shot for shot in scene.shots]
        place, sky = episode.cast.locations[scene.scene.at], sky_of(scene.scene, scene.state)
        mixed = SceneToMix(
            place=dict(place.look),
            description=f"{place.name}, {place.description}",
            time=sky.time,
            weather=sky.weather,
            mood=scene.scene.mood,
            style=episode.plan.look.style,
            fps=episode.settings.fps,
            seed=derive_seed(episode.plan.seed, "mix", scene.scene.id),
            theme=_theme(episode.settings.seed, scene.state.get(STORY, {}).get("motif")),
            shots=tuple(MixedShot(id=shot.id, transition=cut_into(shot)) for shot in shots),
        )
        lines = [name for shot in shots for name in speech_ids(shot)]
        needs = {"takes": {shot.id: task_id("shoot", shot.id) for shot in shots}, "speech": {name: name for name in lines}}
        yield Task(
            id=task_id(cls.kind, scene.scene.id),
            step=cls(scene=mixed),
            version=f"{VERSION}+{MIX_VERSION}",
            needs=Needs(needs),
            scene=scene.scene.id,
            length_s=scene.seconds,
        )

    def perform(self, run: StepRun) -> None:
        """Write the stems, the mix and its loudness."""
        from episodic.production.files.stem_file import write_stem  # loads av
        from episodic.production.steps.parts.scene_mix import mix_of_scene  # loads the sound libraries

        folders, speech = run.named_needs("takes"), run.named_needs("speech")
        takes = [read_take(folders[shot.id] / TAKE_FILE) for shot in self.scene.shots]
        spoken = [
            [
                read_speech(speech[task_id("speech", request.shot_id, str(number))]).samples
                for number in range(1, len(request.speech) + 1)
            ]
            for request, _ in takes
        ]
        sound, energies = mix_of_scene(self.scene, takes, spoken)
        for stem in STEMS:
            write_stem(run.folder / stem_file(stem), [getattr(sound, stem)])
        write_stem(run.folder / MIX_FILE, [sound.mix])
        write_energies(run.folder, energies)


def _theme(seed: int, motif: FactValue) -> int:
    """The seed of the musical motif: from the series' seed, and from what memory says the motif is (`story.motif = sea shanty`)."""
    return derive_seed(seed, "theme") if motif is None else derive_seed(seed, "theme", str(motif))
