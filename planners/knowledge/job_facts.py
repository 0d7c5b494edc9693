"""Jobs and social roles: where somebody works, with what, for what, and what they protect."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.compound_nouns import compound_types, names_of_facts

__all__ = ["JobFacts", "job_facts", "listed_jobs"]


class JobFacts(DataFile):
    """Facts about one job or role. Verb phrases are in the plain form."""

    workplace: str
    """A noun that `places` knows: `library`."""
    tools: tuple[str, ...]
    """Two to four things that fit in two hands, nouns in the singular."""
    duties: tuple[str, ...]
    """Two or three verb phrases: `keep the shelves in order`."""
    values: tuple[str, ...]
    """What they protect or care about, noun phrases: `the quiet`, `books`."""
    dress: str
    """What they wear, as a plan describes it: `white apron, flour on the sleeves`."""
    act: str
    """One typical visible act, a verb phrase: `stamp a book`."""
    saying: str
    """A habit of speech: `counts everything`, `quotes rules`, `answers with a question`, `speaks in recipes`…"""
    also: WordList = ()
    """Other nouns with the same facts."""


class JobTables(DataFile):
    """The tables of `data/jobs.yaml`."""

    jobs: dict[str, JobFacts]


@cache
def _tables() -> JobTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "jobs.yaml", JobTables)


@cache
def job_facts(noun: str) -> JobFacts | None:
    """Facts about a job: by its noun or by the last word of a compound that names a person; None if it is not listed."""
    for name in names_of_facts(noun):
        if name != noun and compound_types(noun)[:1] not in {(), ("person",)}:
            return None
        for listed, facts in _tables().jobs.items():
            if name == listed or name in facts.also:
                return facts
    return None


def listed_jobs() -> dict[str, JobFacts]:
    """All facts by the noun under which they are listed."""
    return _tables().jobs
