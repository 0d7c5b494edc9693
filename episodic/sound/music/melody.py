"""A melody grown from one motif: stated, sequenced, turned over, broken up, brought to rest."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from episodic.sound.audio import generator
from episodic.sound.music.harmony import Chord, scale_with

__all__ = ["Bar", "Sung", "Turn", "phrase_melody", "series_motif"]

Turn = Literal["state", "sequence", "invert", "ornament", "break_up"]
"""What a phrase does with the motif."""

_STEPS: Final = (-3, -2, -1, -1, 1, 1, 2, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Bar:
    """What a melody has to fit: the chord, the mode it is heard in, and beats to the bar."""

    harmony: Chord
    mode: str
    beats: int


@dataclass(frozen=True, slots=True)
class Sung:
    """A melody note: beat within the phrase, length in beats, MIDI key, accent 0..1."""

    beat: float
    beats: float
    key: int
    accent: float


def series_motif(seed: int) -> tuple[int, ...]:
    """A motif of four to six notes as scale steps from its first note; one per series gives its music one family face."""
    dice = generator("motif", seed)
    while True:
        steps = [0]
        for _ in range(int(dice.integers(3, 6))):
            steps.append(steps[-1] + int(dice.choice(_STEPS)))
        ups = sum(b > a for a, b in itertools.pairwise(steps))
        # singable: within an octave, not one straight run, not back and forth on two notes
        if max(steps) - min(steps) <= 6 and 0 < ups < len(steps) - 1 and len(set(steps)) >= 3:
            return tuple(steps)


def phrase_melody(
    motif: Sequence[int],
    bars: Sequence[Bar],
    *,
    tonic: int,
    centre: int,
    turn: Turn,
    busy: float,
    ends: Literal["open", "closed"],
    dice: np.random.Generator,
    after: int | None = None,
) -> list[Sung]:
    """A phrase over `bars`. `tonic`: MIDI key of the tonic in any octave; `centre`: the key the melody moves around;
    `busy`: notes per beat; `after`: the last key sung before. `ends`: on a chord tone that asks on, or on the tonic chord's own."""
    spread = 1 if busy * bars[0].beats >= len(motif) - 1 else 2
    out: list[Sung] = []
    previous = after if after is not None else centre
    index, beat = 0, 0.0
    while index < len(bars):
        last = index >= len(bars) - 1
        width = min(spread, len(bars) - index - (0 if last else 1)) or 1
        span = sum(bar.beats for bar in bars[index : index + width])
        cell = [_rest_cell(bars[index])] if last else _cell(motif, turn, index // max(1, spread), span, dice)
        sung = _sing(cell[0], bars[index : index + width], beat, tonic, centre, previous, ends if last else None)
        out += sung
        previous = sung[-1].key
        index += width
        beat += span
    return out


Cell = tuple[list[int], list[float]]
"""Scale steps from the first note, and lengths in beats."""


def _cell(motif: Sequence[int], turn: Turn, place: int, beats: int, dice: np.random.Generator) -> list[Cell]:
    """The motif as this place of the phrase has it."""
    steps = list(motif)
    lengths = _rhythm(motif, beats)
    if turn == "invert" or (turn == "sequence" and place % 3 == 2):
        steps = [-step for step in steps]
    if turn == "break_up" or (turn in ("state", "sequence") and place % 3 == 2):
        # the motif's head alone, then air
        steps, lengths = steps[:3], [*lengths[:2], float(beats) - sum(lengths[:2])]
    if turn == "ornament" and len(steps) >= 3:
        at = int(dice.integers(1, len(steps) - 1))
        if lengths[at] >= 1.0:
            half = lengths[at] / 2
            steps = [*steps[: at + 1], steps[at] + 1, *steps[at + 1 :]]
            lengths = [*lengths[:at], half, half, *lengths[at + 1 :]]
    return [(steps, lengths)]


def _rest_cell(bar: Bar) -> Cell:
    """Where a phrase comes to rest: one long note and a breath."""
    return [0], [max(1.0, bar.beats - 1.0)]


def _rhythm(motif: Sequence[int], beats: int) -> list[float]:
    """Lengths that fill `beats`; they belong to the motif, so that it is known by its rhythm too."""
    dice = generator("rhythm", tuple(motif), beats)
    lengths = [beats / len(motif)] * len(motif)
    grid = 0.5 if beats <= 4 else 1.0
    slots = int(beats / grid)
    cuts = sorted(
        int(cut) for cut in dice.choice(np.arange(1, slots), size=min(len(motif), slots) - 1, replace=False, p=_weights(slots))
    )
    edges = [0, *cuts, slots]
    lengths = [(b - a) * grid for a, b in itertools.pairwise(edges)]
    return lengths + [grid] * (len(motif) - len(lengths))


def _weights(slots: int) -> np.ndarray:
    """Beats are likelier beginnings than what lies between them."""
    weights = np.array([3.0 if slot % 2 == 0 else 1.0 for slot in range(1, slots)])
    return np.asarray(weights / weights.sum())


def _sing(
    cell: Cell, bars: Sequence[Bar], beat: float, tonic: int, centre: int, previous: int, ends: Literal["open", "closed"] | None
) -> list[Sung]:
    """Put a cell on pitches: its first note and its strong beats are chord tones, the rest walks the scale."""
    steps, lengths = cell
    within = 0.0
    out: list[Sung] = []
    start: int | None = None
    for step, length in zip(steps, lengths, strict=False):
        bar = _bar_at(bars, within)
        ladder = _ladder(bar, tonic, centre)
        chord_keys = [key for key in ladder if (key - tonic) % 12 in bar.harmony.tones]
        if start is None:
            rest_tones = _rest_tones(bar, ends)
            # drawn to the middle of the register, or a melody of leaps in one direction leaves it
            start = min(
                [key for key in chord_keys if (key - tonic) % 12 in rest_tones] or chord_keys,
                key=lambda key: (abs(key - (0.75 * previous + 0.25 * centre)), key),
            )
            key = start
        else:
            foot = min(range(len(ladder)), key=lambda i: abs(ladder[i] - start))
            key = ladder[min(len(ladder) - 1, max(0, foot + step))]
            strong = within % 2 == 0 and length >= 1.0
            if strong and (key - tonic) % 12 not in bar.harmony.tones:
                key = min(chord_keys, key=lambda candidate: (abs(candidate - key), candidate))
        out.append(Sung(beat + within, length, key, 1.0 if within % bar.beats == 0 else 0.6 if within % 1 == 0 else 0.3))
        within += length
    return out


def _bar_at(bars: Sequence[Bar], within: float) -> Bar:
    for bar in bars:
        if within < bar.beats:
            return bar
        within -= bar.beats
    return bars[-1]


def _ladder(bar: Bar, tonic: int, centre: int) -> list[int]:
    scale = scale_with(bar.mode, bar.harmony)
    return [key for key in range(centre - 12, centre + 13) if (key - tonic) % 12 in scale]


def _rest_tones(bar: Bar, ends: Literal["open", "closed"] | None) -> set[int]:
    if ends == "closed":
        return {bar.harmony.root, bar.harmony.tones[1]}
    if ends == "open":
        return set(bar.harmony.tones[1:3])
    return set(bar.harmony.tones)
