import itertools

import numpy as np
import pytest

from episodic.errors import SpeechError
from episodic.sound.audio import SAMPLE_RATE
from episodic.sound.mix.meter import speech_level
from episodic.sound.speech.delivery import MANNERS
from episodic.sound.speech.engine import HibariSpeech, ToneSpeech
from episodic.sound.speech.lips import CLOSED, LIP_HZ, lip_track
from episodic.sound.speech.voices import BASE_VOICES, NARRATOR_VOICE
from memory.model.canon import Voice
from planners.plan.vocabulary import EMOTIONS

LINE = "Please, bring my plum pudding before Bob comes."


@pytest.fixture(scope="module")
def engine():
    return HibariSpeech()


@pytest.fixture(scope="module")
def plain(engine):
    return engine.say(LINE, Voice(), "neutral")


def median_pitch(samples):
    """Median of the pitch in Hz, and its range between the quartiles in octaves, which single octave errors of the tracker do not move."""
    import pyworld

    wave = np.ascontiguousarray(samples[::3], np.float64)
    pitch, _ = pyworld.dio(wave, SAMPLE_RATE // 3, f0_floor=55, f0_ceil=600)
    quarter, half, three_quarters = np.percentile(pitch[pitch > 0], [25, 50, 75])
    return float(half), float(np.log2(three_quarters / quarter))


def brightness(samples):
    power = np.abs(np.fft.rfft(samples)) ** 2
    frequency = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    return power[(frequency > 2000) & (frequency < 9000)].sum() / power[(frequency > 100) & (frequency < 2000)].sum()


def test_a_line_is_identical_from_another_engine_instance(plain):
    again = HibariSpeech().say(LINE, Voice(), "neutral")
    assert again.samples.tobytes() == plain.samples.tobytes()
    assert again.phonemes == plain.phonemes


def test_a_line_has_the_common_format_and_level(plain):
    assert plain.samples.dtype == np.float32
    assert speech_level(plain.samples) == pytest.approx(-23, abs=0.5)
    assert 0.15 < np.abs(plain.samples).max() <= 0.36


def test_silence_around_a_line_is_trimmed(plain):
    window = SAMPLE_RATE // 50
    level = np.sqrt(np.mean(np.square(plain.samples[: len(plain.samples) // window * window].reshape(-1, window)), axis=1))
    loud = np.flatnonzero(level > 0.02 * level.max())
    assert loud[0] <= 4
    assert loud[-1] >= len(level) - 6


def test_phonemes_come_in_order_within_the_line(plain):
    ends = [phoneme.end_s for phoneme in plain.phonemes]
    starts = [phoneme.start_s for phoneme in plain.phonemes]
    assert all(start < end for start, end in zip(starts, ends, strict=True))
    assert all(before <= after + 1e-9 for before, after in zip(ends, starts[1:], strict=False))
    assert ends[-1] <= plain.seconds + 0.03
    assert [phoneme.symbol for phoneme in plain.phonemes][:4] == ["p", "l", "i", "z"]


def test_vowels_are_loud_and_stops_are_quiet_where_their_phonemes_are(engine):
    utterance = engine.say("Pick up the black bag, put it back, and stop talking about a cat.", Voice(), "neutral")

    def loudness(symbols):
        parts = [
            utterance.samples[int(phoneme.start_s * SAMPLE_RATE) : int(phoneme.end_s * SAMPLE_RATE)]
            for phoneme in utterance.phonemes
            if phoneme.symbol in symbols
        ]
        return np.mean([20 * np.log10(np.sqrt(np.mean(np.square(part))) + 1e-6) for part in parts])

    # engine times taken as they are, 55 ms late, give less than 1 dB
    assert loudness("æʌʊɑW") > loudness("ptkb") + 6


def test_voices_are_apart_in_pitch(engine):
    pitches = {
        name: median_pitch(engine.say(LINE, BASE_VOICES[name], "neutral").samples)[0]
        for name in ("deep", "warm-low", "warm", "child")
    }
    assert list(pitches) == sorted(pitches, key=pitches.__getitem__)
    ordered = list(pitches.values())
    assert all(high > 1.15 * low for low, high in itertools.pairwise(ordered))
    assert median_pitch(engine.say(LINE, NARRATOR_VOICE, "neutral").samples)[0] < 0.75 * pitches["warm"]


def test_a_pitch_ratio_is_kept(engine, plain):
    low = engine.say(LINE, Voice(pitch=0.7), "neutral")
    assert median_pitch(low.samples)[0] / median_pitch(plain.samples)[0] == pytest.approx(0.7, abs=0.04)


def test_a_flat_voice_has_less_melody(engine, plain):
    flat = engine.say(LINE, Voice(range=0.4), "neutral")
    assert median_pitch(flat.samples)[1] < 0.7 * median_pitch(plain.samples)[1]


def test_rate_sets_the_length(engine, plain):
    assert engine.say(LINE, Voice(rate=0.75), "neutral").seconds > 1.15 * plain.seconds
    assert engine.say(LINE, Voice(rate=1.35), "neutral").seconds < 0.88 * plain.seconds


def test_emotions_change_rate_pitch_level_and_brightness(engine, plain):
    utterances = {emotion: engine.say(LINE, Voice(), emotion) for emotion in ("sad", "angry", "afraid", "surprised")}
    pitch, melody = median_pitch(plain.samples)
    assert utterances["sad"].seconds > 1.1 * plain.seconds > 1.1 * utterances["afraid"].seconds
    assert median_pitch(utterances["sad"].samples)[0] < pitch < median_pitch(utterances["afraid"].samples)[0]
    assert median_pitch(utterances["surprised"].samples)[1] > melody > median_pitch(utterances["sad"].samples)[1]
    assert speech_level(utterances["angry"].samples) > speech_level(utterances["sad"].samples) + 3
    assert brightness(utterances["angry"].samples) > 1.5 * brightness(utterances["sad"].samples)


@pytest.mark.parametrize("mouth", [{"tilt": 2.5}, {"tilt": -2.5}, {"throat": 0.86}, {"throat": 1.16}, {"nasal": 1.0}])
def test_mouth_qualities_change_neither_times_nor_level_nor_pitch(engine, plain, mouth):
    shaped = engine.say(LINE, Voice(**mouth), "neutral")
    assert shaped.phonemes == plain.phonemes
    assert len(shaped.samples) == len(plain.samples)
    lips, plain_lips = lip_track(shaped), lip_track(plain)
    assert (lips[:, 1] == plain_lips[:, 1]).all()
    assert lips[:, 0] == pytest.approx(plain_lips[:, 0], abs=0.03)
    assert speech_level(shaped.samples) == pytest.approx(speech_level(plain.samples), abs=0.3)
    assert np.abs(shaped.samples).max() <= 0.36
    assert median_pitch(shaped.samples)[0] == pytest.approx(median_pitch(plain.samples)[0], rel=0.03)
    assert np.abs(shaped.samples - plain.samples).std() > 0.2 * plain.samples.std()


def band_level(samples, low, high):
    power = np.abs(np.fft.rfft(samples)) ** 2
    frequency = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    return 10 * np.log10(power[(frequency > low) & (frequency < high)].sum() / power.sum())


def test_a_brassy_voice_is_brighter_than_a_dark_one_and_nasality_weakens_the_first_formant(engine, plain):
    brassy, covered = (engine.say(LINE, Voice(tilt=tilt), "neutral").samples for tilt in (2.5, -2.5))
    assert brightness(brassy) > 4 * brightness(plain.samples) > 16 * brightness(covered)
    assert band_level(engine.say(LINE, Voice(nasal=1.0), "neutral").samples, 500, 760) < band_level(plain.samples, 500, 760) - 3


def test_a_wide_throat_raises_the_first_formant_and_no_other():
    """A spectrum with one peak at 500 Hz and one at 2400 Hz."""
    from episodic.sound.speech.vocoder import VoiceAnalysis, convert_voice

    frequency, times = np.linspace(0, 12_000, 513), np.arange(200) * 0.005
    peaks = sum(np.exp(-(((frequency - hz) / 120) ** 2)) for hz in (500, 2400)) + 1e-4
    f0, noise = np.full(200, 100.0), np.full((200, 513), 1e-3)
    spoken = VoiceAnalysis(24_000, 24_000, times, f0, np.tile(peaks, (200, 1)) * 1e-2, noise)

    def formants(throat):
        power = np.abs(np.fft.rfft(convert_voice(spoken, Voice(throat=throat), MANNERS["neutral"])[:23_000])) ** 2
        hertz = np.fft.rfftfreq(23_000, 1 / 24_000)
        return [(hertz * power)[part].sum() / power[part].sum() for part in (hertz < 1200, (hertz > 1600) & (hertz < 4000))]

    (first, second), (wide_first, wide_second) = formants(1.0), formants(1.16)
    assert wide_first > 1.1 * first
    assert 0.9 * second < wide_second < second


@pytest.mark.parametrize("effect", ["robot", "ghost", "tiny"])
def test_effects_change_the_sound_but_not_the_times(engine, plain, effect):
    treated = engine.say(LINE, Voice(effect=effect), "neutral")
    assert treated.phonemes == plain.phonemes
    assert treated.samples.tobytes() != plain.samples.tobytes()
    assert np.abs(treated.samples).max() <= 0.9
    assert treated.seconds - plain.seconds == pytest.approx(0.9 if effect == "ghost" else 0.0, abs=0.01)


@pytest.mark.parametrize(
    "text",
    [
        "In 1932, Dr. Smith paid $9.50 at 7:30pm.",
        "“I can’t—” she said… ‘no!’ 😀",
        "Привет, Zoë!",
        "W-what? Shhh! Hmm.",
        "A",
        "no " * 40,
        "word" * 40,
    ],
)
def test_odd_texts_are_spoken(engine, text):
    utterance = engine.say(text, Voice(), "neutral")
    assert utterance.phonemes
    assert utterance.seconds > 0.1
    assert np.isfinite(utterance.samples).all()


@pytest.mark.parametrize("speech", [HibariSpeech(), ToneSpeech()])
def test_a_line_without_words_is_an_error_that_quotes_it(speech):
    with pytest.raises(SpeechError, match="…"):
        speech.say("… ?!", Voice(), "neutral")


def nearest_tick(phoneme):
    return round((phoneme.start_s + phoneme.end_s) / 2 * LIP_HZ)


def test_lips_are_closed_at_every_bilabial_and_open_at_vowels(plain):
    track = lip_track(plain)
    closures = [phoneme for phoneme in plain.phonemes if phoneme.symbol in CLOSED]
    assert len(closures) >= 7
    assert all(track[nearest_tick(phoneme), 0] == 0 for phoneme in closures)
    open_vowels = [phoneme for phoneme in plain.phonemes if phoneme.symbol in "ɑʌ"]
    assert all(track[nearest_tick(phoneme) - 1 : nearest_tick(phoneme) + 2, 0].max() > 0.3 for phoneme in open_vowels)


def test_lips_round_and_spread_with_the_vowels(engine):
    utterance = engine.say("You knew. We see.", Voice(), "neutral")
    track = lip_track(utterance)
    round_ = [track[nearest_tick(phoneme), 1] for phoneme in utterance.phonemes if phoneme.symbol == "u"]
    spread = [track[nearest_tick(phoneme), 1] for phoneme in utterance.phonemes if phoneme.symbol == "i"]
    assert max(round_) < -0.3
    assert min(spread) > 0.4


def test_lips_have_one_row_per_tick_and_rest_in_pauses(engine):
    utterance = engine.say("Wait. No.", Voice(), "neutral")
    track = lip_track(utterance)
    assert track.dtype == np.float32
    assert track.shape == (int(np.ceil(utterance.seconds * LIP_HZ)) + 1, 3)
    assert (track >= [0, -1, 0]).all()
    assert (track <= 1).all()
    gaps = [
        (a.end_s, b.start_s)
        for a, b in zip(utterance.phonemes, utterance.phonemes[1:], strict=False)
        if b.start_s - a.end_s > 0.25
    ]
    assert gaps
    start, end = gaps[0]
    assert track[round((start + end) / 2 * LIP_HZ)] == pytest.approx([0, 0, 0], abs=0.15)


def test_the_fake_engine_speaks_every_emotion_at_once():
    lengths = {emotion: ToneSpeech().say(LINE, Voice(), emotion).seconds for emotion in EMOTIONS}
    assert lengths["sad"] > lengths["neutral"] > lengths["afraid"]
    utterance = ToneSpeech().say(LINE, Voice(), "neutral")
    assert utterance.samples.tobytes() == ToneSpeech().say(LINE, Voice(), "neutral").samples.tobytes()
    assert all(lip_track(utterance)[nearest_tick(phoneme), 0] == 0 for phoneme in utterance.phonemes if phoneme.symbol in CLOSED)
