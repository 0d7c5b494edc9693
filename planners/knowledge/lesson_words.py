"""Words by which lessons and processes are recognised and spoken."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from planners.data_file import DataFile, WordList, read_data_file

__all__ = ["LessonWords", "lesson_words"]


class LessonWords(DataFile):
    """The tables of `data/lesson_words.yaml`; each is described there."""

    function_words: WordList
    generic: WordList
    manner: WordList
    open_questions: WordList
    denials: tuple[str, ...]
    teach_verbs: WordList
    learn_verbs: WordList
    learners: WordList
    children: WordList
    adults: WordList
    phrase_ends: WordList


@cache
def lesson_words() -> LessonWords:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "lesson_words.yaml", LessonWords)
