"""The canon for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.memory.tables import plain, print_conflicts, print_json, said
from episodic.editing.show_canon import KnownCanon
from memory.model.canon import STORY, Relationship
from memory.model.facts import Fact, FactValue

__all__ = ["print_canon", "print_canon_json"]

_EXPECTED: Final = "planned"
"""Evidence that goes without saying."""


def print_canon(known: KnownCanon) -> None:
    """Tables of characters, places, relations and threads, with who says so where that is not the plan; then what contradicts itself."""
    canon, console = known.canon, Console()
    by = {(one.entity, one.attribute): one for one in known.facts}

    def state_of(entity: str, state: Mapping[str, FactValue]) -> str:
        return "\n".join(f"{name} = {said(value)}{_evidence(by.get((entity, name)))}" for name, value in state.items())

    console.print(Text.assemble((canon.title or "canon", "bold"), f" at {canon.position} on branch {canon.branch}"))
    if not (canon.characters or canon.locations):
        console.print("nothing is known here yet")
        return
    _print(console, "characters", ("id", "name", "kind", "description", "what holds"), [
        (one.id, one.name, one.kind, one.description, state_of(one.id, one.state)) for one in canon.characters.values()
    ])  # fmt: skip
    places = [(one.id, one.name, one.description, state_of(one.id, one.state)) for one in canon.locations.values()]
    _print(console, "places", ("id", "name", "description", "what holds"), places)
    props = [(one.id, one.name, one.description, state_of(one.id, one.state)) for one in canon.props.values()]
    _print(console, "props", ("id", "name", "description", "what holds"), props)
    whole = [(name, f"{said(value)}{_evidence(by.get((STORY, name)))}") for name, value in canon.story.items()]
    _print(console, "the story", ("what", "is"), whole)
    relations = [(one.subject, _strength(one), one.object) for one in canon.relationships]
    _print(console, "relations", ("who", "", "whom"), relations)
    threads = [(one.id, one.text, "closed" if one.closed else "open") for one in canon.threads]
    _print(console, "threads", ("id", "question", ""), threads)
    if known.conflicts:
        print_conflicts(known.conflicts)


def _print(console: Console, title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    if not rows:
        return
    table = Table(title=title, title_justify="left")
    for name in columns:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table)


def _strength(one: Relationship) -> str:
    return one.relation if one.strength == 1 else f"{one.relation} ({one.strength:g})"


def _evidence(fact: Fact | None) -> str:
    return f" ({fact.evidence}, from {fact.since})" if fact is not None and fact.evidence != _EXPECTED else ""


def print_canon_json(known: KnownCanon) -> None:
    """The whole canon as one JSON object, with every fact that holds and the conflicts."""
    print_json({**plain(known.canon), "facts": known.facts, "conflicts": known.conflicts})
