"""`episodic bench backbones`: time beside the model's own call, what was encoded twice, what was asked of memory and what arrived."""

from __future__ import annotations

import json
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from episodic.lab.backbone_bench.capability_table import reached
from episodic.lab.backbone_bench.film import bench_plan, bench_series, film_it
from episodic.lab.backbone_bench.models import TINY_MODELS, build_tiny, build_tiny_keyframer
from episodic.lab.backbone_bench.watch import Watched, WatchedPerform, read_watched
from episodic.production.graph.in_process import InProcessRunner
from episodic.production.graph.runner import Runner
from episodic.series.series import Series
from episodic.series.shooting_settings import DEFAULT_SHOOTING, Shooting

__all__ = ["BACKBONES_FORMAT", "GOAL_OUTSIDE", "AdapterFigures", "bench_models", "run_backbones_bench"]

BACKBONES_FORMAT: Final = "episodic/bench-backbones@1"
GOAL_OUTSIDE: Final = 0.02
"""Of a shot's time, outside the pipeline's own call."""
_STEPS: Final = 3
_REAL_S: Final = 4.0
"""Length of a shot of a real model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdapterFigures:
    """What was measured of one model."""

    model: str
    artificial_s: float
    """What a call took at least; 0: as long as it takes."""
    shots: tuple[Watched, ...]
    encoded: Mapping[str, tuple[int, int]]
    """By component: how often it encoded something, and how often something that it had encoded before."""
    asked: int
    """Memories that the shots asked for."""
    delivered: int
    errors: int
    """Memories that were handed over and did not arrive."""
    forms: Mapping[str, str | None]
    """As what each kind of memory arrived."""

    @property
    def first_s(self) -> float:
        """Outside the model's call in the first shot, which loads the model."""
        return self.shots[0].wall_s - self.shots[0].model_s

    @property
    def outside(self) -> tuple[float, ...]:
        """Of every later shot: the share of its time outside the model's call."""
        return tuple((one.wall_s - one.model_s) / one.wall_s for one in self.shots[1:])

    @property
    def outside_s(self) -> float:
        """The same in seconds, the median."""
        return statistics.median(one.wall_s - one.model_s for one in self.shots[1:])

    @property
    def waited(self) -> float:
        """The share of the time from the first shot's end to the last one's in which the model had no shot: it waited for other tasks."""
        ends = [one.began_s + one.wall_s for one in self.shots]
        gaps = [after.began_s - end for end, after in zip(ends, self.shots[1:], strict=False)]
        return sum(gaps) / (ends[-1] - ends[0])

    @property
    def repeated(self) -> int:
        """How often something was encoded again; goal: 0."""
        return sum(twice for _, twice in self.encoded.values())

    def to_json(self) -> dict[str, Any]:
        """Everything, and what follows from it."""
        figures = {
            "first_shot_outside_s": self.first_s,
            "outside_s": self.outside_s,
            "outside_shares": list(self.outside),
            "waited": self.waited,
        }
        shots = [{"task": one.task, "wall_s": one.wall_s, "model_s": one.model_s} for one in self.shots]
        return {**asdict(self), "shots": shots, **figures, "repeated": self.repeated}


class _Staying(Runner):
    """Workers that outlive one series, so that Python starts once for all models."""

    def __exit__(self, *error: object) -> None:
        if error[0] is not None:
            self.close()

    def close(self) -> None:
        """End the workers."""
        super().__exit__(None, None, None)


def bench_models(models: Sequence[str], *, every: bool) -> dict[str, str | None]:
    """What is measured: names of tiny models, each None; or `models`, each `FAMILY:PATH_OR_ID`. `every`: every kind of a family."""
    if models:
        return {one: one for one in models}
    shot = [name for name, one in TINY_MODELS.items() if name != "wan-flf"]  # nothing makes it a picture to end with
    first = {TINY_MODELS[name].family: name for name in reversed(shot)}
    return dict.fromkeys(name for name in shot if every or name in first.values())


def run_backbones_bench(
    models: Mapping[str, str | None],
    *,
    artificial_s: float,
    workers: bool,
    listen: Callable[[str], None],
    shooting: Shooting = DEFAULT_SHOOTING,
) -> list[AdapterFigures]:
    """Film an episode of three shots with each of `models`, as `bench_models` gives them.

    `artificial_s`: what a call of a tiny model takes at least. `workers`: in a process of its own, as a render does; otherwise here,
    and nothing is said about time. `shooting`: size and steps, where not the model's own. Raises TaskFailed, BackboneError, InputError.
    """
    found = []
    with tempfile.TemporaryDirectory(prefix="episodic-bench-") as folder:
        root = Path(folder)
        perform = WatchedPerform(root / "log.jsonl", artificial_s)
        staying = _Staying(perform=perform)
        try:
            for name, spec in models.items():
                listen(f"{name} …")
                series = _tiny(root, name, shooting) if spec is None else _real(root, spec, shooting)
                perform.log.unlink(missing_ok=True)
                film_it(series, (lambda: staying) if workers else (lambda: InProcessRunner(perform)))
                found.append(_figures(name, artificial_s if spec is None else 0.0, series, read_watched(perform.log)))
        finally:
            staying.close()
    return found


def _tiny(root: Path, name: str, said: Shooting) -> Series:
    model = TINY_MODELS[name]
    keyframes = build_tiny_keyframer(root / "models") if model.begins_with_picture else None
    how = said.model_copy(update={"size": said.size or model.size, "steps": said.steps or _STEPS})
    spec = build_tiny(name, root / "models")
    return bench_series(root / name, spec, how, bench_plan(), keyframes=keyframes, artifacts=root / "artifacts")


def _real(root: Path, spec: str, said: Shooting) -> Series:
    from episodic.backbones.registry import settled

    place = root / f"real-{len(list(root.iterdir()))}"
    plan = bench_plan(seconds=_REAL_S)
    return bench_series(place, settled(spec), said, plan, size="640x360", artifacts=root / "artifacts")


def _figures(name: str, artificial_s: float, series: Series, seen: Sequence[Watched]) -> AdapterFigures:
    counts = Counter(one for task in seen for one in task.encoded)
    components = sorted({component for component, _ in counts})
    encoded = {
        one: (
            sum(count for (component, _), count in counts.items() if component == one),
            sum(count - 1 for (component, _), count in counts.items() if component == one),
        )
        for one in components
    }
    record = json.loads((series.episode_folder(1) / "delivery.json").read_text("utf-8"))
    deliveries = [one for shot in record["shots"] for one in shot["deliveries"]]
    return AdapterFigures(
        model=name,
        artificial_s=artificial_s,
        shots=tuple(one for one in seen if one.kind == "rushes"),
        encoded=encoded,
        asked=len(deliveries),
        delivered=sum(one["delivered"] is not None and not one["error"] for one in deliveries),
        errors=sum(bool(one["error"]) for one in deliveries),
        forms=reached(record),
    )
