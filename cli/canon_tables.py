"""The canon for people and for programs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.memory.tables import print_conflicts, print_json, value_text
from episodic.editing.show_canon import KnownCanon
from memory.model.canon import STORY, Relationship
from memory.model.facts import Fact, FactValue

__all__ = ["print_canon", "print_canon_json"]

_USUAL_EVIDENCE: Final = "planned"
"""Evidence that is not printed."""


def print_canon(known: KnownCanon) -> None:
    """Print characters, places, props, relations and threads, with the evidence where it is not the plan; then conflicts."""
    canon, console = known.canon, Console()
    facts = {(fact.entity, fact.attribute): fact for fact in known.facts}

    def state_text(entity: str, state: Mapping[str, FactValue]) -> str:
        return "\n".join(
            f"{name} = {value_text(value)}{_evidence_text(facts.get((entity, name)))}" for name, value in state.items()
        )

    console.print(Text.assemble((canon.title or "canon", "bold"), f" at {canon.position} on branch {canon.branch}"))
    if not (canon.characters or canon.locations):
        console.print("nothing is known here yet")
        return
    characters = [
        (character.id, character.name, character.kind, character.description, state_text(character.id, character.state))
        for character in canon.characters.values()
    ]
    _print_section(console, "characters", ("id", "name", "kind", "description", "state"), characters)
    places = [(place.id, place.name, place.description, state_text(place.id, place.state)) for place in canon.locations.values()]
    _print_section(console, "places", ("id", "name", "description", "state"), places)
    props = [(prop.id, prop.name, prop.description, state_text(prop.id, prop.state)) for prop in canon.props.values()]
    _print_section(console, "props", ("id", "name", "description", "state"), props)
    story = [(name, f"{value_text(value)}{_evidence_text(facts.get((STORY, name)))}") for name, value in canon.story.items()]
    _print_section(console, "the story", ("what", "is"), story)
    relations = [(relation.subject, _relation_text(relation), relation.object) for relation in canon.relationships]
    _print_section(console, "relations", ("who", "", "whom"), relations)
    threads = [(thread.id, thread.text, "closed" if thread.closed else "open") for thread in canon.threads]
    _print_section(console, "threads", ("id", "question", ""), threads)
    if known.conflicts:
        print_conflicts(known.conflicts)


def _print_section(console: Console, title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _relation_text(relation: Relationship) -> str:
    return relation.relation if relation.strength == 1 else f"{relation.relation} ({relation.strength:g})"


def _evidence_text(fact: Fact | None) -> str:
    return f" ({fact.evidence}, from {fact.since})" if fact is not None and fact.evidence != _USUAL_EVIDENCE else ""


def print_canon_json(known: KnownCanon) -> None:
    """Print the whole canon as one JSON object, with every fact that holds and the conflicts."""
    canon = {field.name: getattr(known.canon, field.name) for field in dataclasses.fields(known.canon)}
    print_json({**canon, "facts": known.facts, "conflicts": known.conflicts})
