import itertools

import numpy as np
import pyloudnorm
import pytest

from episodic.sound.audio import SAMPLE_RATE
from episodic.sound.mix.limiter import master
from episodic.sound.mix.loudness import gain_to_target, integrated_loudness
from episodic.sound.mix.meter import block_energies, speech_level, true_peak_db


def programme(seconds=20, seed=0, level=0.08):
    dice = np.random.default_rng(seed)
    time = np.arange(seconds * SAMPLE_RATE) / SAMPLE_RATE
    swell = 0.02 + np.abs(np.sin(0.5 * time)) ** 3
    return (dice.normal(0, level, (len(time), 2)) * swell[:, None] * [1, 0.6]).astype(np.float32)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("level", [0.005, 0.08, 0.4])
def test_loudness_agrees_with_pyloudnorm(seed, level):
    sound = programme(seed=seed, level=level)
    expected = pyloudnorm.Meter(SAMPLE_RATE).integrated_loudness(sound.astype(np.float64))
    assert integrated_loudness([block_energies(sound)]) == pytest.approx(expected, abs=0.1)


def test_a_sine_of_known_level_measures_as_the_standard_requires():
    time = np.arange(10 * SAMPLE_RATE) / SAMPLE_RATE
    sine = np.repeat(np.sin(2 * np.pi * 997 * time)[:, None], 2, axis=1).astype(np.float32) * 10 ** (-23 / 20)
    assert integrated_loudness([block_energies(sine)]) == pytest.approx(-23.0, abs=0.1)


def test_scenes_add_up_to_the_episode():
    sound = programme(30)
    cuts = [0, 7 * SAMPLE_RATE, 19 * SAMPLE_RATE, len(sound)]
    scenes = [block_energies(sound[a:b]) for a, b in itertools.pairwise(cuts)]
    assert integrated_loudness(scenes) == pytest.approx(integrated_loudness([block_energies(sound)]), abs=0.05)


def test_silence_has_no_loudness_and_needs_no_gain():
    silence = [block_energies(np.zeros((SAMPLE_RATE, 2), np.float32))]
    assert integrated_loudness(silence) == float("-inf")
    assert gain_to_target(silence) == 0.0
    assert gain_to_target([]) == 0.0


def test_short_lines_have_a_level_too():
    burst = np.sin(2 * np.pi * 300 * np.arange(SAMPLE_RATE // 4) / SAMPLE_RATE).astype(np.float32) * 0.1
    quiet_around = np.concatenate([np.zeros(SAMPLE_RATE, np.float32), burst, np.zeros(SAMPLE_RATE, np.float32)])
    assert speech_level(quiet_around) == pytest.approx(speech_level(burst), abs=1.0)


def blocks_of(sound, size):
    return (sound[start : start + size] for start in range(0, len(sound), size))


def test_the_limiter_keeps_the_true_peak_and_the_length():
    sound = programme(10)
    gain = gain_to_target([block_energies(sound)]) + 9
    out = np.concatenate(list(master(blocks_of(sound, 4801), gain, ceiling_dbtp=-1.5)))
    assert out.shape == sound.shape
    assert out.dtype == np.float32
    assert -2.5 < true_peak_db(out) <= -1.5


def test_the_limiter_is_independent_of_block_sizes():
    sound = programme(4, level=0.5)
    whole = np.concatenate(list(master([sound], 6.0)))
    pieces = np.concatenate(list(master(blocks_of(sound, 777), 6.0)))
    assert np.array_equal(whole, pieces)


def test_quiet_sound_passes_unchanged():
    sound = programme(2, level=0.02)
    assert np.array_equal(np.concatenate(list(master(blocks_of(sound, 1000), 0.0))), sound)


def test_a_single_peak_ducks_its_neighbourhood_only():
    sound = np.full((2 * SAMPLE_RATE, 2), 0.1, np.float32)
    sound[SAMPLE_RATE : SAMPLE_RATE + 20] = 2.0
    out = np.concatenate(list(master([sound], 0.0)))
    assert np.abs(out).max() <= 10 ** (-2.0 / 20)
    assert out[SAMPLE_RATE - 1000, 0] == pytest.approx(0.1)
    assert out[SAMPLE_RATE - 100, 0] < 0.09
    assert out[-1, 0] == pytest.approx(0.1, rel=0.01)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 481, 5000])
def test_any_length_is_accepted(length):
    sound = np.full((length, 2), 0.5, np.float32)
    assert sum(len(block) for block in master([sound], 12.0)) == length
