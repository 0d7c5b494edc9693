"""A series' state for people and for programs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli.display import clock
from episodic.conditioning.delivery import EpisodeDelivery, ShotDelivery
from episodic.production.prepare import Prepared
from episodic.production.steps import step_kinds
from episodic.series.series import Series

__all__ = ["print_conditioning", "print_conditioning_json", "print_status", "print_status_json"]


def _counts(ready: Prepared, kind: str) -> tuple[int, int, int, float]:
    """Done, stale and failed tasks of one kind, and the seconds the done ones took."""
    tasks = [task for task in ready.graph.tasks.values() if task.kind == kind]
    stale = {entry.task.id for entry in ready.stale}
    records = [(task.id, record) for task in tasks if (record := ready.ledger.tasks.get(task.id)) is not None]
    failed = sum(bool(record.error) for task_id, record in records if task_id in stale)
    waiting = sum(task.id in stale for task in tasks) - failed
    seconds = sum(record.seconds for _, record in records)
    return len(tasks) - waiting - failed, waiting, failed, seconds


def print_status(series: Series, episodes: Sequence[Prepared]) -> None:
    """One table per episode."""
    console = Console()
    settings = series.settings
    made_as = f": {settings.style}, {settings.backbone}, {settings.size} at {settings.fps}"
    console.print(Text.assemble((settings.title, "bold"), made_as))
    if not episodes:
        console.print("no episode yet; begin with `episodic generate`")
    for ready in episodes:
        film = series.film_path(ready.number)
        state = f"{film}" if film.exists() and ready.published else "film is stale" if film.exists() else "no film yet"
        made = f", made in {clock(ready.ledger.wall_s)}" if ready.ledger.wall_s else ""
        table = Table(
            title=Text(f"episode {ready.number}: {ready.plan.title} ({state}{made})", "table.title"), title_justify="left"
        )
        for name in ("part", "done", "stale", "failed", "took"):
            table.add_column(name, justify="left" if name == "part" else "right")
        for kind in step_kinds():
            done, stale, failed, seconds = _counts(ready, kind)
            if done + stale + failed:
                table.add_row(kind, str(done), str(stale), str(failed), clock(seconds))
        console.print(table)
        for entry in ready.stale:
            record = ready.ledger.tasks.get(entry.task.id)
            if record is not None and record.error:
                console.print(Text(f"  {record.error}"))


def print_status_json(series: Series, episodes: Sequence[Prepared]) -> None:
    """One JSON object per episode and line."""
    for ready in episodes:
        parts = {}
        for kind in step_kinds():
            done, stale, failed, seconds = _counts(ready, kind)
            parts[kind] = {"done": done, "stale": stale, "failed": failed, "seconds": round(seconds, 3)}
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
    """One table per shot: what it asked memory for, as what that was delivered, why it was dropped."""
    console = Console()
    if not records:
        console.print("no episode yet; begin with `episodic generate`")
    for record in records:
        console.print(Text.assemble((f"{series.settings.title}, episode {record.episode}", "bold"), f": {record.title}"))
        for shot in record.shots:
            console.print(_shot_table(shot, record.backbone))
        errors = sum(len(shot.errors) for shot in record.shots)
        given = sum(one.form is not None for shot in record.shots for one in shot.deliveries)
        every = sum(len(shot.deliveries) for shot in record.shots)
        faults = f", {errors} handed over and not received" if errors else ""
        console.print(Text(f"episode {record.episode}: {given} of {every} memories delivered{faults}"))


def _shot_table(shot: ShotDelivery, backbone: str) -> Table:
    state = f"on {backbone}" if shot.take else f"on {backbone}, not shot yet"
    table = Table(title=Text(f"scene {shot.scene}, shot {shot.shot} ({state})", "table.title"), title_justify="left")
    for name in ("requested", "delivered as", "dropped why"):
        table.add_column(name, overflow="fold")
    for one in shot.deliveries:
        asked = Text.assemble((f"{one.entity}: " if one.entity else "", "bold"), f"{one.kind}: {one.text}")
        if one.error:
            table.add_row(asked, Text(f"{one.form}", "bold red"), Text(one.error, "bold red"))
        elif one.form is not None:
            table.add_row(asked, Text.assemble((one.form, "green"), f", {one.detail}" if one.detail else ""), "")
        else:
            table.add_row(asked, "", Text.assemble((f"{one.dropped}", "yellow"), f": {one.detail}" if one.detail else ""))
    return table


def print_conditioning_json(_series: Series, records: Sequence[EpisodeDelivery]) -> None:
    """One JSON object per shot and line, as in the record beside the plan."""
    for record in records:
        data = record.to_json()
        for shot in data["shots"]:
            line = {"episode": record.episode, "title": record.title, "backbone": record.backbone, **shot}
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
