"""What a take is shot from: the inputs and needs that rushes and takes have in common."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from episodic.backbones.protocol import Backbone, PromptReader, TakesControl, is_heavy
from episodic.backbones.request import MadeHere, ReferencePicture, ShotRequest
from episodic.backbones.take import Take
from episodic.production.blueprint import ShotBlueprint
from episodic.production.files.names import TAKE_FILE, sound_beside
from episodic.production.files.take_file import read_take
from episodic.production.graph.needs import Need, Needs, Slot
from episodic.production.graph.step import task_id
from episodic.production.graph.step_run import StepRun
from episodic.production.steps.parts.shot_inputs import TIMED_SLOTS, TimedShot, needs_of_timed
from episodic.production.take_selection import shoot_best
from episodic.quality.judge import JUDGE_VERSION, Remembered, judge_take
from episodic.series.machine_settings import DEFAULT_MACHINE, MachineSettings
from episodic.series.shooting_settings import DEFAULT_SHOOTING, Shooting
from episodic.storage.artifacts import Stored

__all__ = ["PICTURES", "TAKE_SLOTS", "TakeInputs", "located", "needs_of_take", "picture_needs", "take_version"]

PICTURES: Final = Slot.named("sheet", "keyframe", stored=True)
"""Pictures to be shown, each as `picture_needs` names it."""
TAKE_SLOTS: Final[Mapping[str, Slot]] = {
    **TIMED_SLOTS,
    "continues": Slot.optional("shoot"),
    "previs": Slot.optional("previs"),
    "prompt": Slot.optional("prompt"),
    "pictures": PICTURES,
}
_CHANGE_PICTURES: Final = ("dtype", "layerwise", "quantisation", "attention", "cache", "magcache_ratios")
"""Machine settings that change the output and therefore belong to the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeInputs:
    """Everything that determines a take, except what other steps make."""

    timed: TimedShot
    backbone: str
    shooting: Shooting = DEFAULT_SHOOTING
    """What the series says of shooting that changes takes of this backbone."""
    machine: MachineSettings = DEFAULT_MACHINE
    """The user's machine settings that change pictures."""
    remembered: Remembered | None = None
    """What takes are judged against; None where only one take is made."""

    @classmethod
    def of(cls, shot: ShotBlueprint) -> TakeInputs:
        """The inputs of a shot of the episode."""
        settings, backbone = shot.episode.settings, shot.episode.backbone
        return cls(
            timed=TimedShot.of(shot),
            backbone=backbone.capabilities.name,
            shooting=_shooting(settings.shooting, heavy=is_heavy(backbone)),
            machine=_changing_pictures(settings.machine) if is_heavy(backbone) else DEFAULT_MACHINE,
            remembered=shot.episode.remembered.get(shot.id),
        )

    def request(self, run: StepRun) -> ShotRequest:
        """The request with everything that its backbone is given for it."""
        continued = run.optional_need("continues")
        request = dataclasses.replace(
            self.timed.request(run),
            continues=None if continued is None else read_take(continued / TAKE_FILE)[1],
            previs=run.optional_need("previs"),
            encoded=run.optional_need("prompt"),
        )
        return request.with_pictures({picture.name: picture for picture in located(request.pictures, run)})

    def best_take(self, backbone: Backbone, request: ShotRequest) -> Take:
        """One take; or where the series wants several, the best of them, judged against what memory held before the episode."""
        if self.remembered is None:
            return backbone.shoot(request)
        memory = self.remembered
        played = None if request.previs is None else read_take(request.previs / TAKE_FILE)[1]
        return shoot_best(
            backbone,
            request,
            takes=self.shooting.takes,
            retries=self.shooting.retries,
            good_enough=self.shooting.good_enough,
            judge=lambda shot, take: judge_take(backbone, shot, take, memory, played),
        )


def needs_of_take(shot: ShotBlueprint) -> Needs[Need]:
    """The needs for `TAKE_SLOTS` of a shot of the episode."""
    backbone = shot.episode.backbone
    needs = needs_of_timed(shot)
    if shot.continues:
        needs["continues"] = task_id("shoot", shot.continues)
    if isinstance(backbone, TakesControl):
        needs["previs"] = task_id("previs", shot.id)
    if isinstance(backbone, PromptReader):
        needs["prompt"] = task_id("prompt", shot.id)
    if pictures := picture_needs(shot.draft.pictures, shot.id):
        needs["pictures"] = pictures
    return Needs(needs)


def take_version(version: str, shot: ShotBlueprint) -> str:
    """The version of a take, or of its rushes. `version`: of the step."""
    judged = f"+{JUDGE_VERSION}" if shot.episode.settings.shooting.takes > 1 else ""
    return f"{version}+{shot.episode.backbone.version}{judged}"


def picture_needs(pictures: Iterable[ReferencePicture], shot: str) -> dict[str, Need]:
    """The artifacts that hold pictures, by entity and source. `shot`: for which this episode makes those that it makes."""
    needs: dict[str, Need] = {}
    for picture in pictures:
        source = picture.source
        if isinstance(source, MadeHere):
            needs[_place(picture)] = (
                task_id("keyframe", shot) if source.step == "keyframe" else task_id("sheet", shot, picture.entity)
            )
        else:
            needs[_place(picture)] = Stored(source.key)
    return needs


def located(pictures: Iterable[ReferencePicture], run: StepRun) -> tuple[ReferencePicture, ...]:
    """Pictures with the paths of their files, and of the sounds that go with them."""
    return tuple(_located(picture, run) for picture in pictures)


def _located(picture: ReferencePicture, run: StepRun) -> ReferencePicture:
    """One picture with the path of its file, and of its sound where there is one."""
    if isinstance(picture.source, Stored):
        path = run.store.file(picture.source.key, picture.file)  # refuses a name that leads out of the artifact
    else:
        path = run.named_needs("pictures")[_place(picture)] / picture.file
    sound = sound_beside(path)
    return dataclasses.replace(picture, path=path, sound=sound if sound.is_file() else None)


def _place(picture: ReferencePicture) -> str:
    """The name under which a task needs a picture: its entity and the artifact it is in."""
    return f"{picture.entity}:{picture.source}"


def _shooting(shooting: Shooting, *, heavy: bool) -> Shooting:
    """What the series says of shooting, without what makes no other takes of this backbone."""
    several = {name: getattr(shooting, name) for name in ("takes", "retries", "good_enough")} if shooting.takes > 1 else {}
    if not heavy:
        return Shooting(**several)
    taste = shooting.model_dump(exclude={"takes", "retries", "good_enough", "consistency"})
    corrects = "colour" in shooting.layers(heavy=True)
    return Shooting(**taste, **several, consistency="auto" if corrects else "off")


def _changing_pictures(machine: MachineSettings) -> MachineSettings:
    return MachineSettings(**{name: getattr(machine, name) for name in _CHANGE_PICTURES})
