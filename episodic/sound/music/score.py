"""Notes, and the MIDI file they become."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

__all__ = ["DRUM_CHANNEL", "Note", "Track", "midi_bytes"]

DRUM_CHANNEL: Final = 9
_TICKS_PER_S: Final = 1000


@dataclass(frozen=True, slots=True)
class Note:
    """`start` and `length` in seconds, `key` and `velocity` as in MIDI."""

    start: float
    length: float
    key: int
    velocity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One player. `pan` 0..127, `reverb` and `volume` 0..127; `swell`: (second, expression 0..127) pairs."""

    program: int
    notes: tuple[Note, ...]
    drums: bool = False
    pan: int = 64
    reverb: int = 50
    volume: int = 80
    swell: tuple[tuple[float, int], ...] = ()


def midi_bytes(tracks: list[Track]) -> bytes:
    """A standard MIDI file, one tick a millisecond. At most 15 pitched tracks; all drum tracks share one kit."""
    events: list[tuple[int, int, bytes]] = []
    channels = [number for number in range(16) if number != DRUM_CHANNEL]
    for track in tracks:
        channel = DRUM_CHANNEL if track.drums else channels.pop(0)
        head = [bytes([0xC0 | channel, track.program])]
        head += [
            bytes([0xB0 | channel, control, value])
            for control, value in ((7, track.volume), (10, track.pan), (91, track.reverb), (93, 0))
        ]
        events += [(0, 0, message) for message in head]
        events += [(_tick(second), 1, bytes([0xB0 | channel, 11, value])) for second, value in track.swell]
        for note in track.notes:
            velocity = min(127, max(1, note.velocity))
            events.append((_tick(note.start), 3, bytes([0x90 | channel, note.key, velocity])))
            # ends sort before beginnings, so that a repeated key sounds again
            events.append((_tick(note.start + note.length), 2, bytes([0x80 | channel, note.key, 0])))
    body = b"\x00\xff\x51\x03" + struct.pack(">I", 500_000)[1:]
    last = 0
    for tick, _, message in sorted(events):
        body += _variable(tick - last) + message
        last = tick
    body += b"\x00\xff\x2f\x00"
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, _TICKS_PER_S // 2) + b"MTrk" + struct.pack(">I", len(body)) + body


def _tick(second: float) -> int:
    return max(0, round(second * _TICKS_PER_S))


def _variable(number: int) -> bytes:
    out = [number & 127]
    while number := number >> 7:
        out.append(128 | number & 127)
    return bytes(reversed(out))
