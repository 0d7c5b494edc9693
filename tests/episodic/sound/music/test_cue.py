import itertools

import numpy as np
import pytest

from episodic.sound.audio import SAMPLE_RATE, generator
from episodic.sound.mix.loudness import integrated_loudness
from episodic.sound.mix.meter import block_energies
from episodic.sound.music.cue import compose_cue, series_motif, write_score
from episodic.sound.music.harmony import MODES, chord, lead_voices, scale_with
from episodic.sound.music.melody import Bar, phrase_melody
from episodic.sound.music.moods import MOOD_PROFILES, band_for
from episodic.sound.soundfont import soundfont
from episodic.sound.soundfont.cut import KIT
from episodic.sound.soundfont.sf2 import INSTRUMENT, SAMPLE, read_font, write_font
from planners.plan.vocabulary import MOODS, STYLES


def level_db(sound):
    return 20 * np.log10(np.sqrt(np.mean(np.square(sound))) + 1e-12)


@pytest.mark.parametrize(
    ("mood", "style", "seconds"),
    [("calm", "storybook", 21.37), ("tense", "neon", 9.0), ("playful", "sitcom", 33.3), ("sad", "noir", 3.1)],
)
def test_a_cue_has_its_length_and_ends_quietly(mood, style, seconds):
    cue = compose_cue(mood=mood, style=style, seconds=seconds, seed=4)
    assert cue.shape == (round(seconds * SAMPLE_RATE), 2)
    assert cue.dtype == np.float32
    assert 0.03 < np.abs(cue).max() < 0.89
    assert level_db(cue[-SAMPLE_RATE // 20 :]) < -70
    assert level_db(cue[: SAMPLE_RATE // 2]) > -60


@pytest.mark.parametrize("seconds", [0.3, 1.0])
def test_a_cue_may_be_very_short(seconds):
    assert len(compose_cue(mood="wonder", style="scifi", seconds=seconds, seed=1)) == round(seconds * SAMPLE_RATE)


def test_a_cue_without_length_is_refused():
    with pytest.raises(ValueError, match="length"):
        compose_cue(mood="calm", style="noir", seconds=0, seed=1)


def test_a_cue_is_deterministic_and_depends_on_the_seed():
    first, again, other = (compose_cue(mood="warm", style="pastel", seconds=8, seed=seed) for seed in (1, 1, 2))
    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize(("mood", "style"), list(itertools.product(MOODS, STYLES)))
def test_every_mood_in_every_style_is_scored_within_the_instruments(mood, style):
    tracks = write_score(mood=mood, style=style, seconds=40, seed=3, motif=series_motif(9))
    assert len(tracks) >= 3
    assert sum(not track.drums for track in tracks) <= 15
    for track in tracks:
        assert ((128 if track.drums else 0), track.program) in KIT
        assert all(0 <= note.key < 128 and note.length > 0 and 0 <= note.start < 40 for note in track.notes)


def test_moods_sound_different():
    calm, triumph = (compose_cue(mood=mood, style="drama", seconds=24, seed=5) for mood in ("calm", "triumphant"))
    assert integrated_loudness([block_energies(triumph)]) > integrated_loudness([block_energies(calm)]) + 2
    notes = {
        mood: sum(len(track.notes) for track in write_score(mood=mood, style="drama", seconds=40, seed=5))
        for mood in ("sad", "triumphant")
    }
    assert notes["triumphant"] > 1.5 * notes["sad"]


def test_nothing_in_a_cue_is_a_loop():
    tracks = write_score(mood="warm", style="storybook", seconds=60, seed=2)
    lead = max((track for track in tracks if not track.drums), key=lambda track: len({note.key for note in track.notes}))
    keys = [note.key for note in lead.notes]
    eights = [tuple(keys[start : start + 8]) for start in range(0, len(keys) - 8, 8)]
    assert len(set(eights)) > 0.6 * len(eights)


def test_the_motif_of_a_series_occurs_in_its_cues():
    motif = series_motif(11)
    assert motif == series_motif(11) != series_motif(12)
    bars = [Bar(chord(name), "ionian", 4) for name in ["I", "vi", "IV", "V"]]
    sung = phrase_melody(motif, bars, tonic=60, centre=72, turn="state", busy=1.5, ends="open", dice=generator("t"))
    directions = [np.sign(b.key - a.key) for a, b in itertools.pairwise(sung[: len(motif)])]
    expected = [np.sign(b - a) for a, b in itertools.pairwise(motif)]
    assert sum(d == e for d, e in zip(directions, expected, strict=True)) >= len(expected) - 1


@pytest.mark.parametrize("mood", MOODS)
def test_melodies_follow_the_scale_and_begin_on_chord_tones(mood):
    profile = MOOD_PROFILES[mood]
    for names in profile.progressions:
        bars = [Bar(chord(name), profile.modes[0], 4) for name in names.split()]
        sung = phrase_melody(
            series_motif(3), bars, tonic=57, centre=72, turn="state", busy=1.2, ends="closed", dice=generator("m")
        )
        for note in sung:
            bar = bars[min(3, int(note.beat // 4))]
            assert (note.key - 57) % 12 in scale_with(profile.modes[0], bar.harmony)
        assert (sung[0].key - 57) % 12 in bars[0].harmony.tones
        assert (sung[-1].key - 57) % 12 in bars[-1].harmony.tones


def test_voices_move_little_and_keep_the_third():
    before = None
    for name in ["I", "vi", "IV", "V", "I", "ii7", "V7", "I"]:
        keys = lead_voices(chord(name), 60, before, 52, 76)
        assert chord(name).tones[1] in {(key - 60) % 12 for key in keys}
        if before is not None:
            assert sum(abs(a - b) for a, b in zip(before, keys, strict=True)) <= 9
        before = keys


def test_chords_are_read_and_faults_named():
    assert chord("ii7").tones == (2, 5, 9, 0)
    assert chord("bVI").tones == (8, 0, 3)
    assert chord("V/11").bass == 11
    assert set(MODES["lydian"]) >= {0, 6}
    with pytest.raises(ValueError, match="roman numeral"):
        chord("H7")


def test_the_soundfont_holds_what_the_bands_play_and_survives_rewriting():
    font = read_font(soundfont())
    assert {(preset.bank, preset.program) for preset in font.presets} == set(KIT)
    assert len(soundfont()) <= 12_000_000
    for preset in font.presets:
        assert all(font.instruments[zone[INSTRUMENT]].zones for zone in preset.zones)
    assert all(zone[SAMPLE] < len(font.samples) for instrument in font.instruments for zone in instrument.zones)
    again = read_font(write_font(font, {"INAM": "x"}))
    assert [p.zones for p in again.presets] == [p.zones for p in font.presets]
    assert all(np.array_equal(a.pcm, b.pcm) and a.loop == b.loop for a, b in zip(again.samples, font.samples, strict=True))


def test_bands_change_with_the_mood():
    assert band_for("storybook", "sad").groove == "none"
    assert band_for("drama", "triumphant").groove == "march"
    assert band_for("noir", "calm").bass == band_for("noir", "warm").bass


def test_a_file_that_is_no_soundfont_is_refused():
    with pytest.raises(ValueError, match="SoundFont"):
        read_font(b"RIFF0000WAVE")
