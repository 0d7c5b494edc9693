"""How things are made: visible steps with thing and tool, by product. Each file of `processes/` is one product."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.topics import Noun, content_words, listed_names

__all__ = ["Process", "ProcessStep", "WrongMove", "process", "process_names", "processes"]

Imperative = Annotated[str, StringConstraints(pattern=r"^[a-z]+ .*[^.]$", max_length=90)]


class ProcessStep(DataFile):
    """One step."""

    do: Imperative
    """A visible act as an imperative with one verb: `cut the curd into cubes`."""
    thing: Noun
    tool: Noun
    see: str
    """What one sees change, as it follows `watches`: `the whey run out`."""


class WrongMove(DataFile):
    """What a beginner does wrong."""

    step: Annotated[int, Field(ge=1)]
    """Number of the step, from 1."""
    do: Imperative
    see: str
    """What comes of it, as it follows `watches`."""


class Process(DataFile):
    """What a film on making one product needs."""

    title: str
    product: str
    """As a noun phrase: `a wheel of cheese`."""
    names: tuple[str, ...]
    """What a prompt calls it: words that must all occur, in their plain forms."""
    words: WordList = ()
    """Other words that a prompt may have and the steps cover."""
    maker: Noun
    place: Noun
    source: str
    """A textbook chapter or encyclopaedia article that describes these steps."""
    steps: Annotated[tuple[ProcessStep, ...], Field(min_length=5, max_length=9)]
    wrong: WrongMove

    @model_validator(mode="after")
    def _check_step(self) -> Self:
        """Raise ValueError if the wrong move belongs to no step."""
        if self.wrong.step > len(self.steps):
            raise ValueError(f"the wrong move belongs to step {self.wrong.step}; there are {len(self.steps)}")
        return self

    def vocabulary(self) -> frozenset[str]:
        """Every word that the steps have something to show of."""
        texts = [self.title, self.product, self.maker, self.place, *self.names, *self.words]
        texts += [text for step in self.steps for text in (step.do, step.thing, step.tool, step.see)]
        return frozenset(word for text in texts for word in content_words(text))


_FOLDER: Final = Path(__file__).with_name("processes")


@cache
def process_names() -> dict[str, tuple[str, ...]]:
    """Names of all processes by the name of their file."""
    return listed_names(_FOLDER)


@cache
def process(key: str) -> Process:
    """A process by the name of its file."""
    return read_data_file(_FOLDER / f"{key}.yaml", Process)


def processes() -> dict[str, Process]:
    """All processes by the name of their file."""
    return {key: process(key) for key in process_names()}
