"""The state of a series for people and for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.display import duration_text
from episodic.conditioning.delivery import EpisodeDelivery, ShotDelivery
from episodic.production.prepare import Prepared
from episodic.production.steps import step_kinds
from episodic.series.series import Series

__all__ = ["print_conditioning", "print_conditioning_json", "print_status", "print_status_json"]


def _counts(ready: Prepared, kind: str) -> tuple[int, int, int, float]:
    """Numbers of done, stale and failed tasks of one kind, and the seconds that the done tasks took."""
    tasks = [task for task in ready.graph.tasks.values() if task.kind == kind]
    stale_ids = {stale.task.id for stale in ready.stale}
    records = [(task.id, record) for task in tasks if (record := ready.ledger.tasks.get(task.id)) is not None]
    failed = sum(bool(record.error) for task_id, record in records if task_id in stale_ids)
    waiting = sum(task.id in stale_ids for task in tasks) - failed
    seconds = sum(record.seconds for _, record in records)
    return len(tasks) - waiting - failed, waiting, failed, seconds


def print_status(series: Series, episodes: Sequence[Prepared]) -> None:
    """Print one table per episode."""
    console = Console()
    settings = series.settings
    format_text = f": {settings.style}, {settings.backbone}, {settings.size} at {settings.fps}"
    console.print(Text.assemble((settings.title, "bold"), format_text))
    if not episodes:
        console.print("no episode yet; start with `episodic generate`")
    for ready in episodes:
        film = series.film_path(ready.number)
        state = f"{film}" if film.exists() and ready.published else "film is stale" if film.exists() else "no film yet"
        effort = f", made in {duration_text(ready.ledger.wall_s)}" if ready.ledger.wall_s else ""
        table = Table(
            title=Text(f"episode {ready.number}: {ready.plan.title} ({state}{effort})", "table.title"), title_justify="left"
        )
        for name in ("part", "done", "stale", "failed", "took"):
            table.add_column(name, justify="left" if name == "part" else "right")
        for kind in step_kinds():
            done, waiting, failed, seconds = _counts(ready, kind)
            if done + waiting + failed:
                table.add_row(kind, str(done), str(waiting), str(failed), duration_text(seconds))
        console.print(table)
        for stale in ready.stale:
            record = ready.ledger.tasks.get(stale.task.id)
            if record is not None and record.error:
                console.print(Text(f"  {record.error}"))


def print_status_json(series: Series, episodes: Sequence[Prepared]) -> None:
    """Print one JSON object per episode, one per line."""
    for ready in episodes:
        parts = {}
        for kind in step_kinds():
            done, waiting, failed, seconds = _counts(ready, kind)
            parts[kind] = {"done": done, "stale": waiting, "failed": failed, "seconds": round(seconds, 3)}
        film = series.film_path(ready.number)
        record = {
            "episode": ready.number,
            "title": ready.plan.title,
            "film": str(film) if film.exists() else None,
            "current": film.exists() and ready.published,
            "wall_s": ready.ledger.wall_s,
            "parts": parts,
        }
        sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def print_conditioning(series: Series, records: Sequence[EpisodeDelivery]) -> None:
    """Print one table per shot: each requested memory, the form it was delivered in, or why it was dropped."""
    console = Console()
    if not records:
        console.print("no episode yet; start with `episodic generate`")
    for record in records:
        console.print(Text.assemble((f"{series.settings.title}, episode {record.episode}", "bold"), f": {record.title}"))
        for shot in record.shots:
            console.print(_shot_table(shot, record.backbone))
        errors = sum(len(shot.errors) for shot in record.shots)
        delivered = sum(delivery.form is not None for shot in record.shots for delivery in shot.deliveries)
        total = sum(len(shot.deliveries) for shot in record.shots)
        faults = f", {errors} handed over but not received" if errors else ""
        console.print(Text(f"episode {record.episode}: {delivered} of {total} memories delivered{faults}"))


def _shot_table(shot: ShotDelivery, backbone: str) -> Table:
    state = f"on {backbone}" if shot.take else f"on {backbone}, not shot yet"
    table = Table(title=Text(f"scene {shot.scene}, shot {shot.shot} ({state})", "table.title"), title_justify="left")
    for name in ("requested", "delivered as", "dropped because"):
        table.add_column(name, overflow="fold")
    for delivery in shot.deliveries:
        requested = Text.assemble(
            (f"{delivery.entity}: " if delivery.entity else "", "bold"), f"{delivery.kind}: {delivery.text}"
        )
        if delivery.error:
            table.add_row(requested, Text(f"{delivery.form}", "bold red"), Text(delivery.error, "bold red"))
        elif delivery.form is not None:
            table.add_row(
                requested, Text.assemble((delivery.form, "green"), f", {delivery.detail}" if delivery.detail else ""), ""
            )
        else:
            table.add_row(
                requested, "", Text.assemble((f"{delivery.dropped}", "yellow"), f": {delivery.detail}" if delivery.detail else "")
            )
    return table


def print_conditioning_json(_series: Series, records: Sequence[EpisodeDelivery]) -> None:
    """Print one JSON object per shot, one per line, as in the record beside the plan."""
    for record in records:
        for shot in record.shots:
            line = {"episode": record.episode, "title": record.title, "backbone": record.backbone, **shot.to_json()}
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
