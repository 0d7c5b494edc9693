"""`episodic plan show [SERIES] [EPISODE]`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.display import show_plan
from episodic.errors import InputError
from episodic.targets import read_target_plan, write_drawing
from planners.plan.event_graph import event_graph, to_mermaid
from planners.plan.event_svg import to_svg
from planners.plan_file.read_write import head_comments

__all__ = ["plan_show"]

PlanArgument = Annotated[
    Path, typer.Argument(metavar="[SERIES]", help="Folder of the series, or a plan file.", show_default="this folder")
]
EpisodeArgument = Annotated[
    int | None, typer.Argument(metavar="[EPISODE]", help="Number of the episode.", show_default="the last")
]
BranchOption = Annotated[str | None, typer.Option("--branch", metavar="NAME", help="Branch of the series.", show_default="main")]
GraphOption = Annotated[bool, typer.Option("--graph", help="Print the events and what leads to what as a Mermaid flowchart.")]
MermaidOption = Annotated[bool, typer.Option("--mermaid", help="The same as --graph.")]
SvgOption = Annotated[Path | None, typer.Option("--svg", metavar="FILE", help="Draw the events into this SVG file.")]


def plan_show(
    series: PlanArgument = Path(),
    episode: EpisodeArgument = None,
    branch: BranchOption = None,
    graph: GraphOption = False,
    mermaid: MermaidOption = False,
    svg: SvgOption = None,
) -> None:
    """Show a plan: its scenes and what was understood of its prompt, or its events and what leads to what as a graph."""
    path, plan = read_target_plan(series, episode, branch)
    if not (graph or mermaid or svg):
        for line in head_comments(path.read_text("utf-8")):
            typer.echo(line)
        show_plan(plan, path, series)
        return
    events = event_graph(plan)
    if not events:
        raise InputError(
            f"{path}: the scenes name no events (keys `events` and `because`), so there is no graph. `episodic plan` writes them for stories"
        )
    if svg is not None:
        write_drawing(svg, to_svg(events))
        typer.echo(f"{svg.resolve()}")
    if mermaid or svg is None:
        typer.echo(to_mermaid(events), nl=False)
