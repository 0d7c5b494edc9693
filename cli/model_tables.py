"""What `episodic models` and its commands print."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from episodic.backbones.diffusers.folder.catalogue import Fact, Published
    from episodic.backbones.diffusers.folder.hub import Listener
    from episodic.backbones.diffusers.folder.model_card import ModelCard
    from episodic.backbones.diffusers.folder.model_folder import ModelFolder
    from episodic.backbones.diffusers.folder.spec import ModelSpec
    from episodic.backbones.diffusers.picture_family import PictureRules
    from episodic.backbones.diffusers.rules import Rules

__all__ = ["print_card", "print_catalogue", "print_fetched", "print_published", "shown_fetch"]

_GIB = 2**30
_UNSURE = " (?)"
_LEGEND = (
    "Parameters: of all parts together, text encoders too. GPU: estimates, with everything on it in bfloat16 / with whole parts moved to it one after the other; group offload takes less. "
    "(?): not compared with the model's own pages. Of a licence its own text counts."
)


def print_catalogue(as_json: bool) -> None:
    """Every family with its published models."""
    from episodic.backbones.diffusers.families.registry import GENERIC, KEYFRAME_FAMILIES
    from episodic.backbones.diffusers.folder.catalogue import models_of
    from episodic.backbones.diffusers.folder.model_card import EVERY_FAMILY
    from episodic.backbones.diffusers.folder.spec import ModelSpec, locate

    def here(one: Published) -> bool:
        return locate(ModelSpec.parse(one.spec, families=EVERY_FAMILY)) is not None

    titles = {GENERIC: ": any other video pipeline, by its signature"} | dict.fromkeys(KEYFRAME_FAMILIES, ": keyframes")
    if as_json:
        _print_json(
            {"families": {name: [{**one.to_json(), "fetched": here(one)} for one in models_of(name)] for name in EVERY_FAMILY}}
        )
        return
    console = Console()
    for name in EVERY_FAMILY:
        console.print(Text(f"{name}{titles.get(name, '')}", style="bold"))
        for one in models_of(name):
            # Ids are there to be copied: never broken into lines.
            fetched = "  (on this machine)" if here(one) else ""
            console.print(Text(f"  {one.spec}{_unsure(one, 'id')}{fetched}"), soft_wrap=True)
            size = f"{one.parameters / 1e9:.1f} billion parameters{_unsure(one, 'size')}, GPU {_vram(one)} GiB"
            for line in (size, f"takes {one.takes}", *(" ".join(words) for words in _licence(one)), one.note):
                if line:
                    console.print(Padding(Text(line, style="dim"), (0, 0, 0, 6)))
    console.print(Text(_LEGEND))


def print_published(known: Published, spec: ModelSpec, as_json: bool) -> None:
    """What is known of a published model that is not on this machine."""
    if as_json:
        _print_json({**known.to_json(), "fetched": False})
        return
    rows = [
        ("model", f"{spec} ({known.class_name}), not on this machine"),
        ("size", f"{known.parameters / 1e9:.1f} billion parameters, {known.weight_bytes / _GIB:.0f} GiB in bfloat16"),
        ("GPU", f"{_vram(known)} GiB: everything on it / whole parts one after the other"),
        *_licence(known),
        ("takes", known.takes),
        *([("note", known.note)] if known.note else []),
        ("fetch", f"episodic models fetch {spec}"),
    ]
    _print_rows(rows)


def print_card(card: ModelCard, as_json: bool) -> None:
    """Everything about a model on this machine."""
    where, levers = card.machine()
    if as_json:
        machine = {
            "machine": where,
            "plan": {name: {"value": value, "reason": reason} for name, (value, reason) in levers.items()},
        }
        _print_json({**card.to_json(), **machine})
        return
    folder = card.folder
    commit = f", commit {folder.revision}" if folder.revision else ""
    rows = [
        ("model", f"{card.spec}"),
        ("folder", f"{folder.root} ({folder.class_name}, {folder.fingerprint}{commit})"),
        _makes(card.rules),
        ("steps", f"{card.rules.steps}, guidance {card.rules.guidance:g}"),
        *(("takes" if number == 0 else "", word) for number, word in enumerate(card.takes)),
        *(("limits" if number == 0 else "", word) for number, word in enumerate(card.limits)),
        *(_licence(card.catalogue) if card.catalogue else []),
        *([("terms", ", ".join(card.terms))] if card.terms else []),
    ]
    _print_rows(rows)
    table = Table()
    for column in ("part", "class", "parameters", "on disk"):
        table.add_column(column, justify="right" if column in ("parameters", "on disk") else "left")
    for name, (library, kind) in folder.components.items():
        weight = folder.weight_bytes[name]
        table.add_row(name, f"{library}.{kind}", _count(card.size.parameters.get(name, 0)), _size(weight) if weight else "")
    console = Console()
    console.print(table)
    _print_rows([("here", where), *((name, f"{value}: {reason}") for name, (value, reason) in levers.items())])


def _makes(rules: Rules | PictureRules) -> tuple[str, str]:
    from episodic.backbones.diffusers.rules import Rules

    sides = f"sides of {rules.side_multiple} px"
    if not isinstance(rules, Rules):
        return "draws", f"keyframes, {sides}, best near {rules.area / 1e6:.1f} megapixels"
    frames = (
        f"{rules.frame_step} k + {rules.frame_offset} frames, at most {rules.most_frames} ({rules.most_frames / rules.fps:.1f} s)"
    )
    return "shoots", f"{frames} at {rules.fps} a second, {sides}, best near {rules.size[0]}x{rules.size[1]}"


def print_fetched(spec: ModelSpec, folder: ModelFolder, known: Published | None, as_json: bool) -> None:
    """What was fetched, and how it is named from now on."""
    from episodic.backbones.diffusers.families.registry import KEYFRAME_FAMILIES

    weights = sum(folder.weight_bytes.values())
    if as_json:
        _print_json(
            {
                "spec": str(spec),
                "folder": str(folder.root),
                "class": folder.class_name,
                "revision": folder.revision,
                "bytes": weights,
            }
        )
        return
    lines = (
        f"fetched {spec.place} ({folder.class_name}, {_size(weights)} of weights) into {folder.root}",
        *(f"{name}: {value}" for name, value in (_licence(known) if known else [])),
        f"name it in series.yaml as keyframes: {spec}" if spec.family in KEYFRAME_FAMILIES else f"use it with --backbone {spec}",
    )
    for line in lines:
        # Paths and ids are there to be copied: never broken into lines.
        Console().print(Text(line), soft_wrap=True)


@contextmanager
def shown_fetch(spec: ModelSpec, known: Published | None, quiet: bool) -> Iterator[Listener]:
    """A bar on a terminal; nothing while it runs elsewhere. The licence is named before the first byte."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    console = Console(stderr=True)
    if known is not None and known.limits and not quiet:
        console.print(Text(f"licence {_licence(known)[0][1]}", style="yellow"))
    bars = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
    )
    with bars:
        task = bars.add_task(spec.place, total=None)
        yield lambda now: bars.update(
            task, completed=now.bytes, total=now.of_bytes, description=f"{spec.place} {now.files}/{now.of_files} files"
        )


def _unsure(known: Published, fact: Fact) -> str:
    return "" if fact in known.checked else _UNSURE


def _licence(known: Published) -> list[tuple[str, str]]:
    return [("licence", f"{known.licence}{_unsure(known, 'licence')}" + (f": {known.limits}" if known.limits else ""))]


def _vram(known: Published) -> str:
    return f"{known.vram_bytes / _GIB:.0f} / {known.least_vram_bytes / _GIB:.0f}"


def _count(parameters: int) -> str:
    if not parameters:
        return ""
    return f"{parameters / 1e9:.2f} billion" if parameters >= 1e7 else f"{parameters:,}"


def _size(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e7 else f"{count / 1e3:.0f} kB"


def _print_rows(rows: list[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in rows:
        grid.add_row(name, Text(value))
    Console().print(grid)


def _print_json(content: object) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
