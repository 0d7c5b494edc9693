"""Watching models at work: how long the pipeline's own call took, and what its encoders were really asked to encode.

Nothing is replaced: every call goes through to what would have been called, below everything that the project remembers.
"""

from __future__ import annotations

import dataclasses
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from episodic.backbones.diffusers.families.registry import FAMILIES, GENERIC, open_family
from episodic.production.graph.runner import Job, Performed, perform_job

if TYPE_CHECKING:
    from episodic.backbones.diffusers.family import Family

__all__ = ["Watch", "Watched", "WatchedPerform", "read_watched"]

_READERS: Final = ("text_encoder", "image_encoder")
"""Beginnings of the names of components whose every pass encodes something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One task of a video model."""

    task: str
    kind: str
    began_s: float
    """On the machine's monotonic clock."""
    wall_s: float
    """From when the process was given the task until its artifact lay on the disk."""
    model_s: float
    """Of that, inside the pipeline's own call, brought up to the artificial time."""
    encoded: tuple[tuple[str, str], ...]
    """Component and digest of everything that was encoded, in order."""


@dataclass(slots=True)
class Watch:
    """Watches every family of this process while it is `on`. One per process: a pipeline goes on counting for who was there when it
    was loaded."""

    artificial_s: float = 0.0
    model_s: float = 0.0
    encoded: list[tuple[str, str]] = field(default_factory=list)
    _depth: int = 0
    _undo: list[Callable[[], None]] = field(default_factory=list)

    @contextmanager
    def on(self, artificial_s: float = 0.0) -> Iterator[Watch]:
        """Watch from nothing on; afterwards everything is as before, but that pipelines loaded meanwhile go on counting.

        `artificial_s`: what a call of a family takes at least.
        """
        self.artificial_s, self.model_s = artificial_s, 0.0
        self.encoded.clear()
        for name in (*FAMILIES, GENERIC):
            self._over(open_family(name))
        if "diffusers" in sys.modules:
            self._time_calls()
        try:
            yield self
        finally:
            while self._undo:
                self._undo.pop()()

    def _over(self, family: Family) -> None:
        load, call = family.load, family.call
        one: Any = family

        @wraps(load)
        def loaded(*args: Any, **kwargs: Any) -> Any:
            pipeline = load(*args, **kwargs)
            self._import_classes(family)
            self._time_calls()
            self._count(pipeline)
            return pipeline

        @wraps(call)
        def called(*args: Any, **kwargs: Any) -> Any:
            before = self.model_s
            shown = call(*args, **kwargs)
            rest = max(0.0, self.artificial_s - (self.model_s - before))
            time.sleep(rest)
            self.model_s += rest
            return shown

        one.load, one.call = loaded, called

        def undo() -> None:
            del one.load, one.call

        self._undo.append(undo)

    def _import_classes(self, family: Family) -> None:
        """A family shoots with other classes than the one it loads; diffusers imports what it is asked for."""
        import diffusers

        for name in (*family.classes, "WanPipeline"):
            getattr(diffusers, name, None)

    def _time_calls(self) -> None:
        """Every pipeline class and every block of a modular one that is imported; the outermost call counts."""
        from diffusers import DiffusionPipeline
        from diffusers.modular_pipelines.modular_pipeline import ModularPipelineBlocks

        for kind in _descendants((DiffusionPipeline, ModularPipelineBlocks)):
            if "__call__" in vars(kind) and not hasattr(kind.__call__, "watched"):
                self._time(kind)

    def _time(self, kind: Any) -> None:
        original = kind.__call__

        @wraps(original)
        def timed(*args: Any, **kwargs: Any) -> Any:
            started, self._depth = time.perf_counter(), self._depth + 1
            try:
                return original(*args, **kwargs)
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.model_s += time.perf_counter() - started

        marked: Any = timed
        marked.watched = True
        kind.__call__ = timed
        self._undo.append(lambda: setattr(kind, "__call__", original))

    def _count(self, pipeline: Any) -> None:
        """Text encoders and image encoders by their passes, autoencoders by what they encode."""
        import torch

        parts: dict[str, Any] = dict(pipeline.components)
        for name, component in parts.items():
            if not isinstance(component, torch.nn.Module):
                continue
            if name.startswith(_READERS):
                # some pipelines pass the head of a language model by
                reader: Any = getattr(component, "model", component)
                reader.forward = self._counted(name, reader.forward)
            elif hasattr(component, "encode"):
                module: Any = component
                module.encode = self._counted(name, module.encode)

    def _counted(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        from episodic.backbones.diffusers.machine.encoding_cache import content_of

        @wraps(original)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.encoded += [(name, content_of(*row)) for row in _rows(args, kwargs)]
            return original(*args, **kwargs)

        return counted


@cache
def _the_watch() -> Watch:
    return Watch()


def _descendants(kinds: Sequence[Any]) -> Iterator[Any]:
    for kind in kinds:
        yield kind
        yield from _descendants(kind.__subclasses__())


def _rows(args: Sequence[Any], kwargs: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """What a call is given, row by row: a text that goes along with another is the same text."""
    import torch

    tensors = [one for one in (*args, *(kwargs[name] for name in sorted(kwargs))) if isinstance(one, torch.Tensor)]
    size = len(tensors[0]) if tensors and tensors[0].ndim else 1
    for row in range(size):
        yield tuple(one[row] if one.ndim and len(one) == size else one for one in tensors)


@dataclass(frozen=True, slots=True)
class WatchedPerform:
    """Makes artifacts as any worker does, watches those of video models, and writes what it saw to `log`, a line each."""

    log: Path
    artificial_s: float = 0.0

    def __call__(self, job: Job) -> Performed:
        """Raises what the task raises; then nothing is written."""
        task = job.task
        if not task.device:
            return perform_job(job)
        with _the_watch().on(self.artificial_s) as watch:
            began_s = time.monotonic()
            done = perform_job(job)
            wall_s = time.monotonic() - began_s
        times = {"began_s": began_s, "wall_s": wall_s, "model_s": watch.model_s}
        seen = Watched(task=task.id, kind=task.kind, **times, encoded=tuple(watch.encoded))
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(dataclasses.asdict(seen)) + "\n")
        return done


def read_watched(log: Path) -> list[Watched]:
    """What a `WatchedPerform` wrote, in order."""
    lines = log.read_text("utf-8").splitlines() if log.is_file() else []
    read = [json.loads(line) for line in lines]
    return [Watched(**{**one, "encoded": tuple((name, digest) for name, digest in one["encoded"])}) for one in read]
