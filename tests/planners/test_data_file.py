"""Data files that ship beside the code, and files that do not fit their schema."""

from pathlib import Path

import pytest
from pydantic import Field

from planners.data_file import DataFile, WordList, read_data_file


class Tables(DataFile):
    """A schema for these tests."""

    verbs: WordList
    counts: dict[str, int] = Field(default_factory=dict)


def test_words_are_split_and_underscores_become_spaces(tmp_path: Path) -> None:
    path = tmp_path / "tables.yaml"
    path.write_text("verbs: >-\n  walk\n  get_up\ncounts: {two: 2}\n", "utf-8")
    assert read_data_file(path, Tables) == Tables(verbs=("walk", "get up"), counts={"two": 2})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("verbs: walk\ncounts: {two: pair}", "counts.two: Input should be a valid integer"),
        ("verbs: walk\nnouns: door", "nouns: Extra inputs are not permitted"),
        ("counts: {}", "verbs: Field required"),
        ("- walk", "the file: Input should be"),
        ("verbs: [walk", "the file is not YAML"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_its_name_and_entry(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "tables.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"tables\.yaml") as error:
        read_data_file(path, Tables)
    assert message in str(error.value)
