"""Reading and writing SoundFont 2.01: the parts of the format that a cut needs.

A preset holds zones that point to instruments; an instrument holds zones that point to samples; a zone is a list of
(generator, amount). A first zone without a pointer is global: its generators hold for the zones after it.
"""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from jaxtyping import Int16

__all__ = [
    "INSTRUMENT",
    "KEY_RANGE",
    "PAN",
    "ROOT_KEY",
    "SAMPLE",
    "SAMPLE_MODES",
    "VELOCITY_RANGE",
    "Font",
    "Instrument",
    "Preset",
    "Sample",
    "Zone",
    "read_font",
    "write_font",
]

PAN: Final = 17
INSTRUMENT: Final = 41
KEY_RANGE: Final = 43
VELOCITY_RANGE: Final = 44
SAMPLE: Final = 53
SAMPLE_MODES: Final = 54
ROOT_KEY: Final = 58

_GUARD: Final = 46
"""Zero samples the standard wants after every sample."""

Zone = dict[int, int]
"""Generators by number; ranges are low | high << 8, other amounts are 16 bits as stored."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A recording. `loop` in samples from its start; `pitch` is the MIDI key it was recorded at, `correction` in cents."""

    name: str
    pcm: Int16[np.ndarray, " sample"]
    rate_hz: int
    loop: tuple[int, int]
    pitch: int
    correction: int


@dataclass(frozen=True, slots=True)
class Instrument:
    """Zones pointing to samples; `common` holds for all of them."""

    name: str
    common: Zone
    zones: tuple[Zone, ...]


@dataclass(frozen=True, slots=True)
class Preset:
    """Zones pointing to instruments."""

    name: str
    bank: int
    program: int
    common: Zone
    zones: tuple[Zone, ...]


@dataclass(slots=True)
class Font:
    """A whole SoundFont. Zones refer to `instruments` and `samples` by index."""

    presets: list[Preset] = field(default_factory=list)
    instruments: list[Instrument] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


def read_font(data: bytes) -> Font:
    """Parse a SoundFont 2 file; modulators are left out. Raises ValueError if it is none."""
    if data[:4] != b"RIFF" or data[8:12] != b"sfbk":
        raise ValueError("expected a SoundFont 2 file (RIFF sfbk)")
    chunks = dict(_chunks(data, 12, len(data)))
    pcm = np.frombuffer(chunks[b"smpl"], np.int16)
    preset_zones = _zones(chunks[b"pbag"], chunks[b"pgen"])
    instrument_zones = _zones(chunks[b"ibag"], chunks[b"igen"])
    font = Font()
    instruments = list(struct.iter_unpack("<20sH", chunks[b"inst"]))
    for (name, first), (_, last) in itertools.pairwise(instruments):
        font.instruments.append(Instrument(_text(name), *_split(instrument_zones[first:last], SAMPLE)))
    presets = list(struct.iter_unpack("<20sHHHIII", chunks[b"phdr"]))
    for (name, program, bank, first, *_), (_, _, _, last, *_) in itertools.pairwise(presets):
        font.presets.append(Preset(_text(name), bank, program, *_split(preset_zones[first:last], INSTRUMENT)))
    for name, start, end, loop, loop_end, rate, pitch, cents, _, _ in list(struct.iter_unpack("<20sIIIIIBbHH", chunks[b"shdr"]))[
        :-1
    ]:
        font.samples.append(Sample(_text(name), pcm[start:end], rate, (loop - start, loop_end - start), pitch, cents))
    return font


def write_font(font: Font, info: dict[str, str]) -> bytes:
    """Serialise. `info`: the INFO list's texts by four-letter name (INAM, ICOP, ICMT…)."""
    info_list = _chunk(b"ifil", struct.pack("<HH", 2, 1)) + _chunk(b"isng", b"EMU8000\0")
    for key, text in info.items():
        body = text.encode() + b"\0"
        info_list += _chunk(key.encode(), body + b"\0" * (len(body) % 2))
    pcm, headers = _sample_data(font.samples)
    preset_bags, preset_gens, preset_first = _bags([(p.common, p.zones, INSTRUMENT) for p in font.presets])
    bags, gens, first = _bags([(i.common, i.zones, SAMPLE) for i in font.instruments])
    preset_rows = [
        struct.pack("<20sHHHIII", _name(p.name), p.program, p.bank, at, 0, 0, 0)
        for p, at in zip(font.presets, preset_first, strict=False)
    ] + [struct.pack("<20sHHHIII", b"EOP", 0, 0, preset_first[-1], 0, 0, 0)]
    rows = [struct.pack("<20sH", _name(i.name), at) for i, at in zip(font.instruments, first, strict=False)]
    rows.append(struct.pack("<20sH", b"EOI", first[-1]))
    pdta = b"".join(
        _chunk(name, body)
        for name, body in (
            (b"phdr", b"".join(preset_rows)),
            (b"pbag", preset_bags),
            (b"pmod", bytes(10)),
            (b"pgen", preset_gens),
            (b"inst", b"".join(rows)),
            (b"ibag", bags),
            (b"imod", bytes(10)),
            (b"igen", gens),
            (b"shdr", headers),
        )
    )
    body = (
        b"sfbk"
        + _chunk(b"LIST", b"INFO" + info_list)
        + _chunk(b"LIST", b"sdta" + _chunk(b"smpl", pcm))
        + _chunk(b"LIST", b"pdta" + pdta)
    )
    return _chunk(b"RIFF", body)


def _chunks(data: bytes, low: int, high: int) -> Iterator[tuple[bytes, bytes]]:
    while low + 8 <= high:
        name, size = data[low : low + 4], struct.unpack("<I", data[low + 4 : low + 8])[0]
        if name == b"LIST":
            yield from _chunks(data, low + 12, low + 8 + size)
        else:
            yield name, data[low + 8 : low + 8 + size]
        low += 8 + size + size % 2


def _zones(bags: bytes, gens: bytes) -> list[Zone]:
    starts = [start for start, _ in struct.iter_unpack("<HH", bags)]
    pairs = list(struct.iter_unpack("<HH", gens))
    return [dict(pairs[low:high]) for low, high in itertools.pairwise(starts)]


def _split(zones: list[Zone], pointer: int) -> tuple[Zone, tuple[Zone, ...]]:
    """(the global zone, the zones that point somewhere)."""
    common = zones[0] if zones and pointer not in zones[0] else {}
    return common, tuple(zone for zone in zones if pointer in zone)


def _bags(parts: list[tuple[Zone, tuple[Zone, ...], int]]) -> tuple[bytes, bytes, list[int]]:
    """Bag and generator chunks, and the first bag of every part with one more for the end."""
    bags: list[bytes] = []
    gens: list[bytes] = []
    first: list[int] = []
    for common, zones, pointer in parts:
        first.append(len(bags))
        for zone in ([common] if common else []) + list(zones):
            bags.append(struct.pack("<HH", len(gens), 0))
            gens += [struct.pack("<HH", key, zone[key]) for key in sorted(zone, key=lambda key: _order(key, pointer))]
    first.append(len(bags))
    return b"".join([*bags, struct.pack("<HH", len(gens), 0)]), b"".join([*gens, bytes(4)]), first


def _order(key: int, pointer: int) -> tuple[int, int]:
    """The standard wants ranges first and the pointer last."""
    rank = {KEY_RANGE: 0, VELOCITY_RANGE: 1, pointer: 3}.get(key, 2)
    return rank, key


def _sample_data(samples: list[Sample]) -> tuple[bytes, bytes]:
    pieces: list[bytes] = []
    rows: list[bytes] = []
    at = 0
    for sample in samples:
        low, high = sample.loop
        rows.append(
            struct.pack(
                "<20sIIIIIBbHH",
                _name(sample.name),
                at,
                at + len(sample.pcm),
                at + low,
                at + high,
                sample.rate_hz,
                sample.pitch,
                sample.correction,
                0,
                1,
            )
        )
        pieces += [sample.pcm.tobytes(), bytes(2 * _GUARD)]
        at += len(sample.pcm) + _GUARD
    rows.append(struct.pack("<20sIIIIIBbHH", b"EOS", 0, 0, 0, 0, 0, 0, 0, 0, 0))
    return b"".join(pieces), b"".join(rows)


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _text(name: bytes) -> str:
    """A name read from SF2's padded bytes."""
    return name.split(b"\0")[0].decode("latin1")


def _name(text: str) -> bytes:
    """A name as SF2 stores it: at most 19 bytes of Latin-1."""
    return text.encode("latin1", "replace")[:19]
