"""Measuring models at work: the time inside the pipeline's own call, and the content that its encoders really encode.

Test equipment: it wraps methods of families, pipeline classes and loaded components in place, below the project's caches. Every wrapper
calls the original, and all wrappers of classes and families are removed when the watch ends.
"""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, wraps
from pathlib import Path
from typing import Any, Final

import torch
from diffusers import DiffusionPipeline
from diffusers.modular_pipelines.modular_pipeline import ModularPipelineBlocks

from episodic.backbones.diffusers.families.family_registry import FAMILIES, GENERIC, open_family
from episodic.backbones.diffusers.family import Family
from episodic.backbones.diffusers.libraries import diffusers
from episodic.backbones.diffusers.machine.encoding_cache import content_digest
from episodic.lab.backbone_bench.figures import TaskRecord
from episodic.production.graph.runner import Job, Performed, perform_job

__all__ = ["MeasuredPerform", "Watch", "read_records"]

_ENCODERS: Final = ("text_encoder", "image_encoder")
"""Prefixes of the names of components whose every pass encodes something."""


@dataclass(slots=True)
class Watch:
    """Measures every family of this process while it is `on`.

    There is one per process, because the wrapped components of a pipeline keep reporting to the watch under which they were loaded.
    """

    artificial_s: float = 0.0
    model_s: float = 0.0
    encoded: list[tuple[str, str]] = field(default_factory=list)
    _depth: int = 0
    _undo: list[Callable[[], None]] = field(default_factory=list)

    @contextmanager
    def on(self, artificial_s: float = 0.0) -> Iterator[Watch]:
        """Reset and measure; afterwards only pipelines that were loaded meanwhile keep their wrappers.

        `artificial_s`: least time of a family's call.
        """
        self.artificial_s, self.model_s = artificial_s, 0.0
        self.encoded.clear()
        for name in (*FAMILIES, GENERIC):
            self._wrap_family(open_family(name))
        self._wrap_calls()
        try:
            yield self
        finally:
            while self._undo:
                self._undo.pop()()

    def _wrap_family(self, family: Family) -> None:
        """Wrap `load`, to reach the loaded components, and `call`, to stretch it to the artificial time."""
        load, call = family.load, family.call
        patched: Any = family

        @wraps(load)
        def measured_load(*args: Any, **kwargs: Any) -> Any:
            pipeline = load(*args, **kwargs)
            self._import_classes(family)
            self._wrap_calls()
            self._wrap_encoders(pipeline)
            return pipeline

        @wraps(call)
        def stretched_call(*args: Any, **kwargs: Any) -> Any:
            before = self.model_s
            result = call(*args, **kwargs)
            missing_s = max(0.0, self.artificial_s - (self.model_s - before))
            time.sleep(missing_s)
            self.model_s += missing_s
            return result

        patched.load, patched.call = measured_load, stretched_call

        def undo() -> None:
            del patched.load, patched.call

        self._undo.append(undo)

    def _import_classes(self, family: Family) -> None:
        """Import the classes that a family may call besides the one that it loads; diffusers imports them on access."""
        for name in (*family.classes, "WanPipeline"):
            getattr(diffusers, name, None)

    def _wrap_calls(self) -> None:
        """Time every imported pipeline class and every block of a modular one; only the outermost call counts."""
        for pipeline_class in _subclasses((DiffusionPipeline, ModularPipelineBlocks)):
            if "__call__" in vars(pipeline_class) and not hasattr(pipeline_class.__call__, "timed"):
                self._wrap_call(pipeline_class)

    def _wrap_call(self, pipeline_class: Any) -> None:
        original = pipeline_class.__call__

        @wraps(original)
        def timed_call(*args: Any, **kwargs: Any) -> Any:
            started, self._depth = time.perf_counter(), self._depth + 1
            try:
                return original(*args, **kwargs)
            finally:
                self._depth -= 1
                if self._depth == 0:
                    self.model_s += time.perf_counter() - started

        marked: Any = timed_call
        marked.timed = True
        pipeline_class.__call__ = timed_call
        self._undo.append(lambda: setattr(pipeline_class, "__call__", original))

    def _wrap_encoders(self, pipeline: Any) -> None:
        """Record the passes of text and image encoders, and the inputs that autoencoders encode."""
        components: dict[str, object] = dict(pipeline.components)
        for name, component in components.items():
            if not isinstance(component, torch.nn.Module):
                continue
            if name.startswith(_ENCODERS):
                # some pipelines use a language model without its head
                encoder: Any = getattr(component, "model", component)
                encoder.forward = self._recorded(name, encoder.forward)
            elif hasattr(component, "encode"):
                autoencoder: Any = component
                autoencoder.encode = self._recorded(name, autoencoder.encode)

    def _recorded(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        """Return the method with a record of the content of its arguments."""

        @wraps(original)
        def recorded_call(*args: Any, **kwargs: Any) -> Any:
            self.encoded += [(name, content_digest(*row)) for row in _rows(args, kwargs)]
            return original(*args, **kwargs)

        return recorded_call


@cache
def _the_watch() -> Watch:
    """The watch of this process."""
    return Watch()


def _subclasses(classes: Sequence[Any]) -> Iterator[Any]:
    """Yield the classes and all that inherit from them."""
    for each in classes:
        yield each
        yield from _subclasses(each.__subclasses__())


def _rows(args: Sequence[Any], kwargs: dict[str, object]) -> Iterator[tuple[Any, ...]]:
    """Yield the tensors of a call row by row: a text in a batch is the same text as one by itself."""
    tensors = [value for value in (*args, *(kwargs[name] for name in sorted(kwargs))) if isinstance(value, torch.Tensor)]
    size = len(tensors[0]) if tensors and tensors[0].ndim else 1
    for row in range(size):
        yield tuple(tensor[row] if tensor.ndim and len(tensor) == size else tensor for tensor in tensors)


@dataclass(frozen=True, slots=True)
class MeasuredPerform:
    """Performs tasks as any worker does, measures those of video models, and appends a line for each to `log`."""

    log: Path
    artificial_s: float = 0.0

    def __call__(self, job: Job) -> Performed:
        """Perform a task. Raises what the task raises; then nothing is written."""
        task = job.task
        if not task.device:
            return perform_job(job)
        with _the_watch().on(self.artificial_s) as watch:
            began_s = time.monotonic()
            performed = perform_job(job)
            wall_s = time.monotonic() - began_s
        record = TaskRecord(
            task=task.id,
            kind=task.kind,
            began_s=began_s,
            wall_s=wall_s,
            model_s=watch.model_s,
            encoded=tuple(watch.encoded),
        )
        with self.log.open("a", encoding="utf-8") as file:
            file.write(json.dumps(dataclasses.asdict(record)) + "\n")
        return performed


def read_records(log: Path) -> list[TaskRecord]:
    """Read the log of a `MeasuredPerform`, in order."""
    lines = log.read_text("utf-8").splitlines() if log.is_file() else []
    records = []
    for line in lines:
        row = json.loads(line)
        encoded = tuple((component, digest) for component, digest in row.pop("encoded"))
        records.append(TaskRecord(**row, encoded=encoded))
    return records
