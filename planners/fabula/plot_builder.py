"""Build the plot of a premise: the prompt's events in their order, what they need before, what goes wrong on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from memory.model.canon import Canon, empty_canon
from planners.fabula.cast_members import cast_members, thing_participant
from planners.fabula.complications import complicate
from planners.fabula.continuation import continuation_of, past_deeds, with_known
from planners.fabula.extra_people import WITNESS, with_witness, without_absent
from planners.fabula.feelings import feelings_of, not_done
from planners.fabula.guards import Circumstances
from planners.fabula.participant import Participant, name_together, refer
from planners.fabula.places.default_place import GENERAL
from planners.fabula.places.place_tracker import PlaceTracker
from planners.fabula.plot import Link, LinkKind, Plot, PlotEvent
from planners.fabula.preconditions import actions_for, text_of
from planners.fabula.role_filler import RoleFiller, Roles
from planners.fabula.search import State
from planners.fabula.story_state import Change, Domain, after, changes_of, ground, place_of
from planners.fabula.subjects.protagonist import with_meeting, with_subject
from planners.knowledge.families import RoleName, families_of, family_named, verb_families
from planners.knowledge.noun_types import PORTABLE
from planners.plan.vocabulary import Emotion
from planners.reading.english import plain_form, plural, third_person, verb_lemma
from planners.reading.people import people
from planners.reading.premise import ENACTED, Premise, PremiseEntity, PremiseEvent
from planners.reading.texts.film_wishes import QUOTE_NAME
from planners.reading.texts.imperatives import as_action

__all__ = ["build_plot"]

_NO_PROPS: Final = frozenset({"place", "time", "quantity", "idea", "feeling", "event", "weather", "person", "group"})
_ERRAND_SECONDS: Final = 12.0
"""Seconds per event of the prompt from which what it needs is shown."""
_NO_NOUN: Final = re.compile(
    r"(?:an?|the|to|in|on|at|with|from|and|about|that|how|for|into|back|his|her|their|away|up|down|out|off|over)\b"
)
"""A word after `her` with which no noun begins that could be hers."""
_MUTUAL: Final = frozenset({"love", "fight", "marry", "meet", "befriend", "forgive", "hug", "kiss", "embrace", "greet"})
"""What several do to one another if nobody else is named."""
_STATES: Final = frozenset({"have", "be", "own", "need", "know", "belong", "contain", "mean", "seem", "exist", "consist"})
"""Verbs that nobody sees happen."""
_NOTHING: Final = re.compile(r"\b(?:nothing|nobody|no one|never|nowhere|no)\b")
_POINTS_BACK: Final = re.compile(r"does (?:it|so|that|this)\b")
_TRADE_SECONDS: Final = 14.0
"""Seconds per event of the prompt from which people are introduced by what their trade does."""
_TROUBLES: Final = ((25.0, 1), (60.0, 2), (110.0, 3))
"""Complications of an event by the seconds per event of the prompt."""


@dataclass(slots=True)
class _Draft:
    """An event of the prompt with its roles, before the plot is simulated."""

    event: PlotEvent
    index: int
    """Its index in the premise."""


def _is_part(premise: Premise, entity: PremiseEntity) -> bool:
    """Whether an entity is a part of somebody, no thing apart: `deaf in one ear`, `sing with their hands`."""
    alone = any(entity.id in (*event.patients, *event.agents, *event.topics) for event in premise.events)
    return entity.type == "body" and (entity.owner is not None or not alone)


class _Builder:
    def __init__(self, premise: Premise, seed: int, seconds: float, canon: Canon) -> None:
        continuation = continuation_of(without_absent(premise), canon)
        premise = with_witness(with_meeting(with_subject(continuation.premise)), seconds)
        self.premise, self.seed, self.seconds, self.canon = premise, seed, seconds, canon
        if premise.entities and premise.entities[-1].id == WITNESS:
            continuation = with_known(continuation, premise.entities[-1], canon)
        cast = cast_members(replace(continuation, premise=premise), seed)
        self.tracker = PlaceTracker(premise, canon)
        places = self.tracker.places
        things = {
            entity.id: thing_participant(entity, next((owner.id for owner in cast.get(entity.owner or "", ())), None))
            for entity in premise.entities
            if not entity.acts and entity.id not in places and entity.type not in _NO_PROPS and not _is_part(premise, entity)
        }
        self.added = tuple(member.id for member in cast.get(WITNESS, ()))
        self.filler = RoleFiller(premise=premise, cast=cast, things=things, places=places, added=self.added)
        self.members = self.filler.members
        self.domain = Domain(beings=frozenset(self.members), things=frozenset(things), places=frozenset(places))

    def participant(self, identifier: str) -> Participant:
        """A member of the cast, a thing or a place."""
        if identifier in self.members:
            return self.members[identifier].participant
        return self.filler.things.get(identifier) or self.filler.places[identifier]

    def participants(self, roles: Roles) -> dict[RoleName, tuple[Participant, ...]]:
        """Participants by role."""
        return {role: tuple(self.participant(identifier) for identifier in filling) for role, filling in roles.items()}

    def drafts(self) -> list[_Draft]:
        """Events of the prompt that a film shows."""
        drafts: list[_Draft] = []
        for index, event in enumerate(self.premise.events):
            if event.modality not in ENACTED or not self.members or self._is_unseen(event):
                continue
            place = self.tracker.place_of(event)
            family, roles = self.filler.fill(event, place)
            family = None if event.undergone else family
            draft = PlotEvent(
                id=f"e{len(drafts) + 1}",
                origin="prompt",
                verb=f"{event.verb} {event.particle}".strip(),
                phrase=self._spelled_out(event.phrase, roles),
                failed=event.modality == "attempted" and not self._done_later(event, index),
                family=family,
                roles=roles,
                place=place,
                quoted=self.premise.quotes[event.quote].text if event.quote is not None else None,
                source=event,
                feelings=self._feelings(family, roles),
            )
            if draft.failed and (plain := plain_form(draft.phrase)) is not None:
                draft = replace(draft, shown=f"tries to {plain}")
            changed = self._not_done(draft, event) if event.negated else self._watched(draft, event)
            if changed is not None:
                drafts.append(_Draft(changed, index))
        visible = [draft for draft in drafts if draft.event.verb not in _STATES or draft.event.quoted is not None]
        return visible or drafts or [_Draft(self._vignette(), -1)]

    def _done_later(self, event: PremiseEvent, index: int) -> bool:
        """Whether what somebody tries happens later in the prompt."""
        later = self.premise.events[index + 1 :]
        return any(other.verb == event.verb and other.modality == "done" and not other.negated for other in later)

    def _not_done(self, draft: PlotEvent, event: PremiseEvent) -> PlotEvent | None:
        """An event that somebody does not do, as it is seen; None if nobody is there to be seen."""
        plain = plain_form(draft.phrase)
        rule = not_done(event.verb)
        agents = draft.roles["agent"]
        if rule.absent:
            agents = tuple(
                identifier for identifier in self.members if identifier not in agents and identifier not in self.added
            )[:1]
        by_thing = bool(event.agents) and not self.filler.ids(event.agents, beings=True)
        if plain is None or not agents or event.modality != "done" or (by_thing and not rule.absent):
            return None
        objects = draft.roles.get("patient", ()) or draft.roles.get("theme", ())
        shown = rule.shown.replace("{patient}", refer(self.participant(objects[0])) if objects else "everybody")
        return replace(
            draft,
            phrase=draft.phrase if _NOTHING.search(draft.phrase) else f"does not {plain}" if not rule.absent else "waits in vain",
            shown=shown,
            family=None,
            roles={**draft.roles, "agent": agents},
            feelings=dict.fromkeys(agents, "sad"),
        )

    def _watched(self, draft: PlotEvent, event: PremiseEvent) -> PlotEvent:
        """An event of a thing that is no member of the cast: somebody points at it, and it happens."""
        if not event.agents or self.filler.ids(event.agents, beings=True):
            return draft
        doers = self.filler.ids(event.agents, beings=False)
        named = tuple(self.participant(doer) for doer in doers)
        named = named or tuple(thing_participant(self.premise.entity(agent)) for agent in event.agents)
        happens = (plain_form(draft.phrase) if len(named) > 1 or named[0].many else None) or draft.phrase
        roles: Roles = {**draft.roles, "theme": doers} if doers else draft.roles
        phrase = f"looks up, and {name_together(named)} {happens}"
        family = next(iter(families_of(event.verb, [event.particle])), None)
        family = family if family in verb_families().watched else None
        return replace(draft, phrase=phrase, family=family, roles=roles, feelings={})

    def _is_unseen(self, event: PremiseEvent) -> bool:
        """Whether only ideas do something, and to nobody (`the marriage lasts fifty years`), or an event only points back: `does it at noon`."""
        if _POINTS_BACK.match(event.phrase) and event is not self.premise.events[0]:
            return True
        agents = [self.premise.entity(agent) for agent in event.agents]
        undergone = bool(self.filler.ids(event.patients, beings=True))
        return (
            bool(agents)
            and not undergone
            and all(not agent.acts and agent.type in {"idea", "quantity", "feeling"} for agent in agents)
        )

    def _spelled_out(self, phrase: str, roles: Roles) -> str:
        """A verb phrase in which what a pronoun right after the verb stands for is named."""
        phrase = re.sub(rf"\s*{QUOTE_NAME}\w*", "", phrase, flags=re.IGNORECASE)
        phrase = "speaks" if phrase in {"says", "tells"} else phrase
        head, _, rest = phrase.partition(" ")
        if not rest and len(roles["agent"]) > 1 and not any(roles.get(role) for role in ("patient", "recipient", "theme")):
            return f"{head} each other" if verb_lemma(head) in _MUTUAL else phrase
        pronoun, _, more = rest.partition(" ")
        objects: tuple[RoleName, ...] = ("theme",) if pronoun == "it" else ("recipient", "patient", "theme")
        if pronoun not in {"it", "him", "her", "them"} or (pronoun == "her" and more and not _NO_NOUN.match(more)):
            return phrase
        filling = next((roles[role] for role in objects if roles.get(role)), ())
        if not filling:
            return phrase
        return f"{head} {name_together(tuple(self.participant(identifier) for identifier in filling))} {more}".strip()

    def _feelings(self, family: str | None, roles: Roles) -> dict[str, Emotion]:
        """What an event makes its participants feel: the success of a wish pleases, its opponent is angry, or as the family's table says."""
        table = feelings_of(family)
        feelings: dict[str, Emotion] = {}
        for role in ("agent", "patient", "recipient", "source", "partner", "opponent"):
            for identifier in roles.get(role, ()):
                if identifier in self.members and (role in table or role != "opponent"):
                    feelings.setdefault(identifier, table.get(role, "neutral"))
        return feelings

    def _vignette(self) -> PlotEvent:
        """What a prompt without events shows: two who meet, or somebody there who does what their job does or looks around."""
        first, *others = self.members.values()
        place: Roles = {"place": (self.tracker.current,)}
        if others:
            return PlotEvent(
                id="e1",
                origin="consequence",
                verb="meet",
                phrase=f"meets {refer(others[0].participant)}",
                family="meet",
                roles={"agent": (first.id,), "patient": (others[0].id,), **place},
                place=self.tracker.current,
            )
        job = first.participant.job if first.entity.noun not in GENERAL else None
        act = job.act if job else "look around"
        return PlotEvent(
            id="e1",
            origin="consequence",
            verb=act.partition(" ")[0],
            phrase=as_action(act),
            family=None,
            roles={"agent": (first.id,), **place},
            place=self.tracker.current,
        )

    def initial_state(self, drafts: list[_Draft]) -> State:
        """Where everybody and everything is, who has what, and what is broken, before the first event."""
        facts: set[tuple[str, ...]] = set()
        first_place = drafts[0].event.place
        for identifier in (*self.members, *self.filler.things):
            at = next((draft.event.place for draft in drafts if identifier in draft.event.beings()), first_place)
            facts.add(("at", identifier, at))
        for identifier in self.filler.things:
            entity = self.premise.entity(identifier)
            owners = self.filler.cast.get(entity.owner or "", ())
            if owners and (thing := self.participant(identifier).thing) is not None and thing.size in {"finger", "hand", "arm"}:
                facts = {fact for fact in facts if fact[:2] != ("at", identifier)} | {("has", owners[0].id, identifier)}
            elif entity.place in self.filler.places:
                facts = {fact for fact in facts if fact[:2] != ("at", identifier)} | {("at", identifier, str(entity.place))}
            if {"broken", "cracked", "torn", "leaking", "damaged"} & set(entity.words):
                facts.add(("broken", identifier))
        facts |= {("knows", identifier, topic) for identifier in self.added for topic in self.filler.things}
        return frozenset(facts)

    def build(self) -> Plot:
        """The plot: every event of the prompt in its order, with what it needs and what goes wrong."""
        drafts = self.drafts()
        per_event = self.seconds / len(drafts)
        state = self.initial_state(drafts)
        events: list[PlotEvent] = list(self._introductions(drafts))
        made_by: dict[tuple[str, ...], str] = {}
        deeds: dict[int, str] = {}
        for draft in drafts:
            state = self._gather(state, draft.event)
            events += self._trades(draft.event, events) if per_event >= _TRADE_SECONDS else ()
            errands, state = self._errands(draft.event, state) if per_event >= _ERRAND_SECONDS else ([], state)
            event = self._linked(draft, errands, state, made_by, deeds, events)
            troubles = [replace(trouble, before=state) for trouble in self._troubles(event, state, per_event)]
            remedies = tuple(Link(event=trouble.id, kind="enables") for trouble in troubles if trouble.origin == "remedy")
            event = replace(event, because=(*event.because, *remedies))
            trouble_ids = {trouble.id for trouble in troubles}
            for happening in (*errands, *troubles, event):
                if happening.origin == "complication" and not happening.because and event.because:
                    happening = replace(
                        happening, because=tuple(link for link in event.because if link.event not in trouble_ids)[:1]
                    )
                events.append(happening)
                made_by |= dict.fromkeys(happening.adds, happening.id)
            deeds[draft.index] = event.id
            state = after(state, Change(adds=event.adds, removes=event.removes))
        return Plot(
            events=tuple(events),
            members=self.members,
            things=self.filler.things,
            places=self.filler.places,
            added=self.added,
            past=past_deeds(self.canon, self.members),
        )

    def _trades(self, event: PlotEvent, earlier: list[PlotEvent]) -> list[PlotEvent]:
        """Introductions of those who act or are acted on for the first time, by what people of their trade do."""
        seen = {identifier for shown_event in earlier for identifier in shown_event.beings()}
        shown: list[PlotEvent] = []
        for group in self.filler.cast.values():
            ids = tuple(member.id for member in group)
            job = group[0].participant.job
            if (
                job is None
                or ids[0] in self.added
                or group[0].entity.noun in people().children
                or group[0].participant.kin
                or ids[0] in seen
                or not set(ids) & set(event.beings())
            ):
                continue
            last = [shown_event.id for shown_event in (*earlier, *shown)][-1:]
            shown.append(
                PlotEvent(
                    id=f"{event.id}_who_{len(shown) + 1}",
                    origin="introduction",
                    verb=job.act.partition(" ")[0],
                    phrase=as_action(job.act),
                    family=None,
                    roles={"agent": ids, "place": (event.place,)},
                    place=event.place,
                    because=tuple(Link(event=identifier, kind="precedes") for identifier in last),
                )
            )
        return shown

    def _gather(self, state: State, event: PlotEvent) -> State:
        """The state when everybody who takes part is where an event happens; a cut brings them there."""
        moved = {
            ("at", identifier, event.place)
            for filling in event.roles.values()
            for identifier in filling
            if identifier in self.members and place_of(state, identifier) != event.place
        }
        return after(state, Change(adds=frozenset(moved)))

    def _errands(self, event: PlotEvent, state: State) -> tuple[list[PlotEvent], State]:
        """Events that make true what an event needs, and the state after them. What nothing short can reach stays as it is."""
        if event.family is None:
            return [], state
        agent = event.roles["agent"][0]
        barred = frozenset(event.roles.get("opponent", ()))
        errands: list[PlotEvent] = []
        for condition in family_named(event.family).needs:
            goal = frozenset(ground(condition, event.roles, self.domain))
            if condition.negated or condition.predicate in {"near", "at"} or not goal or goal <= state:
                continue
            for operator, before in actions_for(state, goal, agent, self.domain, self.participant, barred) or ():
                text = text_of(operator, self.participant)
                roles: Roles = {"agent": (text.agent,), "place": (event.place,)}
                roles |= {"recipient": (text.recipient,)} if text.recipient else {}
                roles |= {"theme": (text.theme,)} if text.theme else {}
                errands.append(
                    PlotEvent(
                        id=f"{event.id}_need_{len(errands) + 1}",
                        origin="needed",
                        verb=text.verb,
                        phrase=text.phrase,
                        family=None,
                        roles=roles,
                        place=event.place,
                        serves=event.id,
                        needs=operator.needs,
                        adds=operator.adds,
                        removes=operator.removes,
                        before=before,
                    )
                )
                state = after(before, Change(adds=operator.adds, removes=operator.removes))
        return errands, state

    def _linked(
        self,
        draft: _Draft,
        errands: list[PlotEvent],
        state: State,
        made_by: dict[tuple[str, ...], str],
        deeds: dict[int, str],
        events: list[PlotEvent],
    ) -> PlotEvent:
        """An event with its needs, its effects and its reasons."""
        event, source = draft.event, draft.event.source
        family = family_named(event.family) if event.family else None
        change = changes_of(family.effects, event.roles, self.domain) if family else Change()
        needs = frozenset(
            fact
            for condition in (family.needs if family else ())
            if condition.predicate not in {"near", "at"} and not condition.negated
            for fact in ground(condition, event.roles, self.domain)
            if fact in state
        )
        makers = made_by | {fact: errand.id for errand in errands for fact in errand.adds}
        links = [Link(event=makers[fact], kind="enables", fact=fact) for fact in sorted(needs) if fact in makers]
        reasons = (source.content_of, source.reason_for) if source else ()
        links += [Link(event=deeds[index], kind="motivates") for index in reasons if index is not None and index in deeds]
        linked = {link.event for link in links}
        earlier = [other for other in events if other.origin in {"prompt", "introduction"} and other.id not in linked]
        if earlier:
            kind: LinkKind = (
                "causes" if set(earlier[-1].beings()) & set(event.beings()) and earlier[-1].origin == "prompt" else "precedes"
            )
            links.append(Link(event=earlier[-1].id, kind=kind))
        return replace(
            event, because=tuple(links), needs=needs, adds=change.adds - state, removes=change.removes & state, before=state
        )

    def _troubles(self, event: PlotEvent, state: State, per_event: float) -> Iterable[PlotEvent]:
        """Complications of an event, as many as there is time for."""
        most = next((count for seconds, count in reversed(_TROUBLES) if per_event >= seconds), 0)
        setting = self.premise.setting
        circumstances = Circumstances(
            members=self.members, night=setting.time == "night", wet=setting.weather in {"rain", "storm"}, state=state
        )
        return complicate(event, self.participants(event.roles), circumstances, most, self.seed)

    def _introductions(self, drafts: list[_Draft]) -> Iterable[PlotEvent]:
        """Events that show each thing which no other event uses or names, in the hands or before the eyes of somebody it concerns."""
        phrases = " ".join(draft.event.phrase for draft in drafts).lower()
        used = {identifier for draft in drafts for filling in draft.event.roles.values() for identifier in filling}
        last: str | None = None
        number = 0
        for identifier, thing in self.filler.things.items():
            if identifier in used or any(
                re.search(rf"\b{re.escape(form)}\b", phrases) for form in (thing.noun, plural(thing.noun))
            ):
                continue
            number += 1
            entity = self.premise.entity(identifier)
            owners = self.filler.cast.get(entity.owner or "", ())
            performer = owners[0].id if owners else next(iter(self.members))
            if {"stolen", "lost", "missing", "hidden", "vanished"} & set(entity.words):
                continue
            carried = thing.thing is not None and thing.thing.size in {"finger", "hand", "arm"}
            verb = "hold" if carried and entity.type in PORTABLE and entity.type not in {"vehicle", "body"} else "look at"
            noun = plural(thing.noun) if thing.many else thing.noun
            place = drafts[0].event.place
            yield PlotEvent(
                id=f"i{number}",
                origin="introduction",
                verb=verb,
                phrase=f"{third_person(verb.split()[0])}{' at' if ' ' in verb else ''} the {noun}",
                family=None,
                roles={"agent": (performer,), "theme": (identifier,), "place": (place,)},
                place=place,
                because=(Link(event=last, kind="precedes"),) if last else (),
            )
            last = f"i{number}"


def build_plot(premise: Premise, seed: int, seconds: float = 60.0, canon: Canon | None = None) -> Plot:
    """The plot of a premise for a film of so many seconds. Deterministic in its arguments.

    `canon`: what the series knows; characters, places and things of it that the premise means are the same ones.
    """
    return _Builder(premise, seed, seconds, canon or empty_canon()).build()
