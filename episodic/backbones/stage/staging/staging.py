"""The staging of a shot: its request as numbers, which all its takes share.

`base` is the motion that the request dictates (paths between marks, framing, light set-up, spoken lips); a take is sampled as the
deviation from it. `cues` state what happens at each latent frame, `facts` what holds for the whole shot. None of them depends on a
character's style, which comes from memory alone.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Final, TypeVar

import numpy as np
from einops import rearrange
from jaxtyping import Bool, Float, Float32

from episodic.backbones.request import Performer, ShotRequest
from episodic.backbones.speech_cue import LIP_HZ
from episodic.backbones.stage.model.latent import ACTOR, ACTOR_SLOTS, CHANNELS, LATENT_HZ, SLOTS, SlotKind, encode
from episodic.backbones.stage.staging.framing import ease, frame_shot
from episodic.errors import BackboneError
from memory.model.canon import CHARACTER_KINDS
from planners.plan.vocabulary import ACTIONS, CAMERA_MOVES, EMOTIONS, KEYS, MOODS, SHOT_SIZES, STYLES, TIMES, WEATHERS

__all__ = [
    "CUES",
    "FACTS",
    "FINE",
    "SPEED",
    "Lighting",
    "Script",
    "SetState",
    "Staging",
    "latent_frames",
    "lighting_of",
    "script_of",
    "set_state_of",
    "stage_shot",
]

CUES: Final = 32
"""Numbers per slot and latent frame."""
FACTS: Final = 64
"""Numbers per slot for the whole shot."""
FINE: Final = 3
"""Samples of the script's 24 Hz tracks in one latent frame."""
SPEED: Final = {"walk": 1.1, "run": 2.6, "sneak": 0.6, "carry": 0.85, "push": 0.6, "float": 0.8, "dance": 0.8}
"""Metres a second of an average adult. Every other action travels at a walk."""
_LEAD_S: Final = 0.3
_Word = TypeVar("_Word", bound=str)


@dataclass(frozen=True, slots=True)
class Script:
    """A shot on the clock of the lips, 24 Hz: positions (m), speech and moods of the performers."""

    seconds: Float[np.ndarray, " tick"]
    x: Float[np.ndarray, "performer tick"]
    z: Float[np.ndarray, "performer tick"]
    lips: Float[np.ndarray, "performer tick 3"]
    off_screen: Float[np.ndarray, " tick"]
    """Loudness of voices that belong to no performer of the shot."""
    mood: Float[np.ndarray, "performer tick emotion"]
    speaking: Float[np.ndarray, "performer tick"]

    @property
    def speaker(self) -> Float[np.ndarray, " tick"]:
        """The index of the performer who speaks; -1 if nobody does."""
        loud = self.speaking.max(0) if len(self.speaking) else np.zeros_like(self.seconds)
        return np.where(loud > 0, self.speaking.argmax(0) if len(self.speaking) else -1, -1)


@dataclass(frozen=True, slots=True)
class Staging:
    """The conditioning of one shot."""

    base: Float32[np.ndarray, "slot time channel=32"]
    cues: Float32[np.ndarray, "slot time cue=32"]
    facts: Float32[np.ndarray, "slot fact=64"]
    present: Bool[np.ndarray, " slot"]
    """False for actor slots without a performer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lighting:
    """The light channels that a request asks for, in the units of the latent."""

    azimuth: float
    elevation: float
    intensity: float
    ambient: float
    log2_temperature: float
    haze: float
    flicker: float
    contrast: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SetState:
    """The set channels that a request asks for, in the units of the latent."""

    wind: float
    precipitation: float
    drift: float
    activity: float
    practical: float
    water: float
    particles: float


def latent_frames(request: ShotRequest) -> int:
    """Count the latent frames of a take: its length at 8 Hz and one frame to interpolate towards."""
    return -(-request.frames * LATENT_HZ // request.fps) + 1


def stage_shot(request: ShotRequest, frames: int) -> Staging:
    """Stage `frames` latent frames of a request. Raises BackboneError for more performers than slots."""
    script = script_of(request, frames)
    base = np.zeros((len(SLOTS), frames, CHANNELS), np.float32)
    cues = np.zeros((len(SLOTS), frames, CUES), np.float32)
    facts = np.zeros((len(SLOTS), FACTS), np.float32)
    clock = _clock(script, request)
    for index, performer in enumerate(request.performers):
        base[index] = _actor_base(script, index)
        cues[index] = _actor_cues(script, index, performer, clock)
        facts[index] = _actor_facts(request, performer, script, index)
    for slot, values in _set_up(request, script).items():
        base[SLOTS.index(slot)] = encode(slot, values)
    cues[ACTOR_SLOTS:] = _shared_cues(script, clock)
    facts[ACTOR_SLOTS:] = _shot_facts(request)
    present = np.array([i < len(request.performers) or i >= ACTOR_SLOTS for i in range(len(SLOTS))])
    return Staging(base, cues, facts, present)


def script_of(request: ShotRequest, frames: int) -> Script:
    """Write the 24 Hz script behind `frames` latent frames of a request. Raises BackboneError for too many performers."""
    if len(request.performers) > ACTOR_SLOTS:
        raise BackboneError(
            f"shot {request.shot_id}: the stage backbone has {ACTOR_SLOTS} performers at most, found {len(request.performers)}; "
            "leave the others out of the shot or split it"
        )
    ticks = frames * FINE
    seconds = np.arange(ticks) / LIP_HZ
    count = len(request.performers)
    paths = [_path(performer, seconds) for performer in request.performers]
    lips = np.zeros((count, ticks, 3))
    off_screen = np.zeros(ticks)
    mood = np.zeros((count, ticks, len(EMOTIONS)))
    speaking = np.zeros((count, ticks))
    for index, performer in enumerate(request.performers):
        mood[index, :, EMOTIONS.index(performer.emotion)] = 1
    slots = {performer.id: index for index, performer in enumerate(request.performers)}
    for cue in (*request.speech, *request.overheard):
        begin = round(cue.start_s * LIP_HZ)
        first, last = max(begin, 0), min(begin + len(cue.lips), ticks)
        if last <= first:
            continue
        spoken = cue.lips[first - begin : last - begin]
        if cue.speaker not in slots:
            off_screen[first:last] = np.maximum(off_screen[first:last], spoken[:, 2])
            continue
        index = slots[cue.speaker]
        lips[index, first:last] = spoken
        speaking[index, first:last] = 1
        mood[index, first:last] = np.eye(len(EMOTIONS))[EMOTIONS.index(cue.emotion)]
    x = np.stack([p[0] for p in paths]) if paths else np.zeros((0, ticks))
    z = np.stack([p[1] for p in paths]) if paths else np.zeros((0, ticks))
    return Script(seconds, x, z, lips, off_screen, mood, speaking)


def _path(
    performer: Performer, seconds: Float[np.ndarray, " tick"]
) -> tuple[Float[np.ndarray, " tick"], Float[np.ndarray, " tick"]]:
    """Return x and z of the path from mark to mark, at the pace of an average adult."""
    start, end = performer.start, performer.end
    way = float(np.hypot(end.x - start.x, end.z - start.z))
    length = max(seconds[-1] - _LEAD_S - 0.2, 0.4)
    travel = min(max(way / SPEED.get(performer.action, 1.1) + 0.4, 0.5), length)
    gone = ease((seconds - _LEAD_S) / travel) * 0.35 + np.clip((seconds - _LEAD_S) / travel, 0, 1) * 0.65
    return start.x + (end.x - start.x) * gone, start.z + (end.z - start.z) * gone


def _coarse(track: Float[np.ndarray, "tick ..."]) -> Float[np.ndarray, "time ..."]:
    """Take a 24 Hz track at the 8 Hz of the latent."""
    return track[::FINE]


def _clock(script: Script, request: ShotRequest) -> Float[np.ndarray, "time 4"]:
    """Encode the time since the start and until the end of the shot."""
    t = _coarse(script.seconds)
    remaining = request.seconds - t
    return np.stack([np.clip(t / 2, 0, 1), np.clip(t / 8, 0, 1), np.clip(remaining / 2, -1, 1), t / max(request.seconds, 0.5)], 1)


def _actor_base(script: Script, index: int) -> Float32[np.ndarray, "time channel=32"]:
    """Return position and lips of a performer, in stored units; every other channel is zero."""
    frames = len(script.seconds) // FINE
    latent = np.zeros((frames, CHANNELS), np.float32)
    names = [c.name for c in ACTOR]
    latent[:, 0] = (_coarse(script.x[index]) - ACTOR[0].offset) / ACTOR[0].scale
    latent[:, 1] = (_coarse(script.z[index]) - ACTOR[1].offset) / ACTOR[1].scale
    for kind, track in (("mouth_open", 0), ("mouth_wide", 1)):
        first = names.index(f"{kind}_0")
        channel = ACTOR[first]
        lips = rearrange(script.lips[index, :, track], "(time tick) -> time tick", tick=FINE)
        latent[:, first : first + FINE] = (lips - channel.offset) / channel.scale
    return latent


def _actor_cues(
    script: Script, index: int, performer: Performer, clock: Float[np.ndarray, "time 4"]
) -> Float32[np.ndarray, "time cue=32"]:
    """Return what happens to a performer at each latent frame: own and others' speech, moods, speed, time."""
    others = script.speaking.copy()
    others[index] = 0
    speaker = others.argmax(0)
    heard = (others.max(0) > 0).astype(float)
    ticks = np.arange(len(heard))
    aside = (script.x[speaker, ticks] - script.x[index]) * heard
    heard_mood = script.mood[speaker, ticks] * heard[:, None]
    partner = performer.looks_at
    to_partner = (partner.x - script.x[index]) if partner else np.zeros_like(heard)
    energy = rearrange(script.lips[index, :, 2], "(time tick) -> time tick", tick=FINE)
    columns = [
        energy * 2,
        _coarse(script.speaking[index])[:, None],
        _coarse(heard)[:, None],
        _coarse(np.maximum(script.off_screen, 0))[:, None],
        _coarse(np.tanh(aside))[:, None],
        _coarse(np.tanh(to_partner))[:, None],
        _coarse(script.mood[index]),
        _coarse(heard_mood),
        _coarse(np.gradient(script.x[index]) * LIP_HZ)[:, None],
        _coarse(np.gradient(script.z[index]) * LIP_HZ)[:, None],
        clock,
    ]
    return _fill(np.concatenate(columns, 1), CUES)


def _shared_cues(script: Script, clock: Float[np.ndarray, "time 4"]) -> Float32[np.ndarray, "time cue=32"]:
    """Return what happens on the whole set at each latent frame: loudness, the fastest pace, time."""
    loud = rearrange(_loudness(script), "(time tick) -> time tick", tick=FINE)
    pace = np.zeros(len(script.seconds))
    if len(script.x):
        pace = np.hypot(np.gradient(script.x, axis=1), np.gradient(script.z, axis=1)).max(0) * LIP_HZ
    return _fill(np.concatenate([loud * 2, _coarse(pace)[:, None], clock], 1), CUES)


def _loudness(script: Script) -> Float[np.ndarray, " tick"]:
    """Return the loudness of the loudest voice, 0..1."""
    loudness: Float[np.ndarray, " tick"] = np.maximum(script.lips[:, :, 2].max(0) if len(script.lips) else 0, script.off_screen)
    return loudness


def _fill(values: Float[np.ndarray, "*rows columns"], width: int) -> Float32[np.ndarray, "*rows width"]:
    """Append zeros to the last axis until it is `width` long."""
    filled = np.zeros((*values.shape[:-1], width), np.float32)
    filled[..., : values.shape[-1]] = values
    return filled


def _one_hot(word: _Word, words: tuple[_Word, ...]) -> list[float]:
    """Encode a word of a vocabulary as ones and zeros."""
    return [float(word == entry) for entry in words]


def _actor_facts(request: ShotRequest, performer: Performer, script: Script, index: int) -> Float32[np.ndarray, " fact=64"]:
    """Encode what holds for a performer during the whole shot."""
    start, end, partner = performer.start, performer.end, performer.looks_at
    numbers = [
        start.x / 2,
        (start.z - 2.5) / 1.2,
        (end.x - start.x) / 2,
        (end.z - start.z) / 2,
        float(np.hypot(end.x - start.x, end.z - start.z) > 0.25),
        float(partner is not None),
        np.tanh(partner.x - end.x) if partner else 0.0,
        np.tanh(partner.z - end.z) if partner else 0.0,
        float(script.speaking[index].any()),
        len(request.performers) / 4,
        request.seconds / 8,
    ]
    words = (
        _one_hot(performer.kind, CHARACTER_KINDS)
        + _one_hot(performer.action, ACTIONS)
        + _one_hot(performer.emotion, EMOTIONS)
        + _one_hot(request.setting.weather, WEATHERS)
    )
    return _fill(np.array(words + numbers), FACTS)


def _shot_facts(request: ShotRequest) -> Float32[np.ndarray, " fact=64"]:
    """Encode what holds for the set, the camera and the sound during the whole shot."""
    setting = request.setting
    numbers = [(setting.temperature_k - 5000) / 2000, setting.contrast, len(request.performers) / 4, request.seconds / 8]
    words = (
        _one_hot(request.size, SHOT_SIZES)
        + _one_hot(request.camera, CAMERA_MOVES)
        + _one_hot(request.style, STYLES)
        + _one_hot(setting.time, TIMES)
        + _one_hot(setting.weather, WEATHERS)
        + _one_hot(setting.mood, MOODS)
        + _one_hot(setting.key, KEYS)
    )
    return _fill(np.array(words + numbers), FACTS)


def lighting_of(request: ShotRequest) -> Lighting:
    """Return the lighting that a request asks for."""
    setting = request.setting
    azimuth, elevation = {
        "left": (-0.65, 0.5),
        "right": (0.65, 0.5),
        "front": (0.05, 0.6),
        "back": (0.25, 0.35),
        "top": (0.0, 0.92),
    }[setting.key]
    intensity, ambient, warmth = {
        "dawn": (0.8, 0.42, -0.25),
        "day": (1.0, 0.58, 0.0),
        "dusk": (0.78, 0.36, -0.4),
        "night": (0.6, 0.2, 0.3),
    }[setting.time]
    dim, fog = {
        "clear": (0.0, 0.0),
        "rain": (-0.18, 0.2),
        "storm": (-0.28, 0.25),
        "snow": (-0.05, 0.2),
        "fog": (-0.2, 0.5),
        "wind": (0.0, 0.08),
    }[setting.weather]
    shade = {
        "warm": 0.06,
        "playful": 0.08,
        "triumphant": 0.12,
        "uneasy": -0.08,
        "tense": -0.1,
        "sad": -0.08,
        "mysterious": -0.12,
    }.get(setting.mood, 0.0)
    return Lighting(
        azimuth=azimuth,
        elevation=elevation - (0.22 if setting.time in ("dawn", "dusk") and setting.key != "top" else 0.0),
        intensity=intensity + dim + shade,
        ambient=max(ambient + 0.5 * shade + 0.15 * (0.5 - setting.contrast), 0.08),
        log2_temperature=float(np.log2(max(setting.temperature_k, 1000) / 5000)) + 0.4 * warmth,
        haze=0.08 + fog + (0.12 if setting.mood in ("mysterious", "wonder") else 0.0),
        flicker=0.0,
        contrast=float(np.clip(setting.contrast, 0, 1)),
    )


def set_state_of(request: ShotRequest) -> SetState:
    """Return the state of the set that a request asks for."""
    setting = request.setting
    wet, drift, water = {
        "clear": (0.0, 0.2, 0.2),
        "rain": (0.65, 0.4, 0.4),
        "storm": (0.95, 0.95, 0.85),
        "snow": (0.6, 0.25, 0.15),
        "fog": (0.0, 0.1, 0.1),
        "wind": (0.0, 0.8, 0.6),
    }[setting.weather]
    lamps = {"dawn": 0.45, "day": 0.2, "dusk": 0.7, "night": 0.9}[setting.time]
    life = {"dawn": 0.3, "day": 0.6, "dusk": 0.4, "night": 0.15}[setting.time]
    return SetState(
        wind=0.0,
        precipitation=wet,
        drift=drift,
        activity=life,
        practical=lamps,
        water=water,
        particles=0.45 if setting.weather in ("wind", "snow") else 0.15 + 0.15 * (setting.mood in ("wonder", "mysterious")),
    )


def _set_up(request: ShotRequest, script: Script) -> dict[SlotKind, dict[str, Float[np.ndarray, " time"]]]:
    """Return the channels of camera, light, set and sound that the request asks for, in units."""
    framing = frame_shot(request, _coarse(script.seconds), script.x[:, ::FINE], script.z[:, ::FINE])
    still = np.zeros(len(framing.x))
    speech = _coarse(np.broadcast_to(_loudness(script), script.seconds.shape))
    return {
        "camera": asdict(framing) | {"roll": still, "shake_x": still, "shake_y": still},
        "light": {name: still + level for name, level in asdict(lighting_of(request)).items()},
        "set": {name: still + level for name, level in asdict(set_state_of(request)).items()},
        "sound": {"speech": speech, "ambience": still + 0.5, "impact": still},
    }
