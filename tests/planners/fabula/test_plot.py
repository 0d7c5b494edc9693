"""The plot: needs are established before events, reasons come before what they are reasons for, and the state changes with events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from planners.fabula.plot import Link, Plot, PlotEvent
from planners.fabula.plot_builder import build_plot
from planners.fabula.search import State
from planners.fabula.story_state import Change, Domain, after, changes_of, ground, holder_of, place_of
from planners.knowledge.families import family_named
from planners.reading.reader import read_premise

PROMPTS = (
    "A baker gives her neighbour a clock, and the neighbour repairs it.",
    "A girl steals a key from the mayor and gives it to a prisoner.",
    "Four pensioners steal a church bell back from a museum.",
    "An old sailor refuses to sell his boat.",
    "homesick",
    "A robot, a goat and a widow build a raft on a flooded street.",
)


def plot_of(prompt: str, seconds: float = 120.0) -> Plot:
    return build_plot(read_premise(prompt), 1, seconds)


def deeds(plot: Plot) -> list[PlotEvent]:
    return [event for event in plot.events if event.origin == "prompt"]


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("seconds", [12.0, 60.0, 300.0])
def test_every_plot_is_sound(prompt: str, seconds: float) -> None:
    assert plot_of(prompt, seconds).problems() == []


def test_what_is_given_is_taken_first_and_then_belongs_to_who_got_it() -> None:
    plot = plot_of(PROMPTS[0])
    give, repair = deeds(plot)
    (baker,) = give.roles["agent"]
    (neighbour,) = give.roles["recipient"]
    taking = next(event for event in plot.events if ("has", baker, "clock") in event.adds)
    assert (taking.origin, taking.serves, taking.phrase) == ("needed", give.id, "takes the clock")
    assert Link(event=taking.id, kind="enables", fact=("has", baker, "clock")) in give.because
    assert holder_of(repair.before, "clock") == neighbour
    assert plot.graph().has_edge(taking.id, give.id)


def test_what_is_repaired_breaks_first() -> None:
    plot = plot_of(PROMPTS[0])
    repair = deeds(plot)[1]
    assert ("broken", "clock") in repair.needs
    assert ("broken", "clock") in repair.removes
    assert next(event for event in plot.events if ("broken", "clock") in event.adds).serves == repair.id


def test_a_stolen_thing_that_is_given_away_needs_no_second_taking() -> None:
    plot = plot_of(PROMPTS[1])
    steal, give = deeds(plot)
    (girl,) = steal.roles["agent"]
    assert Link(event=steal.id, kind="enables", fact=("has", girl, "key")) in give.because
    assert not [event for event in plot.events if event.origin == "needed"]


def test_a_short_film_has_no_errands_and_a_long_one_has_complications() -> None:
    assert {event.origin for event in plot_of(PROMPTS[2], 10.0).events} == {"prompt"}
    origins = {event.origin for event in plot_of(PROMPTS[2], 300.0).events}
    assert {"complication", "remedy"} <= origins


def test_a_remedy_follows_its_complication_and_enables_the_deed() -> None:
    plot = plot_of(PROMPTS[2], 300.0)
    (steal,) = deeds(plot)
    remedies = [event for event in plot.events if event.origin == "remedy"]
    assert remedies
    for remedy in remedies:
        assert [plot.event(link.event).origin for link in remedy.because] == ["complication"]
        assert Link(event=remedy.id, kind="enables") in steal.because


def test_somebody_of_the_place_is_added_to_a_theft_but_not_to_a_film_of_somebody_alone() -> None:
    assert len(plot_of(PROMPTS[2]).added) == 1
    assert plot_of("A lonely robot learns to dance in an abandoned factory.").added == ()


def test_faults_of_a_plot_are_found() -> None:
    plot = plot_of(PROMPTS[1])
    steal, give = deeds(plot)
    early = replace(plot, events=(give, steal))
    assert [problem for problem in early.problems() if "comes before its reason" in problem]
    needy = replace(plot, events=(steal, replace(give, needs=frozenset({("has", "nobody", "key")}))))
    assert [problem for problem in needy.problems() if "which does not hold" in problem]
    strange = replace(plot, events=(steal, replace(give, roles={**give.roles, "theme": ("crown",)})))
    assert [problem for problem in strange.problems() if "crown" in problem]
    lost = replace(plot, events=(replace(steal, because=()), replace(give, because=())))
    assert [problem for problem in lost.problems() if "belongs to nothing" in problem]


DOMAIN = Domain(beings=frozenset({"ana", "bo"}), things=frozenset({"key"}), places=frozenset({"attic", "cellar"}))


def test_a_thing_is_with_one_being_and_a_being_in_one_place() -> None:
    state: State = frozenset({("at", "ana", "attic"), ("at", "bo", "attic"), ("at", "key", "attic")})
    state = after(state, Change(adds=frozenset({("has", "ana", "key")})))
    state = after(state, Change(adds=frozenset({("at", "ana", "cellar")})))
    assert place_of(state, "key") == "cellar"
    state = after(state, Change(adds=frozenset({("has", "bo", "key")})))
    assert holder_of(state, "key") == "bo"
    assert place_of(state, "key") == "attic"


def test_conditions_are_grounded_only_where_they_make_sense() -> None:
    needs = family_named("give").needs[0]
    assert ground(needs, {"agent": ("ana",), "theme": ("key",)}, DOMAIN) == (("has", "ana", "key"),)
    assert ground(needs, {"agent": ("ana",), "theme": ("attic",)}, DOMAIN) == ()
    assert ground(needs, {"agent": ("ana",)}, DOMAIN) == ()
    change = changes_of(family_named("give").effects, {"agent": ("ana",), "recipient": ("bo",), "theme": ("key",)}, DOMAIN)
    assert ("has", "bo", "key") in change.adds
    assert ("has", "ana", "key") in change.removes
