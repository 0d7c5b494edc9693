"""`series.yaml`: paths of models, and edits that pin a revision."""

import pytest

from episodic.backbones.keyframes.model import open_keyframer, pinned_keyframes
from episodic.errors import InputError
from episodic.series.series import Series, SeriesSettings

FILE = """\
# Our lighthouse.
format: episodic/series@1

title:   "The Lamp"   # for now
backbone: wan:Owner/Film # the big one
keyframes: 'flux2:Owner/Drawn'
shooting:
    steps: 20   # enough
"""
COMMIT = "0123456789" * 4


def series_of(root, text=FILE):
    root.mkdir(exist_ok=True)
    (root / "series.yaml").write_bytes(text.encode())
    return Series.open(root)


@pytest.mark.parametrize("text", [FILE, FILE.replace("\n", "\r\n")])
def test_a_pinned_revision_changes_nothing_else_in_the_file(text, tmp_path):
    series = series_of(tmp_path / "lamp", text)
    changed = series.with_settings({"backbone": f"wan:Owner/Film@{COMMIT}", "keyframes": f"flux2:Owner/Drawn@{COMMIT}"})
    written = (series.root / "series.yaml").read_bytes().decode()
    assert written.replace(f'"flux2:Owner/Drawn@{COMMIT}"', "'flux2:Owner/Drawn'").replace(f"@{COMMIT}", "") == text
    assert changed.settings == Series.open(series.root).settings
    assert changed.settings.backbone.endswith(COMMIT)


def test_a_setting_missing_in_the_file_is_added_at_its_end(tmp_path):
    series = series_of(tmp_path, FILE.replace("keyframes: 'flux2:Owner/Drawn'\n", ""))
    series.with_settings({"keyframes": "flux2:Owner/Drawn"})
    assert (tmp_path / "series.yaml").read_text().endswith('# enough\nkeyframes: "flux2:Owner/Drawn"\n')
    assert Series.open(tmp_path).settings.keyframes == "flux2:Owner/Drawn"


def test_a_file_that_a_change_would_break_stays_unchanged(tmp_path):
    text = '{format: episodic/series@1, title: "The Lamp"}\n'
    series = series_of(tmp_path, text)
    with pytest.raises(InputError, match="not readable as YAML"):
        series.with_settings({"keyframes": "flux2:Owner/Drawn"})
    assert (tmp_path / "series.yaml").read_text() == text


def test_a_model_path_is_relative_to_the_series_not_to_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = FILE.replace("Owner/Film", "./film").replace("Owner/Drawn", "models/drawn")
    (tmp_path / "lamp" / "models" / "drawn").mkdir(parents=True)
    settings = series_of(tmp_path / "lamp", text).settings
    assert settings.backbone == f"wan:{tmp_path / 'lamp' / 'film'}"
    assert settings.keyframes == f"flux2:{tmp_path / 'lamp' / 'models' / 'drawn'}"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert Series.open(tmp_path / "lamp").settings == settings
    assert (tmp_path / "lamp" / "series.yaml").read_text() == text


@pytest.mark.parametrize("name", ["stage", "cards", "wan:Owner/Film", "wan:~/film", "wan:/models/film"])
def test_other_model_names_stay_unchanged(name, tmp_path):
    settings = SeriesSettings(title="The Lamp", backbone=name)
    assert Series.create(tmp_path / "lamp", settings).settings == settings


def test_stage_is_a_valid_keyframe_model():
    assert pinned_keyframes("stage") == "stage"
    assert open_keyframer("stage").name == "stage"
