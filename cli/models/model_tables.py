"""The output of `episodic models` and its commands."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from episodic.backbones.diffusers.families.family_registry import GENERIC, KEYFRAME_FAMILIES
from episodic.backbones.diffusers.folder.catalogue import Fact, Published, models_of
from episodic.backbones.diffusers.folder.hub import Listener
from episodic.backbones.diffusers.folder.model_card import EVERY_FAMILY, ModelCard
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.folder.spec import ModelSpec, locate
from episodic.backbones.diffusers.picture_family import PictureRules
from episodic.backbones.diffusers.rules import Rules

__all__ = ["print_card", "print_catalogue", "print_fetched", "print_published", "show_fetch"]

_GIB = 2**30
_UNSURE = " (?)"
_LEGEND = (
    "Parameters: all parts together, including text encoders. GPU: estimates in bfloat16, with everything on the GPU / with whole "
    "parts moved there one after the other; group offload needs less. (?): not compared with the model's own pages. The text of a "
    "licence takes precedence over its summary here."
)


def print_catalogue(as_json: bool) -> None:
    """Print every family with its published models."""

    def is_fetched(model: Published) -> bool:
        return locate(ModelSpec.parse(model.spec, families=EVERY_FAMILY)) is not None

    titles = {GENERIC: ": any other video pipeline, by its signature"} | dict.fromkeys(KEYFRAME_FAMILIES, ": keyframes")
    if as_json:
        _print_json(
            {
                "families": {
                    name: [{**model.to_json(), "fetched": is_fetched(model)} for model in models_of(name)]
                    for name in EVERY_FAMILY
                }
            }
        )
        return
    console = Console()
    for name in EVERY_FAMILY:
        console.print(Text(f"{name}{titles.get(name, '')}", style="bold"))
        for model in models_of(name):
            # ids are for copying: never break them into lines
            fetched = "  (on this machine)" if is_fetched(model) else ""
            console.print(Text(f"  {model.spec}{_unsure(model, 'id')}{fetched}"), soft_wrap=True)
            size = f"{model.parameters / 1e9:.1f} billion parameters{_unsure(model, 'size')}, GPU {_vram(model)} GiB"
            for line in (size, f"takes {model.takes}", *(" ".join(words) for words in _licence(model)), model.note):
                if line:
                    console.print(Padding(Text(line, style="dim"), (0, 0, 0, 6)))
    console.print(Text(_LEGEND))


def print_published(known: Published, spec: ModelSpec, as_json: bool) -> None:
    """Print what is known about a published model that is not on this machine."""
    if as_json:
        _print_json({**known.to_json(), "fetched": False})
        return
    rows = [
        ("model", f"{spec} ({known.class_name}), not on this machine"),
        ("size", f"{known.parameters / 1e9:.1f} billion parameters, {known.weight_bytes / _GIB:.0f} GiB in bfloat16"),
        ("GPU", f"{_vram(known)} GiB: everything on the GPU / whole parts one after the other"),
        *_licence(known),
        ("takes", known.takes),
        *([("note", known.note)] if known.note else []),
        ("fetch", f"episodic models fetch {spec}"),
    ]
    _print_rows(rows)


def print_card(card: ModelCard, as_json: bool) -> None:
    """Print everything about a model on this machine."""
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
        _output_row(card.rules),
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
        table.add_row(
            name, f"{library}.{kind}", _parameter_text(card.size.parameters.get(name, 0)), _bytes_text(weight) if weight else ""
        )
    console = Console()
    console.print(table)
    _print_rows([("runs on", where), *((name, f"{value}: {reason}") for name, (value, reason) in levers.items())])


def _output_row(rules: Rules | PictureRules) -> tuple[str, str]:
    """What a model makes: keyframes or shots, and their dimensions."""
    sides = f"sides of {rules.side_multiple} px"
    if not isinstance(rules, Rules):
        return "draws", f"keyframes, {sides}, best near {rules.area / 1e6:.1f} megapixels"
    frames = (
        f"{rules.frame_step} k + {rules.frame_offset} frames, at most {rules.most_frames} ({rules.most_frames / rules.fps:.1f} s)"
    )
    return "shoots", f"{frames} at {rules.fps} a second, {sides}, best near {rules.size[0]}x{rules.size[1]}"


def print_fetched(spec: ModelSpec, folder: ModelFolder, known: Published | None, as_json: bool) -> None:
    """Print what was fetched and how to name it."""
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
        f"fetched {spec.place} ({folder.class_name}, {_bytes_text(weights)} of weights) into {folder.root}",
        *(f"{name}: {value}" for name, value in (_licence(known) if known else [])),
        f"name it in series.yaml as keyframes: {spec}" if spec.family in KEYFRAME_FAMILIES else f"use it with --backbone {spec}",
    )
    for line in lines:
        # paths and ids are for copying: never break them into lines
        Console().print(Text(line), soft_wrap=True)


@contextmanager
def show_fetch(spec: ModelSpec, known: Published | None, quiet: bool) -> Iterator[Listener]:
    """Show a download as a bar on a terminal, not at all elsewhere. A limited licence is printed before the first byte."""
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
        yield lambda progress: bars.update(
            task,
            completed=progress.bytes,
            total=progress.of_bytes,
            description=f"{spec.place} {progress.files}/{progress.of_files} files",
        )


def _unsure(known: Published, fact: Fact) -> str:
    return "" if fact in known.checked else _UNSURE


def _licence(known: Published) -> list[tuple[str, str]]:
    return [("licence", f"{known.licence}{_unsure(known, 'licence')}" + (f": {known.limits}" if known.limits else ""))]


def _vram(known: Published) -> str:
    return f"{known.vram_bytes / _GIB:.0f} / {known.least_vram_bytes / _GIB:.0f}"


def _parameter_text(parameters: int) -> str:
    if not parameters:
        return ""
    return f"{parameters / 1e9:.2f} billion" if parameters >= 1e7 else f"{parameters:,}"


def _bytes_text(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e7 else f"{count / 1e3:.0f} kB"


def _print_rows(rows: list[tuple[str, str]]) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold")
    grid.add_column(overflow="fold")
    for name, value in rows:
        grid.add_row(name, Text(value))
    Console().print(grid)


def _print_json(content: object) -> None:
    """Print one JSON object on one line."""
    sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
