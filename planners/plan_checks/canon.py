"""Check that a plan does not contradict itself or its prompt: presence, possession, facts, threads, what must not happen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from planners.data_file import DataFile, WordList, read_data_file
from planners.plan.model import NARRATOR, EpisodePlan
from planners.plan_checks.clauses import Clause, read_clauses
from planners.plan_checks.plan_texts import PlanText, action_texts, plan_texts
from planners.reading.premise import ENACTED, Premise, PremiseEvent

__all__ = ["CanonFault", "CanonRule", "check_canon", "check_forbidden_events", "open_threads"]

CanonRule = Literal["speaker", "place", "possession", "fact", "thread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CanonFault:
    """One contradiction."""

    rule: CanonRule | Literal["forbidden event"]
    scene: str
    message: str


class HandlingVerbs(DataFile):
    """The verbs of `data/handling.yaml`; each group is described there."""

    takes: WordList
    needs_it: WordList
    gives: WordList
    puts_away: WordList
    handles: WordList
    staged: WordList


@cache
def handling_verbs() -> HandlingVerbs:
    """Read the verbs once."""
    return read_data_file(Path(__file__).with_name("data") / "handling.yaml", HandlingVerbs)


def check_canon(plan: EpisodePlan) -> list[CanonFault]:
    """Everything in which a plan contradicts itself. References are the business of `planners.plan.cross_references`."""
    return [*_speaker_faults(plan), *_place_faults(plan), *_possession_faults(plan), *_fact_faults(plan), *_thread_faults(plan)]


def _speaker_faults(plan: EpisodePlan) -> Iterator[CanonFault]:
    """Speakers who are not there."""
    for scene in plan.scenes:
        there = set(scene.present) or set(scene.people())
        for shot in scene.shots:
            for line in shot.lines:
                if line.speaker != NARRATOR and (line.speaker not in there or line.speaker not in plan.cast):
                    yield CanonFault(
                        rule="speaker", scene=scene.id, message=f"{line.speaker} speaks and is not there: {line.text}"
                    )


def _place_faults(plan: EpisodePlan) -> Iterator[CanonFault]:
    """Places without a scene, and scenes without a place."""
    used = {scene.at for scene in plan.scenes}
    for place in plan.locations:
        if place not in used:
            yield CanonFault(rule="place", scene="", message=f"no scene plays at {place}")
    for scene in plan.scenes:
        if scene.at not in plan.locations:
            yield CanonFault(rule="place", scene=scene.id, message=f"{scene.at} is no location of the plan")


class _Possession:
    """Who has which prop, as far as the actions say."""

    def __init__(self, plan: EpisodePlan) -> None:
        self._names = {prop: (planned.name or prop).lower().replace("_", " ") for prop, planned in plan.props.items()}
        self._members = {(member.name or key).lower(): key for key, member in plan.cast.items()}
        self._holders: dict[str, set[str]] = {}

    def prop(self, noun: str) -> str | None:
        """The prop that a noun names: the whole name, or its last word if only one prop has it."""
        exact = [prop for prop, name in self._names.items() if name == noun]
        heads = [prop for prop, name in self._names.items() if name.rpartition(" ")[2] == noun.rpartition(" ")[2]]
        return exact[0] if exact else heads[0] if len(heads) == 1 else None

    def apply(self, who: set[str], clause: Clause) -> Iterator[tuple[str, set[str]]]:
        """Change who has what by an action of `who`; the props that they handle without having them, with their holders."""
        verbs, verb = handling_verbs(), f"{clause.verb} {clause.particle}".strip()
        for prop in filter(None, map(self.prop, clause.objects)):
            holders = self._holders.get(prop, set())
            if verb in verbs.takes:
                self._holders[prop] = set(who)
                continue
            releases = verb in verbs.gives or verb in verbs.puts_away
            if not releases and verb not in verbs.needs_it:
                continue
            if holders and holders.isdisjoint(who):
                yield prop, holders
            receivers = {
                self._members[noun] for preposition, noun in clause.others if preposition == "to" and noun in self._members
            }
            self._holders[prop] = (receivers if verb in verbs.gives else set()) if releases else holders | who


def _possession_faults(plan: EpisodePlan) -> Iterator[CanonFault]:
    """Props that somebody gives or uses while another one has them."""
    possession = _Possession(plan)
    clauses = read_clauses((text.kind, text.text) for text in action_texts(plan))
    for scene in plan.scenes:
        for shot in scene.shots:
            together: dict[str, set[str]] = {}
            for who, text in shot.action.items():
                together.setdefault(text, set()).add(who)
            for text, performers in together.items():
                for clause in clauses["action", text]:
                    if clause.main:
                        for prop, holders in possession.apply(performers, clause):
                            message = f"{', '.join(sorted(performers))} {text}, but {', '.join(sorted(holders))} has {prop}"
                            yield CanonFault(rule="possession", scene=scene.id, message=message)


def _fact_faults(plan: EpisodePlan) -> Iterator[CanonFault]:
    """Facts of one word that a text of an earlier scene states as true: `the broken bell` before the bell is broken."""
    spoken: list[PlanText] = list(plan_texts(plan))
    order = {scene.id: number for number, scene in enumerate(plan.scenes)}
    since: dict[tuple[str, str, str], int] = {}
    for number, scene in enumerate(plan.scenes):
        for fact in scene.facts:
            since.setdefault((fact.entity, fact.attribute, fact.value), number)
    for (entity, attribute, value), number in since.items():
        if number == 0 or not value.isalpha():
            continue
        name = _name_of(plan, entity)
        pattern = re.compile(
            rf"\b{re.escape(value)} {re.escape(name)}\b|\b{re.escape(name)} is {re.escape(value)}\b", re.IGNORECASE
        )
        for text in spoken:
            if order[text.scene] < number and pattern.search(text.text):
                message = f"“{text.text}” is said before {entity}.{attribute} = {value} holds"
                yield CanonFault(rule="fact", scene=text.scene, message=message)


def _name_of(plan: EpisodePlan, entity: str) -> str:
    """How texts call an entity."""
    tables: tuple[Mapping[str, object], ...] = (plan.cast, plan.props, plan.locations)
    name = next((getattr(table[entity], "name", None) for table in tables if entity in table), None)
    return str(name or entity.replace("_", " ")).rpartition(" ")[2]


def open_threads(plan: EpisodePlan) -> list[str]:
    """Threads that the plan opens and does not close."""
    opened: dict[str, None] = {}
    for scene in plan.scenes:
        opened.update(dict.fromkeys(scene.opens))
        for thread in scene.closes:
            opened.pop(thread, None)
    return list(opened)


def _thread_faults(plan: EpisodePlan) -> Iterator[CanonFault]:
    """Threads that are closed before they are open."""
    opened: set[str] = set()
    for scene in plan.scenes:
        opened.update(scene.opens)
        for thread in scene.closes:
            if thread not in opened:
                yield CanonFault(rule="thread", scene=scene.id, message=f"{thread} is closed and was not open")


def check_forbidden_events(plan: EpisodePlan, premise: Premise) -> list[CanonFault]:
    """Events that the prompt negates, or says that they are refused or feared, and that the plan enacts all the same."""
    enacted = {event.verb for event in premise.events if event.modality in ENACTED and not event.negated}
    forbidden = [
        event
        for event in premise.events
        if (event.negated or event.modality in {"refused", "feared"}) and event.verb not in enacted
    ]
    if not forbidden:
        return []
    actions = action_texts(plan)
    clauses = read_clauses((text.kind, text.text) for text in actions)
    return [
        CanonFault(
            rule="forbidden event", scene=text.scene, message=f"{text.who} {text.text}: the prompt says that it does not happen"
        )
        for text in actions
        for event in forbidden
        if any(_is_enactment(clause, event, premise) for clause in clauses["action", text.text])
        and _is_of(plan, text.who, event, premise)
    ]


def _is_enactment(clause: Clause, event: PremiseEvent, premise: Premise) -> bool:
    """Whether a clause does what an event says, to the same thing if both name one."""
    if not clause.main or clause.verb != event.verb or clause.particle != event.particle:
        return False
    patients = {premise.entity(patient).noun.rpartition(" ")[2] for patient in event.patients}
    nouns = {noun.rpartition(" ")[2] for noun in (*clause.objects, *(noun for _, noun in clause.others))}
    return not patients or not nouns or not patients.isdisjoint(nouns)


def _is_of(plan: EpisodePlan, who: str, event: PremiseEvent, premise: Premise) -> bool:
    """Whether a performer is one of an event's agents, by name or noun; True if the event has none."""
    member = plan.cast.get(who)
    text = f"{who} {member.name or ''} {member.description.partition(',')[0]}".lower() if member else who
    words = set(re.findall(r"[a-z]+", text))
    agents = [premise.entity(agent) for agent in event.agents]
    return not agents or any(
        (agent.name or agent.noun).lower().rpartition(" ")[2] in words or agent.noun.rpartition(" ")[2] in words
        for agent in agents
    )
