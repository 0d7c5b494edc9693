"""Establish what an event needs: the shortest actions after which it is true."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from planners.fabula.participant import Participant, refer
from planners.fabula.search import Operator, State, find_actions
from planners.fabula.story_state import Change, Domain, after, place_of
from planners.reading.english import verb_form

__all__ = ["ActionText", "actions_for", "text_of"]

_PORTABLE: Final = frozenset({"finger", "hand", "arm"})
_LONGEST: Final = 3
"""Actions after which a need is given up: a longer errand would be another story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionText:
    """An action as an event of a plot needs it."""

    verb: str
    phrase: str
    agent: str
    recipient: str | None = None
    theme: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grounds:
    """What operators are made from."""

    domain: Domain
    participant: Callable[[str], Participant]
    state: State
    barred: frozenset[str]
    """Beings who would not help: they mind what is to come."""


def _operators(grounds: _Grounds, goal: State, agent: str) -> Iterator[Operator]:
    """Operators that bear on a goal: to take, hand over, find out and break what it speaks of."""
    places = {place for place in (place_of(grounds.state, being) for being in grounds.domain.beings) if place}
    things = sorted({fact[2] for fact in goal if fact[0] == "has"})
    beings = sorted(grounds.domain.beings - grounds.barred | {agent})
    for thing in things:
        facts = grounds.participant(thing).thing
        if facts is not None and facts.size not in _PORTABLE:
            continue
        yield from _taking(beings, thing, sorted(places))
    for fact in sorted(goal):
        if fact[0] == "knows":
            for teller in beings:
                if teller != fact[1]:
                    yield Operator(
                        name=("tell", teller, fact[1], fact[2]),
                        agent=teller,
                        needs=frozenset({("knows", teller, fact[2])}),
                        adds=frozenset({fact}),
                    )
        elif fact[0] == "broken":
            yield Operator(name=("fail", agent, fact[1]), agent=agent, adds=frozenset({fact}))


def _taking(beings: list[str], thing: str, places: list[str]) -> Iterator[Operator]:
    """Operators by which a thing changes hands."""
    for being in beings:
        has = ("has", being, thing)
        for place in places:
            lies = ("at", thing, place)
            yield Operator(
                name=("take", being, thing),
                agent=being,
                needs=frozenset({lies, ("at", being, place)}),
                adds=frozenset({has}),
                removes=frozenset({lies}),
            )
            for other in beings:
                if other != being:
                    together = frozenset({("at", being, place), ("at", other, place)})
                    yield Operator(
                        name=("hand", being, other, thing),
                        agent=being,
                        needs=frozenset({has}) | together,
                        adds=frozenset({("has", other, thing)}),
                        removes=frozenset({has}),
                        cost=1.5,
                    )


def actions_for(
    state: State, goal: State, agent: str, domain: Domain, participant: Callable[[str], Participant], barred: frozenset[str]
) -> list[tuple[Operator, State]] | None:
    """Actions that make a goal true, each with the state before it; None if nothing short does."""
    grounds = _Grounds(domain=domain, participant=participant, state=state, barred=barred)
    operators = find_actions(state, goal, list(_operators(grounds, goal, agent)), last_agent=agent)
    if operators is None or len(operators) > _LONGEST:
        return None
    steps: list[tuple[Operator, State]] = []
    for operator in operators:
        steps.append((operator, state))
        state = after(state, Change(adds=operator.adds, removes=operator.removes))
    return steps


def text_of(operator: Operator, participant: Callable[[str], Participant]) -> ActionText:
    """An action in words."""
    name, agent, *rest = operator.name

    def called(identifier: str) -> str:
        return refer(participant(identifier))

    if name == "take":
        return ActionText(verb="take", phrase=f"takes {called(rest[0])}", agent=agent, theme=rest[0])
    if name == "hand":
        return ActionText(
            verb="hand", phrase=f"hands {called(rest[1])} to {called(rest[0])}", agent=agent, recipient=rest[0], theme=rest[1]
        )
    if name == "tell":
        return ActionText(
            verb="tell", phrase=f"tells {called(rest[0])} about {called(rest[1])}", agent=agent, recipient=rest[0], theme=rest[1]
        )
    return ActionText(verb="try", phrase=f"tries {called(rest[0])}{_failing(participant(rest[0]))}", agent=agent, theme=rest[0])


def _failing(thing: Participant) -> str:
    """How a thing fails, as the end of a sentence; empty if nothing is known of it."""
    if thing.thing is None:
        return ""
    verb, _, rest = thing.thing.failure.partition(" ")
    pronoun, form = ("they", verb) if thing.many else ("it", verb_form(verb, "VBZ"))
    return f", but {pronoun} {form} {rest}".rstrip()
