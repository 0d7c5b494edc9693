"""The layers ambiences are built from. Each gives stereo of the wanted length at about RMS 0.1 while it sounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import numpy as np

from episodic.sound.ambience.noise import band, decay, hiss, ping, scatter, sweep, tone, wander
from episodic.sound.audio import SAMPLE_RATE, Mono, Stereo

__all__ = ["LAYERS", "Layer", "thunderclap"]

Dice = np.random.Generator
Layer = Callable[[int, Dice], Stereo]


def _both(mono: Mono) -> Stereo:
    return np.repeat(mono[:, None], 2, axis=1)


def _wind(samples: int, dice: Dice) -> Stereo:
    """Wind in three bands that swell independently."""
    out = np.zeros((samples, 2), np.float32)
    for low, high, level in ((90, 260, 0.9), (260, 700, 0.7), (700, 1700, 0.28)):
        out += hiss(samples, dice, low, high) * (level * wander(samples, dice, 3.1, 0.15, 1.0) ** 2)[:, None]
    for centre in (380.0, 510.0, 640.0):
        howl = hiss(samples, dice, centre * 0.97, centre * 1.03, order=2)
        out += howl * (0.35 * np.maximum(0, wander(samples, dice, 4.3, -1.2, 1.0)) ** 2)[:, None]
    return out * np.float32(0.13)


def _breeze(samples: int, dice: Dice) -> Stereo:
    leaves = hiss(samples, dice, 1500, 6500) * (wander(samples, dice, 2.3, 0.1, 1.0) ** 2 * 0.5)[:, None]
    return np.asarray((leaves + hiss(samples, dice, 120, 500) * wander(samples, dice, 4.1, 0.2, 0.9)[:, None]) * np.float32(0.11))


def _waves(samples: int, dice: Dice) -> Stereo:
    """Waves: swell and foam."""
    swell, foam = np.full((samples, 2), 0.22, np.float32), np.full((samples, 2), 0.05, np.float32)
    at = -float(dice.uniform(0, 6))
    while at * SAMPLE_RATE < samples:
        rise, fall = float(dice.uniform(1.6, 2.8)), float(dice.uniform(3.0, 5.5))
        height = float(dice.uniform(0.45, 1.0))
        time = np.arange(round((rise + fall) * SAMPLE_RATE)) / SAMPLE_RATE
        shape = np.where(time < rise, (time / rise) ** 2.2, np.exp(-(time - rise) / (fall / 3.2))).astype(np.float32) * height
        left = float(dice.uniform(0.35, 0.65))
        for target, lag, level in ((swell, 0.0, 0.9), (foam, 0.35, 1.0)):
            _add(target, shape[:, None] * np.array([1 - left, left], np.float32) * np.float32(2 * level), at + lag)
        at += float(dice.uniform(3.2, 6.8))
    return (hiss(samples, dice, 60, 420) * swell + 0.45 * hiss(samples, dice, 900, 7000) * foam) * np.float32(0.11)


def _add(target: Stereo, part: Stereo, at_s: float) -> None:
    """Add `part` at a time that may lie before the beginning or reach past the end."""
    start = round(at_s * SAMPLE_RATE)
    skip = max(0, -start)
    room = target[max(0, start) : max(0, start + len(part))]
    room += part[skip : skip + len(room)]


def _lapping(samples: int, dice: Dice) -> Stereo:
    slow = wander(samples, dice, 1.7, 0.1, 1.0) ** 2
    return hiss(samples, dice, 250, 1400) * (slow * 0.09)[:, None] + scatter(samples, dice, 1.9, _slap) * np.float32(0.5)


def _slap(dice: Dice) -> Mono:
    seconds = float(dice.uniform(0.15, 0.4))
    return np.asarray(
        hiss(round(seconds * SAMPLE_RATE), dice, 300, 1500, stereo=False) * decay(seconds, 0.07, 0.03) * np.float32(0.1)
    )


def _rain(samples: int, dice: Dice) -> Stereo:
    veil = hiss(samples, dice, 1200, 9000) * wander(samples, dice, 5.3, 0.7, 1.0)[:, None]
    return np.asarray(veil * np.float32(0.07) + _drops(samples, dice, 140, (900, 5500)) * np.float32(0.9))


def _roof_rain(samples: int, dice: Dice) -> Stereo:
    veil = hiss(samples, dice, 250, 1800) * wander(samples, dice, 5.3, 0.65, 1.0)[:, None]
    return np.asarray(veil * np.float32(0.07) + _drops(samples, dice, 60, (350, 1800)) * np.float32(1.3))


def _drops(samples: int, dice: Dice, per_s: float, range_hz: tuple[float, float]) -> Stereo:
    """Single drops: impulses of random size through a resonance that differs between ears."""
    out = np.zeros((samples, 2), np.float32)
    count = int(per_s * samples / SAMPLE_RATE)
    out[dice.integers(0, max(1, samples), count), dice.integers(0, 2, count)] = np.minimum(
        dice.exponential(1.0, count), 2.0
    ).astype(np.float32)
    return band(out, *range_hz, order=2)


def _thunder(samples: int, dice: Dice) -> Stereo:
    out = scatter(samples, dice, 10.0, thunderclap, spread=0.6, level_db=9) * np.float32(2.2)
    # a storm is never silent between its claps
    return out + hiss(samples, dice, 40, 110) * (0.05 * wander(samples, dice, 3.7, 0.1, 1.0) ** 2)[:, None]


def thunderclap(dice: Dice) -> Mono:
    """A clap of thunder with its rolling, 4 to 7 s."""
    seconds = float(dice.uniform(4.0, 7.0))
    samples = round(seconds * SAMPLE_RATE)
    near = float(dice.uniform(0, 1))
    roll = (
        hiss(samples, dice, 28, 160, stereo=False)
        * wander(samples, dice, 0.35, 0.25, 1.0)
        * decay(seconds, 0.9, 0.12 - 0.1 * near)
    )
    crack = hiss(samples, dice, 300, 3500, stereo=False) * decay(seconds, 0.06, 0.004) * np.float32(0.5 * near)
    return np.asarray((roll + crack) * np.float32(0.32))


def _city(samples: int, dice: Dice) -> Stereo:
    traffic = hiss(samples, dice, 45, 220) * wander(samples, dice, 6.1, 0.5, 1.0)[:, None]
    air = hiss(samples, dice, 400, 2200) * wander(samples, dice, 7.7, 0.4, 1.0)[:, None]
    cars = scatter(samples, dice, 5.5, _car, spread=1.0) + 0.6 * scatter(samples, dice, 17.0, _horn, spread=1.0)
    return np.asarray(traffic * np.float32(0.09) + air * np.float32(0.02) + cars)


def _car(dice: Dice) -> Mono:
    """A passing car."""
    seconds = float(dice.uniform(2.5, 5.0))
    samples = round(seconds * SAMPLE_RATE)
    near = np.sin(np.linspace(0, np.pi, samples)).astype(np.float32) ** 3
    return (
        (hiss(samples, dice, 90, 380, stereo=False) + 0.4 * hiss(samples, dice, 700, 2600, stereo=False))
        * near
        * np.float32(0.07)
    )


def _horn(dice: Dice) -> Mono:
    seconds, base = float(dice.uniform(0.25, 0.7)), float(dice.uniform(330, 440))
    samples = round(seconds * SAMPLE_RATE)
    both = tone(samples, base) + tone(samples, base * 1.26) + 0.3 * tone(samples, base * 3)
    return band(both * np.hanning(samples).astype(np.float32) ** 0.3, 200, 1500) * np.float32(0.03)


def _neon(samples: int, dice: Dice) -> Stereo:
    """The buzz of a neon sign."""
    buzz = np.zeros(samples, np.float32)
    for harmonic, level in ((1, 1.0), (2, 0.55), (3, 0.4), (5, 0.25), (8, 0.16), (13, 0.08)):
        buzz += level * tone(samples, 100.0 * harmonic, start=float(dice.uniform(0, 6))) * wander(samples, dice, 1.3, 0.6, 1.0)
    flicker = np.where(wander(samples, dice, 0.23, 0, 1) > 0.93, np.float32(0.3), np.float32(1.0))
    return _both(buzz * flicker) * np.float32(0.07)


def _room(samples: int, dice: Dice) -> Stereo:
    air = hiss(samples, dice, 70, 600) * wander(samples, dice, 6.7, 0.75, 1.0)[:, None]
    return np.asarray(air * np.float32(0.09) + hiss(samples, dice, 1200, 5000) * np.float32(0.008))


def _hum(samples: int, dice: Dice) -> Stereo:
    out = np.zeros((samples, 2), np.float32)
    for hz, level in ((50, 0.5), (100, 1.0), (150, 0.3), (200, 0.35), (300, 0.12)):
        out += level * _both(tone(samples, hz * float(dice.uniform(0.998, 1.002))) * wander(samples, dice, 4.3, 0.7, 1.0))
    return out * np.float32(0.07) + hiss(samples, dice, 150, 900) * np.float32(0.012)


def _kitchenware(samples: int, dice: Dice) -> Stereo:
    return scatter(samples, dice, 3.4, _clink, level_db=12) * np.float32(1.6) + hiss(samples, dice, 300, 1500) * np.float32(0.006)


def _clink(dice: Dice) -> Mono:
    base = float(dice.uniform(1500, 3800))
    return ping(((base, 1, 0.05), (base * 1.52, 0.6, 0.035), (base * 2.76, 0.35, 0.02)), 0.5) * np.float32(0.1)


def _fire(samples: int, dice: Dice) -> Stereo:
    """A fire: glow, crackle and snaps."""
    glow = hiss(samples, dice, 50, 320) * wander(samples, dice, 0.8, 0.5, 1.0)[:, None]
    crackle = _drops(samples, dice, 7, (1200, 6500)) * np.float32(1.6) + scatter(samples, dice, 1.7, _snap)
    return np.asarray(glow * np.float32(0.06) + crackle * wander(samples, dice, 1.9, 0.3, 1.0)[:, None])


def _snap(dice: Dice) -> Mono:
    """One snap of a fire."""
    return np.asarray(hiss(round(0.06 * SAMPLE_RATE), dice, 700, 4200, stereo=False) * decay(0.06, 0.006) * np.float32(0.3))


def _birds(samples: int, dice: Dice) -> Stereo:
    return scatter(samples, dice, 1.4, _song, level_db=16) * np.float32(2.4) + hiss(samples, dice, 2000, 7000) * np.float32(0.004)


def _song(dice: Dice) -> Mono:
    """A phrase of one bird: the same syllable a few times, a little changed."""
    base, width = float(dice.uniform(2300, 4900)), float(dice.uniform(0.72, 1.45))
    length, gap = float(dice.uniform(0.05, 0.16)), float(dice.uniform(0.03, 0.12))
    parts: list[Mono] = []
    for _ in range(int(dice.integers(2, 7))):
        pitch = base * float(dice.uniform(0.95, 1.06))
        parts += [
            sweep(length, pitch, pitch * width, bend=float(dice.uniform(0.5, 1.8))),
            np.zeros(round(gap * SAMPLE_RATE), np.float32),
        ]
    return np.concatenate(parts) * np.float32(0.09)


def _gulls(samples: int, dice: Dice) -> Stereo:
    """Gulls that call now and then."""
    return scatter(samples, dice, 6.5, _gull, level_db=12) * np.float32(3.0)


def _gull(dice: Dice) -> Mono:
    parts: list[Mono] = []
    for _ in range(int(dice.integers(1, 4))):
        seconds, base = float(dice.uniform(0.25, 0.5)), float(dice.uniform(850, 1150))
        samples = round(seconds * SAMPLE_RATE)
        pitch = base * (1 + 0.45 * np.sin(np.linspace(0, np.pi, samples)) - 0.2 * np.linspace(0, 1, samples))
        cry = tone(samples, pitch) + 0.6 * tone(samples, 2 * pitch) + 0.3 * tone(samples, 3 * pitch)
        parts += [cry * np.hanning(samples).astype(np.float32), np.zeros(SAMPLE_RATE // 12, np.float32)]
    return np.concatenate(parts) * np.float32(0.05)


def _crickets(samples: int, dice: Dice) -> Stereo:
    out = np.zeros((samples, 2), np.float32)
    time = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    for _ in range(4):
        pitch, rate, chirp = float(dice.uniform(3900, 4900)), float(dice.uniform(28, 36)), float(dice.uniform(1.3, 2.6))
        pulse = np.maximum(0, np.sin(2 * np.pi * rate * time)) ** 2
        song = (np.sin(2 * np.pi * chirp * time + wander(samples, dice, 3.0, 0, 5)) > float(dice.uniform(-0.3, 0.5))).astype(
            np.float32
        )
        side = float(dice.uniform(0.15, 0.85))
        voice = tone(samples, pitch) * pulse * band(song, 0, 30) * wander(samples, dice, 5.0, 0.3, 1.0)
        out += voice[:, None] * np.array([1 - side, side], np.float32)
    return out * np.float32(0.14)


def _owl(samples: int, dice: Dice) -> Stereo:
    return scatter(samples, dice, 13.0, _call, level_db=10)


def _call(dice: Dice) -> Mono:
    """An owl's call: a short hoot, a pause and a long hoot."""
    return np.concatenate([_hoot(dice, 0.25), np.zeros(9600, np.float32), _hoot(dice, 0.6)])


def _hoot(dice: Dice, seconds: float) -> Mono:
    return band(sweep(seconds, 390, 350), 150, 900) * np.float32(float(dice.uniform(0.06, 0.1)))


def _ship_hum(samples: int, dice: Dice) -> Stereo:
    out = np.zeros((samples, 2), np.float32)
    for hz, level in ((41, 0.8), (55, 1.0), (82.5, 0.5), (110, 0.45), (165.4, 0.18), (331, 0.07)):
        for ear in (0, 1):
            out[:, ear] += level * tone(samples, hz * float(dice.uniform(0.996, 1.004))) * wander(samples, dice, 5.7, 0.5, 1.0)
    vents = hiss(samples, dice, 500, 3200) * wander(samples, dice, 8.3, 0.5, 1.0)[:, None]
    return np.asarray(out * np.float32(0.055) + vents * np.float32(0.014))


def _blips(samples: int, dice: Dice) -> Stereo:
    return scatter(samples, dice, 4.6, _blip, level_db=10) * np.float32(2.5)


def _blip(dice: Dice) -> Mono:
    pitch = float(dice.choice([880, 1047, 1319, 1568, 1760]))
    beep = sweep(0.07, pitch, pitch) * np.float32(0.05)
    return np.concatenate([beep, np.zeros(2400, np.float32), beep]) if dice.random() < 0.5 else beep


def _deep(samples: int, dice: Dice) -> Stereo:
    body = hiss(samples, dice, 35, 180, order=2) * wander(samples, dice, 4.9, 0.5, 1.0)[:, None]
    flow = hiss(samples, dice, 180, 700) * wander(samples, dice, 3.1, 0.1, 0.8)[:, None]
    return np.asarray(body * np.float32(0.085) + flow * np.float32(0.022) + scatter(samples, dice, 2.6, _bubbles, level_db=12))


def _bubbles(dice: Dice) -> Mono:
    out = np.zeros(round(1.2 * SAMPLE_RATE), np.float32)
    for _ in range(int(dice.integers(3, 11))):
        base = float(dice.uniform(350, 1500))
        bubble = sweep(float(dice.uniform(0.02, 0.06)), base, base * float(dice.uniform(1.2, 1.7)))
        at = int(dice.uniform(0, 1.1) * SAMPLE_RATE)
        out[at : at + len(bubble)] += bubble[: len(out) - at]
    return out * np.float32(0.06)


def _groans(samples: int, dice: Dice) -> Stereo:
    return scatter(samples, dice, 8.0, _groan, level_db=8) * np.float32(2.2)


def _groan(dice: Dice) -> Mono:
    seconds, base = float(dice.uniform(1.4, 3.0)), float(dice.uniform(70, 130))
    samples = round(seconds * SAMPLE_RATE)
    pitch = base * (1 + 0.25 * np.sin(np.linspace(0, float(dice.uniform(2, 5)), samples)))
    metal = tone(samples, pitch) + 0.6 * tone(samples, 2.7 * pitch) + 0.4 * tone(samples, 5.2 * pitch)
    return metal * np.hanning(samples).astype(np.float32) * np.float32(0.05)


def _murmur(samples: int, dice: Dice) -> Stereo:
    """People who talk without being understood: many streams of vowel-like noise with the rhythm of syllables."""
    out = np.zeros((samples, 2), np.float32)
    for _ in range(7):
        pitch = float(dice.uniform(95, 220))
        formants = hiss(samples, dice, float(dice.uniform(350, 600)), float(dice.uniform(900, 1700)), stereo=False)
        voiced = (0.55 + 0.45 * tone(samples, pitch)) * formants
        syllables = np.maximum(0, wander(samples, dice, float(dice.uniform(0.11, 0.19)), -0.4, 1.0))
        turns = np.clip(wander(samples, dice, 2.4, -0.8, 1.6), 0, 1)
        side = float(dice.uniform(0.1, 0.9))
        out += (voiced * syllables * turns)[:, None] * np.array([1 - side, side], np.float32)
    return out * np.float32(0.1) + hiss(samples, dice, 250, 1200) * np.float32(0.012)


def _snow(samples: int, dice: Dice) -> Stereo:
    """The hush of falling snow."""
    hush = hiss(samples, dice, 150, 900) * wander(samples, dice, 5.3, 0.5, 1.0)[:, None]
    return np.asarray(
        hush * np.float32(0.05) + hiss(samples, dice, 3000, 9000) * (0.012 * wander(samples, dice, 2.9, 0.2, 1.0))[:, None]
    )


def _machinery(samples: int, dice: Dice) -> Stereo:
    time = np.arange(samples, dtype=np.float32) / SAMPLE_RATE
    rate = float(dice.uniform(1.5, 2.1))
    turning = np.sin(2 * np.pi * rate * time + 0.6 * wander(samples, dice, 3.0, 0, 1))
    body = hiss(samples, dice, 60, 300) * (0.6 + 0.4 * turning)[:, None]
    steam = hiss(samples, dice, 2500, 8000) * (np.maximum(0, np.roll(turning, SAMPLE_RATE // 7)) ** 6)[:, None]
    return np.asarray(body * np.float32(0.08) + steam * np.float32(0.03) + scatter(samples, dice, 1.1, _clank, level_db=12))


def _clank(dice: Dice) -> Mono:
    base = float(dice.uniform(240, 620))
    return ping(((base, 1, 0.05), (base * 2.32, 0.6, 0.04), (base * 4.25, 0.3, 0.02)), 0.4) * np.float32(0.07)


def _clock(samples: int, dice: Dice) -> Stereo:
    """A ticking clock, placed to one side."""
    out = np.zeros((samples, 2), np.float32)
    side = float(dice.uniform(-0.5, 0.5))
    ears = np.array([1 - side, 1 + side], np.float32)
    for number in range(int(samples / SAMPLE_RATE) + 1):
        base = 2100.0 if number % 2 else 1750.0
        tick = ping(((base * float(dice.uniform(0.99, 1.01)), 1, 0.006), (base * 2.4, 0.5, 0.004)), 0.06)
        _add(out, (tick * np.float32(dice.uniform(0.08, 0.1)))[:, None] * ears, number + 0.31)
    return out


def _heartbeat(samples: int, dice: Dice) -> Stereo:
    """A heartbeat over a soft rush."""
    out = hiss(samples, dice, 40, 160) * (0.03 * wander(samples, dice, 1.1, 0.4, 1.0))[:, None]
    at = 0.2
    while at * SAMPLE_RATE < samples:
        for lag, pitch, level in ((0.0, 58.0, 0.3), (0.28, 72.0, 0.2)):
            beat = tone(round(0.22 * SAMPLE_RATE), pitch) * decay(0.22, 0.05, 0.012) * np.float32(level)
            _add(out, _both(beat), at + lag)
        at += float(dice.uniform(0.92, 1.02))
    return out


def _rails(samples: int, dice: Dice) -> Stereo:
    out = hiss(samples, dice, 45, 260) * (0.08 * wander(samples, dice, 2.9, 0.6, 1.0))[:, None]
    at = 0.3
    while at * SAMPLE_RATE < samples:
        for lag in (0.0, 0.13):
            joint = (
                hiss(round(0.12 * SAMPLE_RATE), dice, 90, 900, stereo=False)
                * decay(0.12, 0.025)
                * np.float32(dice.uniform(0.1, 0.16))
            )
            _add(out, _both(joint), at + lag)
        at += float(dice.uniform(0.72, 0.8))
    return out


def _creaks(samples: int, dice: Dice) -> Stereo:
    return scatter(samples, dice, 4.6, _creak, level_db=10) * np.float32(3.5)


def _creak(dice: Dice) -> Mono:
    seconds = float(dice.uniform(0.3, 0.9))
    samples = round(seconds * SAMPLE_RATE)
    stick = np.zeros(samples, np.float32)
    at = 0.0
    while at < samples:
        stick[int(at)] = float(dice.uniform(0.4, 1.0))
        at += SAMPLE_RATE / float(dice.uniform(60, 140))
    return band(stick, 350, 1600, order=2) * np.hanning(samples).astype(np.float32) * np.float32(1.4)


def _stream(samples: int, dice: Dice) -> Stereo:
    out = hiss(samples, dice, 500, 5000) * wander(samples, dice, 0.7, 0.6, 1.0)[:, None] * np.float32(0.05)
    return np.asarray(out + scatter(samples, dice, 0.7, _bubbles, level_db=10) * np.float32(0.8))


def _chimes(samples: int, dice: Dice) -> Stereo:
    return scatter(samples, dice, 3.7, _chime, level_db=10) * np.float32(2.0) + hiss(samples, dice, 1500, 5000) * np.float32(
        0.004
    )


def _chime(dice: Dice) -> Mono:
    base = float(dice.choice([1047, 1175, 1319, 1568, 1760, 2093]))
    return ping(((base, 1, 0.35), (base * 2.76, 0.25, 0.15)), 1.8) * np.float32(0.045)


def _static(samples: int, dice: Dice) -> Stereo:
    return _both(hiss(samples, dice, 500, 3500, stereo=False) * wander(samples, dice, 0.6, 0.2, 1.0)) * np.float32(0.06)


def _foghorn(samples: int, dice: Dice) -> Stereo:
    return scatter(samples, dice, 17.0, _blast, level_db=6, spread=0.5)


def _blast(dice: Dice) -> Mono:
    samples = round(float(dice.uniform(1.6, 2.6)) * SAMPLE_RATE)
    horn = tone(samples, 98) + 0.7 * tone(samples, 196.4) + 0.4 * tone(samples, 294)
    return band(horn * np.hanning(samples).astype(np.float32) ** 0.4, 60, 500) * np.float32(0.05)


def _pages(samples: int, dice: Dice) -> Stereo:
    return scatter(samples, dice, 6.0, _rustle, level_db=8) * np.float32(1.5)


def _rustle(dice: Dice) -> Mono:
    seconds = float(dice.uniform(0.25, 0.6))
    samples = round(seconds * SAMPLE_RATE)
    return np.asarray(
        hiss(samples, dice, 1800, 7500, stereo=False)
        * wander(samples, dice, 0.06, 0, 1)
        * np.hanning(samples).astype(np.float32)
        * np.float32(0.06)
    )


LAYERS: Final[Mapping[str, Layer]] = MappingProxyType(
    {
        "wind": _wind,
        "breeze": _breeze,
        "waves": _waves,
        "lapping": _lapping,
        "rain": _rain,
        "roof_rain": _roof_rain,
        "thunder": _thunder,
        "city": _city,
        "neon": _neon,
        "room": _room,
        "hum": _hum,
        "kitchenware": _kitchenware,
        "fire": _fire,
        "birds": _birds,
        "gulls": _gulls,
        "crickets": _crickets,
        "owl": _owl,
        "ship_hum": _ship_hum,
        "blips": _blips,
        "deep": _deep,
        "groans": _groans,
        "murmur": _murmur,
        "snow": _snow,
        "machinery": _machinery,
        "clock": _clock,
        "heartbeat": _heartbeat,
        "rails": _rails,
        "creaks": _creaks,
        "stream": _stream,
        "chimes": _chimes,
        "static": _static,
        "foghorn": _foghorn,
        "pages": _pages,
    }
)
"""By the names recipes use."""
