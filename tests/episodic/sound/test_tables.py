"""The data files of sound: every name they use exists."""

from importlib.resources import files
from pathlib import Path
from typing import get_args

from episodic.sound.ambience.bed import BedTables
from episodic.sound.ambience.effects import Surface, SurfaceTables
from episodic.sound.ambience.layers import LAYERS
from episodic.sound.music.moods import MOOD_PROFILES
from episodic.sound.speech.voices import BASE_VOICES, VOICE_LIMITS
from planners.data_file import read_data_file
from planners.plan.vocabulary import MOODS, VOICE_BASES


def test_beds_use_only_layers_that_exist():
    tables = read_data_file(Path(str(files("episodic.sound.ambience"))) / "data" / "beds.yaml", BedTables)
    layers = [layer for recipe in tables.places.values() for layer in recipe.layers.split()]
    layers += [layer for _, layer in tables.words]
    assert {layer.rsplit("-", 1)[0] for layer in layers} <= LAYERS.keys()


def test_every_surface_has_a_floor():
    tables = read_data_file(Path(str(files("episodic.sound.ambience"))) / "data" / "surfaces.yaml", SurfaceTables)
    assert set(tables.floors) == set(get_args(Surface))


def test_every_mood_and_every_base_voice_of_a_plan_is_in_the_tables():
    assert set(MOOD_PROFILES) == set(MOODS)
    assert set(BASE_VOICES) == set(VOICE_BASES)


def test_base_voices_stay_within_the_limits():
    for voice in BASE_VOICES.values():
        assert all(low <= getattr(voice, name) <= high for name, (low, high) in VOICE_LIMITS.items())
