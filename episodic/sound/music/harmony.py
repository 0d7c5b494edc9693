"""Chords and how one becomes the next."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

__all__ = ["MODES", "Chord", "chord", "lead_voices", "scale_with"]

MODES: Final = {
    "ionian": (0, 2, 4, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
}
"""Semitones of each mode over its tonic."""

_NUMERALS: Final = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_PATTERN = re.compile(r"([b#]?)(vii|vi|v|iv|iii|ii|i|VII|VI|V|IV|III|II|I)(°|\+|sus)?(M7|7|9|6)?(?:/(\d+))?")
_ADDED: Final = {"7": 10, "M7": 11, "9": 14, "6": 9}


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord over a tonic. `root` and `bass` in semitones over the tonic, `tones` as pitch classes over the tonic, root first."""

    root: int
    tones: tuple[int, ...]
    bass: int


@lru_cache(maxsize=256)
def chord(name: str) -> Chord:
    """Read a roman numeral: `ii7`, `bVI`, `V7`, `vii°`, `Isus`, `IV9`, `V/11` (bass: semitones over the tonic)."""
    match = _PATTERN.fullmatch(name)
    if match is None:
        raise ValueError(f"expected a roman numeral such as ii7, bVI or V/11, found {name!r}")
    accidental, numeral, colour, added, bass = match.groups()
    root = _NUMERALS[numeral.lower()] + {"": 0, "b": -1, "#": 1}[accidental]
    third, fifth = (4 if numeral.isupper() else 3), 7
    if colour == "°":
        third, fifth = 3, 6
    elif colour == "+":
        third, fifth = 4, 8
    elif colour == "sus":
        third = 5
    steps = [0, third, fifth] + ([_ADDED[added]] if added else [])
    return Chord(root % 12, tuple((root + step) % 12 for step in steps), int(bass) % 12 if bass else root % 12)


def scale_with(mode: str, harmony: Chord) -> tuple[int, ...]:
    """The mode's pitch classes bent so that they hold the chord's: what a melody may use over it."""
    scale = set(MODES[mode])
    for tone in harmony.tones:
        if tone not in scale:
            # a foreign chord tone takes the place of its nearest neighbour, or both a semitone apart would be sung
            scale -= {(tone - 1) % 12, (tone + 1) % 12} - set(harmony.tones)
            scale.add(tone)
    return tuple(sorted(scale))


def lead_voices(
    harmony: Chord, tonic: int, before: tuple[int, ...] | None, low: int, high: int, voices: int = 3
) -> tuple[int, ...]:
    """MIDI keys, low to high, of `voices` upper voices: the nearest way on from `before`, few parallels, no crowding below.

    `tonic` is a MIDI key of any octave.
    """
    places = [[key for key in range(low, high + 1) if (key - tonic) % 12 == tone] for tone in harmony.tones]
    # the root may be left to the bass when the chord has more tones than there are voices; the fifth goes before it
    subsets = _subsets(len(harmony.tones), voices)
    best: tuple[float, tuple[int, ...]] | None = None
    for subset in subsets:
        for keys in itertools.product(*(places[index] for index in subset)):
            voicing = tuple(sorted(keys))
            if len(set(voicing)) < voices:
                continue
            cost = _movement(voicing, before, (low + high) / 2) + _crowding(voicing)
            if best is None or (cost, voicing) < best:
                best = (cost, voicing)
    if best is None:
        raise ValueError(f"no voicing of {harmony} between keys {low} and {high}")
    return best[1]


@lru_cache(maxsize=32)
def _subsets(tones: int, voices: int) -> tuple[tuple[int, ...], ...]:
    """Which chord tones the voices take; the third is always among them."""
    if tones >= voices:
        return tuple(pick for pick in itertools.combinations(range(tones), voices) if 1 in pick)
    return tuple((*range(tones), *extra) for extra in itertools.combinations_with_replacement((0, 2), voices - tones))


def _movement(voicing: tuple[int, ...], before: tuple[int, ...] | None, middle: float) -> float:
    """Cost of moving from one voicing to the next: large steps and a distant centre cost more."""
    centre = 0.15 * abs(sum(voicing) / len(voicing) - middle)
    if before is None or len(before) != len(voicing):
        return centre + 0.3 * abs(sum(voicing) / len(voicing) - middle)
    moves = [b - a for a, b in zip(before, voicing, strict=True)]
    cost = sum(abs(move) + (2.0 if abs(move) > 5 else 0.0) for move in moves) + centre
    for (a1, b1, m1), (a2, b2, m2) in itertools.combinations(zip(before, voicing, moves, strict=True), 2):
        if m1 != 0 and m1 == m2 and (a2 - a1) % 12 == (b2 - b1) % 12 in (0, 7):
            cost += 4.0
    return cost


def _crowding(voicing: tuple[int, ...]) -> float:
    gaps = [b - a for a, b in itertools.pairwise(voicing)]
    return (
        sum(3.0 for gap in gaps if gap < 2)
        + sum(1.5 for gap in gaps if gap > 9)
        + (2.0 if gaps and voicing[0] < 52 and gaps[0] < 4 else 0.0)
    )
