"""The data files of sound: every name they use exists."""

from importlib.resources import files
from pathlib import Path
from typing import get_args

import pytest

from episodic.sound.ambience.bed import BedTables
from episodic.sound.ambience.effects import Surface, SurfaceTables
from episodic.sound.ambience.layers import LAYERS
from episodic.sound.music.moods import MOOD_PROFILES
from episodic.sound.soundfont.cut import KitTables
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


def test_the_kit_names_every_preset_once_and_gives_drums_their_keys() -> None:
    presets = read_data_file(Path(str(files("episodic.sound.soundfont"))) / "data" / "kit.yaml", KitTables).presets
    assert len({(preset.bank, preset.program) for preset in presets}) == len({preset.name for preset in presets}) == len(presets)
    assert all((preset.bank == 128) == bool(preset.part.drums) for preset in presets)
    assert all(0 <= preset.part.keys[0] < preset.part.keys[1] <= 127 for preset in presets)


def test_a_kit_with_an_unknown_field_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "kit.yaml").write_text("presets: [{bank: 0, program: 0, name: piano, part: {}, volume: 3}]\n", "utf-8")
    with pytest.raises(ValueError, match=r"presets\.0\.volume: Extra inputs"):
        read_data_file(tmp_path / "kit.yaml", KitTables)
