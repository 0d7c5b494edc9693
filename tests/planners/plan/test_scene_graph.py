"""Scenes as graphs."""

from __future__ import annotations

from typing import Any

import networkx
import pytest

from memory.model.canon import Canon, Character, Location, Prop, Relationship
from memory.model.facts import StoryPosition
from planners.plan.model import EpisodePlan
from planners.plan.scene_graph import SceneGraph, diff, scene_graph, to_mermaid, to_text, validate

PLAN = EpisodePlan.model_validate(
    {
        "title": "Rain",
        "cast": {"mara": {"kind": "human"}, "storm": {"kind": "spirit", "name": 'The "Storm"'}, "gull": {"kind": "animal"}},
        "locations": {"shore": {"description": "grey sand"}, "tower": {}},
        "props": {"red_lamp": {}, "rope": {}},
        "scenes": [
            {
                "id": "s01",
                "at": "shore",
                "relations": [["mara", "fears", "storm"], ["mara", "near", "rope"]],
                "facts": ["mara.holding = the red lamp", "mara.mood = wary"],
                "shots": [
                    {"id": "s01.1", "lines": [{"mara": "Who is there?"}]},
                    {"id": "s01.2", "focus": ["storm"], "lines": [{"storm": "I am."}, {"narrator": "It was."}]},
                    {"id": "s01.3", "focus": ["mara", "gull"], "lines": [{"mara": "Go."}]},
                ],
            },
            {
                "id": "s02",
                "at": "tower",
                "relations": [["mara", "trusts", "storm"]],
                "shots": [{"id": "s02.1", "action": {"mara": "sits"}}],
            },
            {
                "id": "s03",
                "at": "tower",
                "facts": ["mara.holding = nothing"],
                "shots": [{"id": "s03.1", "focus": ["mara", "storm"]}],
            },
        ],
    }
)


def edges(graph: SceneGraph) -> set[tuple[str, str, str]]:
    return {(subject, key, other) for subject, other, key in graph.edges(keys=True)}


def test_the_graph_contains_every_entity_of_the_scene() -> None:
    graph = scene_graph(PLAN, 0)
    assert dict(graph.nodes(data="kind")) == {
        "mara": "character",
        "storm": "character",
        "gull": "character",
        "shore": "location",
        "rope": "prop",
        "red_lamp": "prop",
    }
    assert graph.nodes["mara"]["state"] == {"holding": "the red lamp", "mood": "wary"}
    assert (graph.nodes["shore"]["description"], graph.nodes["gull"]["character_kind"]) == ("grey sand", "animal")
    assert {edge for edge in edges(graph) if edge[1] != "speaks_to"} == {
        ("mara", "at", "shore"),
        ("storm", "at", "shore"),
        ("gull", "at", "shore"),
        ("mara", "fears", "storm"),
        ("mara", "near", "rope"),
        ("mara", "holds", "red_lamp"),
    }
    assert validate(graph) == []


def test_lines_address_characters_in_the_frame_or_the_previous_speaker() -> None:
    graph = scene_graph(PLAN, 0)
    spoken = {(speaker, other): shots for speaker, other, shots in graph.edges(data="shots") if shots}
    assert spoken == {("mara", "storm"): ("s01.1",), ("mara", "gull"): ("s01.1", "s01.3"), ("storm", "mara"): ("s01.2",)}


def test_facts_of_earlier_scenes_hold_until_replaced() -> None:
    assert ("mara", "holds", "red_lamp") in edges(scene_graph(PLAN, 1))
    third = scene_graph(PLAN, 2)
    assert ("mara", "trusts", "storm") in edges(third)
    assert ("mara", "fears", "storm") not in edges(third)
    assert "red_lamp" not in third


def test_the_canon_adds_facts_of_earlier_episodes() -> None:
    mara = Character(
        id="mara", name="Mara Quill", kind="animal", description="old keeper", state={"wearing": "coat", "mood": "glad"}
    )
    canon = Canon(
        position=StoryPosition(2, 0),
        characters={"mara": mara, "ghost": Character(id="ghost", name="Ghost", kind="spirit")},
        locations={"shore": Location(id="shore", name="North Shore")},
        props={"rope": Prop(id="rope", name="Rope", description="tarred")},
        relationships=(
            Relationship(subject="mara", relation="trusts", object="storm"),
            Relationship(subject="storm", relation="watches", object="mara"),
            Relationship(subject="ghost", relation="haunts", object="mara"),
        ),
    )
    graph = scene_graph(PLAN, 0, canon)
    assert graph.nodes["mara"]["state"] == {"holding": "the red lamp", "mood": "wary", "wearing": "coat"}
    assert (graph.nodes["mara"]["name"], graph.nodes["mara"]["character_kind"]) == ("Mara Quill", "human")
    assert (graph.nodes["shore"]["name"], graph.nodes["rope"]["description"]) == ("North Shore", "tarred")
    assert {("storm", "watches", "mara"), ("mara", "fears", "storm")} <= edges(graph)
    assert ("mara", "trusts", "storm") not in edges(graph)
    assert "ghost" not in graph


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda graph: graph.add_edge("mara", "tower", key="at"), "several places at once: shore, tower"),
        (lambda graph: graph.add_edge("mara", "nobody", key="near"), "nobody: has no kind"),
        (lambda graph: graph.add_edge("mara", "rope", key="at"), "mara at rope: rope is a prop; expected a location"),
        (lambda graph: graph.add_edge("storm", "red_lamp", key="holds"), "red_lamp is held by mara and by storm"),
        (lambda graph: graph.add_edge("mara", "mara", key="likes"), "in a relation to itself"),
        (lambda graph: graph.add_edge("mara", "rope", key="speaks_to"), "both must be characters"),
        (lambda graph: graph.remove_node("shore"), "no location"),
        (lambda graph: graph.remove_edge("mara", "shore", key="at"), "mara: speaks here but is nowhere"),
    ],
)
def test_an_impossible_graph_is_reported(change: Any, message: str) -> None:
    graph = scene_graph(PLAN, 0)
    change(graph)
    assert any(message in fault for fault in validate(graph))


def test_the_difference_between_scenes_names_arrivals_departures_and_changes() -> None:
    first, second, third = (scene_graph(PLAN, number) for number in range(3))
    assert not diff(first, first)
    change = diff(first, second)
    assert (change.came, change.left) == (("tower",), ("gull", "rope", "shore"))
    assert ("mara", "trusts", "storm") in change.begun
    assert ("mara", "fears", "storm") in change.ended
    assert diff(second, third).changed == {"mara": {"holding": ("the red lamp", "nothing")}}


def test_diagrams_name_every_node_and_edge() -> None:
    graph = scene_graph(PLAN, 0)
    mermaid = to_mermaid(graph)
    assert mermaid.startswith('flowchart LR\n  n0(["Mara"])\n')
    assert '(["The #quot;Storm#quot;"])' in mermaid
    assert '-- "fears" -->' in mermaid
    assert len(mermaid.splitlines()) == 1 + graph.number_of_nodes() + graph.number_of_edges()
    text = to_text(graph)
    assert text.startswith("s01: day, clear, calm\n")
    assert "  mara (character): holding = the red lamp, mood = wary\n" in text
    assert to_mermaid(networkx.MultiDiGraph()) == "flowchart LR\n"
