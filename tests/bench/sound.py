"""The time to make sound, as a ratio to its duration, on one core: `OMP_NUM_THREADS=1 python -m tests.bench.sound`."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

import numpy as np

from episodic.sound.ambience.bed import ambience_bed
from episodic.sound.ambience.effects import effects_track
from episodic.sound.mix.limiter import master
from episodic.sound.mix.loudness import gain_to_target, integrated_loudness
from episodic.sound.mix.meter import block_energies, true_peak_db
from episodic.sound.mix.mix import Placement, SceneSound, mix_scene
from episodic.sound.music.cue import compose_cue, series_motif
from episodic.sound.speech.engine import HibariSpeech
from episodic.sound.speech.lips import lip_track
from episodic.sound.speech.voices import BASE_VOICES
from memory.model.canon import Voice
from memory.model.facts import FactValue

LINE = "I have kept this lamp for forty years, and I will not let it go dark now."
MINUTE = 60.0


Result = TypeVar("Result")


def timed(name: str, seconds: float | Callable[[Result], float], make: Callable[[], Result]) -> Result:
    """Run `make`, print the real-time factor and return the result. `seconds`: duration of the sound."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = make()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    length = seconds(result) if callable(seconds) else seconds
    print(f"{name:28s} {length:6.1f} s of sound  wall {wall:6.2f} s  cpu {cpu:6.2f} s  RTF {cpu / length:.3f}")
    return result


def main() -> None:
    """Print a table of real-time factors, and the levels of a minute mixed and mastered."""
    engine = HibariSpeech()
    timed("speech: load, first word", lambda speech: speech.seconds, lambda: engine.say("Ready.", Voice(), "neutral"))
    for name in ("warm", "deep", "child", "metal", "airy"):
        speech = timed(f"speech: {name}", lambda speech: speech.seconds, partial(engine.say, LINE, BASE_VOICES[name], "neutral"))
    timed("lips", speech.seconds, lambda: lip_track(speech))
    music = timed(
        "music", MINUTE, lambda: compose_cue(mood="warm", style="storybook", seconds=MINUTE, seed=1, motif=series_motif(1))
    )
    place: Mapping[str, FactValue] = {"place": "lamp_room", "indoors": True}
    bed = timed(
        "bed: lamp room in a storm",
        MINUTE,
        lambda: ambience_bed(place=place, description="", time="night", weather="storm", seconds=MINUTE, seed=1),
    )
    impacts = np.zeros(int(MINUTE * 8), np.float32)
    impacts[::6] = 0.6
    steps = timed("effects", MINUTE, lambda: effects_track(impacts, seconds=MINUTE, place=place, seed=1))
    lines = tuple(Placement(start=int(start * 48_000), samples=speech.samples, pan=0.3) for start in range(2, 54, 7))
    scene = SceneSound(length=int(MINUTE * 48_000), speech=lines, ambience=bed, music=music, effects=steps, room="small")
    mixed = timed("mix", MINUTE, lambda: mix_scene(scene))
    energies = timed("loudness", MINUTE, lambda: block_energies(mixed.mix))
    gain = gain_to_target([energies])
    film = timed("master", MINUTE, lambda: np.concatenate(list(master([mixed.mix], gain))))
    print(
        f"stems, LUFS: {', '.join(f'{n} {integrated_loudness([block_energies(getattr(mixed, n))]):.1f}' for n in ('dialogue', 'music', 'ambience', 'effects'))}"
    )
    print(
        f"mastered: {integrated_loudness([block_energies(film)]):.2f} LUFS, true peak {true_peak_db(film):.2f} dBTP, gain {gain:+.1f} dB"
    )


if __name__ == "__main__":
    main()
