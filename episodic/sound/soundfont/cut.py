"""Cut a general-MIDI SoundFont down to the instruments the music uses.

    python -m episodic.sound.soundfont.cut FluidR3_GM.sf2 episodic.sf2

What is cut: presets that are not in `KIT`; the right channel of stereo pairs except where width matters; recordings that lie
close to another one (the neighbours' ranges are widened); everything after a loop's end; and, at most to a third, the sample rate
of recordings. A short loop must come out at a whole number of samples, or it would be out of tune: such a recording takes
the next rate at which it does, or keeps its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Int16
from scipy.signal import resample_poly

from episodic.sound.soundfont.sf2 import (
    INSTRUMENT,
    KEY_RANGE,
    PAN,
    ROOT_KEY,
    SAMPLE,
    SAMPLE_MODES,
    VELOCITY_RANGE,
    Font,
    Instrument,
    Preset,
    Sample,
    Zone,
    read_font,
    write_font,
)
from planners.data_file import DataFile, read_data_file

__all__ = ["KIT", "KitTables", "Part", "cut_font"]

_COARSE_TUNE: Final = 51
_LONG_LOOP: Final = 3000
_RATIOS: Final = ((1, 3), (1, 2), (2, 3), (3, 4))
_UNUSED: Final = (0, 1, 2, 3, 4, 12, 45, 50)
"""Offsets into samples, which mean nothing after a cut."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What to keep of one preset."""

    apart: int = 5
    """Semitones between kept recordings."""
    rate: int = 24_000
    """Highest sample rate, Hz."""
    keys: tuple[int, int] = (28, 100)
    """Range of kept keys."""
    drums: tuple[int, ...] = ()
    """For a drum kit, the only keys to keep."""
    seconds: float = 2.5
    """Longest recording without a loop."""
    stereo: bool = False
    """Whether to keep both channels."""


class _KitPreset(DataFile):
    """One preset of `data/kit.yaml`, with a name for the reader."""

    bank: int
    program: int
    name: str
    part: Part


class KitTables(DataFile):
    """The tables of `data/kit.yaml`."""

    presets: tuple[_KitPreset, ...]


KIT: Final[dict[tuple[int, int], Part]] = {
    (preset.bank, preset.program): preset.part
    for preset in read_data_file(Path(__file__).with_name("data") / "kit.yaml", KitTables).presets
}
"""What to keep of the sound font, by bank and program."""


def cut_font(source: Font, kit: dict[tuple[int, int], Part] = KIT) -> Font:
    """A font that holds what `kit` keeps of `source`. Raises ValueError if a preset is missing."""
    presets = {(preset.bank, preset.program): preset for preset in source.presets}
    missing = [key for key in kit if key not in presets]
    if missing:
        raise ValueError(f"the source font lacks (bank, program) {missing}")
    out = Font()
    known: dict[tuple[int, Part], int] = {}
    for key, part in kit.items():
        preset = presets[key]
        zones: list[Zone] = []
        for zone in preset.zones:
            pointer = (zone[INSTRUMENT], part)
            if pointer not in known:
                instrument = _cut_instrument(source, source.instruments[zone[INSTRUMENT]], part, out)
                if instrument is None:
                    continue
                known[pointer] = len(out.instruments)
                out.instruments.append(instrument)
            zones.append(zone | {INSTRUMENT: known[pointer]})
        out.presets.append(Preset(preset.name, preset.bank, preset.program, preset.common, tuple(zones)))
    return out


def _cut_instrument(source: Font, instrument: Instrument, part: Part, out: Font) -> Instrument | None:
    zones = [_without_offsets(zone) for zone in instrument.zones]
    if not part.stereo:
        zones = _one_side(zones)
    zones = [zone for zone in zones if _is_played(zone, part)]
    if not part.drums:
        zones = _thinned(zones, source, part)
    if not zones:
        return None
    mode = instrument.common.get(SAMPLE_MODES, 0)
    finished = []
    for zone in zones:
        cut = _cut_sample(source.samples[zone[SAMPLE]], bool(zone.get(SAMPLE_MODES, mode) & 1), part)
        # a recording shared by several instruments is stored once
        index = next((i for i, sample in enumerate(out.samples) if _same(sample, cut)), None)
        if index is None:
            index = len(out.samples)
            out.samples.append(cut)
        finished.append(zone | {SAMPLE: index})
    return Instrument(instrument.name, _without_offsets(instrument.common), tuple(finished))


def _without_offsets(zone: Zone) -> Zone:
    return {key: amount for key, amount in zone.items() if key not in _UNUSED}


def _span(zone: Zone, key: int) -> tuple[int, int]:
    """The low and high end of a key or velocity range of a zone."""
    packed = zone.get(key, 127 << 8)
    return packed & 255, packed >> 8


def _pan(zone: Zone) -> int:
    amount = zone.get(PAN, 0)
    return amount - 65_536 if amount > 32_767 else amount


def _one_side(zones: list[Zone]) -> list[Zone]:
    """The left recordings of stereo pairs, in the middle; what was mono stays as it is."""
    left = {(_span(zone, KEY_RANGE), _span(zone, VELOCITY_RANGE)) for zone in zones if _pan(zone) <= -350}
    kept = []
    for zone in zones:
        place = (_span(zone, KEY_RANGE), _span(zone, VELOCITY_RANGE))
        if _pan(zone) >= 350 and place in left:
            continue
        kept.append({key: amount for key, amount in zone.items() if key != PAN} if place in left and _pan(zone) <= -350 else zone)
    return kept


def _is_played(zone: Zone, part: Part) -> bool:
    """Whether a zone sounds within the keys and velocities that a part plays."""
    low, high = _span(zone, KEY_RANGE)
    if part.drums:
        return any(low <= key <= high for key in part.drums)
    return low <= part.keys[1] and high >= part.keys[0]


def _thinned(zones: list[Zone], source: Font, part: Part) -> list[Zone]:
    """Keep recordings at least `apart` semitones from each other and stretch them to their neighbours' halfway."""
    layers: dict[tuple[tuple[int, int], int], list[Zone]] = {}
    for zone in zones:
        layers.setdefault((_span(zone, VELOCITY_RANGE), (_pan(zone) > 0) - (_pan(zone) < 0)), []).append(zone)
    out: list[Zone] = []
    for layer in layers.values():
        kept: list[Zone] = []
        for zone in sorted(layer, key=lambda zone: _span(zone, KEY_RANGE)):
            if not kept or _root(zone, source) - _root(kept[-1], source) >= part.apart or part.apart == 1:
                kept.append(zone)
        roots = [_root(zone, source) for zone in kept]
        for index, zone in enumerate(kept):
            if part.apart == 1:
                out.append(zone)
                continue
            low = 0 if index == 0 else (roots[index - 1] + roots[index]) // 2 + 1
            high = 127 if index == len(kept) - 1 else (roots[index] + roots[index + 1]) // 2
            out.append(zone | {KEY_RANGE: low | high << 8})
    return out


def _root(zone: Zone, source: Font) -> int:
    """The key at which a recording sounds as it was made; some presets reach it by coarse tuning instead of a root."""
    coarse = zone.get(_COARSE_TUNE, 0)
    return zone.get(ROOT_KEY, source.samples[zone[SAMPLE]].pitch) - (coarse - 65_536 if coarse > 32_767 else coarse)


def _cut_sample(sample: Sample, looped: bool, part: Part) -> Sample:
    pcm = np.asarray(sample.pcm)
    low, high = sample.loop
    if looped:
        pcm = pcm[: min(len(pcm), high + 8)]
    elif len(pcm) > part.seconds * sample.rate_hz:
        pcm = _faded(pcm[: int(part.seconds * sample.rate_hz)], sample.rate_hz)
    loop = (low, high) if looped else (0, len(pcm))
    ratio = next(
        (option for option in _RATIOS if _fits(sample.rate_hz, high - low if looped else None, part.rate, *option)), None
    )
    if ratio is None:
        return replace(sample, pcm=pcm, loop=loop)
    up, down = ratio
    pcm = _resampled(pcm, up, down)
    # a rounded start only moves the loop along the wave; its length is what must be right
    start = round(low * up / down)
    loop = (start, start + round((high - low) * up / down)) if looped else (0, len(pcm))
    return replace(sample, pcm=pcm, rate_hz=sample.rate_hz * up // down, loop=loop)


def _fits(rate_hz: int, loop: int | None, target_hz: int, up: int, down: int) -> bool:
    """Whether a recording can be resampled by up/down: not below what is wanted, and a short loop stays in tune."""
    whole_loop = loop is None or loop >= _LONG_LOOP or loop * up % down == 0
    return rate_hz * up / down >= 0.9 * target_hz and rate_hz * up % down == 0 and whole_loop


def _faded(pcm: Int16[np.ndarray, " sample"], rate_hz: int) -> Int16[np.ndarray, " sample"]:
    ramp = np.ones(len(pcm))
    fade = min(len(pcm), rate_hz // 3)
    ramp[-fade:] = np.linspace(1, 0, fade) ** 1.5
    return np.asarray(np.round(pcm * ramp), np.int16)


def _resampled(pcm: Int16[np.ndarray, " sample"], up: int, down: int) -> Int16[np.ndarray, " sample"]:
    return np.asarray(np.clip(np.round(resample_poly(pcm.astype(np.float64), up, down)), -32_768, 32_767), np.int16)


def _same(sample: Sample, other: Sample) -> bool:
    """Whether two samples are the same recording with the same loop."""
    return sample.name == other.name and sample.loop == other.loop and np.array_equal(sample.pcm, other.pcm)


def _sizes(font: Font) -> Iterable[str]:
    for preset in font.presets:
        used = {zone[SAMPLE] for pointer in preset.zones for zone in font.instruments[pointer[INSTRUMENT]].zones}
        size = sum(2 * len(font.samples[index].pcm) for index in used) / 1e6
        yield f"{preset.bank:3d}:{preset.program:<3d} {preset.name:22s} {len(used):3d} recordings {size:6.2f} MB"


def main(source: str, target: str) -> None:
    """Cut the font at `source` and write it to `target`."""
    small = cut_font(read_font(Path(source).read_bytes()))
    data = write_font(
        small,
        {
            "INAM": "episodic",
            "IENG": "Frank Wen; cut by episodic.sound.soundfont.cut",
            "ICOP": "Frank Wen 2000-2002, 2008; Toby Smithe 2008",
            "ICMT": "Cut down from Fluid R3 GM. Licensed under the MIT License.",
        },
    )
    Path(target).write_bytes(data)
    sys.stdout.write("\n".join([*_sizes(small), f"{len(data) / 1e6:.2f} MB"]) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:3])
