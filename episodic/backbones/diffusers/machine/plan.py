"""Fitting a model to the machine: what is chosen for each lever, why, and what comes next when memory runs out. Pure; imports no torch.

The order of the levers is by what they cost: nothing (everything on the GPU), a little decoding time (tiling), moving each component
once per call (model offload), moving every block at every step (group offload: hidden behind the arithmetic where the GPU has
streams), and last what rounds the weights (fp8 storage). Steps, size, frames and guidance are never touched. What rounds or skips is
never chosen unless the user says so or the model does not fit otherwise, and the reason says which.

The estimates count weights exactly and activations roughly; a plan that proves too tight steps down by `MachinePlan.notches`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, Final, get_args

from episodic.backbones.diffusers.machine.model_size import BYTES_OF, ModelSize
from episodic.errors import BackboneError, InputError
from episodic.series.machine_settings import DEFAULT_MACHINE, MachineSettings, Offload, TextPlace
from memory.model.facts import FactValue

if TYPE_CHECKING:
    import torch

__all__ = ["DEFAULT_MACHINE", "GIB", "Choice", "Machine", "MachinePlan", "MachineSettings", "ModelSize", "plan_machine"]

GIB: Final = 2**30
_SHRINKS: Final[Mapping[str, float]] = {"none": 1.0, "bnb-8bit": 0.52, "torchao-int8": 0.52, "bnb-4bit": 0.29}
"""What quantised weights take of their 16-bit size, scales and what is left as it is included."""
_FP8: Final = 0.52
_SPARE: Final = 3 * GIB // 4
"""Kept free on the GPU: the context, libraries' workspaces, fragmentation."""
_SPARE_RAM: Final = 2 * GIB
_SHARE_RAM: Final = 0.8
"""What a model may take of all main memory where there is a choice; the rest is everything else's."""
_TEXT_WORK: Final = GIB
"""Activations of a text encoder for two prompts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What is there."""

    device: str
    """`cuda` (or `cuda:N`), `mps` or `cpu`."""
    name: str = ""
    """Of the GPU."""
    free_vram: int = 0
    """Bytes of GPU memory that nobody uses; 0 without a GPU."""
    total_vram: int = 0
    free_ram: int
    """Bytes of main memory that can be had."""
    total_ram: int = 0
    """Bytes of main memory there are; 0: not known, then those that can be had."""
    capability: tuple[int, int] = (0, 0)
    """CUDA compute capability."""

    @classmethod
    def here(cls, device: str | None = None) -> Machine:
        """This machine; `device`: the one to use, by default the GPU where there is one. Raises BackboneError where it is not there."""
        import psutil
        import torch

        memory = psutil.virtual_memory()
        ram, total_ram = int(memory.available), int(memory.total)
        kind = device or ("cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu")
        if kind == "cpu":
            return cls(device=kind, free_ram=ram, total_ram=total_ram)
        if kind == "mps" and torch.backends.mps.is_available():
            most = int(torch.mps.recommended_max_memory())
            return cls(
                device=kind, name="Apple GPU", free_vram=min(most, ram), total_vram=most, free_ram=ram, total_ram=total_ram
            )
        if kind.startswith("cuda") and torch.cuda.is_available():
            which = torch.device(kind)
            if (which.index or 0) < torch.cuda.device_count():
                free, total = torch.cuda.mem_get_info(which)
                capability = torch.cuda.get_device_capability(which)
                name = torch.cuda.get_device_name(which)
                return cls(
                    device=kind,
                    name=name,
                    free_vram=free,
                    total_vram=total,
                    free_ram=ram,
                    total_ram=total_ram,
                    capability=capability,
                )
        raise BackboneError(
            f"machine.device is {kind}, which PyTorch {torch.__version__} does not find here; leave the key out or say cpu"
        )

    @property
    def gpu(self) -> bool:
        """Whether a GPU of its own memory is used: one that things can be moved off from."""
        return self.device.startswith("cuda")

    def __str__(self) -> str:
        if self.device == "cpu":
            return f"the CPU with {_gib(self.free_ram)} of memory free"
        return f"{self.name or self.device} with {_gib(self.free_vram)} free of {_gib(self.total_vram)}, {_gib(self.free_ram)} of main memory free"


@dataclass(frozen=True, slots=True)
class Choice:
    """The value of one lever, and why."""

    value: str
    reason: str
    said: bool = False
    """Whether the user said so; then it is never changed."""

    def __bool__(self) -> bool:
        """Whether the lever does anything."""
        return self.value not in ("none", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class MachinePlan:
    """A value and a reason for every lever. Made by `plan_machine`; `notches` are what follows when memory runs out."""

    device: Choice
    dtype: Choice
    text: Choice
    offload: Choice
    layerwise: Choice
    quantisation: Choice
    attention: Choice
    cache: Choice
    tiling: Choice
    compile: Choice
    magcache_ratios: tuple[float, ...] = ()
    needs: int = 0
    """Estimate of what shooting takes on the device, bytes."""
    work: int = 0
    """Estimate of what of that are activations, bytes."""

    def choices(self) -> Iterator[tuple[str, Choice]]:
        """Every lever by its key in `machine:`."""
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, Choice):
                yield one.name, value

    def to_json(self) -> dict[str, FactValue]:
        """For a take's notes: every lever's value and reason."""
        return {name: {"value": choice.value, "reason": choice.reason} for name, choice in self.choices()}

    def values(self) -> dict[str, str]:
        """What was chosen, without the reasons: for records."""
        return {name: choice.value for name, choice in self.choices()}

    def lines(self) -> tuple[str, ...]:
        """What was chosen and why, a line for each lever, for people."""
        return tuple(f"{name}: {choice.value} ({choice.reason})" for name, choice in self.choices())

    @property
    def rounds(self) -> bool:
        """Whether weights are kept in fewer bits than they are computed with."""
        return bool(self.quantisation or self.layerwise)

    def torch_device(self) -> torch.device:
        """The device to hand to a family."""
        import torch

        return torch.device(self.device.value)

    def torch_dtype(self) -> torch.dtype:
        """What weights are loaded as."""
        import torch

        found = getattr(torch, self.dtype.value)
        if not isinstance(found, torch.dtype):
            raise TypeError(self.dtype.value)
        return found

    def notches(self) -> tuple[MachinePlan, ...]:
        """What to go on with when shooting runs out of memory, one lever more at a time. Empty: nothing is left.

        Tiling, model offload, group offload, fp8 storage, as far as they are not in use yet, the device has them, and the user did
        not say otherwise.
        """
        plan, found = self, []
        for lever, value, _ in _NOTCHES:
            if plan._can(lever, value):
                plan = plan._with(lever, value, "memory ran out without it")
                found.append(plan)
        return tuple(found)

    def at_least(self, other: MachinePlan) -> MachinePlan:
        """This plan, saving memory wherever the other does: for a model that is loaded that way, or ran out of memory before."""
        plan = self
        for lever in ("tiling", "offload", "layerwise"):
            theirs: Choice = getattr(other, lever)
            if plan._can(lever, theirs.value):
                changed: dict[str, Any] = {lever: theirs}
                plan = replace(plan, **changed)
        return plan

    def tried(self) -> Iterator[MachinePlan]:
        """This plan and all that save more memory, by what they cost: what changes pictures last."""
        # on a CPU bfloat16 would halve float32 with much less rounding than fp8, and that is for the user to say
        halved_first = self.device.value == "cpu" and self.dtype.value == "float32"
        for layerwise in ("none",) if halved_first else ("none", "fp8"):
            for offload in get_args(Offload):
                for tiling in ("no", "yes"):
                    plan: MachinePlan | None = self
                    for lever, value in (("layerwise", layerwise), ("offload", offload), ("tiling", tiling)):
                        if plan is not None and getattr(plan, lever).value != value:
                            plan = plan._with(lever, value, "it would not fit otherwise") if plan._can(lever, value) else None
                    if plan is not None:
                        yield plan

    def _with(self, lever: str, value: str, because: str) -> MachinePlan:
        effect = next(effect for one, to, effect in _NOTCHES if (one, to) == (lever, value))
        changed: dict[str, Any] = {lever: Choice(value, f"{because}; {effect}")}
        return replace(self, **changed)

    def text_notches(self) -> tuple[MachinePlan, ...]:
        """What to go on with when encoding prompts runs out of memory."""
        if self.text.said or not self.device.value.startswith("cuda"):
            return ()
        order: tuple[TextPlace, ...] = ("device", "group", "cpu")
        left = order[order.index(self.text.value) + 1 :] if self.text.value in order else ()
        return tuple(replace(self, text=Choice(one, f"memory ran out otherwise; {_TEXT[one]}")) for one in left)

    def _can(self, lever: str, value: str) -> bool:
        choice: Choice = getattr(self, lever)
        if choice.said:
            return False
        now = choice.value
        gpu = self.device.value.startswith("cuda")
        if lever == "tiling":
            return (now, value) == ("no", "yes")
        if lever == "layerwise":
            return value == "fp8" and now == "none" and not self.quantisation and self.device.value != "mps"
        if not gpu:
            return False
        if lever == "offload":
            order = get_args(Offload)
            # neither bitsandbytes' nor torchao's weights can be moved block by block
            return order.index(now) < order.index(value) and not (value == "group" and bool(self.quantisation))
        return False


_TILING: Final = "the autoencoder works in overlapping tiles that are blended; pictures change by less than can be seen"
_MODEL: Final = "each component waits in main memory until it is its turn; pictures do not change"
_GROUP: Final = "weights are brought onto the GPU block by block while the one before computes; pictures do not change, steps take longer on a slow bus"
_FLOAT8: Final = "weights are kept in 8 bits and widened to compute with; pictures change a little"
_NOTCHES: Final[tuple[tuple[str, str, str], ...]] = (
    ("tiling", "yes", _TILING),
    ("offload", "model", _MODEL),
    ("offload", "group", _GROUP),
    ("layerwise", "fp8", _FLOAT8),
)
_OFFLOADED: Final = {"model": _MODEL, "group": _GROUP}
_TEXT: Final[Mapping[str, str]] = {
    "device": "the text encoder is loaded alone and released before the rest; nothing changes",
    "group": "the text encoder is brought onto the GPU layer by layer; nothing changes, an encoding takes longer",
    "cpu": "prompts are encoded on the CPU; each is encoded once, rounding may differ from the GPU's",
}


def plan_machine(machine: Machine, model: ModelSize, settings: MachineSettings = DEFAULT_MACHINE) -> MachinePlan:
    """The plan for one model on one machine: the first of `notches` that fits, with the user's word untouched.

    Raises BackboneError where nothing fits: what it needs, what there is, what would fit.
    """
    _check_together(machine, settings)
    dtype = _dtype(machine, model, settings)
    best = MachinePlan(
        device=_said(settings.device, _DEVICE.get(machine.device.split(":")[0], ""), machine.device),
        dtype=dtype,
        text=_text(machine, model, settings, dtype.value),
        offload=_said(
            settings.offload, _at_once(machine, model, dtype.value), "none", _OFFLOADED.get(settings.offload or "", "")
        ),
        layerwise=_said(
            settings.layerwise,
            "weights are kept as they are computed with",
            "none",
            _FLOAT8 if settings.layerwise == "fp8" else "",
        ),
        quantisation=_said(settings.quantisation, "it would change pictures; only if you say so", "none", _QUANTISED),
        attention=_said(settings.attention, "PyTorch picks the quickest exact kernel itself", "native", _ATTENTION),
        cache=_said(settings.cache, "it skips work and changes pictures; only if you say so", "none", _CACHED),
        tiling=_said(_yes_no(settings.tiling), "the autoencoder works on whole frames", "no", _TILING if settings.tiling else ""),
        compile=_said(
            _yes_no(settings.compile), "compiling takes minutes for each window size; worth it for a long series", "no", _COMPILED
        ),
        magcache_ratios=settings.magcache_ratios,
        work=max(model.denoise(dtype.value), model.decode(tiled=True)),
    )
    tried = tuple(best.tried())
    for plan in tried:
        needs, ram = _needs(machine, model, plan)
        if needs <= _has(machine) and ram <= machine.free_ram:
            return replace(plan, needs=needs)
    if all(getattr(best, lever).said for lever in _MEMORY_LEVERS):
        # activations are only estimated: who has settled everything is taken at the word
        return replace(best, needs=_needs(machine, model, best)[0])
    raise _too_big(machine, model, tried, settings)


_MEMORY_LEVERS: Final = ("offload", "layerwise", "tiling")
_DEVICE: Final[Mapping[str, str]] = {
    "cuda": "the GPU that PyTorch finds",
    "mps": "the GPU that PyTorch finds; it shares the main memory",
    "cpu": "PyTorch finds no GPU; a full-size model takes hours for a shot",
}
_QUANTISED: Final = "weights are rounded; pictures change"
_ATTENTION: Final = "another order of the same sums changes pictures by rounding; sage computes in 8 bits and changes them more"
_CACHED: Final = "steps that look alike are skipped; pictures change"
_COMPILED: Final = "pictures change by rounding only"


def _said(value: str | None, reason: str, otherwise: str, effect: str = "") -> Choice:
    if value is None:
        return Choice(otherwise, reason)
    effect = effect if value not in ("none", "no", "native") else ""
    return Choice(value, f"as you say; {effect}" if effect else "as you say", said=True)


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


def _check_together(machine: Machine, settings: MachineSettings) -> None:
    if settings.cache == "magcache" and not settings.magcache_ratios:
        raise InputError(
            "machine.cache is magcache, which needs the model's own magnitude ratios: give them as machine.magcache_ratios (a list, "
            "published with MagCache for each model), or say first-block or taylorseer"
        )
    quantised = settings.quantisation not in (None, "none")
    if quantised and settings.offload == "group":
        raise InputError("machine.quantisation and machine.offload: group exclude each other; say offload: model or leave it out")
    if quantised and settings.layerwise == "fp8":
        raise InputError("machine.quantisation and machine.layerwise: fp8 exclude each other; say one of them")
    if not machine.gpu:
        for key, value in (
            ("offload", settings.offload),
            ("layerwise", settings.layerwise),
            ("quantisation", settings.quantisation),
        ):
            on_cpu = key == "layerwise" or value == "torchao-int8"
            if value not in (None, "none") and not on_cpu:
                raise InputError(f"machine.{key}: {value} needs a CUDA GPU, and the device is {machine.device}; leave it out")


def _dtype(machine: Machine, model: ModelSize, settings: MachineSettings) -> Choice:
    if settings.dtype is not None:
        return Choice(settings.dtype, "as you say", said=True)
    if machine.gpu and machine.capability >= (8, 0):
        return Choice("bfloat16", "what the models were trained in; autoencoders stay in float32, so that colours do not drift")
    if machine.gpu:
        return Choice(
            "bfloat16",
            "what the models were trained in; this GPU emulates it slowly: float16 is quicker where a model bears its range",
        )
    if machine.device == "mps":
        return Choice("bfloat16", "what the models were trained in; autoencoders stay in float32, so that colours do not drift")
    # of what there is, not of what is free now: one machine makes one picture, whatever else runs on it
    whole = machine.total_ram or machine.free_ram
    needs = max(model.shooting("float32"), model.text("float32")) + model.denoise("float32") + _SPARE_RAM
    if needs <= whole * _SHARE_RAM:
        return Choice("float32", "a CPU computes it quickest, and nothing is rounded")
    return Choice(
        "bfloat16",
        f"float32 needs {_gib(needs)}, more than {_SHARE_RAM:.0%} of the {_gib(whole)} there are; rounding changes pictures a little",
    )


def _at_once(machine: Machine, model: ModelSize, dtype: str) -> str:
    if not machine.gpu:
        return "there is nowhere to move anything"
    weights = model.shooting(dtype)
    slow = (
        f"; loading its {_gib(weights)} through {_gib(machine.free_ram)} of main memory is slow"
        if weights > machine.free_ram
        else ""
    )
    return f"it all fits at once, nothing is quicker{slow}"


def _text(machine: Machine, model: ModelSize, settings: MachineSettings, dtype: str) -> Choice:
    if settings.text is not None:
        return Choice(settings.text, f"as you say; {_TEXT[settings.text]}", said=True)
    if not machine.gpu:
        return Choice("device", _TEXT["device"])
    weights = model.text(dtype)
    if weights + _TEXT_WORK <= _has(machine):
        return Choice("device", _TEXT["device"])
    short = f"its {_gib(weights)} do not fit at once; "
    if weights + _SPARE_RAM <= machine.free_ram:
        return Choice("group", short + _TEXT["group"])
    return Choice("cpu", short + _TEXT["cpu"])


def _has(machine: Machine) -> int:
    if machine.device == "cpu":
        return machine.free_ram
    return max(0, machine.free_vram - _SPARE)


def _needs(machine: Machine, model: ModelSize, plan: MachinePlan) -> tuple[int, int]:
    """What shooting takes on the device, and in main memory beside it, bytes."""
    dtype = plan.dtype.value
    # both are told of 16-bit weights
    shrink = (_SHRINKS[plan.quantisation.value] if plan.quantisation else _FP8) * 2 / BYTES_OF[dtype] if plan.rounds else 1.0
    denoisers = {name: int(model.bytes_of(name, dtype) * shrink) for name in model.denoisers}
    rest = model.shooting(dtype) - sum(model.bytes_of(name, dtype) for name in model.denoisers)
    decode, denoise = model.decode(tiled=bool(plan.tiling)), model.denoise(dtype)
    # whole at first: components are loaded into main memory before they are rounded or moved
    loading = model.shooting(dtype) + _SPARE_RAM
    if machine.device in ("cpu", "mps"):
        return sum(denoisers.values()) + rest + max(denoise, decode) + (_SPARE_RAM if machine.device == "cpu" else 0), 0
    if plan.offload.value == "none":
        return sum(denoisers.values()) + rest + max(denoise, decode), 0
    if plan.offload.value == "model":
        return max(max(denoisers.values(), default=0) + denoise, decode) + rest, loading
    two_blocks = int(max((2 * size / max(1, model.blocks) for size in denoisers.values()), default=0))
    outside = int(max(denoisers.values(), default=0) * 0.03)
    # autoencoders stay on the GPU; the rest is brought there layer by layer
    stays = sum(model.bytes_of(name, dtype) for name in model.full - model.text_components)
    return max(two_blocks + outside + denoise, decode) + stays, loading


def _too_big(machine: Machine, model: ModelSize, rungs: Collection[MachinePlan], settings: MachineSettings) -> BackboneError:
    tried = [(*_needs(machine, model, plan), plan) for plan in rungs]
    on_device, in_ram, tightest = min(tried, key=lambda one: (one[0], not one[2].tiling))
    fixed = [name for name in (*_MEMORY_LEVERS, "quantisation") if getattr(settings, name) is not None]
    where = "main memory" if machine.device == "cpu" else "free GPU memory"
    room = on_device if machine.device == "cpu" else on_device + _SPARE
    lines = [
        f"{model.name} does not fit: for {model.frames} frames of {model.width}x{model.height} it needs about {_gib(room)} of {where}"
        + (f" and {_gib(in_ram)} of main memory" if in_ram else "")
        + f" even with everything that saves memory; there is {machine}."
    ]
    would = []
    dtype = tightest.dtype.value
    fewer = _longest(machine, model, tightest)
    if on_device > _has(machine) and fewer:
        would.append(f"windows of at most {fewer} frames at this size")
    if in_ram > machine.free_ram:
        would.append(f"{_gib(in_ram - machine.free_ram)} more main memory (or swap)")
    rounded = replace(tightest, dtype=Choice("bfloat16", ""))
    halved = min(_needs(machine, model, plan)[0] for plan in rounded.tried())
    if machine.device == "cpu" and dtype == "float32" and halved <= _has(machine):
        would.append("machine: {dtype: bfloat16} (rounding changes pictures a little)")
    if fixed:
        would.append(f"without your machine.{', machine.'.join(fixed)}")
    if machine.gpu and settings.quantisation is None:
        small = int(model.shooting(dtype) * _SHRINKS["bnb-4bit"])
        if small + model.denoise(dtype) <= _has(machine):
            would.append("machine: {quantisation: bnb-4bit} (pictures change)")
    would.append("a smaller model or a smaller size")
    settled = ", ".join(f"machine.{lever}" for lever in _MEMORY_LEVERS)
    lines.append(f"what would fit: {'; '.join(would)}")
    lines.append(f"(activations are estimated: say {settled} yourself, and it is tried all the same)")
    return BackboneError("\n".join(lines))


def _longest(machine: Machine, model: ModelSize, plan: MachinePlan) -> int:
    """The longest window that fits on the device with this plan, in frames; 0: not even one."""
    low, high = 0, model.frames
    while low < high:
        middle = (low + high + 1) // 2
        if _needs(machine, replace(model, frames=middle), plan)[0] <= _has(machine):
            low = middle
        else:
            high = middle - 1
    return low


def _gib(size: float) -> str:
    return f"{size / GIB:.1f} GiB"
