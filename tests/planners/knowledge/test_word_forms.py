"""The packed table of word forms: how it is looked up, written and read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from planners.knowledge.word_forms import FormLines, pack_lines, read_word_forms, write_word_forms


def test_only_the_whole_word_and_kind_are_looked_up() -> None:
    lines = FormLines(
        pack_lines({("go", "VBD"): ["went"], ("goal", "NNS"): ["goals"], ("a", "NNS"): ["as", "a's"], ("z", "NNS"): ["zs"]})
    )
    assert lines.find("go", "VBD") == ("went",)
    assert lines.find("a", "NNS") == ("as", "a's")
    assert lines.find("z", "NNS") == ("zs",)
    assert [lines.find(word, "NNS") for word in ("go", "goa", "", "zz")] == [()] * 4


def test_a_written_table_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "forms.npz"
    write_word_forms(path, pack_lines({("mice", "NOUN"): ["mouse"]}), pack_lines({("mouse", "NNS"): ["mice"]}))
    forms = read_word_forms(path)
    assert (forms.lemmas.find("mice", "NOUN"), forms.inflections.find("mouse", "NNS")) == (("mouse",), ("mice",))


def test_a_file_of_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.npz"
    np.savez_compressed(path, format=np.frombuffer(b"other@1", np.uint8))
    with pytest.raises(ValueError, match=r"other\.npz: not a table of word forms"):
        read_word_forms(path)
