"""The one pipeline in memory, fitted to the machine and reused by every shot with the same model and plan.

Text components are loaded alone, and released before the rest is loaded. When memory runs out, the pipeline is released, loaded again
one notch more frugally (`MachinePlan.notches`), and the same work is repeated; the output never changes silently.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, Final, Generic, Literal, Protocol, TypeVar, runtime_checkable

import torch
from torch import Tensor

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.family import Family
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.machine.detect import detect_machine
from episodic.backbones.diffusers.machine.encoding_cache import EncodingCache
from episodic.backbones.diffusers.machine.fit import (
    fit_shooting,
    fit_text,
    plan_device,
    plan_dtype,
    reset_attention,
    reset_caches,
)
from episodic.backbones.diffusers.machine.plan import Machine, MachinePlan, MachineSettings, ModelSize, plan_machine
from episodic.errors import BackboneError
from memory.errors import EpisodicError

__all__ = ["HostResult", "Loadable", "PipelineHost", "the_host"]

T = TypeVar("T")
Stage = Literal["text", "shooting"]
Work = Callable[[LoadedPipeline, torch.device], T]


@runtime_checkable
class Loadable(Protocol):
    """The part of a family that the host needs to load its pipeline."""

    text_components: ClassVar[tuple[str, ...]]
    """Components that are loaded alone to encode prompts."""

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """See `FamilyDriver.load`."""
        ...


_ALLOCATION_FAILED: Final = ("DefaultCPUAllocator", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")
"""Texts of failed allocations that are not OutOfMemoryError."""
_SMALL: Final = (64, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostResult(Generic[T]):
    """The result of work with the pipeline, and the plan under which it succeeded."""

    value: T
    plan: MachinePlan
    notes: tuple[str, ...] = ()
    """A sentence for every notch that had to be stepped down."""


@dataclass(frozen=True, slots=True)
class _Current:
    """The pipeline in memory."""

    stage: Stage
    fingerprint: str
    plan: MachinePlan
    loaded: LoadedPipeline


@dataclass(frozen=True, slots=True)
class _OutOfMemory:
    """An attempt that ran out of memory."""

    message: str


class PipelineHost:
    """Keeps one pipeline loaded. Not thread-safe: there is one device."""

    def __init__(self, machine: Callable[[str | None], Machine] = detect_machine) -> None:
        """`machine` describes the machine, given the device that the user named or None."""
        self._read_machine = machine
        self._machines: dict[str | None, Machine] = {}
        self._current: _Current | None = None
        self._needs_collection = False
        self._floors: dict[tuple[str, MachineSettings], MachinePlan] = {}
        self.loads = 0
        """How often a pipeline was loaded."""
        self._pending: list[str] = []
        self._reported: set[str] = set()
        self.encodings = EncodingCache()
        """Results of autoencoders and encoders; kept when pipelines are loaded again."""

    def encode(
        self, folder: ModelFolder, family: Family, settings: MachineSettings, prompt: str, negative: str
    ) -> dict[str, Tensor]:
        """Encode a prompt for the pipeline with the text components alone. Raises BackboneError."""
        plan = self._plan(folder, family, settings, 1, _SMALL)

        def encode_prompt(loaded: LoadedPipeline, device: torch.device) -> dict[str, Tensor]:
            return family.encode_prompt(loaded, prompt, negative, device)

        return self._try("text", folder, family, plan, plan.text_notches(), encode_prompt).value

    def run(
        self,
        folder: ModelFolder,
        family: Loadable,
        settings: MachineSettings,
        work: Work[T],
        *,
        frames: int,
        size: tuple[int, int],
    ) -> HostResult[T]:
        """Run `work` with everything but the text components, planned for windows of `frames` frames of `size` (width, height).

        `work` gets the pipeline and the device to compute on; it is called again from the beginning when memory ran out. Raises
        BackboneError where there is nothing left to step down to; other exceptions of `work` pass through.
        """
        plan = self._plan(folder, family, settings, frames, size)
        floor = self._floors.get((folder.fingerprint, settings))
        plan = plan if floor is None else plan.at_least(floor)
        current = self._current
        if current is not None and current.stage == "shooting" and current.fingerprint == folder.fingerprint:
            # the loaded pipeline may save more than this window needs; loading it again would cost more than that
            plan = plan.at_least(current.plan)
        result = self._try("shooting", folder, family, plan, plan.notches(), work)
        if result.notes:
            self._floors[folder.fingerprint, settings] = result.plan
        return result

    def take_messages(self) -> tuple[str, ...]:
        """Return the machine plan and every notch stepped down since the last call, in words; no message twice."""
        messages, self._pending = tuple(self._pending), []
        return messages

    def _report(self, *lines: str) -> None:
        """Add messages that were not reported yet."""
        self._pending += [line for line in lines if line not in self._reported]
        self._reported.update(lines)

    def text(self, folder: ModelFolder, family: Loadable, plan: MachinePlan) -> LoadedPipeline:
        """Load the text components alone. Raises BackboneError, torch.OutOfMemoryError."""
        return self._load("text", folder, family, plan)

    def shooting(self, folder: ModelFolder, family: Loadable, plan: MachinePlan) -> LoadedPipeline:
        """Load everything but the text components, which are released first. Raises BackboneError, torch.OutOfMemoryError."""
        return self._load("shooting", folder, family, plan)

    def release(self) -> None:
        """Release the pipeline and free its memory. Cached encodings are kept."""
        self._machines.clear()
        self._unload()

    def _plan(
        self, folder: ModelFolder, family: Loadable, settings: MachineSettings, frames: int, size: tuple[int, int]
    ) -> MachinePlan:
        """Plan the machine for a model and a window."""
        machine = self._machines.get(settings.device)
        if machine is None:
            # measured while no pipeline is loaded
            self.release()
            machine = self._machines[settings.device] = self._read_machine(settings.device)
        return plan_machine(machine, ModelSize.of(folder, family.text_components, frames=frames, size=size), settings)

    def _load(self, stage: Stage, folder: ModelFolder, family: Loadable, plan: MachinePlan) -> LoadedPipeline:
        """Return the pipeline for a stage and plan; the current one where it is the same."""
        current = self._current
        if (
            current is not None
            and (current.stage, current.fingerprint) == (stage, folder.fingerprint)
            and (current.plan.values(), current.plan.magcache_ratios) == (plan.values(), plan.magcache_ratios)
        ):
            return current.loaded
        del current
        self._unload()
        text = frozenset(family.text_components)
        leave_out = text if stage == "shooting" else frozenset(folder.components) - text
        try:
            pipeline = family.load(folder, leave_out, plan_dtype(plan))
            self.loads += 1
            if stage == "text":
                fit_text(pipeline, folder, plan, self.encodings)
            else:
                fit_shooting(pipeline, folder, plan, self.encodings)
        except BaseException:
            self._needs_collection = True
            raise
        self._current = _Current(stage, folder.fingerprint, plan, LoadedPipeline(pipeline=pipeline, folder=folder))
        return self._current.loaded

    def _unload(self) -> None:
        """Drop the pipeline and free its memory."""
        current, self._current = self._current, None
        if current is None and not self._needs_collection:
            return
        if current is not None:
            reset_attention(current.loaded.pipeline, current.plan)
        del current
        _collect()
        self._needs_collection = False

    def _try(
        self,
        stage: Stage,
        folder: ModelFolder,
        family: Loadable,
        plan: MachinePlan,
        notches: tuple[MachinePlan, ...],
        work: Work[T],
    ) -> HostResult[T]:
        """Run `work` under `plan`, or the first of `notches` for which memory suffices."""
        notes: list[str] = []
        for attempt, following in zip((plan, *notches), (*notches, None), strict=True):
            result = self._attempt(stage, folder, family, attempt, work)
            if isinstance(result, HostResult):
                if stage == "shooting":
                    self._report(*notes, f"{folder.class_name} on this machine:\n  " + "\n  ".join(result.plan.lines()))
                return replace(result, notes=tuple(notes))
            self._unload()
            if following is None:
                raise BackboneError(_nothing_left(folder, attempt, result.message, notes))
            notes.append(_step_down(attempt, following))
        raise RuntimeError("a plan is always tried")

    def _attempt(
        self, stage: Stage, folder: ModelFolder, family: Loadable, plan: MachinePlan, work: Work[T]
    ) -> HostResult[T] | _OutOfMemory:
        """Return the result, or the out-of-memory message. Separate so that no local keeps the pipeline alive."""
        try:
            loaded = self._load(stage, folder, family, plan)
            reset_caches(loaded.pipeline, plan)
            with torch.no_grad():
                return HostResult(value=work(loaded, _stage_device(stage, plan)), plan=plan)
        except EpisodicError:
            raise
        except BaseException as err:
            out_of_memory = _is_out_of_memory(err)
            if not out_of_memory:
                self._unload()
            # the traceback keeps its objects alive; they can only be collected later
            self._needs_collection = True
            if not out_of_memory:
                raise
            return _OutOfMemory(next(iter(str(err).splitlines()), type(err).__name__))


@cache
def the_host() -> PipelineHost:
    """Return the host of this process."""
    return PipelineHost()


def _stage_device(stage: Stage, plan: MachinePlan) -> torch.device:
    return torch.device("cpu") if stage == "text" and plan.text.value == "cpu" else plan_device(plan)


def _is_out_of_memory(err: BaseException) -> bool:
    if isinstance(err, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(err, RuntimeError) and any(text in str(err) for text in _ALLOCATION_FAILED)


def _collect() -> None:
    """Collect garbage, and return free memory to the device."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()


def _step_down(before: MachinePlan, after: MachinePlan) -> str:
    """Describe the levers that differ between two plans."""
    old, new = before.values(), after.values()
    changed = [f"{name} {new[name]} instead of {old[name]}" for name in new if new[name] != old[name]]
    return f"out of memory; continued with {', '.join(changed)}"


def _nothing_left(folder: ModelFolder, plan: MachinePlan, problem: str, notes: list[str]) -> str:
    tried = f" ({'; '.join(notes)})" if notes else ""
    needs = f" It needs about {plan.needs / 2**30:.1f} GiB on {plan.device.value}." if plan.needs else ""
    return (
        f"{folder.class_name} in {folder.root}: memory ran out, and nothing is left that saves more{tried}: {problem}.{needs} "
        "Free memory that other programs use, shoot smaller or in shorter windows (shooting.size, shooting.overlap), or take a smaller model"
    )
