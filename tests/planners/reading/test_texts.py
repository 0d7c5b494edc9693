"""Texts that lessons are made from, and steps stated as imperatives."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planners.errors import PromptError
from planners.reading.texts.imperatives import as_action, stated_steps
from planners.reading.texts.source_text import MOST_BYTES, read_source, source_claims, source_steps

OTTERS = """---
author: somebody
---
# Sea *otters*

The *sea otter* is the heaviest member of the [weasel family](http://example.org/x). It lives along
the coasts. Sea otters float on their backs because they need both
paws to open shells. See figure 3.

A group of resting otters is called a raft.

| a table | is no text |
|---|---|

```
Code is a thing that nobody reads.
```
> If sea urchins have no enemies, they eat whole forests of kelp.

Dr. Gray saw e.g. three of them. Cold water causes a loss of heat. <br>

1. Measure the tank.
2. Fill the tank with cold sea water.
"""


def _source(tmp_path: Path, text: str, name: str = "otters.md") -> Path:
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


def test_claims_keep_their_sentence_and_line(tmp_path: Path) -> None:
    source = read_source(_source(tmp_path, OTTERS))
    claims = source_claims(source, 10)
    assert source.title == "Sea otters"
    assert [(claim.question, claim.answer, claim.sentence.line) for claim in claims] == [
        ("What is the sea otter?", "The heaviest member of the weasel family.", 6),
        ("Sea otters float on their backs. Why?", "Because they need both paws to open shells.", 7),
        ("What is a group of resting otters called?", "A raft.", 10),
        ("What happens if sea urchins have no enemies?", "They eat whole forests of kelp.", 18),
        ("What does cold water cause?", "A loss of heat.", 20),
    ]
    lines = OTTERS.splitlines()
    for claim in claims:
        first = claim.sentence.text.split()[-1].strip(".") if claim.sentence.line == 10 else claim.sentence.text.split()[0]
        assert first in lines[claim.sentence.line - 1]


def test_steps_are_items_of_numbered_lists(tmp_path: Path) -> None:
    steps = source_steps(read_source(_source(tmp_path, OTTERS)))
    assert [(listed.step.phrase, listed.sentence.line) for listed in steps] == [
        ("measures the tank", 22),
        ("fills the tank with cold sea water", 23),
    ]


def test_code_tables_front_matter_and_markup_are_no_sentences(tmp_path: Path) -> None:
    text = " ".join(sentence.text for sentence in read_source(_source(tmp_path, OTTERS)).sentences)
    for hidden in ("author", "nobody reads", "a table", "<", "http", "*"):
        assert hidden not in text
    assert "Dr. Gray saw e.g. three of them." in text


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("notes.pdf", b"%PDF", "expected one of: .md"),
        ("big.md", b"A word. " * (MOST_BYTES // 8 + 1), "larger than"),
        ("latin.txt", "caf\xe9".encode("latin-1"), "not text in UTF-8"),
        ("empty.md", b"# Only a heading\n", "no sentences"),
    ],
)
def test_what_is_no_small_text_is_refused(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(PromptError, match=message):
        read_source(path)


def test_missing_files_folders_and_pipes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.md").mkdir()
    os.mkfifo(tmp_path / "pipe.md")
    for name in ("missing.md", "folder.md", "pipe.md"):
        with pytest.raises(PromptError, match="no such file"):
            read_source(tmp_path / name)


def test_an_error_and_a_claim_name_the_file_without_its_folder(tmp_path: Path) -> None:
    with pytest.raises(PromptError, match=r"^gone\.md: "):
        read_source(tmp_path / "gone.md")
    assert read_source(_source(tmp_path, OTTERS)).name == "otters.md"


@given(text=st.text(max_size=400))
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("source") / "any.md"
    path.write_bytes(text.encode("utf-8", "replace"))
    try:
        source = read_source(path)
    except PromptError:
        return
    for claim in source_claims(source, 5):
        assert claim.sentence in source.sentences


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("First knead the dough. Then let it rise.", ["kneads the dough", "lets it rise"]),
        (
            "Recipe: mix flour and milk, beat in two eggs, heat the pan",
            ["mixes flour and milk", "beats in two eggs", "heats the pan"],
        ),
        ("Change a tyre: take off the wheel, glue a patch on the tube", ["takes off the wheel", "glues a patch on the tube"]),
        ("Open your book and close it", ["opens the book", "closes it"]),
        ("How bees make honey", []),
        ("Two mice steal cheese from a cat", []),
    ],
)
def test_steps_are_read(text: str, phrases: list[str]) -> None:
    assert [step.phrase for step in stated_steps(text)] == phrases


def test_thing_and_tool_of_a_step() -> None:
    trim, water = stated_steps("trim the roots with a knife, water them in the evening")
    assert (trim.thing, trim.tool) == ("root", "knife")
    assert water.thing == "root"


def test_both_verbs_of_a_step_agree() -> None:
    assert as_action("lift the lid and look in") == "lifts the lid and looks in"
    assert as_action("mix flour and water") == "mixes flour and water"
