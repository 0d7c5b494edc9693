import itertools

import numpy as np
import pytest

from episodic.sound.ambience.bed import ambience_bed, room_of
from episodic.sound.ambience.effects import SURFACES, effects_track, footsteps, hits, surface_of
from episodic.sound.ambience.layers import LAYERS
from episodic.sound.audio import SAMPLE_RATE, generator
from episodic.sound.mix.loudness import integrated_loudness
from episodic.sound.mix.meter import block_energies
from planners.plan.vocabulary import TIMES, WEATHERS

PLACES = [
    {"place": "lamp_room", "indoors": True},
    {"place": "kitchen", "indoors": True},
    {"place": "coast", "indoors": False},
    {"place": "space", "indoors": False},
    {"place": "library", "indoors": True},
    {},
]


def bed(place, seconds=6.0, time="day", weather="clear", description="", seed=1, level=None):
    return ambience_bed(place=place, description=description, time=time, weather=weather, seconds=seconds, seed=seed, level=level)


def half_seconds_db(sound):
    whole = len(sound) // 24_000 * 24_000
    return 10 * np.log10(np.mean(np.square(sound[:whole].reshape(-1, 48_000)), axis=1) + 1e-20)


def share(sound, low, high):
    power = np.abs(np.fft.rfft(sound.mean(axis=1))) ** 2
    frequency = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    return power[(frequency >= low) & (frequency < high)].sum() / power.sum()


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.get("place", "nowhere"))
def test_a_bed_is_never_silent_and_never_loud(place):
    sound = bed(place, level=np.zeros(48, np.float32))
    assert sound.shape == (6 * SAMPLE_RATE, 2)
    assert sound.dtype == np.float32
    assert half_seconds_db(sound).min() > -56
    assert -46 < integrated_loudness([block_energies(sound)]) < -24
    assert np.abs(sound).max() < 0.6


@pytest.mark.parametrize(("time", "weather"), list(itertools.product(TIMES, WEATHERS)))
def test_every_time_of_day_and_weather_is_audible(time, weather):
    assert half_seconds_db(bed({"place": "forest", "indoors": False}, 2.0, time, weather)).min() > -58


def test_a_bed_is_deterministic_and_depends_on_the_seed():
    assert bed({"place": "street"}).tobytes() == bed({"place": "street"}).tobytes()
    assert bed({"place": "street"}).tobytes() != bed({"place": "street"}, seed=2).tobytes()


def test_a_bed_does_not_loop():
    sound = bed({"place": "coast", "indoors": False}, 24).mean(axis=1)
    envelope = np.abs(sound[: len(sound) // 480 * 480].reshape(-1, 480)).mean(axis=1)
    envelope = (envelope - envelope.mean()) / envelope.std()
    again = [float(np.mean(envelope[:-lag] * envelope[lag:])) for lag in range(400, len(envelope) - 400)]
    assert max(again) < 0.75


def test_rain_is_bright_outside_and_dull_under_a_roof():
    outside = bed({"place": "garden", "indoors": False}, weather="rain")
    inside = bed({"place": "library", "indoors": True}, weather="rain")
    assert share(outside, 3000, 12000) > 2 * share(inside, 3000, 12000)


def test_a_storm_is_louder_than_a_clear_day():
    calm, storm = (bed({"place": "meadow", "indoors": False}, weather=weather) for weather in ("clear", "storm"))
    assert integrated_loudness([block_energies(storm)]) > integrated_loudness([block_energies(calm)]) + 4


def test_space_has_no_weather():
    place = {"place": "spaceship", "indoors": True}
    assert bed(place, weather="storm").tobytes() == bed(place, weather="clear").tobytes()


def test_words_of_the_description_add_layers():
    plain, neon = (
        bed({"place": "alley", "indoors": False}, description=words) for words in ("an alley", "an alley of neon signs")
    )
    assert share(neon, 790, 810) > 1.5 * share(plain, 790, 810)


def test_the_bed_follows_the_level_of_the_take():
    rising = bed({"place": "street"}, 8.0, level=np.linspace(0, 1, 64, dtype=np.float32))
    still = bed({"place": "street"}, 8.0)
    gain = half_seconds_db(rising) - half_seconds_db(still)
    assert gain[-1] - gain[0] == pytest.approx(10, abs=2)
    assert np.all(np.diff(gain) > -0.5)


def test_places_have_their_acoustics():
    assert room_of({"place": "courtroom", "indoors": True}) == "hall"
    assert room_of({"place": "coast"}) == "outdoors"
    assert room_of({"place": "somewhere new", "indoors": True}) == "room"
    assert room_of({}) == "outdoors"


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_every_layer_gives_finite_stereo(name):
    sound = LAYERS[name](2 * SAMPLE_RATE, generator("test", name))
    assert sound.shape == (2 * SAMPLE_RATE, 2)
    assert sound.dtype == np.float32
    assert np.isfinite(sound).all()


def test_a_bed_without_length_is_refused():
    with pytest.raises(ValueError, match="length"):
        bed({}, 0)


def test_steps_are_audible_at_the_impacts_of_the_take():
    impacts = np.zeros(40, np.float32)
    impacts[[8, 16, 24]] = 0.7
    sound = effects_track(impacts, seconds=5.0, place={"shape": {"floor": "boards"}}, seed=3)
    assert sound.shape == (5 * SAMPLE_RATE, 2)
    loud = np.abs(sound).max(axis=1).reshape(-1, SAMPLE_RATE // 8).max(axis=1)
    assert set(np.flatnonzero(loud > 0.01)) <= {8, 9, 16, 17, 24, 25}
    assert {8, 16, 24} <= set(np.flatnonzero(loud > 0.01))


def test_no_impacts_give_silence():
    assert not effects_track(np.full(40, 0.1, np.float32), seconds=5.0).any()


@pytest.mark.parametrize("surface", SURFACES)
def test_steps_on_every_surface_differ_from_one_to_the_next(surface):
    sound = footsteps([0.5, 1.5], surface, seconds=2.5, seed=1)
    first, second = sound[SAMPLE_RATE // 2 : SAMPLE_RATE], sound[3 * SAMPLE_RATE // 2 : 2 * SAMPLE_RATE]
    assert 0.005 < np.abs(first).max() < 0.5
    assert not np.allclose(first, second)


def test_surfaces_come_from_the_floor_or_the_place():
    assert surface_of({"shape": {"floor": "checker"}, "place": "forest"}) == "stone"
    assert surface_of({"place": "forest"}) == "grass"
    assert surface_of({}) == "wood"


@pytest.mark.parametrize("what", ["step", "thud", "knock", "door", "thunder", "splash", "clang"])
def test_every_hit_sounds_at_its_time(what):
    sound = hits(what, [1.0], seconds=3.0)
    assert not sound[:SAMPLE_RATE].any()
    assert 0.02 < np.abs(sound).max() < 0.9
