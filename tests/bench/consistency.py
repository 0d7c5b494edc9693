"""Figures of the consistency layers, before and after, and their time per frame: `python -m tests.bench.consistency`.

It takes one core two minutes. `--drift` corrects chains of takes on all films of `tests/episodic/consistency/drift_films.py` instead,
which takes one core a quarter of an hour. The method and its constants were developed on the four films of `_chains` and on every other
film of `FILMS` (`DEVELOPED_ON`). The other films (`HELD_OUT`) were not used in development; only their figures predict new films.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Literal

import numpy as np

from episodic.consistency.colour import ColourMap, anchor_of, apply, correct_chain, seen_in_chain
from episodic.consistency.finish import finish
from episodic.consistency.grain import GrainMatch, noise_in, profile_of
from episodic.consistency.retime import retime
from episodic.consistency.seams import excess_difference, repair_joins
from episodic.series.shooting_settings import LAYERS, Layer
from tests.episodic.consistency import consistency_faults as faults
from tests.episodic.consistency import drift_films

TAKES, KNOWN, LENGTH = 20, 5, 20
DRIFTS = {
    "growing": {"saturation": 1.03, "contrast": 1.02, "hue": 0.6, "brightness": 0.8},
    "fading": {"saturation": 0.97, "contrast": 0.98, "hue": -0.6, "brightness": -0.8},
}


def _row(layer: str, film: str, figure: str, before: float, after: float) -> None:
    print(f"{layer:10}{film:12}{figure:44}{before:9.3f}{after:9.3f}")


def _chains() -> None:
    count = TAKES * LENGTH + KNOWN
    # the method was developed on all of these
    films = {
        "acted": faults.acted(count, 160, 90),
        "pan 4 m": faults.painted("street", count, 160, 90, travel=4.0),
        "push in": faults.painted("living_room", count, 160, 90, travel=0.5, push=0.8),
        "textured": faults.textured(count, 160, 90, (0.5, 0.2)),
    }
    for name, film in films.items():
        last = film[(TAKES - 1) * LENGTH :]
        for drift, fault in DRIFTS.items():
            drifted = faults.chain(film, TAKES, KNOWN, lambda frames, _: frames, fault)[-1]
            corrected = faults.corrected(film, TAKES, KNOWN, fault)[-1]
            (d0, c0), (d1, c1) = faults.colour_drift(last, drifted), faults.colour_drift(last, corrected)
            _row("colour", name, f"dE00 after {TAKES} takes, {drift}", d0, d1)
            _row("colour", name, f"contrast off by %, {drift}", 100 * c0, 100 * c1)
        corrected = faults.corrected(film, TAKES, KNOWN, {})[-1]
        _row("colour", name, f"clean, {TAKES} takes: most steps of 255", 0, faults.most(last, corrected))


def _held_out() -> None:
    for half, films in (("developed on", drift_films.DEVELOPED_ON), ("held out", drift_films.HELD_OUT)):
        print(f"\n{half:38}{'drift':12}{'dE00 before':>12}{'after':>8}{'contrast %':>12}{'after':>8}")
        ends = [end for film in films for end in _print_drifts(film)]
        colour, contrast = np.array(ends).T
        met = int(((colour <= 1) & (contrast <= 2)).sum())
        print(
            f"{half}: mean {colour.mean():.2f}, worst {colour.max():.2f} dE00; mean {contrast.mean():.2f}, worst {contrast.max():.2f} %"
        )
        print(f"{half}: {met} of {len(ends)} within 1 dE00 and 2 %")


def _print_drifts(drifting: drift_films.DriftFilm) -> list[tuple[float, float]]:
    """Print every drift of a film. Return the colour and contrast errors after the last take, corrected."""
    film, figures = drifting.film(), []
    last = film[(TAKES - 1) * LENGTH :]
    for drift, fault in drifting.faults().items():
        d0, c0 = faults.colour_drift(last, faults.chain(film, TAKES, KNOWN, lambda frames, _: frames, fault, drifting.grain)[-1])
        d1, c1 = faults.colour_drift(last, faults.corrected(film, TAKES, KNOWN, fault, drifting.grain)[-1])
        print(f"{drifting.name:38}{drift:12}{d0:12.2f}{d1:8.2f}{100 * c0:12.1f}{100 * c1:8.2f}", flush=True)
        figures.append((d1, 100 * c1))
    if not drifting.grain:
        print(f"{drifting.name:38}{'none':12}{faults.most(last, faults.corrected(film, TAKES, KNOWN, {})[-1]):20} steps of 255")
    return figures


def _layers() -> None:
    flicker: tuple[Layer, ...] = ("flicker",)
    films = {"acted": faults.acted(40), "street": faults.painted("street", 40, travel=0.5), "textured": faults.textured(40)}
    for name, film in films.items():
        broken = faults.flickering(film)
        still = np.stack(list(finish(partial(iter, broken), flicker, anchor=None, grain=None, seed=1)))
        before, after = (float(np.diff((frames.astype(float) - film).mean((1, 2)), axis=0).std()) for frames in (broken, still))
        _row("flicker", name, "frame-to-frame brightness, steps", before, after)
        broken = np.concatenate([film[:20], faults.displaced(film[20:], 2.0, 1.0, 0.94)])
        _row(
            "seams",
            name,
            "excess difference at the join, steps",
            excess_difference(broken, 20),
            excess_difference(np.stack(list(repair_joins(broken, [20]))), 20),
        )
        low, between = film[:37:2], np.arange(1, 36, 2)
        up = np.stack(list(retime(low, 12, 24, 37)))
        _row(
            "retime",
            name,
            "PSNR dB between frames (before: nearest)",
            faults.nearness(low[between // 2], film[between]),
            faults.nearness(up[between], film[between]),
        )
        scene = profile_of(faults.grainy(film[:4], 3.0))
        grained = GrainMatch(profile_of(film[:4]), scene, 1).apply(film[0], 0)
        _row("grain", name, f"grain, steps (scene: {np.mean(scene.noise):.2f})", noise_in(film[0]), noise_in(grained))
        clean = list(
            finish(
                partial(iter, film),
                LAYERS,
                anchor=anchor_of(film[:20]),
                joins=(10, 25),
                grain=profile_of(film[:4]),
                seed=1,
            )
        )
        _row("all", name, "clean: most steps of 255", 0, faults.most(film, np.stack(clean)))


def _timed(title: str, frames: int, run: Callable[[], Iterable[object]]) -> None:
    began = time.process_time()
    for _ in run():
        pass
    print(f"{title:66}{(time.process_time() - began) / frames * 1000:9.1f}")


def _times() -> None:
    film = faults.painted("street", 24, 1280, 720, travel=0.2)
    broken = faults.grainy(faults.flickering(np.concatenate([film[:12], faults.displaced(film[12:], 4.0, 2.0, 0.95)])), 2.0)
    anchor, grain = anchor_of(film[:4]), profile_of(film[:2])
    print(f"\n{'ms of processor time per frame, 1280x720':66}")
    names: tuple[Layer | Literal["auto"], ...] = (*LAYERS, "auto")
    for name in names:
        for kind, frames in (("clean", film), ("faulty", broken)):
            layers: tuple[Layer, ...] = LAYERS if name == "auto" else (name,)
            run = partial(finish, partial(iter, frames), layers, anchor=anchor, joins=(12,), grain=grain, seed=1)
            _timed(f"{name}, {kind}", len(frames), run)
    seen, darker = seen_in_chain(film[:5]), faults.rounded(film * 0.97)
    _timed("correct_chain", 24, lambda: iter(correct_chain(darker, 5, film[:5], seen=seen)))
    colour_map = ColourMap(np.diag([1.01, 1.02, 1.02]), np.array([1.0, 0.0, -1.0]))
    _timed("apply: one frame's colours mapped", 24, lambda: (apply(colour_map, frame) for frame in film))
    # 23 of the frames at 24 per second lie between two frames at 16 per second
    _timed("retime 16 to 24, per frame between two", 23, lambda: retime(film, 16, 24, 34))


def main() -> None:
    """Print all figures."""
    if "--drift" in sys.argv[1:]:
        _held_out()
        return
    print(f"{'layer':10}{'film':12}{'figure':44}{'before':>9}{'after':>9}")
    _chains()
    _layers()
    _times()


if __name__ == "__main__":
    main()
