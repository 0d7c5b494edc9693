"""What each kind of task does. Every function takes JSON inputs, the folders of the artifacts it needs (in the task's order) and
an empty folder to fill. They run in worker processes; what a worker loads (models, voices) it keeps.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float32
from safetensors import safe_open
from safetensors.numpy import save_file

from episodic.backbones.keyframes.model import Keyframer, open_keyframer
from episodic.backbones.keyframes.wishes import CharacterWanted, FramesWanted, PlaceWanted, PropWanted
from episodic.backbones.protocol import Auditions, Backbone, Capabilities, LeavesRushes, PromptReader
from episodic.backbones.registry import BACKBONES, open_backbone
from episodic.backbones.request import (
    MadeHere,
    PlannedLine,
    ReferencePicture,
    Setting,
    ShotDraft,
    ShotRequest,
    SpeechCue,
    Spoken,
    picture_source,
)
from episodic.backbones.take import Rushes, Take
from episodic.conditioning.delivery import check_received
from episodic.conditioning.reference_sheets import FRONT_FILE, PLATE_FILE
from episodic.cut.timeline import Segment, dissolve_frames, keyframes_for
from episodic.errors import BackboneError
from episodic.production.files.stem_file import write_stem
from episodic.production.files.take_file import read_rushes, read_take, write_rushes, write_take
from episodic.production.graph.graph import TaskKind
from episodic.production.steps.shot_timing import time_shot
from episodic.production.take_selection import as_shot, shoot_best
from episodic.series.machine_settings import MachineSettings
from episodic.series.shooting_settings import Shooting
from episodic.storage.artifacts import LocalArtifacts, Stored
from memory.model.canon import Voice
from planners.plan.vocabulary import Transition

__all__ = ["CLOSING_FADE_S", "WORK", "Work"]

Inputs = Mapping[str, Any]
Work = Callable[[Inputs, Sequence[Path], Path], Sequence[str] | None]
"""What comes back is for the user to read."""

SPEECH_FILE: Final = "speech.safetensors"
RUSHES_FILE: Final = "rushes.safetensors"
TAKE_FILE: Final = "take.safetensors"
PICTURE_FILE: Final = "picture.mp4"
EMBEDDING_FILE: Final = "embedding.json"
FILM_FILE: Final = "episode.mp4"
STEMS: Final = ("dialogue", "music", "ambience", "effects")
MIX_FILE: Final = "mix.flac"
LOUDNESS_FILE: Final = "loudness.json"
CLOSING_FADE_S: Final = 1.0
_REMEMBERED_S: Final = 4.0
"""How much sound goes into memory with a key frame."""
MOST_GAIN_DB: Final = 24.0
"""A quieter episode than that stays quiet."""
_TRANSITION_HOLD: Final[Mapping[str, float]] = {"cut": 0.0, "match_cut": 0.0, "dissolve": 0.5, "fade": 0.25}
"""Seconds at a shot's end or start that lie under a transition."""


def audition(inputs: Inputs, _needs: Sequence[Path], folder: Path) -> None:
    """How a new character moves: the motion embedding memory keeps."""
    _write_embedding(folder, _auditions(inputs).audition(inputs["kind"], inputs["description"], inputs["seed"]))


def light(inputs: Inputs, _needs: Sequence[Path], folder: Path) -> None:
    """How a new place is lit: the light embedding memory keeps."""
    _write_embedding(folder, _auditions(inputs).audition_light(inputs["description"], inputs["seed"]))


def _auditions(inputs: Inputs) -> Auditions:
    backbone = open_backbone(inputs["backbone"])
    if not isinstance(backbone, Auditions):
        raise BackboneError(f"{inputs['backbone']} takes how somebody moves, and holds no auditions; the backbone is at fault")
    return backbone


def _write_embedding(folder: Path, values: Sequence[float]) -> None:
    (folder / EMBEDDING_FILE).write_text(json.dumps([round(float(one), 6) for one in values]), "utf-8")


def read_embedding(folder: Path) -> list[float]:
    """The embedding an audition made."""
    return [float(one) for one in json.loads((folder / EMBEDDING_FILE).read_text("utf-8"))]


def speech(inputs: Inputs, _needs: Sequence[Path], folder: Path) -> None:
    """One line, spoken: samples, phonemes with their times, and the lips that go with them."""
    from episodic.sound.speech.lips import lip_track

    utterance = _speech_engine().say(inputs["text"], Voice(**inputs["voice"]), inputs["emotion"])
    phonemes = [[one.symbol, one.start_s, one.end_s] for one in utterance.phonemes]
    record = json.dumps({"format": "episodic/speech@1", "phonemes": phonemes})
    arrays = {"samples": utterance.samples, "lips": np.ascontiguousarray(lip_track(utterance))}
    save_file(arrays, folder / SPEECH_FILE, metadata={"episodic": record})


@cache
def _speech_engine() -> Any:
    from episodic.sound.speech.engine import HibariSpeech

    return HibariSpeech()


def _read_speech(folder: Path) -> Spoken:
    with safe_open(folder / SPEECH_FILE, framework="np") as file:
        return Spoken(samples=file.get_tensor("samples"), lips=file.get_tensor("lips"))


def sheet(inputs: Inputs, needs: Sequence[Path], folder: Path) -> Sequence[str]:
    """A character sheet, the picture of a prop, or the plate of a place."""
    keyframer = _keyframer(inputs)
    asked = {name: inputs[name] for name in ("prompt", "prompts", "seed") if name in inputs}
    if "like" in inputs:
        earlier = (
            needs[0]
            if isinstance(picture_source(inputs["like"]), MadeHere)
            else LocalArtifacts(folder.parent.parent).folder(inputs["like"])
        )
        asked["like"] = earlier / (PLATE_FILE if inputs["of"] == "place" else FRONT_FILE)
    if inputs["of"] == "place":
        setting, size = Setting(**inputs["setting"]), tuple(inputs.get("size", (1280, 720)))
        keyframer.plate(PlaceWanted(setting=setting, style=inputs["style"], size=size, **asked), folder)
    elif inputs["of"] == "prop":
        keyframer.prop(PropWanted(look=inputs["look"], style=inputs["style"], **asked), folder)
    else:
        keyframer.sheet(CharacterWanted(kind=inputs["kind"], look=inputs["look"], style=inputs["style"], **asked), folder)
    return _of_the_machine(keyframer.capabilities)


def keyframe(inputs: Inputs, needs: Sequence[Path], folder: Path) -> Sequence[str]:
    """The pictures that a shot begins or ends with: from sheets and remembered pictures of everybody in it, or as `stage` plays it."""
    keyframer, asked = _keyframer(inputs), {name: inputs[name] for name in ("shot_id", "first", "last", "seed")}
    if "by" not in inputs:
        request = _request(inputs, list(needs))
        size = (request.width, request.height)
        keyframer.frames(FramesWanted(prompt="", references=(), size=size, played=request, **asked), folder)
        return ()
    references = [ReferencePicture.from_json(picture) for picture in inputs["references"]]
    lying = tuple(_placed(references, needs, LocalArtifacts(folder.parent.parent)))
    said = {name: inputs[name] for name in ("prompt", "last_prompt") if name in inputs}
    keyframer.frames(FramesWanted(**said, references=lying, size=tuple(inputs["size"]), **asked), folder)
    return _of_the_machine(keyframer.capabilities)


def _keyframer(inputs: Inputs) -> Keyframer:
    """Who makes a task's pictures."""
    if "by" not in inputs:
        return open_keyframer(None)
    return open_keyframer(inputs["keyframes"], MachineSettings.model_validate(inputs.get("machine", {})))


def previs(inputs: Inputs, needs: Sequence[Path], folder: Path) -> None:
    """The shot as `stage` plays it, as control video for another backbone."""
    from episodic.backbones.previs import make_previs

    rest, wants = list(needs), inputs["control"]
    request = _request(inputs, rest)
    before = read_take(rest.pop(0) / TAKE_FILE)[1] if inputs["continues"] else None
    frames = max(1, math.ceil(request.seconds * wants["fps"] - 1e-6))
    take = make_previs(request, folder, **wants, frames=frames, before=before)
    write_take(folder / TAKE_FILE, request, take)


def prompt(inputs: Inputs, _needs: Sequence[Path], folder: Path) -> Sequence[str]:
    """A prompt as the model's text encoder has it."""
    backbone = _open(inputs)
    if not isinstance(backbone, PromptReader):
        raise BackboneError(f"{inputs['backbone']} reads text, and encodes no prompts; the backbone is at fault")
    backbone.encode_prompt(inputs["prompt"], inputs["negative"], folder)
    return _of_the_machine(backbone.capabilities)


def _open(inputs: Inputs) -> Backbone:
    """The backbone of a task, with what the series says of shooting and of the machine."""
    shooting = Shooting.model_validate(inputs.get("shooting", {}))
    if inputs["backbone"] in BACKBONES:
        return open_backbone(inputs["backbone"], shooting)
    from episodic.backbones.diffusers.machine.plan import MachineSettings

    return open_backbone(inputs["backbone"], shooting, MachineSettings.model_validate(inputs.get("machine", {})))


def _request(inputs: Inputs, rest: list[Path]) -> ShotRequest:
    """The request of a shot, timed by its speech; takes auditions and speech from the front of `rest`."""
    draft = ShotDraft.from_json(inputs["request"])
    motions = {entity: read_embedding(rest.pop(0)) for entity in inputs["auditions"]}
    place_light = read_embedding(rest.pop(0)) if inputs["light_audition"] else None
    spoken = [_read_speech(rest.pop(0)) for _ in draft.lines]
    neighbours = [PlannedLine(**line) for line in inputs.get("overheard", ())]
    overheard = [_read_speech(rest.pop(0)) for _ in neighbours]
    lengths = [_seconds(line) for line in overheard]
    timing = time_shot(
        [_seconds(line) for line in spoken],
        fps=draft.fps,
        head_s=_TRANSITION_HOLD[inputs["transition"]],
        tail_s=_TRANSITION_HOLD[inputs["next_transition"]],
        moves=inputs["moves"],
        wanted_s=inputs["wanted_s"],
        sound=inputs.get("sound", "straight"),
        next_sound=inputs.get("next_sound", "straight"),
        before_s=lengths[0] if inputs.get("sound") == "l_cut" else 0.0,
        before_crosses=inputs.get("before_crosses", False),
        after_s=lengths[-1] if inputs.get("next_sound") == "j_cut" else 0.0,
    )
    cues = [SpeechCue.of(*heard) for heard in zip(neighbours, timing.overheard_s, overheard, strict=True)]
    return draft.auditioned(motions, place_light).timed(timing.frames, timing.starts_s, spoken, cues)


def _seconds(line: Spoken) -> float:
    return len(line.samples) / 48_000


def rushes(inputs: Inputs, needs: Sequence[Path], folder: Path) -> Sequence[str]:
    """What of a take needs a video model: its length from its speech, its memory from canon and auditions, its movement from `stage`."""
    backbone = _open(inputs)
    request = _whole_request(inputs, needs, backbone.capabilities, LocalArtifacts(folder.parent.parent))
    if Shooting.model_validate(inputs.get("shooting", {})).takes == 1 and isinstance(backbone, LeavesRushes):
        exposed = backbone.expose(request)
    else:  # who judges a take sees it finished
        exposed = Rushes(take=_best_take(backbone, request, inputs))
    write_rushes(folder / RUSHES_FILE, exposed)
    return _of_the_machine(backbone.capabilities)


def shoot(inputs: Inputs, needs: Sequence[Path], folder: Path) -> None:
    """One take: what the backbone makes of its request, or what is made of its rushes where a model left some."""
    backbone = _open(inputs)
    can = backbone.capabilities
    request = _whole_request(inputs, needs[:-1] if can.heavy else needs, can, LocalArtifacts(folder.parent.parent))
    if can.heavy:
        left = read_rushes(needs[-1] / RUSHES_FILE)
        take = backbone.finish(left) if isinstance(backbone, LeavesRushes) else left.take
    else:
        take = _best_take(backbone, request, inputs)
    request = as_shot(request, take)
    check_received(request, take, can)
    write_take(folder / TAKE_FILE, request, take)


def _whole_request(inputs: Inputs, needs: Sequence[Path], can: Capabilities, artifacts: LocalArtifacts) -> ShotRequest:
    """The request of a shot with everything that its backbone is given for it."""
    rest = list(needs)
    request = dataclasses.replace(
        _request(inputs, rest),
        continues=read_take(rest.pop(0) / TAKE_FILE)[1] if inputs["continues"] else None,
        previs=rest.pop(0) if can.control else None,
        encoded=rest.pop(0) if can.text_tokens else None,
    )
    return _with_pictures(request, rest, artifacts)


def _of_the_machine(can: Capabilities) -> Sequence[str]:
    """How a model was fitted to the machine, where that was not said before."""
    if not can.heavy:
        return ()
    from episodic.backbones.diffusers.machine.host import the_host

    return the_host().tell()


def _best_take(backbone: Backbone, request: ShotRequest, inputs: Inputs) -> Take:
    """One take, or where the series wants several the best of them, judged against what memory held before the episode."""
    how = Shooting.model_validate(inputs.get("shooting", {}))
    if how.takes == 1:
        return backbone.shoot(request)
    from episodic.quality.judge import Remembered, judge_take

    memory = Remembered.from_json(inputs["remembered"])
    played = None if request.previs is None else read_take(request.previs / TAKE_FILE)[1]
    return shoot_best(
        backbone,
        request,
        takes=how.takes,
        retries=how.retries,
        good_enough=how.good_enough,
        judge=lambda shot, take: judge_take(backbone, shot, take, memory, played),
    )


def _with_pictures(request: ShotRequest, made: Sequence[Path], artifacts: LocalArtifacts) -> ShotRequest:
    """A request whose pictures say where they lie. `made`: those of this episode, a first frame first, then as `sheets_wanted` has them."""
    return request.with_pictures({picture.name: picture for picture in _placed(request.pictures, made, artifacts)})


def _placed(pictures: Sequence[ReferencePicture], made: Sequence[Path], artifacts: LocalArtifacts) -> Iterator[ReferencePicture]:
    """Pictures with where they lie. `made`: the artifacts of those that tasks of this episode make, each once, in the pictures' order."""
    waiting = dict.fromkeys((picture.entity, picture.source) for picture in pictures if isinstance(picture.source, MadeHere))
    folders = dict(zip(waiting, made, strict=True))
    for picture in pictures:
        match picture.source:
            case Stored(key):
                path = artifacts.file(key, picture.file)
            case MadeHere():
                path = folders[picture.entity, picture.source] / picture.file
        yield dataclasses.replace(picture, path=path, sound=sound_beside(path) if sound_beside(path).is_file() else None)


def picture(inputs: Inputs, needs: Sequence[Path], folder: Path) -> Sequence[str]:
    """A take's frames, encoded once; keyframes stand where transitions will cut into them."""
    from episodic.cut.encode import encode_shot

    request, take = read_take(needs[0] / TAKE_FILE)
    here = _segment(request.shot_id, needs[0], request.frames, inputs["transition"], request.fps)
    after = _segment("next", needs[0], request.frames, inputs["next_transition"], request.fps)
    before = _segment("before", needs[0], request.frames, "cut", request.fps)
    frames, said = _finished(inputs, request, take, needs)
    keyframes = keyframes_for(here, after, previous=before)
    encode_shot(folder / PICTURE_FILE, frames, width=request.width, height=request.height, fps=request.fps, keyframes=keyframes)
    return said


def _finished(
    inputs: Inputs, request: ShotRequest, take: Take, needs: Sequence[Path]
) -> tuple[Iterable[np.ndarray], Sequence[str]]:
    """A take's frames, made to agree with the scene's first take where the series wants that; what the user should know."""
    backbone, rest = open_backbone(inputs["backbone"]), list(needs[1:])
    before = read_take(rest.pop(0) / TAKE_FILE) if inputs["transition"] == "match_cut" else None
    layers = inputs.get("consistency", [])
    anchor = read_take(rest.pop(0) / TAKE_FILE) if rest else (request, take)
    frames: Iterable[np.ndarray] = backbone.develop(request, take)
    if layers:
        from episodic.production.steps.match_scene_look import agree

        frames = agree(backbone, (request, take), anchor, layers)
    if before is None:
        return frames, ()
    from episodic.production.steps.match_cut import match_before

    matched = match_before(backbone, before, (request, take), frames)
    if matched is not None:
        return matched, ()
    return frames, (f"shot {request.shot_id}: its match cut is a plain cut, because who is where in the two takes is not known",)


def survey(inputs: Inputs, needs: Sequence[Path], folder: Path) -> None:
    """What a take shows and lets hear, measured; its key frames as pictures."""
    from episodic.quality.survey import survey_take, write_survey

    request, take = read_take(needs[0] / TAKE_FILE)
    spoken = [(cue.speaker, _read_speech(path).samples) for cue, path in zip(request.speech, needs[1:], strict=True)]
    found = survey_take(open_backbone(inputs["backbone"]), request, take, spoken, folder)
    write_survey(folder, found)
    if "sound" in take.arrays:
        for one in found.key_frames:
            save_file({"sound": _around(take.arrays["sound"], one.frame / request.fps)}, sound_beside(folder / one.file))


def _around(sound: Float32[np.ndarray, "channel sample"], second: float) -> Float32[np.ndarray, "channel sample"]:
    """The seconds around a key frame: the sound that goes with it into memory."""
    length = min(sound.shape[1], round(_REMEMBERED_S * 48_000))
    first = int(np.clip(round(second * 48_000) - length // 2, 0, sound.shape[1] - length))
    return np.ascontiguousarray(sound[:, first : first + length])


def sound_beside(picture: Path) -> Path:
    """Where the sound that goes with a key frame lies, where there is one."""
    return picture.with_suffix(".safetensors")


def _segment(name: str, path: Path, frames: int, transition: Transition, fps: int) -> Segment:
    return Segment(id=name, path=path, frames=frames, transition=transition, transition_frames=dissolve_frames(fps))


def mix(inputs: Inputs, needs: Sequence[Path], folder: Path) -> None:
    """One scene's sound: dialogue where the takes have it, a bed for the place, a cue for the mood, steps and blows."""
    from episodic.production.steps.scene_mix import mix_of_scene

    takes = [read_take(path / TAKE_FILE) for path in needs[: len(inputs["lines"])]]
    utterances = iter([_read_speech(path).samples for path in needs[len(inputs["lines"]) :]])
    spoken = [[next(utterances) for _ in range(count)] for count in inputs["lines"]]
    sound, loudness = mix_of_scene(inputs, takes, spoken)
    for name in STEMS:
        write_stem(folder / f"{name}.flac", [getattr(sound, name)])
    write_stem(folder / MIX_FILE, [sound.mix])
    (folder / LOUDNESS_FILE).write_text(json.dumps({"format": "episodic/loudness@1", **loudness}), "utf-8")


def meaning(inputs: Inputs, _needs: Sequence[Path], folder: Path) -> None:
    """Every scene's text as a vector."""
    from memory.queries.embeddings import MiniLmEncoder

    rows = MiniLmEncoder().encode(inputs["texts"])
    (folder / EMBEDDING_FILE).write_text(json.dumps([[round(float(one), 6) for one in row] for row in rows]), "utf-8")


def read_meanings(folder: Path) -> list[list[float]]:
    """One vector per scene."""
    return [[float(one) for one in row] for row in json.loads((folder / EMBEDDING_FILE).read_text("utf-8"))]


def cut(inputs: Inputs, needs: Sequence[Path], folder: Path) -> None:
    """The film: pictures joined, sound laid under them, subtitles and chapters."""
    from episodic.production.steps.final_cut import cut_episode

    count = sum(len(scene["shots"]) for scene in inputs["scenes"])
    requests = [read_take(path / TAKE_FILE)[0] for path in needs[:count]]
    cut_episode(inputs, requests, needs[count : 2 * count], needs[2 * count :], folder)


WORK: Final[Mapping[TaskKind, Work]] = {
    "audition": audition,
    "light": light,
    "speech": speech,
    "sheet": sheet,
    "keyframe": keyframe,
    "previs": previs,
    "prompt": prompt,
    "rushes": rushes,
    "shoot": shoot,
    "picture": picture,
    "survey": survey,
    "mix": mix,
    "meaning": meaning,
    "cut": cut,
}
