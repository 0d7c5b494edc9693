"""Fitting a model to the machine: the value of each lever, its reason, and the next step when memory runs out. Pure; imports no torch.

The order of the levers is by their cost: nothing (everything on the GPU), a little decoding time (tiling), moving each component
once per call (model offload), moving every block at every step (group offload: hidden behind the arithmetic where the GPU has
streams), and last rounding the weights (fp8 storage). Steps, size, frames and guidance are never touched. A lever that rounds or skips
is only used where the user sets it or the model does not fit without it, and the reason says which.

The estimates count weights exactly and activations roughly; a plan that proves too tight steps down by `MachinePlan.notches`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Final, Generic, Literal, TypeVar, get_args

from episodic.backbones.diffusers.machine.model_size import BYTES_OF, ModelSize
from episodic.errors import BackboneError, InputError
from episodic.series.machine_settings import (
    DEFAULT_MACHINE,
    Attention,
    Cache,
    DType,
    Layerwise,
    MachineSettings,
    Offload,
    Quantisation,
    TextPlace,
)
from memory.model.facts import FactValue

__all__ = ["DEFAULT_MACHINE", "GIB", "Choice", "Machine", "MachinePlan", "MachineSettings", "ModelSize", "Switch", "plan_machine"]

GIB: Final = 2**30
Switch = Literal["no", "yes"]
"""The value of a lever that is on or off."""
Value_co = TypeVar("Value_co", bound=str, covariant=True)

_SHRINKS: Final[Mapping[Quantisation, float]] = {"none": 1.0, "bnb-8bit": 0.52, "torchao-int8": 0.52, "bnb-4bit": 0.29}
"""Size of quantised weights relative to 16 bits, including scales and unquantised layers."""
_FP8: Final = 0.52
_SPARE: Final = 3 * GIB // 4
"""Kept free on the GPU: the context, libraries' workspaces, fragmentation."""
_SPARE_RAM: Final = 2 * GIB
_SHARE_RAM: Final = 0.8
"""Share of main memory that a model may use where there is a choice; the rest is left to other programs."""
_TEXT_WORK: Final = GIB
"""Activations of a text encoder for two prompts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The device to compute on, and the memory."""

    device: str
    """`cuda` (or `cuda:N`), `mps` or `cpu`."""
    name: str = ""
    """Name of the GPU."""
    free_vram: int = 0
    """Free GPU memory in bytes; 0 without a GPU."""
    total_vram: int = 0
    free_ram: int
    """Available main memory in bytes."""
    total_ram: int = 0
    """All main memory in bytes; 0 where it is unknown and the available memory counts instead."""
    capability: tuple[int, int] = (0, 0)
    """CUDA compute capability."""

    @property
    def gpu(self) -> bool:
        """Whether it is a GPU with memory of its own, so that components can be moved off it."""
        return self.device.startswith("cuda")

    def __str__(self) -> str:
        if self.device == "cpu":
            return f"the CPU with {_gib(self.free_ram)} of memory free"
        vram = f"{_gib(self.free_vram)} free of {_gib(self.total_vram)}"
        return f"{self.name or self.device} with {vram}, {_gib(self.free_ram)} of main memory free"


@dataclass(frozen=True, slots=True)
class Choice(Generic[Value_co]):
    """The value of one lever, and the reason for it."""

    value: Value_co
    reason: str
    by_user: bool = False
    """Whether the user set it; then it is never changed."""

    def __bool__(self) -> bool:
        """Whether the lever is in use."""
        return self.value not in ("none", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class MachinePlan:
    """A value and a reason for every lever. Made by `plan_machine`; `notches` are the plans to try next when memory runs out."""

    device: Choice[str]
    dtype: Choice[DType]
    text: Choice[TextPlace]
    offload: Choice[Offload]
    layerwise: Choice[Layerwise]
    quantisation: Choice[Quantisation]
    attention: Choice[Attention]
    cache: Choice[Cache]
    tiling: Choice[Switch]
    compile: Choice[Switch]
    magcache_ratios: tuple[float, ...] = ()
    needs: int = 0
    """Estimated memory for shooting on the device, bytes."""
    work: int = 0
    """Estimated part of it for activations, bytes."""

    def choices(self) -> Iterator[tuple[str, Choice[str]]]:
        """Yield every lever by its key in `machine:`."""
        for lever in fields(self):
            choice = getattr(self, lever.name)
            if isinstance(choice, Choice):
                yield lever.name, choice

    def to_json(self) -> dict[str, FactValue]:
        """Return every lever's value and reason, for a take's notes."""
        return {name: {"value": choice.value, "reason": choice.reason} for name, choice in self.choices()}

    def values(self) -> dict[str, str]:
        """Return every lever's value without the reason, for records."""
        return {name: choice.value for name, choice in self.choices()}

    def lines(self) -> tuple[str, ...]:
        """Describe every lever's value and reason, a line each."""
        return tuple(f"{name}: {choice.value} ({choice.reason})" for name, choice in self.choices())

    @property
    def rounds(self) -> bool:
        """Whether weights are stored in fewer bits than they are computed with."""
        return bool(self.quantisation or self.layerwise)

    @property
    def on_gpu(self) -> bool:
        """Whether the device is a GPU with memory of its own."""
        return self.device.value.startswith("cuda")

    def notches(self) -> tuple[MachinePlan, ...]:
        """Return the plans to try when shooting runs out of memory, each with one lever more. Empty where none is left.

        Tiling, model offload, group offload, fp8 storage: those that are not in use yet, that the device supports, and that the user
        has not set.
        """
        reason = "memory ran out without it"
        plan, notches = self, []
        if plan._may_tile():
            plan = plan._tiled(reason)
            notches.append(plan)
        offloads: tuple[Offload, ...] = ("model", "group")
        for offload in offloads:
            if plan._may_offload(offload):
                plan = plan._offloaded(offload, reason)
                notches.append(plan)
        if plan._may_store_fp8():
            notches.append(plan._stored_fp8(reason))
        return tuple(notches)

    def at_least(self, other: MachinePlan) -> MachinePlan:
        """Return this plan, saving memory wherever `other` does: for a model that is loaded that way, or ran out of memory before."""
        plan = self
        if other.tiling and plan._may_tile():
            plan = replace(plan, tiling=other.tiling)
        if plan._may_offload(other.offload.value):
            plan = replace(plan, offload=other.offload)
        if other.layerwise and plan._may_store_fp8():
            plan = replace(plan, layerwise=other.layerwise)
        return plan

    def candidates(self) -> Iterator[MachinePlan]:
        """Yield this plan and all that save more memory, cheapest first; those that change pictures come last."""
        reason = "it would not fit without it"
        # on a CPU bfloat16 would halve float32 with much less rounding than fp8, and that is the user's decision
        halving_first = self.device.value == "cpu" and self.dtype.value == "float32"
        for fp8 in (False,) if halving_first else (False, True):
            if self.layerwise and not fp8:
                continue
            stored = self
            if fp8 and not self.layerwise:
                if not self._may_store_fp8():
                    continue
                stored = self._stored_fp8(reason)
            for offload in get_args(Offload):
                if offload == stored.offload.value:
                    moved = stored
                elif stored._may_offload(offload):
                    moved = stored._offloaded(offload, reason)
                else:
                    continue
                if not moved.tiling:
                    yield moved
                if moved.tiling:
                    yield moved
                elif moved._may_tile():
                    yield moved._tiled(reason)

    def text_notches(self) -> tuple[MachinePlan, ...]:
        """Return the plans to try when encoding prompts runs out of memory."""
        if self.text.by_user or not self.on_gpu:
            return ()
        order: tuple[TextPlace, ...] = ("device", "group", "cpu")
        cheaper = order[order.index(self.text.value) + 1 :]
        return tuple(replace(self, text=Choice(place, f"memory ran out without it; {_TEXT[place]}")) for place in cheaper)

    def _may_tile(self) -> bool:
        """Whether tiling can be added."""
        return not self.tiling.by_user and not self.tiling

    def _may_offload(self, offload: Offload) -> bool:
        """Whether this mode saves more than the current one and is available."""
        if self.offload.by_user or not self.on_gpu:
            return False
        order = get_args(Offload)
        # neither bitsandbytes' nor torchao's weights can be moved block by block
        return order.index(self.offload.value) < order.index(offload) and not (offload == "group" and bool(self.quantisation))

    def _may_store_fp8(self) -> bool:
        """Whether fp8 storage can be added."""
        return not (self.layerwise.by_user or self.layerwise or self.quantisation or self.device.value == "mps")

    def _tiled(self, reason: str) -> MachinePlan:
        """Return the plan with tiling."""
        return replace(self, tiling=Choice("yes", f"{reason}; {_TILING}"))

    def _offloaded(self, offload: Offload, reason: str) -> MachinePlan:
        """Return the plan with an offload mode."""
        return replace(self, offload=Choice(offload, f"{reason}; {_OFFLOADED[offload]}"))

    def _stored_fp8(self, reason: str) -> MachinePlan:
        """Return the plan with fp8 storage."""
        return replace(self, layerwise=Choice("fp8", f"{reason}; {_STORED_FP8}"))


_TILING: Final = "the autoencoder works in overlapping tiles that are blended; pictures change by less than can be seen"
_OFFLOADED: Final[Mapping[Offload, str]] = {
    "none": "",
    "model": "each component waits in main memory until its turn; pictures do not change",
    "group": "weights are brought onto the GPU block by block while the one before computes; pictures do not change, steps take longer on a slow bus",
}
_STORED_FP8: Final = "weights are kept in 8 bits and widened to compute with; pictures change a little"
_TEXT: Final[Mapping[TextPlace, str]] = {
    "device": "the text encoder is loaded alone and released before the rest; nothing changes",
    "group": "the text encoder is brought onto the GPU layer by layer; nothing changes, an encoding takes longer",
    "cpu": "prompts are encoded on the CPU; each is encoded once, rounding may differ from the GPU's",
}
_DEVICE: Final[Mapping[str, str]] = {
    "cuda": "the GPU that PyTorch finds",
    "mps": "the GPU that PyTorch finds; it shares the main memory",
    "cpu": "PyTorch finds no GPU; a full-size model takes hours for a shot",
}
_QUANTISED: Final = "weights are rounded; pictures change"
_ATTENTION: Final = "another order of the same sums changes pictures by rounding; sage computes in 8 bits and changes them more"
_CACHED: Final = "steps that look alike are skipped; pictures change"
_COMPILED: Final = "pictures change by rounding only"


def plan_machine(machine: Machine, model: ModelSize, settings: MachineSettings = DEFAULT_MACHINE) -> MachinePlan:
    """Plan one model on one machine: the first of its candidates that fits, with the user's settings unchanged.

    Raises BackboneError where nothing fits: what it needs, what there is, what would fit.
    """
    _check_combination(machine, settings)
    best = _cheapest_plan(machine, model, settings)
    candidates = tuple(best.candidates())
    for plan in candidates:
        needs, ram = _needs(machine, model, plan)
        if needs <= _device_memory(machine) and ram <= machine.free_ram:
            return replace(plan, needs=needs)
    if best.offload.by_user and best.layerwise.by_user and best.tiling.by_user:
        # activations are only estimated: settings that leave no choice are tried as they are
        return replace(best, needs=_needs(machine, model, best)[0])
    raise _too_big(machine, model, candidates, settings)


def _cheapest_plan(machine: Machine, model: ModelSize, settings: MachineSettings) -> MachinePlan:
    """The plan with the user's settings, and nothing else that saves memory."""
    dtype = _dtype(machine, model, settings)
    return MachinePlan(
        device=_choose(settings.device, machine.device, _DEVICE.get(machine.device.split(":")[0], "")),
        dtype=dtype,
        text=_text(machine, model, settings, dtype.value),
        offload=_choose(
            settings.offload, "none", _all_at_once(machine, model, dtype.value), _OFFLOADED.get(settings.offload or "none", "")
        ),
        layerwise=_choose(settings.layerwise, "none", "weights are stored as they are computed with", _STORED_FP8),
        quantisation=_choose(settings.quantisation, "none", "it would change pictures; only if you set it", _QUANTISED),
        attention=_choose(settings.attention, "native", "PyTorch picks the quickest exact kernel itself", _ATTENTION),
        cache=_choose(settings.cache, "none", "it skips work and changes pictures; only if you set it", _CACHED),
        tiling=_choose(_switch(settings.tiling), "no", "the autoencoder works on whole frames", _TILING),
        compile=_choose(
            _switch(settings.compile), "no", "compiling takes minutes for each window size; worth it for a long series", _COMPILED
        ),
        magcache_ratios=settings.magcache_ratios,
        work=max(model.denoise(dtype.value), model.decode(tiled=True)),
    )


Value = TypeVar("Value", bound=str)


def _choose(value: Value | None, default: Value, reason: str, effect: str = "") -> Choice[Value]:
    """The user's value with its effect, or the default with its reason."""
    if value is None:
        return Choice(default, reason)
    effect = effect if value not in ("none", "no", "native") else ""
    return Choice(value, f"set by you; {effect}" if effect else "set by you", by_user=True)


def _switch(value: bool | None) -> Switch | None:
    return None if value is None else "yes" if value else "no"


def _check_combination(machine: Machine, settings: MachineSettings) -> None:
    """Raise InputError for settings that exclude each other or that the device does not support."""
    if settings.cache == "magcache" and not settings.magcache_ratios:
        raise InputError(
            "machine.cache is magcache, which needs the model's own magnitude ratios: give them as machine.magcache_ratios (a list, "
            "published with MagCache for each model), or choose first-block or taylorseer"
        )
    quantised = settings.quantisation not in (None, "none")
    if quantised and settings.offload == "group":
        raise InputError("machine.quantisation and machine.offload: group exclude each other; set offload: model or leave it out")
    if quantised and settings.layerwise == "fp8":
        raise InputError("machine.quantisation and machine.layerwise: fp8 exclude each other; set only one of them")
    if not machine.gpu:
        cpu_capable = settings.quantisation == "torchao-int8"
        gpu_only = {"offload": settings.offload, "quantisation": None if cpu_capable else settings.quantisation}
        for key, value in gpu_only.items():
            if value not in (None, "none"):
                raise InputError(f"machine.{key}: {value} needs a CUDA GPU, and the device is {machine.device}; leave it out")


def _dtype(machine: Machine, model: ModelSize, settings: MachineSettings) -> Choice[DType]:
    """Choose the type of weights."""
    if settings.dtype is not None:
        return Choice(settings.dtype, "set by you", by_user=True)
    if machine.device == "mps" or (machine.gpu and machine.capability >= (8, 0)):
        return Choice("bfloat16", "what the models were trained in; autoencoders stay in float32, so that colours do not drift")
    if machine.gpu:
        return Choice(
            "bfloat16",
            "what the models were trained in; this GPU emulates it slowly: float16 is quicker where a model bears its range",
        )
    # by the total, not by what is free now: one machine makes one picture, whatever else runs on it
    total = machine.total_ram or machine.free_ram
    needs = max(model.shooting("float32"), model.text("float32")) + model.denoise("float32") + _SPARE_RAM
    if needs <= total * _SHARE_RAM:
        return Choice("float32", "a CPU computes it quickest, and nothing is rounded")
    return Choice(
        "bfloat16",
        f"float32 needs {_gib(needs)}, more than {_SHARE_RAM:.0%} of the {_gib(total)} there are; rounding changes pictures a little",
    )


def _all_at_once(machine: Machine, model: ModelSize, dtype: DType) -> str:
    """The reason for not offloading."""
    if not machine.gpu:
        return "there is nowhere to move anything"
    weights = model.shooting(dtype)
    if weights <= machine.free_ram:
        return "it all fits at once, nothing is quicker"
    slow = f"loading its {_gib(weights)} through {_gib(machine.free_ram)} of main memory is slow"
    return f"it all fits at once, nothing is quicker; {slow}"


def _text(machine: Machine, model: ModelSize, settings: MachineSettings, dtype: DType) -> Choice[TextPlace]:
    """Choose where prompts are encoded."""
    if settings.text is not None:
        return Choice(settings.text, f"set by you; {_TEXT[settings.text]}", by_user=True)
    if not machine.gpu:
        return Choice("device", _TEXT["device"])
    weights = model.text(dtype)
    if weights + _TEXT_WORK <= _device_memory(machine):
        return Choice("device", _TEXT["device"])
    place: TextPlace = "group" if weights + _SPARE_RAM <= machine.free_ram else "cpu"
    return Choice(place, f"its {_gib(weights)} do not fit at once; {_TEXT[place]}")


def _device_memory(machine: Machine) -> int:
    """Usable memory of the device, bytes."""
    if machine.device == "cpu":
        return machine.free_ram
    return max(0, machine.free_vram - _SPARE)


def _needs(machine: Machine, model: ModelSize, plan: MachinePlan) -> tuple[int, int]:
    """Memory for shooting on the device, and in main memory beside it, bytes."""
    dtype = plan.dtype.value
    # both ratios are relative to 16-bit weights
    shrink = (_SHRINKS[plan.quantisation.value] if plan.quantisation else _FP8) * 2 / BYTES_OF[dtype] if plan.rounds else 1.0
    denoisers = {name: int(model.bytes_of(name, dtype) * shrink) for name in model.denoisers}
    others = model.shooting(dtype) - sum(model.bytes_of(name, dtype) for name in model.denoisers)
    decode, denoise = model.decode(tiled=bool(plan.tiling)), model.denoise(dtype)
    # whole at first: components are loaded into main memory before they are rounded or moved
    loading = model.shooting(dtype) + _SPARE_RAM
    if machine.device in ("cpu", "mps"):
        return sum(denoisers.values()) + others + max(denoise, decode) + (_SPARE_RAM if machine.device == "cpu" else 0), 0
    if plan.offload.value == "none":
        return sum(denoisers.values()) + others + max(denoise, decode), 0
    if plan.offload.value == "model":
        return max(max(denoisers.values(), default=0) + denoise, decode) + others, loading
    two_blocks = int(max((2 * size / max(1, model.blocks) for size in denoisers.values()), default=0))
    outside = int(max(denoisers.values(), default=0) * 0.03)
    # autoencoders stay on the GPU; the rest is brought there layer by layer
    resident = sum(model.bytes_of(name, dtype) for name in model.full - model.text_components)
    return max(two_blocks + outside + denoise, decode) + resident, loading


def _too_big(machine: Machine, model: ModelSize, candidates: Collection[MachinePlan], settings: MachineSettings) -> BackboneError:
    """The error for a model that does not fit: what it needs, what there is, and what would fit."""
    needs = [(*_needs(machine, model, plan), plan) for plan in candidates]
    on_device, in_ram, tightest = min(needs, key=lambda row: (row[0], not row[2].tiling))
    where = "main memory" if machine.device == "cpu" else "free GPU memory"
    room = on_device if machine.device == "cpu" else on_device + _SPARE
    window = f"{model.frames} frames of {model.width}x{model.height}"
    main_memory = f" and {_gib(in_ram)} of main memory" if in_ram else ""
    remedies = _remedies(machine, model, tightest, settings, on_device, in_ram)
    return BackboneError(
        f"{model.name} does not fit: for {window} it needs about {_gib(room)} of {where}{main_memory} even with everything that saves "
        f"memory; there is {machine}.\n"
        f"what would fit: {'; '.join(remedies)}\n"
        "(activations are estimated: set machine.offload, machine.layerwise, machine.tiling yourself to try it all the same)"
    )


def _remedies(
    machine: Machine, model: ModelSize, tightest: MachinePlan, settings: MachineSettings, on_device: int, in_ram: int
) -> list[str]:
    """What would fit, in words. `on_device`, `in_ram`: the needs of the tightest plan, bytes."""
    remedies = []
    dtype = tightest.dtype.value
    fewer = _longest_window(machine, model, tightest)
    if on_device > _device_memory(machine) and fewer:
        remedies.append(f"windows of at most {fewer} frames at this size")
    if in_ram > machine.free_ram:
        remedies.append(f"{_gib(in_ram - machine.free_ram)} more main memory (or swap)")
    rounded = replace(tightest, dtype=Choice("bfloat16", ""))
    halved = min(_needs(machine, model, plan)[0] for plan in rounded.candidates())
    if machine.device == "cpu" and dtype == "float32" and halved <= _device_memory(machine):
        remedies.append("machine: {dtype: bfloat16} (rounding changes pictures a little)")
    memory_levers = {
        "offload": settings.offload,
        "layerwise": settings.layerwise,
        "tiling": settings.tiling,
        "quantisation": settings.quantisation,
    }
    fixed = [f"machine.{name}" for name, value in memory_levers.items() if value is not None]
    if fixed:
        remedies.append(f"without your {', '.join(fixed)}")
    if machine.gpu and settings.quantisation is None:
        small = int(model.shooting(dtype) * _SHRINKS["bnb-4bit"])
        if small + model.denoise(dtype) <= _device_memory(machine):
            remedies.append("machine: {quantisation: bnb-4bit} (pictures change)")
    remedies.append("a smaller model or a smaller size")
    return remedies


def _longest_window(machine: Machine, model: ModelSize, plan: MachinePlan) -> int:
    """The longest window that fits on the device with this plan, in frames; 0 where not even one frame fits."""
    low, high = 0, model.frames
    while low < high:
        middle = (low + high + 1) // 2
        if _needs(machine, replace(model, frames=middle), plan)[0] <= _device_memory(machine):
            low = middle
        else:
            high = middle - 1
    return low


def _gib(size: float) -> str:
    return f"{size / GIB:.1f} GiB"
