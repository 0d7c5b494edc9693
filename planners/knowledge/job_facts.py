"""Jobs and social roles: where somebody works, with what, for what, and what they protect."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from planners.knowledge.compound_nouns import compound_types, names_of_facts
from planners.knowledge.fact_table import FactTable, ListedFacts
from planners.knowledge.own_knowledge import own_knowledge

__all__ = ["JobFacts", "job_facts", "listed_jobs"]


class JobFacts(ListedFacts):
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


@cache
def _table() -> FactTable[JobFacts]:
    """The table, opened once."""
    return FactTable(Path(__file__).with_name("data") / "jobs.yaml", "jobs", JobFacts, own_knowledge())


@cache
def job_facts(noun: str) -> JobFacts | None:
    """Facts about a job: by its noun or by the last word of a compound that names a person; None if it is not listed."""
    for name in names_of_facts(noun):
        if name != noun and compound_types(noun)[:1] not in {(), ("person",)}:
            return None
        if (facts := _table().find(name)) is not None:
            return facts
    return None


def listed_jobs() -> Mapping[str, JobFacts]:
    """All facts by the noun under which they are listed."""
    return _table().entries()
