"""One pipeline in memory at a time, fitted to the machine, used again by every shot that wants the same.

Text components are loaded alone, and released before the rest is loaded. Where memory runs out the pipeline is let go, loaded again one
notch more frugally (`machine.MachinePlan.notches`), and the same is tried again; what is made never changes silently.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, Literal, Protocol, TypeVar

import torch

from episodic.backbones.diffusers.family import Family, Loaded
from episodic.backbones.diffusers.machine.encoding_cache import Encodings
from episodic.backbones.diffusers.machine.fit import fit_shooting, fit_text, let_go, start_afresh
from episodic.backbones.diffusers.machine.plan import Machine, MachinePlan, MachineSettings, ModelSize, plan_machine
from episodic.errors import BackboneError
from memory.errors import EpisodicError

if TYPE_CHECKING:
    from episodic.backbones.diffusers.folder.model_folder import ModelFolder

__all__ = ["Done", "Loadable", "PipelineHost", "the_host"]

T = TypeVar("T")
Stage = Literal["text", "shooting"]
Act = Callable[[Loaded, torch.device], T]


class Loadable(Protocol):
    """What is needed of a family to hold its pipeline."""

    text_components: ClassVar[tuple[str, ...]]
    """What is loaded alone to encode prompts."""

    def load(self, folder: ModelFolder, leave_out: Collection[str], dtype: torch.dtype) -> Any:
        """See `Family.load`."""
        ...


_ALLOCATION_FAILED: Final = ("DefaultCPUAllocator", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")
"""How allocations fail without an OutOfMemoryError."""
_SMALL: Final = (64, 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(Generic[T]):
    """What an act gave, and on which plan it came about."""

    value: T
    plan: MachinePlan
    notes: tuple[str, ...] = ()
    """Every notch that had to be stepped down, in words."""


@dataclass(frozen=True, slots=True)
class _Held:
    """The pipeline in memory."""

    stage: Stage
    fingerprint: str
    plan: MachinePlan
    loaded: Loaded


class PipelineHost:
    """Holds the pipeline. Not for several threads: there is one device."""

    def __init__(self, machine: Callable[[str | None], Machine] = Machine.here) -> None:
        """`machine` reads what there is, given the device that the user named or None."""
        self._read_machine = machine
        self._machine: dict[str | None, Machine] = {}
        self._held: _Held | None = None
        self._littered = False
        self._floors: dict[tuple[str, MachineSettings], MachinePlan] = {}
        self.loads = 0
        """How often a pipeline was loaded."""
        self._untold: list[str] = []
        self._told: set[str] = set()
        self.encodings = Encodings()
        """What autoencoders and image encoders gave, however often pipelines are loaded."""

    def encode(
        self, folder: ModelFolder, family: Family, settings: MachineSettings, prompt: str, negative: str
    ) -> dict[str, torch.Tensor]:
        """A prompt as the pipeline wants it, by the text components alone. Raises BackboneError."""
        plan = self._plan(folder, family, settings, 1, _SMALL)

        def act(loaded: Loaded, device: torch.device) -> dict[str, torch.Tensor]:
            return family.encode_prompt(loaded, prompt, negative, device)

        return self._try("text", folder, family, plan, plan.text_notches(), act).value

    def run(
        self, folder: ModelFolder, family: Loadable, settings: MachineSettings, act: Act[T], *, frames: int, size: tuple[int, int]
    ) -> Done[T]:
        """Do something with everything but the text components, planned for windows of `frames` frames of `size` (width, height).

        `act` is given the pipeline and the device to compute on; it is called again from the beginning when memory ran out. Raises
        BackboneError where nothing is left to step down to; what `act` raises goes through.
        """
        plan = self._plan(folder, family, settings, frames, size)
        floor = self._floors.get((folder.fingerprint, settings))
        plan = plan if floor is None else plan.at_least(floor)
        held = self._held
        if held is not None and held.stage == "shooting" and held.fingerprint == folder.fingerprint:
            # what is loaded may save more than this window needs; loading it anew would cost more than that does
            plan = plan.at_least(held.plan)
        done = self._try("shooting", folder, family, plan, plan.notches(), act)
        if done.notes:
            self._floors[folder.fingerprint, settings] = done.plan
        return done

    def tell(self) -> tuple[str, ...]:
        """What was chosen for the machine and why, and every notch stepped down since, for people; nothing twice."""
        said, self._untold = tuple(self._untold), []
        return said

    def _say(self, *lines: str) -> None:
        self._untold += [one for one in lines if one not in self._told]
        self._told.update(lines)

    def text(self, folder: ModelFolder, family: Loadable, plan: MachinePlan) -> Loaded:
        """The text components alone. Raises BackboneError, torch.OutOfMemoryError."""
        return self._hold("text", folder, family, plan)

    def shooting(self, folder: ModelFolder, family: Loadable, plan: MachinePlan) -> Loaded:
        """Everything but the text components, which are released first. Raises BackboneError, torch.OutOfMemoryError."""
        return self._hold("shooting", folder, family, plan)

    def release(self) -> None:
        """Let go of what is loaded; its memory is free afterwards. What was encoded is kept."""
        self._machine.clear()
        self._let_go()

    def _plan(
        self, folder: ModelFolder, family: Loadable, settings: MachineSettings, frames: int, size: tuple[int, int]
    ) -> MachinePlan:
        machine = self._machine.get(settings.device)
        if machine is None:
            # measured while nothing of ours is loaded
            self.release()
            machine = self._machine[settings.device] = self._read_machine(settings.device)
        return plan_machine(machine, ModelSize.of(folder, family.text_components, frames=frames, size=size), settings)

    def _hold(self, stage: Stage, folder: ModelFolder, family: Loadable, plan: MachinePlan) -> Loaded:
        held = self._held
        if (
            held is not None
            and (held.stage, held.fingerprint) == (stage, folder.fingerprint)
            and (held.plan.values(), held.plan.magcache_ratios) == (plan.values(), plan.magcache_ratios)
        ):
            return held.loaded
        del held
        self._let_go()
        text = frozenset(family.text_components)
        leave_out = text if stage == "shooting" else frozenset(folder.components) - text
        try:
            pipeline = family.load(folder, leave_out, plan.torch_dtype())
            self.loads += 1
            if stage == "text":
                fit_text(pipeline, folder, plan, self.encodings)
            else:
                fit_shooting(pipeline, folder, plan, self.encodings)
        except BaseException:
            self._littered = True
            raise
        self._held = _Held(stage, folder.fingerprint, plan, Loaded(pipeline=pipeline, folder=folder))
        return self._held.loaded

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is None and not self._littered:
            return
        if held is not None:
            let_go(held.loaded.pipeline, held.plan)
        del held
        _free()
        self._littered = False

    def _try(
        self,
        stage: Stage,
        folder: ModelFolder,
        family: Loadable,
        plan: MachinePlan,
        notches: tuple[MachinePlan, ...],
        act: Act[T],
    ) -> Done[T]:
        notes: list[str] = []
        for now, after in zip((plan, *notches), (*notches, None), strict=True):
            done = self._attempt(stage, folder, family, now, act)
            if isinstance(done, Done):
                if stage == "shooting":
                    self._say(*notes, f"{folder.class_name} on this machine:\n  " + "\n  ".join(done.plan.lines()))
                return replace(done, notes=tuple(notes))
            self._let_go()
            if after is None:
                raise BackboneError(_nothing_left(folder, now, done, notes))
            notes.append(_stepped_down(now, after))
        raise RuntimeError("a plan is always tried")

    def _attempt(self, stage: Stage, folder: ModelFolder, family: Loadable, plan: MachinePlan, act: Act[T]) -> Done[T] | str:
        """What came of it; a text: out of memory, and how that was said. A function of its own, so that nothing here holds the pipeline."""
        try:
            loaded = self._hold(stage, folder, family, plan)
            start_afresh(loaded.pipeline, plan)
            with torch.no_grad():
                return Done(value=act(loaded, _device(stage, plan)), plan=plan)
        except EpisodicError:
            raise
        except BaseException as err:
            out_of_memory = _out_of_memory(err)
            if not out_of_memory:
                self._let_go()
            # the traceback holds on to what it went through; it can be collected only later
            self._littered = True
            if not out_of_memory:
                raise
            return next(iter(str(err).splitlines()), type(err).__name__)


@cache
def the_host() -> PipelineHost:
    """The host of this process."""
    return PipelineHost()


def _device(stage: Stage, plan: MachinePlan) -> torch.device:
    return torch.device("cpu") if stage == "text" and plan.text.value == "cpu" else plan.torch_device()


def _out_of_memory(err: BaseException) -> bool:
    if isinstance(err, (torch.OutOfMemoryError, MemoryError)):
        return True
    return isinstance(err, RuntimeError) and any(one in str(err) for one in _ALLOCATION_FAILED)


def _free() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    elif torch.backends.mps.is_available():
        torch.mps.empty_cache()


def _stepped_down(before: MachinePlan, after: MachinePlan) -> str:
    old, new = before.values(), after.values()
    changed = [f"{name} {new[name]} instead of {old[name]}" for name in new if new[name] != old[name]]
    return f"out of memory; went on with {', '.join(changed)}"


def _nothing_left(folder: ModelFolder, plan: MachinePlan, problem: str, notes: list[str]) -> str:
    tried = f" ({'; '.join(notes)})" if notes else ""
    needs = f" It needs about {plan.needs / 2**30:.1f} GiB on {plan.device.value}." if plan.needs else ""
    return (
        f"{folder.class_name} in {folder.root}: memory ran out, and there is nothing left that saves more{tried}: {problem}.{needs} "
        "Free memory that other programs hold, shoot smaller or in shorter windows (shooting.size, shooting.overlap), or take a smaller model"
    )
