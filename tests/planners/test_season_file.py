"""The outline of a season: written, edited, read strictly."""

from __future__ import annotations

from pathlib import Path

import pytest

from planners.errors import SeasonError
from planners.plan.model import EpisodePlan
from planners.season_file import (
    SEASON_SCHEMA_FILE,
    Season,
    SeasonEpisode,
    outline_episode,
    read_season,
    season_schema_text,
    season_text,
)

SEASON = Season(
    title="The Boat: a #story",
    episodes=(
        SeasonEpisode(
            number=1, prompt="Tam refuses.", title="One", happens=("Tam refuses: no.",), opens={"sale": "Does he sell?"}
        ),
        SeasonEpisode(number=2, prompt="- Tam sells.\nAt last", closes=("sale",)),
    ),
)


def read(folder: Path, text: str) -> Season:
    (folder / "season.yaml").write_text(text, "utf-8")
    return read_season(folder / "season.yaml")


def test_an_outline_survives_writing_and_reading(tmp_path: Path) -> None:
    text = season_text(SEASON)
    assert text.startswith("# ")
    assert read(tmp_path, text) == SEASON
    assert [SEASON.prompt(number) for number in (1, 2, 3)] == ["Tam refuses.", "- Tam sells.\nAt last", None]


def test_number_and_prompt_are_enough(tmp_path: Path) -> None:
    text = "format: episodic/season@1\ntitle: A\nepisodes:\n  - {number: 4, prompt: A fox sings.}\n"
    assert read(tmp_path, text).prompt(4) == "A fox sings."


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (
            "format: episodic/season@1",
            "format: episodic/season@2",
            r"season\.yaml:3:1: expected `format: episodic/season@1`, found",
        ),
        ("format: episodic/season@1\n", "", "expected `format: episodic/season@1`"),
        ("prompt: Tam refuses.", "promt: Tam refuses.", r"7:5: unknown key ‘promt’; did you mean prompt\?"),
        ("prompt: Tam refuses.", "titel: x", "6:5: the key ‘prompt’ is missing"),
        ("number: 2", "number: 1", r"13:5: episode 1 is there twice"),
        ("number: 2", "number: two", r"13:5: episodes\.1\.number: input should be a valid integer"),
        ("number: 2", "number: 0", "greater than or equal to 1"),
        ("title: One", "title: [One]", "valid string"),
        ("title: One", "title: &a One", "anchor"),
        ("title: One", "title: !!python/none One", "tag"),
        ("title: One", "title: 'One", "quotes"),
    ],
)
def test_a_fault_is_reported_at_its_place(before: str, after: str, message: str, tmp_path: Path) -> None:
    text = season_text(SEASON)
    assert before in text
    with pytest.raises(SeasonError, match=message):
        read(tmp_path, text.replace(before, after))


def test_what_is_no_outline_is_refused(tmp_path: Path) -> None:
    for text in ("", "[]", "x", "format: episodic/season@1\ntitle: A\nepisodes: []\n", "a: " + "[" * 50):
        with pytest.raises(SeasonError):
            read(tmp_path, text)
    (tmp_path / "season.yaml").write_bytes(b"\xff")
    with pytest.raises(SeasonError, match="UTF-8"):
        read_season(tmp_path / "season.yaml")
    with pytest.raises(SeasonError, match="cannot be read"):
        read_season(tmp_path / "none.yaml")


def test_the_size_of_an_outline_is_bounded(tmp_path: Path) -> None:
    with pytest.raises(SeasonError, match="more than 1 MiB"):
        read(tmp_path, "# " + "x" * 2**20)
    with pytest.raises(SeasonError, match="more than 20,000 values"):
        read(tmp_path, "a: [" + "1," * 20_001 + "]")


def test_the_shipped_schema_matches_the_model() -> None:
    assert SEASON_SCHEMA_FILE.read_text("utf-8") == season_schema_text()


def test_an_episode_is_outlined_by_its_own_events_and_the_threads_it_hands_on() -> None:
    plan = EpisodePlan.model_validate(
        {
            "title": "One",
            "locations": {"shore": {}},
            "scenes": [
                {
                    "id": "s1",
                    "at": "shore",
                    "shots": [{"id": "s1.1"}],
                    "events": {"e0": "(problem) It rains.", "e1": "Tam waits."},
                    "opens": {"rain": "Does it stop?", "sale": "Does he sell?"},
                    "closes": ["rain", "debt"],
                }
            ],
        }
    )
    outline = outline_episode(3, "Tam waits in the rain.", plan)
    assert (outline.number, outline.happens) == (3, ("Tam waits.",))
    assert (outline.opens, outline.closes) == ({"sale": "Does he sell?"}, ("debt",))
