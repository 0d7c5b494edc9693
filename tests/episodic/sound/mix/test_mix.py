import numpy as np
import pytest

from episodic.sound.audio import SAMPLE_RATE, fit_length, generator, pan
from episodic.sound.mix.loudness import integrated_loudness
from episodic.sound.mix.meter import block_energies, level_to
from episodic.sound.mix.mix import Placement, SceneSound, mix_scene
from episodic.sound.speech.engine import ToneSpeech
from memory.model.canon import Voice


def noise(seconds, lufs, seed=0):
    dice = np.random.default_rng(seed)
    return level_to(dice.normal(0, 0.1, (round(seconds * SAMPLE_RATE), 2)).astype(np.float32), lufs)


def level_db(sound):
    return 20 * np.log10(np.sqrt(np.mean(np.square(sound))) + 1e-12)


def at(sound, start_s, end_s):
    return sound[round(start_s * SAMPLE_RATE) : round(end_s * SAMPLE_RATE)]


@pytest.fixture(scope="module")
def line():
    line = ToneSpeech().say("Not tonight my friend, the ferry is already out there and nobody will come.", Voice(), "neutral")
    return line.samples


@pytest.fixture(scope="module")
def scene(line):
    seconds = 16
    return mix_scene(
        SceneSound(
            length=seconds * SAMPLE_RATE,
            speech=(Placement(start=4 * SAMPLE_RATE, samples=line, pan=-0.8),),
            ambience=noise(seconds, -34),
            music=noise(seconds, -24, 1),
            effects=noise(seconds, -45, 2),
        )
    )


def test_music_and_bed_duck_under_speech(scene):
    assert level_db(at(scene.music, 1, 3.5)) - level_db(at(scene.music, 5.5, 6.5)) == pytest.approx(10, abs=1.5)
    assert level_db(at(scene.ambience, 1, 3.5)) - level_db(at(scene.ambience, 5.5, 6.5)) == pytest.approx(5, abs=1)


def test_music_and_bed_recover_after_the_line(scene, line):
    end = 4 + len(line) / SAMPLE_RATE
    assert level_db(at(scene.music, end + 3, end + 5)) == pytest.approx(level_db(at(scene.music, 1, 3.5)), abs=0.7)


def test_ducking_does_not_click(scene):
    envelope = np.abs(scene.music).mean(axis=1)[: 16 * SAMPLE_RATE].reshape(-1, SAMPLE_RATE // 20).mean(axis=1)
    steps = 20 * np.log10(envelope[2:-1] / envelope[1:-2])
    assert np.abs(steps).max() < 4.5


def test_speech_is_well_above_the_beds(scene):
    beds = at(scene.music, 5, 7) + at(scene.ambience, 5, 7)
    speech = integrated_loudness([block_energies(at(scene.dialogue, 4.2, 7))])
    assert 9 < speech - integrated_loudness([block_energies(beds)]) < 22


def test_the_mix_is_the_sum_of_its_stems(scene):
    total = scene.dialogue + scene.ambience + scene.music + scene.effects
    assert np.abs(total - scene.mix).max() < 1e-6
    assert scene.mix.shape == (16 * SAMPLE_RATE, 2)
    assert scene.mix.dtype == np.float32


def test_a_speaker_is_panned_to_their_side(scene):
    assert level_db(scene.dialogue[:, 0]) > level_db(scene.dialogue[:, 1]) + 3


@pytest.mark.parametrize("room", ["outdoors", "small", "room", "hall", "cave"])
def test_a_room_rings_after_the_line(line, room):
    length = 10 * SAMPLE_RATE
    placed = Placement(start=0, samples=line[: 2 * SAMPLE_RATE])
    wet = mix_scene(SceneSound(length=length, speech=(placed,), room=room)).dialogue
    dry = mix_scene(SceneSound(length=length, speech=(Placement(start=0, samples=placed.samples, dry=True),), room=room)).dialogue
    assert not dry[2 * SAMPLE_RATE :].any()
    assert np.abs(wet[2 * SAMPLE_RATE : 2 * SAMPLE_RATE + 4800]).max() > 1e-5
    assert level_db(wet[: 2 * SAMPLE_RATE]) == pytest.approx(level_db(dry[: 2 * SAMPLE_RATE]), abs=1.0)


def test_larger_rooms_ring_longer(line):
    tails = []
    for room in ("small", "room", "hall", "cave"):
        placed = Placement(start=0, samples=line[:SAMPLE_RATE])
        wet = mix_scene(SceneSound(length=5 * SAMPLE_RATE, speech=(placed,), room=room)).dialogue
        tails.append(level_db(at(wet, 1.3, 2.5)))
    assert tails == sorted(tails)


def test_lines_past_the_scene_are_cut_and_every_stem_is_optional():
    line = np.full(SAMPLE_RATE, 0.1, np.float32)
    speech = tuple(Placement(start=start, samples=line) for start in (-SAMPLE_RATE // 2, SAMPLE_RATE // 2, 5 * SAMPLE_RATE))
    mixed = mix_scene(SceneSound(length=SAMPLE_RATE, speech=speech))
    assert len(mixed.mix) == SAMPLE_RATE
    assert not mix_scene(SceneSound(length=SAMPLE_RATE)).mix.any()
    assert len(mix_scene(SceneSound(length=0)).mix) == 0


def test_the_same_scene_mixes_to_the_same_bytes(line):
    sound = SceneSound(length=5 * SAMPLE_RATE, speech=(Placement(start=100, samples=line),), music=noise(5, -24))
    assert mix_scene(sound).mix.tobytes() == mix_scene(sound).mix.tobytes()


def test_panning_keeps_the_power():
    mono = np.ones(10)
    for place in (-1, -0.3, 0, 0.9, 1, 5):
        assert np.sum(pan(mono, place) ** 2, axis=1) == pytest.approx(np.ones(10))


def test_lengths_are_fitted():
    assert len(fit_length(np.ones(5), 3)) == 3
    assert fit_length(np.ones((2, 2)), 4)[2:].sum() == 0


def test_generators_depend_on_their_names_only():
    assert generator("a", 1).random() == generator("a", 1).random() != generator("a", 2).random()
