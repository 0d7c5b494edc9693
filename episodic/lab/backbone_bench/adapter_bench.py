"""Running `episodic bench backbones`: an episode of three shots is filmed with each model and measured."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from episodic.backbones.registry import settled
from episodic.lab.backbone_bench.capability_table import delivered_forms, deliveries_of
from episodic.lab.backbone_bench.figures import AdapterFigures, TaskRecord
from episodic.lab.backbone_bench.film import bench_plan, bench_series, render_bench_film
from episodic.lab.backbone_bench.models import TINY_MODELS, build_tiny, build_tiny_keyframer
from episodic.lab.backbone_bench.watch import MeasuredPerform, read_records
from episodic.production.graph.in_process import InProcessRunner
from episodic.production.graph.runner import Runner
from episodic.series.series import Series
from episodic.series.shooting_settings import DEFAULT_SHOOTING, Shooting

__all__ = ["bench_models", "run_backbones_bench"]

_STEPS: Final = 3
_REAL_S: Final = 4.0
"""Length of a shot of a real model."""


class _PersistentRunner(Runner):
    """A runner whose workers outlive one series, so that Python starts once for all models."""

    def __exit__(self, *error: object) -> None:
        if error[0] is not None:
            self.close()

    def close(self) -> None:
        """End the workers."""
        super().__exit__(None, None, None)


def bench_models(models: Sequence[str], *, every: bool) -> dict[str, str | None]:
    """Return the models to measure: names of tiny models, each with None; or `models`, each with its `FAMILY:PATH_OR_ID`.

    `every`: every variant of each family instead of the first.
    """
    if models:
        return {model: model for model in models}
    names = [name for name in TINY_MODELS if name != "wan-flf"]  # nothing makes it a picture to end with
    first = {TINY_MODELS[name].family: name for name in reversed(names)}
    return dict.fromkeys(name for name in names if every or name in first.values())


def run_backbones_bench(
    models: Mapping[str, str | None],
    *,
    artificial_s: float,
    workers: bool,
    listen: Callable[[str], None],
    shooting: Shooting = DEFAULT_SHOOTING,
) -> list[AdapterFigures]:
    """Film an episode of three shots with each of `models`, as `bench_models` returns them.

    `artificial_s`: least time of a tiny model's call. `workers`: run in a process of its own, as a render does; without it, times mean
    nothing. `shooting`: size and steps, instead of the model's own. Raises TaskFailed, BackboneError, InputError.
    """
    figures = []
    with tempfile.TemporaryDirectory(prefix="episodic-bench-") as folder:
        root = Path(folder)
        perform = MeasuredPerform(root / "log.jsonl", artificial_s)
        persistent = _PersistentRunner(perform=perform)
        try:
            for name, spec in models.items():
                listen(f"{name} …")
                series = _tiny_series(root, name, shooting) if spec is None else _real_series(root, spec, shooting)
                perform.log.unlink(missing_ok=True)
                render_bench_film(series, (lambda: persistent) if workers else (lambda: InProcessRunner(perform)))
                least_s = artificial_s if spec is None else 0.0
                figures.append(_adapter_figures(name, least_s, series, read_records(perform.log)))
        finally:
            persistent.close()
    return figures


def _tiny_series(root: Path, name: str, shooting: Shooting) -> Series:
    model = TINY_MODELS[name]
    keyframes = build_tiny_keyframer(root / "models") if model.begins_with_picture else None
    tiny_shooting = shooting.model_copy(update={"size": shooting.size or model.size, "steps": shooting.steps or _STEPS})
    spec = build_tiny(name, root / "models")
    return bench_series(root / name, spec, tiny_shooting, bench_plan(), keyframes=keyframes, artifacts=root / "artifacts")


def _real_series(root: Path, spec: str, shooting: Shooting) -> Series:
    place = root / f"real-{len(list(root.iterdir()))}"
    plan = bench_plan(seconds=_REAL_S)
    return bench_series(place, settled(spec), shooting, plan, size="640x360", artifacts=root / "artifacts")


def _adapter_figures(name: str, artificial_s: float, series: Series, records: Sequence[TaskRecord]) -> AdapterFigures:
    by_content = Counter(encoding for record in records for encoding in record.encoded)
    encoded = {
        component: (
            sum(count for (other, _), count in by_content.items() if other == component),
            sum(count - 1 for (other, _), count in by_content.items() if other == component),
        )
        for component in sorted({component for component, _ in by_content})
    }
    delivery_record = json.loads((series.episode_folder(1) / "delivery.json").read_text("utf-8"))
    deliveries = list(deliveries_of(delivery_record))
    return AdapterFigures(
        model=name,
        artificial_s=artificial_s,
        shots=tuple(record for record in records if record.kind == "rushes"),
        encoded=encoded,
        requested=len(deliveries),
        delivered=sum(delivery.delivered is not None and not delivery.failed for delivery in deliveries),
        errors=sum(delivery.failed for delivery in deliveries),
        forms=delivered_forms(delivery_record),
    )
