"""The events of an episode as a graph, and why each of its scenes is there."""

from __future__ import annotations

from typing import Final, TypeAlias

import networkx

from planners.plan.model import EpisodePlan, Scene
from planners.plan.vocabulary import StoryLink

__all__ = ["LINK_COLOURS", "EventGraph", "event_graph", "scene_reasons", "to_mermaid"]

EventGraph: TypeAlias = networkx.DiGraph
"""Nodes are ids of events with `text` and `scene`; an edge with its `link` leads from a reason to what it is a reason for."""

_WHY: Final[dict[StoryLink, str]] = {
    "motivates": "The reason",
    "causes": "Brought about by",
    "enables": "Made possible by",
    "precedes": "After",
}
"""Words for a link, the strongest first."""
LINK_COLOURS: Final[dict[StoryLink, str]] = {
    "motivates": "#8250df",
    "causes": "#cf222e",
    "enables": "#1a7f37",
    "precedes": "#8c959f",
}
"""Colours of the links in drawings."""


def event_graph(plan: EpisodePlan) -> EventGraph:
    """The events of a plan whose references hold, in story order; empty if its scenes name none."""
    graph = networkx.DiGraph(title=plan.title)
    for scene in plan.scenes:
        graph.add_nodes_from((event, {"text": text, "scene": scene.id}) for event, text in scene.events.items())
    for scene in plan.scenes:
        for earlier, link, event in scene.because:
            if not graph.has_edge(earlier, event) or _strength(link) < _strength(graph.edges[earlier, event]["link"]):
                graph.add_edge(earlier, event, link=link)
    return graph


def scene_reasons(plan: EpisodePlan) -> dict[str, str]:
    """By scene that names its events: what it is there for, and the strongest reason for that."""
    texts = {event: (text, scene.id) for scene in plan.scenes for event, text in scene.events.items()}
    return {scene.id: _scene_reason(scene, texts) for scene in plan.scenes if scene.events}


def _scene_reason(scene: Scene, texts: dict[str, tuple[str, str]]) -> str:
    """What a scene is there for: its last event, and the strongest reason from an earlier scene for that or another of its events."""
    event, text = list(scene.events.items())[-1]
    reasons = [reason for reason in scene.because if reason.earlier not in scene.events]
    if not reasons:
        first = next(iter(texts.values()))[1] == scene.id
        return f"{text} The story begins with it." if first else text
    strongest = min(reasons, key=lambda reason: (reason.event != event, _strength(reason.link)))
    earlier, home = texts[strongest.earlier]
    return f"{text} {_WHY[strongest.link]} ({home}): {earlier}"


def _strength(link: StoryLink) -> int:
    """The rank of a link; 0 is the strongest."""
    return list(_WHY).index(link)


def to_mermaid(graph: EventGraph) -> str:
    """The graph as a Mermaid flowchart: one box for each scene, one colour for each kind of link."""
    names = {event: f"n{number}" for number, event in enumerate(graph.nodes)}
    lines = ["flowchart TD"]
    scenes: dict[str, list[str]] = {}
    for event, data in graph.nodes(data=True):
        scenes.setdefault(data["scene"], []).append(f'    {names[event]}["{_mermaid_label(data["text"])}"]')
    for number, (scene, nodes) in enumerate(scenes.items()):
        lines += [f'  subgraph scene{number}["{_mermaid_label(scene)}"]', *nodes, "  end"]
    for number, (earlier, event, link) in enumerate(graph.edges(data="link")):
        lines.append(f"  {names[earlier]} -->|{link}| {names[event]}")
        lines.append(f"  linkStyle {number} stroke:{LINK_COLOURS[link]}")
    return "\n".join(lines) + "\n"


def _mermaid_label(text: str) -> str:
    """Text inside quotation marks of Mermaid: its own marks and whatever could be read as HTML are escaped."""
    escaped = text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;").replace("&", "#amp;")
    return " ".join(escaped.split())
