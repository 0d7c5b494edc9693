"""A plan explains itself: events of scenes, their reasons, drawings of both."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import networkx
import pytest

from memory.model.canon import empty_canon
from planners.errors import PlanError
from planners.plan.cross_references import check_references
from planners.plan.event_graph import event_graph, scene_reasons, to_mermaid
from planners.plan.event_svg import to_svg
from planners.plan.model import EpisodePlan
from planners.plan_file.read_write import plan_text, read_plan_text
from planners.planner import Brief
from planners.planner_registry import open_planner

SVG = "{http://www.w3.org/2000/svg}"


def scene(number: int, events: dict[str, str], because: list[list[str]]) -> dict[str, Any]:
    name = f"s{number}"
    return {"id": name, "at": "shore", "shots": [{"id": f"{name}.1"}], "events": events, "because": because}


def plan(*scenes: dict[str, Any]) -> EpisodePlan:
    return EpisodePlan.model_validate({"title": "Rain & <wind>", "locations": {"shore": {}}, "scenes": scenes})


THEFT = plan(
    scene(1, {"e1": "They draw a plan.", "e2": "They find a cart."}, [["e1", "precedes", "e2"]]),
    scene(2, {"e3": "They steal the bell."}, [["e1", "motivates", "e3"], ["e2", "enables", "e3"]]),
    scene(3, {"e4": "The <guard> & his dog run."}, [["e3", "causes", "e4"]]),
)


def test_events_and_reasons_are_written_and_read() -> None:
    text = plan_text(THEFT)
    assert "    events:\n      e1: They draw a plan.\n      e2: They find a cart.\n" in text
    assert "    because: [[e1, motivates, e3], [e2, enables, e3]]\n" in text
    assert read_plan_text(text, "plan.yaml") == THEFT


def test_an_unknown_link_is_refused_with_the_possible_ones() -> None:
    text = plan_text(THEFT).replace("[e3, causes, e4]", "[e3, cause, e4]")
    with pytest.raises(PlanError, match="expected one of: enables, causes, motivates, precedes; did you mean ‘causes’"):
        read_plan_text(text, "plan.yaml")
    text = plan_text(THEFT).replace("[e3, causes, e4]", "[e3, causes]")
    with pytest.raises(PlanError, match=r"expected three parts, \[earlier, link, event\]"):
        read_plan_text(text, "plan.yaml")


@pytest.mark.parametrize(
    ("scenes", "path", "message"),
    [
        ([scene(1, {"e1": "A."}, []), scene(2, {"e1": "B."}, [])], ("scenes", 1, "events", "e1"), "first in scene ‘s1’"),
        ([scene(1, {"e1": "A."}, [["e1", "causes", "e2"]])], ("scenes", 0, "because", 0, 2), "no event of this scene"),
        (
            [scene(1, {"e1": "A."}, []), scene(2, {"e2": "B."}, [["e2", "causes", "e1"]])],
            ("scenes", 1, "because", 0, 2),
            "it is one of scene ‘s1’",
        ),
        ([scene(1, {"e1": "A."}, [["e7", "causes", "e1"]])], ("scenes", 0, "because", 0, 0), "no scene has the event ‘e7’"),
        ([scene(1, {"e1": "A.", "e2": "B."}, [["e2", "causes", "e1"]])], ("scenes", 0, "because", 0, 0), "does not come before"),
        ([scene(1, {"e1": "A."}, [["e1", "causes", "e1"]])], ("scenes", 0, "because", 0, 0), "does not come before"),
    ],
)
def test_a_broken_reason_is_reported_at_its_place(scenes: list[dict[str, Any]], path: tuple[object, ...], message: str) -> None:
    (fault,) = check_references(plan(*scenes))
    assert fault.path == path
    assert message in fault.message


def test_every_scene_says_why_it_is_there() -> None:
    assert scene_reasons(THEFT) == {
        "s1": "They find a cart. The story begins with it.",
        "s2": "They steal the bell. The reason (s1): They draw a plan.",
        "s3": "The <guard> & his dog run. Brought about by (s2): They steal the bell.",
    }
    assert scene_reasons(plan(scene(1, {}, []))) == {}


def test_the_graph_leads_from_reasons_to_events() -> None:
    graph = event_graph(THEFT)
    assert set(graph.edges(data="link")) == {
        ("e1", "e2", "precedes"),
        ("e1", "e3", "motivates"),
        ("e2", "e3", "enables"),
        ("e3", "e4", "causes"),
    }


def test_mermaid_names_no_text_that_it_would_read_as_its_own() -> None:
    drawn = to_mermaid(event_graph(THEFT))
    assert drawn.startswith("flowchart TD\n")
    assert "-->|motivates|" in drawn
    assert "The #lt;guard#gt; #amp; his dog run." in drawn


def test_the_drawing_is_xml_with_every_event_below_its_reasons() -> None:
    root = ElementTree.fromstring(to_svg(event_graph(THEFT)))  # noqa: S314
    texts = [(element.text or "", float(element.get("y", 0))) for element in root.iter(f"{SVG}text")]
    assert texts[0][0] == "Rain & <wind>"
    height = dict(texts)
    assert height["They draw a plan."] < height["They find a cart."] < height["They steal the bell."]
    assert height["They steal the bell."] < height["The <guard> & his dog run."]
    assert {"enables", "causes", "motivates", "precedes"} <= set(height)
    boxes = [element for element in root.iter(f"{SVG}rect") if element.get("rx")]
    assert len(boxes) == 4


def test_boxes_of_many_long_events_do_not_overlap() -> None:
    events = {f"e{number}": "word " * 60 + f"{number}" for number in range(1, 16)}
    root = ElementTree.fromstring(to_svg(event_graph(plan(scene(1, events, [])))))  # noqa: S314
    boxes = [
        tuple(float(element.get(name, 0)) for name in ("x", "y", "width", "height"))
        for element in root.iter(f"{SVG}rect")
        if element.get("rx")
    ]
    assert len(boxes) == 15
    for index, (x, y, width, height) in enumerate(boxes):
        for x2, y2, width2, height2 in boxes[index + 1 :]:
            assert x + width <= x2 or x2 + width2 <= x or y + height <= y2 or y2 + height2 <= y


def test_the_planner_says_of_every_scene_what_it_shows_and_why() -> None:
    prompt = "Four pensioners steal a church bell back from a museum. The guard chases them to the harbour."
    film = open_planner("story").plan(Brief(prompt=prompt, minutes=2), empty_canon())
    assert check_references(film) == []
    assert all(shown.events for shown in film.scenes)
    sentences = [text for shown in film.scenes for text in shown.events.values() if not text.startswith("(")]
    assert [re.search("steal|chases", text) is not None for text in sentences] == [True, True]
    graph = event_graph(film)
    assert networkx.is_directed_acyclic_graph(graph)
    assert not list(networkx.isolates(graph))
