"""How a run is shown: live bars on a terminal, plain lines elsewhere, JSON events for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from episodic.production.graph.events import Event, Listener

if TYPE_CHECKING:
    from episodic.production.prepare import Prepared
    from planners.plan.model import EpisodePlan

__all__ = ["clock", "display", "show_dry_run", "show_plan", "stop_with_a_word"]

_INTERRUPTED = 130


def clock(seconds: float) -> str:
    """Seconds as people read them."""
    tenths = round(seconds, 1)
    if tenths < 60:
        return f"{tenths:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d} min"


@contextmanager
def stop_with_a_word() -> Iterator[None]:
    """Ctrl-C ends what runs inside with a word on how to go on, and exit code 130."""
    try:
        yield
    except KeyboardInterrupt:
        sys.stderr.write("\nepisodic: stopped. What is finished is kept; the same command goes on from here.\n")
        raise typer.Exit(_INTERRUPTED) from None


@contextmanager
def display(as_json: bool) -> Iterator[Listener]:
    """A listener that shows a run, chosen by where the output goes. Ctrl-C ends it with a word on how to go on."""
    with stop_with_a_word(), _shown(as_json) as listen:
        yield listen


@contextmanager
def _shown(as_json: bool) -> Iterator[Listener]:
    if as_json:
        yield _print_json
        return
    console = Console()
    if not console.is_terminal:
        yield _Plain().hear
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
        yield _Bars(bars).hear


def _print_json(event: Event) -> None:
    sys.stdout.write(json.dumps(event.to_json(), ensure_ascii=False) + "\n")
    sys.stdout.flush()


def _sentence(event: Event) -> str | None:
    """What a person should read of an event, whatever the display."""
    match event.event:
        case "plan":
            return f"episode {event.episode}: plan written to {event.text} (about {clock(event.seconds or 0)})"
        case "film":
            made = f" (made in {clock(event.seconds)})" if event.seconds else " (nothing was stale)"
            return f"episode {event.episode}: {Path(event.text).resolve()}{made}"
        case "failed":
            return f"failed: {event.text}"
        case "change":
            return f"canon: {event.text}"
        case "note":
            return event.text
        case "conflict":
            return f"conflict: {event.text}"
        case _:
            return None


class _Plain:
    """For logs and pipes: only what matters, one line each."""

    def hear(self, event: Event) -> None:
        sentence = _sentence(event)
        if sentence:
            sys.stdout.write(sentence + "\n")
            sys.stdout.flush()


class _Bars:
    """One bar per stage of the flow; it appears with its first stale task."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._stages: dict[str, TaskID] = {}

    def hear(self, event: Event) -> None:
        if event.event == "stale":
            stage = self._stage(event.kind)
            known = next(task for task in self._bars.tasks if task.id == stage)
            self._bars.update(stage, total=(known.total or 0) + 1)
        elif event.event == "done":
            self._bars.advance(self._stage(event.kind))
        elif event.event == "start":
            self._bars.start_task(self._stage(event.kind))
        sentence = _sentence(event)
        if sentence:
            self._bars.console.print(Text(sentence))

    def _stage(self, kind: str) -> TaskID:
        if kind not in self._stages:
            from episodic.production.steps import label_of  # the registry of steps, which a command loads anyway

            self._stages[kind] = self._bars.add_task(label_of(kind), total=0, start=False)
        return self._stages[kind]


def show_plan(plan: EpisodePlan, path: Path) -> None:
    """A table of scenes with estimated lengths."""
    from planners.plan.durations import estimate_seconds, scene_seconds

    table = Table(title=Text(plan.title, "table.title"), title_justify="left")
    for name, justify in (
        ("scene", "left"),
        ("place and time", "left"),
        ("what happens", "left"),
        ("shots", "right"),
        ("lines", "right"),
    ):
        table.add_column(name, justify=justify)  # type: ignore[arg-type]
    table.add_column("about", justify="right")
    for scene in plan.scenes:
        place = plan.locations[scene.at].name or scene.at.replace("_", " ")
        lines = sum(len(shot.lines) for shot in scene.shots)
        what = scene.synopsis or scene.goal or scene.title or ""
        length = clock(scene_seconds(scene))
        table.add_row(scene.id, Text(f"{place}, {scene.time}"), Text(what), str(len(scene.shots)), str(lines), length)
    console = Console()
    console.print(table)
    console.print(Text(f"about {clock(estimate_seconds(plan))}; edit {path}, then: episodic render {path.parents[2]}"))


def show_dry_run(episodes: Sequence[Prepared], listen: Listener, as_json: bool, only: str | None = None) -> None:
    """Every stale task, why, and the estimated time."""
    from episodic.production.graph.estimate import is_guess
    from episodic.studio import announce

    collected: list[Event] = []
    keep: Callable[[Event], None] = listen if as_json else collected.append
    total = 0.0
    for ready in episodes:
        total += announce(ready, keep, only)
    if as_json:
        listen(Event(event="note", text="estimated time", seconds=round(total, 1)))
        return
    console = Console()
    if not collected:
        console.print("nothing is stale")
        return
    table = Table(show_edge=False, pad_edge=False)
    for name in ("episode", "task", "why"):
        table.add_column(name, overflow="fold")
    for event in collected:
        table.add_row(str(event.episode), Text(event.task), Text(event.text))
    console.print(table)
    console.print(f"{len(collected)} {'task' if len(collected) == 1 else 'tasks'}, about {clock(total)}", highlight=False)
    if any(is_guess(ready.stale, ready.ledger) for ready in episodes):
        console.print("what was never shot with this model is a guess, within a factor of three or so")
