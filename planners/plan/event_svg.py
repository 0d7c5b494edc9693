"""Draw the events of an episode and their reasons as an SVG picture."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import networkx

from planners.plan.event_graph import LINK_COLOURS, EventGraph
from planners.plan.vocabulary import STORY_LINKS, StoryLink

__all__ = ["to_svg"]

_BOX_PX: Final = 230
"""Width of an event."""
_GAP_PX: Final = 26
"""Room between neighbours."""
_LAYER_GAP_PX: Final = 64
"""Room between layers, for the arrows."""
_TALL_PX: Final = 40
"""How much lower the next row may begin because a neighbour is taller."""
_BOW_PX: Final = 110
"""How far an arrow to a later row bows out at most."""
_MARGIN_PX: Final = 24
_LINE_PX: Final = 17
_LETTERS: Final = 32
"""Letters of a line in a box."""
_MOST_LINES: Final = 6
_MOST_IN_ROW: Final = 6
"""Events side by side; a larger layer takes several rows."""


@dataclass(frozen=True, slots=True)
class _Box:
    """An event in the picture, in pixels from the top left."""

    x: float
    y: float
    height: float
    scene: str
    lines: tuple[str, ...]


def to_svg(graph: EventGraph) -> str:
    """The graph in layers, each event below all of its reasons. Raises networkx.NetworkXUnfeasible for a cycle."""
    boxes, width, height = _boxes(graph)
    title = _printable(str(graph.graph.get("title", "")))
    legend_y = height + 10
    used = {link for _, _, link in graph.edges(data="link")}
    links = [link for link in STORY_LINKS if link in used]
    total_width, total_height = max(width + _BOW_PX, 480), legend_y + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total_width:g} {total_height:g}" width="{total_width:g}" '
        f'height="{total_height:g}" font-family="Helvetica, Arial, sans-serif" font-size="13">',
        f"<title>{html.escape(title)}</title>",
        "<defs>",
        *(_marker(link, LINK_COLOURS[link]) for link in links),
        "</defs>",
        f'<rect width="{total_width:g}" height="{total_height:g}" fill="#ffffff"/>',
        f'<text x="{_MARGIN_PX}" y="{_MARGIN_PX + 8}" font-size="18" font-weight="bold">{html.escape(title)}</text>',
        *(_arrow(boxes[earlier], boxes[event], link) for earlier, event, link in graph.edges(data="link")),
        *(text for box in boxes.values() for text in _drawn(box)),
        *_link_legend(links, legend_y),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _boxes(graph: EventGraph) -> tuple[dict[str, _Box], float, float]:
    """Boxes by event, and the size of the picture. Within a row, events stand below the middle of their reasons."""
    order = {event: number for number, event in enumerate(graph.nodes)}
    boxes: dict[str, _Box] = {}
    y = float(_MARGIN_PX + 36)
    widest = max((len(row) for row in _rows(graph)), default=1)
    width = 2 * _MARGIN_PX + widest * _BOX_PX + (widest - 1) * _GAP_PX
    for row in _rows(graph):
        row.sort(key=lambda event: (_middle(graph, event, boxes), order[event]))
        left = (width - len(row) * _BOX_PX - (len(row) - 1) * _GAP_PX) / 2
        for at, event in enumerate(row):
            lines = _lines(graph.nodes[event]["text"])
            x = left + at * (_BOX_PX + _GAP_PX)
            boxes[event] = _Box(x, y, _LINE_PX * (len(lines) + 1) + 16, _printable(graph.nodes[event]["scene"]), lines)
        y += max(boxes[event].height for event in row) + _LAYER_GAP_PX
    return boxes, width, y - _LAYER_GAP_PX + _MARGIN_PX


def _rows(graph: EventGraph) -> Iterator[list[str]]:
    """Events by layer; no event is in a row above one of its reasons."""
    order = {event: number for number, event in enumerate(graph.nodes)}
    for layer in networkx.topological_generations(graph):
        events = sorted(layer, key=order.__getitem__)
        for start in range(0, len(events), _MOST_IN_ROW):
            yield events[start : start + _MOST_IN_ROW]


def _middle(graph: EventGraph, event: str, boxes: dict[str, _Box]) -> float:
    """The mean place of an event's reasons from the left; 0 without any."""
    places = [boxes[reason].x for reason in graph.predecessors(event) if reason in boxes]
    return sum(places) / len(places) if places else 0.0


def _lines(text: str) -> tuple[str, ...]:
    """A text in the lines of a box, the last one cut if it is too long."""
    lines = textwrap.wrap(_printable(text), _LETTERS) or [""]
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1][: _LETTERS - 1] + "…"]
    return tuple(lines)


def _printable(text: str) -> str:
    """Text without characters that XML forbids."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _drawn(box: _Box) -> Iterator[str]:
    """The elements of a box."""
    yield f'<rect x="{box.x:g}" y="{box.y:g}" width="{_BOX_PX}" height="{box.height:g}" rx="7" fill="#f6f8fa" stroke="#57606a"/>'
    yield f'<text x="{box.x + 10:g}" y="{box.y + 18:g}" font-size="11" fill="#57606a">{html.escape(box.scene)}</text>'
    for number, line in enumerate(box.lines, start=1):
        yield f'<text x="{box.x + 10:g}" y="{box.y + 20 + number * _LINE_PX:g}">{html.escape(line)}</text>'


def _marker(link: str, colour: str) -> str:
    """An arrow head."""
    return (
        f'<marker id="{link}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">'
        f'<path d="M 0 0 L 10 5 L 0 10 z" fill="{colour}"/></marker>'
    )


def _arrow(earlier: _Box, event: _Box, link: StoryLink) -> str:
    """A curve from a reason to what it is a reason for: straight down to the next row, past the right of the boxes to a later one."""
    x1, y1 = earlier.x + _BOX_PX / 2, earlier.y + earlier.height
    x2, y2 = event.x + _BOX_PX / 2, event.y
    if y2 - y1 <= _LAYER_GAP_PX + _TALL_PX:
        pull = _LAYER_GAP_PX * 0.6
        curve = f"M {x1:g} {y1:g} C {x1:g} {y1 + pull:g}, {x2:g} {y2 - pull:g}, {x2:g} {y2:g}"
    else:
        x1, y1 = earlier.x + _BOX_PX, y1 - earlier.height / 2
        x2, y2 = event.x + _BOX_PX, y2 + event.height / 2
        bow = max(x1, x2) + min(_BOW_PX, 20 + (y2 - y1) * 0.1)
        curve = f"M {x1:g} {y1:g} C {bow:g} {y1:g}, {bow:g} {y2:g}, {x2:g} {y2:g}"
    dashes = ' stroke-dasharray="5 4"' if link == "precedes" else ""
    colour = LINK_COLOURS[link]
    return f'<path d="{curve}" fill="none" stroke="{colour}" stroke-width="1.6"{dashes} marker-end="url(#{link})"/>'


def _link_legend(links: list[StoryLink], y: float) -> Iterator[str]:
    """The colours of the links that occur."""
    for number, link in enumerate(links):
        x = _MARGIN_PX + number * 112
        colour = LINK_COLOURS[link]
        yield f'<path d="M {x} {y - 4:g} h 26" stroke="{colour}" stroke-width="3"/>'
        yield f'<text x="{x + 34}" y="{y:g}">{link}</text>'
