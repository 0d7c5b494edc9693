"""The mix of one scene: dialogue in its place and room, music and ambience stepping back while somebody speaks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from jaxtyping import Float64
from scipy.signal import butter, oaconvolve, sosfilt

from episodic.sound.audio import SAMPLE_RATE, Mono, Stereo, db_to_gain, fit_length, generator, pan

__all__ = ["Placement", "Room", "SceneMix", "SceneSound", "edged", "mix_scene"]

Room = Literal["outdoors", "small", "room", "hall", "cave"]
"""How the place answers to a voice."""

_MUSIC_DB: Final = -1.0
_BED_DB: Final = 2.0
_EFFECTS_DB: Final = -2.0
_EDGE_S: Final = 0.012
_RECORDED_DBFS: Final = -32.0
"""Root mean square of production sound, where it sounds at all."""
_RECORDED_PEAK_DBFS: Final = -12.0
_RECORDED_DUCK_DB: Final = -40.0
_MUSIC_DUCK_DB: Final = -9.0
_BED_DUCK_DB: Final = -5.0
_ATTACK_S, _RELEASE_S, _AHEAD_S = 0.09, 0.65, 0.12


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """One line in the scene. `start`: sample of its beginning; `pan`: -1 left..1 right; `dry`: a narrator is in no room."""

    start: int
    samples: Mono
    pan: float = 0.0
    dry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSound:
    """Everything heard in one scene. Beds may be None: then they are silent."""

    length: int
    """Samples of the scene."""
    speech: tuple[Placement, ...] = ()
    ambience: Stereo | None = None
    music: Stereo | None = None
    effects: Stereo | None = None
    recorded: Stereo | None = None
    """Production sound: what a backbone that makes sound with its pictures lets hear."""
    room: Room = "room"


@dataclass(frozen=True, slots=True)
class SceneMix:
    """Stems as they are heard in the mix, and their sum. All [sample, 2] of the scene's length."""

    dialogue: Stereo
    ambience: Stereo
    music: Stereo
    effects: Stereo
    mix: Stereo


_ROOMS: Final[dict[Room, tuple[float, float, float, float]]] = {
    "outdoors": (0.12, -30.0, 0.018, 5200.0),
    "small": (0.22, -19.0, 0.004, 6000.0),
    "room": (0.4, -18.0, 0.009, 5200.0),
    "hall": (1.3, -16.0, 0.024, 4200.0),
    "cave": (2.2, -14.0, 0.035, 3200.0),
}
"""Seconds to -60 dB, level of the reverb in dB under the voice, seconds before it, Hz above which it is damped."""


def mix_scene(sound: SceneSound) -> SceneMix:
    """Mix one scene. Music and bed follow the speech's presence with about 9 and 5 dB; speech sits about 12 LU over them."""
    dialogue, presence = _dialogue(sound)
    music = _bed(sound.music, sound.length, _MUSIC_DB)
    if sound.music is not None:
        music = _step_back(_dip(music, presence), presence, _MUSIC_DUCK_DB)
    ambience = edged(_step_back(_bed(sound.ambience, sound.length, _BED_DB), presence, _BED_DUCK_DB))
    effects = _bed(sound.effects, sound.length, _EFFECTS_DB)
    if sound.recorded is not None:
        # what a model says is not what the script says: while somebody speaks, nothing of it may be understood
        effects += _step_back(_at_level(fit_length(sound.recorded, sound.length)), presence, _RECORDED_DUCK_DB)
    effects = edged(effects)
    return SceneMix(dialogue, ambience, music, effects, dialogue + ambience + music + effects)


def _at_level(recorded: Stereo) -> Stereo:
    """Production sound at the level of an ambience: models give it at any."""
    peak = float(np.abs(recorded).max(initial=0.0))
    if peak < 1e-4:
        return np.zeros_like(recorded)
    heard = np.abs(recorded).max(1) > 0.05 * peak
    level = float(np.sqrt(np.mean(np.square(recorded[heard]))))
    gain = min(db_to_gain(_RECORDED_DBFS) / level, db_to_gain(_RECORDED_PEAK_DBFS) / peak)
    return np.asarray(recorded * np.float32(gain))


def edged(bed: Stereo) -> Stereo:
    """A few milliseconds of fade at a scene's edges: a cut must not click."""
    ramp = np.linspace(0, 1, min(len(bed) // 2, round(_EDGE_S * SAMPLE_RATE)), dtype=np.float32)[:, None]
    if len(ramp):
        bed[: len(ramp)] *= ramp
        bed[-len(ramp) :] *= ramp[::-1]
    return bed


def _bed(sound: Stereo | None, length: int, level_db: float) -> Stereo:
    if sound is None:
        return np.zeros((length, 2), np.float32)
    return np.asarray(fit_length(sound, length) * np.float32(db_to_gain(level_db)))


def _dialogue(sound: SceneSound) -> tuple[Stereo, Mono]:
    """All lines in their places and their room; and the envelope 0..1 of somebody speaking."""
    direct = np.zeros((sound.length, 2), np.float32)
    in_room = np.zeros(sound.length, np.float32)
    speaking = np.zeros(sound.length, np.float32)
    for line in sound.speech:
        start, end = max(0, line.start), min(sound.length, line.start + len(line.samples))
        heard = line.samples[start - line.start : end - line.start]
        if len(heard) == 0:
            continue
        # full panning pulls a voice out of the picture; 0.6 keeps it on the screen. Centre is unity, not -3 dB.
        direct[start:end] += pan(heard, 0.6 * line.pan) * np.float32(np.sqrt(2.0))
        if not line.dry:
            in_room[start:end] += heard
        speaking[max(0, start - round(_AHEAD_S * SAMPLE_RATE)) : end] = 1.0
    return direct + _reverb(in_room, sound.room), _follow(speaking)


def _follow(gate: Mono) -> Mono:
    """Smooth a 0/1 gate with separate attack and release, at 1 kHz and interpolated: ears hear no difference."""
    step = SAMPLE_RATE // 1000
    coarse = gate[::step].astype(np.float64)
    up, down = 1 - np.exp(-0.001 / _ATTACK_S), 1 - np.exp(-0.001 / _RELEASE_S)
    if len(coarse) == 0:
        return np.zeros(0, np.float32)
    level, out = 0.0, np.empty(len(coarse))
    for index, target in enumerate(coarse.tolist()):
        level += (up if target > level else down) * (target - level)
        out[index] = level
    return np.interp(np.arange(len(gate)), np.arange(len(coarse)) * step, out).astype(np.float32)


def _step_back(bed: Stereo, presence: Mono, depth_db: float) -> Stereo:
    gain: Mono = np.exp(presence * np.float32(np.log(db_to_gain(depth_db))))
    return np.asarray(bed * gain[:, None])


def _dip(music: Stereo, presence: Mono) -> Stereo:
    """Take 4 dB out of the music around 1.8 kHz while somebody speaks: where consonants live."""
    band = sosfilt(butter(1, (900, 3600), "bandpass", fs=SAMPLE_RATE, output="sos"), music, axis=0).astype(np.float32)
    return np.asarray(music - band * (np.float32(1 - db_to_gain(-4.0)) * presence)[:, None])


def _reverb(voice: Mono, room: Room) -> Stereo:
    """A short room: decaying noise after a delay, different in each ear."""
    if not voice.any():
        return np.zeros((len(voice), 2), np.float32)
    _, level_db, delay_s, _ = _ROOMS[room]
    wet = oaconvolve(voice[:, None], _response(room), axes=0)[: len(voice)] * db_to_gain(level_db)
    shifted = np.zeros((len(voice), 2), np.float32)
    delay = round(delay_s * SAMPLE_RATE)
    shifted[delay:] = wet[: len(voice) - delay]
    return shifted


def _response(room: Room) -> Float64[np.ndarray, "sample 2"]:
    seconds, _, _, damped_hz = _ROOMS[room]
    length = round(seconds * SAMPLE_RATE)
    noise = generator("room", room).standard_normal((length, 2)) * np.exp(-6.9 * np.arange(length) / length)[:, None]
    shaped: Float64[np.ndarray, "sample 2"] = sosfilt(
        butter(2, (200, damped_hz), "bandpass", fs=SAMPLE_RATE, output="sos"), noise, axis=0
    )
    return np.asarray(shaped / np.sqrt(np.sum(np.square(shaped), axis=0)))
