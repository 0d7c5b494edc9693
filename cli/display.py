"""The display of a run: live bars on a terminal, plain lines elsewhere, JSON events for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from cli.interrupt import resume_hint_on_interrupt
from episodic.production.graph.estimate import is_guess
from episodic.production.graph.events import Event, Listener
from episodic.production.prepare import Prepared
from episodic.production.steps import label_of
from episodic.studio import announce
from planners.plan.durations import estimate_seconds, scene_seconds
from planners.plan.event_graph import scene_reasons
from planners.plan.model import EpisodePlan
from planners.season_file import Season

__all__ = ["display", "duration_text", "show_dry_run", "show_plan", "show_season"]


def duration_text(seconds: float) -> str:
    """A duration for people: `4.2 s`, `1:07 min`."""
    tenths = round(seconds, 1)
    if tenths < 60:
        return f"{tenths:.1f} s"
    minutes, remainder = divmod(round(seconds), 60)
    return f"{minutes}:{remainder:02d} min"


@contextmanager
def display(as_json: bool, *, live: bool = True) -> Iterator[Listener]:
    """A listener that shows a run in the form that suits the output. Ctrl-C ends the run with a hint how to resume.

    `live`: whether bars may move on a terminal; without, it is free for questions.
    """
    with resume_hint_on_interrupt(), _listener(as_json, live) as listen:
        yield listen


@contextmanager
def _listener(as_json: bool, live: bool) -> Iterator[Listener]:
    if as_json:
        yield _print_json
        return
    console = Console()
    if not (live and console.is_terminal):
        yield _PlainLines().hear
        return
    bars = Progress(
        TextColumn("{task.description:>10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
    )
    with bars:
        yield _StageBars(bars).hear


def _print_json(event: Event) -> None:
    """Print an event as one line of JSON."""
    sys.stdout.write(json.dumps(event.to_json(), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _sentence(event: Event) -> str | None:
    """The sentence about an event that every display shows to people; None for events that have none."""
    match event.event:
        case "plan":
            return f"episode {event.episode}: plan written to {event.text} (about {duration_text(event.seconds or 0)})"
        case "film":
            effort = f" (made in {duration_text(event.seconds)})" if event.seconds else " (nothing was stale)"
            return f"episode {event.episode}: {Path(event.text).resolve()}{effort}"
        case "failed":
            return f"failed: {event.text}"
        case "change":
            return f"canon: {event.text}"
        case "note" | "understood" | "length":
            return event.text
        case "season":
            return f"outline of the season written to {event.text}"
        case "scene":
            return f"{event.task}: {event.text}"
        case "conflict":
            return f"conflict: {event.text}"
        case _:
            return None


class _PlainLines:
    """For logs and pipes: one line for each event that matters to people."""

    def hear(self, event: Event) -> None:
        sentence = _sentence(event)
        if sentence:
            sys.stdout.write(sentence + "\n")
            sys.stdout.flush()


class _StageBars:
    """One bar per stage of the flow. A bar appears with the first stale task of its stage."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._stages: dict[str, TaskID] = {}

    def hear(self, event: Event) -> None:
        if event.event == "stale":
            stage = self._stage(event.kind)
            bar = next(bar for bar in self._bars.tasks if bar.id == stage)
            self._bars.update(stage, total=(bar.total or 0) + 1)
        elif event.event == "done":
            self._bars.advance(self._stage(event.kind))
        elif event.event == "start":
            self._bars.start_task(self._stage(event.kind))
        sentence = _sentence(event)
        if sentence:
            self._bars.console.print(Text(sentence))

    def _stage(self, kind: str) -> TaskID:
        if kind not in self._stages:
            self._stages[kind] = self._bars.add_task(label_of(kind), total=0, start=False)
        return self._stages[kind]


def show_plan(plan: EpisodePlan, path: Path, render: Path | None = None) -> None:
    """Print a table of scenes with estimated lengths, and how to go on. `render`: what to render, by default the plan's series."""
    table = Table(title=Text(plan.title, "table.title"), title_justify="left")
    for name in ("scene", "place and time", "what happens"):
        table.add_column(name)
    for name in ("shots", "lines", "about"):
        table.add_column(name, justify="right")
    for scene in plan.scenes:
        place = plan.locations[scene.at].name or scene.at.replace("_", " ")
        lines = sum(len(shot.lines) for shot in scene.shots)
        action = scene.synopsis or scene.goal or scene.title or ""
        length = duration_text(scene_seconds(scene))
        table.add_row(scene.id, Text(f"{place}, {scene.time}"), Text(action), str(len(scene.shots)), str(lines), length)
    console = Console()
    console.print(table)
    length = duration_text(estimate_seconds(plan))
    console.print(Text(f"about {length}; edit {path}, then: episodic render {render or path.parents[2]}"))


def show_season(season: Season, path: Path) -> None:
    """Print a table of the episodes of an outline."""
    table = Table(title=Text(f"{season.title}: a season of {len(season.episodes)}", "table.title"), title_justify="left")
    for name in ("episode", "prompt", "what happens", "opens", "closes"):
        table.add_column(name, justify="right" if name == "episode" else "left", overflow="fold")
    for episode in season.episodes:
        opened, closed = "\n".join(episode.opens.values()), "\n".join(episode.closes)
        table.add_row(str(episode.number), Text(episode.prompt), Text(" ".join(episode.happens)), Text(opened), Text(closed))
    console = Console()
    console.print(table)
    console.print(Text(f"edit the prompts in {path}; after each film: episodic next --series {path.parent}"))


def _show_reasons(ready: Prepared, listen: Listener, only: str | None) -> None:
    """Say for every scene, or for the only one that is made, why it is there, if its plan tells."""
    reasons = scene_reasons(ready.plan)
    for scene in ready.plan.scenes:
        if scene.id in reasons and only in {None, scene.id, *(shot.id for shot in scene.shots)}:
            listen(Event(event="scene", task=scene.id, text=reasons[scene.id], episode=ready.number))


def show_dry_run(episodes: Sequence[Prepared], listen: Listener, as_json: bool, only: str | None = None) -> None:
    """Print every stale task, why it is stale, and the estimated time."""
    stale: list[Event] = []
    report: Callable[[Event], None] = listen if as_json else stale.append
    total_s = 0.0
    for ready in episodes:
        before = len(stale)
        total_s += announce(ready, report, only)
        if as_json or len(stale) > before:
            _show_reasons(ready, listen, only)
    if as_json:
        listen(Event(event="note", text="estimated time", seconds=round(total_s, 1)))
        return
    console = Console()
    if not stale:
        console.print("nothing is stale")
        return
    table = Table(show_edge=False, pad_edge=False)
    for name in ("episode", "task", "why"):
        table.add_column(name, overflow="fold")
    for event in stale:
        table.add_row(str(event.episode), Text(event.task), Text(event.text))
    console.print(table)
    console.print(f"{len(stale)} {'task' if len(stale) == 1 else 'tasks'}, about {duration_text(total_s)}", highlight=False)
    if any(is_guess(ready.stale, ready.ledger) for ready in episodes):
        console.print("the time is a guess, right within a factor of about three, until this model has made its first shots")
