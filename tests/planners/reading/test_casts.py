"""Reading: who is a being in a prompt, and who is none, as listed in `casts.tsv`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from planners.reading.premise import PremiseEntity
from planners.reading.reader import read_premise

ROWS: Final = [
    (prompt, tuple(member.strip() for member in cast.split(";") if member.strip()))
    for line in Path(__file__).with_name("casts.tsv").read_text("utf-8").splitlines()
    if line and not line.startswith("# ")
    for prompt, _, cast in [line.partition("\t")]
]


def _is(entity: PremiseEntity, member: str) -> bool:
    """Whether an entity is a member of the cast as the table writes it: `ring bearer/human/child`, `brother/human*2`."""
    description, _, count = member.partition("*")
    noun, kind, *traits = description.split("/")
    named = noun in {entity.noun.lower(), entity.noun.rpartition(" ")[2].lower(), *(entity.name or "").lower().split()}
    number = (entity.count or 1) == int(count or 1)
    return named and number and entity.kind == kind and {entity.age, entity.gender}.issuperset(traits)


@pytest.mark.parametrize(("prompt", "cast"), ROWS, ids=[prompt for prompt, _ in ROWS])
def test_a_prompt_has_exactly_its_beings(prompt: str, cast: tuple[str, ...]) -> None:
    beings = [entity for entity in read_premise(prompt).entities if entity.acts]
    unlike = [member for member in cast if not any(_is(entity, member) for entity in beings)]
    assert (unlike, len(beings)) == ([], len(cast)), [(entity.noun, entity.kind, entity.age, entity.gender) for entity in beings]
