"""What an encoder gave for the same content is not computed twice: a reference picture is shown in every window of every shot.

A result is found by the content of what went in, and given back bit for bit. Where an encoder gives a distribution to sample from, its
parameters are kept, so that sampling goes on as it would have. A text is encoded once as well: the negative prompt is every shot's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import torch

__all__ = ["Encodings", "content_of"]

_MOST_BYTES: Final = 2 * 2**30
_MOST_EACH: Final = 0.25
"""Share of it that one result may take: a larger one would push out too much else."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A result with its tensors in main memory; `build` makes it anew from them."""

    tensors: tuple[torch.Tensor, ...]
    devices: tuple[torch.device, ...]
    build: Callable[[list[torch.Tensor]], Any]

    @property
    def size(self) -> int:
        return sum(one.numel() * one.element_size() for one in self.tensors)

    def again(self) -> Any:
        return self.build([one.to(device, copy=True) for one, device in zip(self.tensors, self.devices, strict=True)])


class _Strange(Exception):
    """An argument or a result of a kind that cannot be compared or kept; the call is made as if nobody watched."""


class Encodings:
    """Results by content, the least recently used dropped first. Not for several threads."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self.bytes = 0
        """How much is kept, in main memory."""
        self.made = 0
        """How often something was encoded."""
        self.reused = 0
        """How often that was not necessary."""

    def remember(self, module: Any, method: str, scope: str) -> None:
        """From now on `module.method` answers from memory where it was asked the same before in the same `scope`.

        `scope` names everything but the arguments that a result depends on: weights, precision, tiling. The method must give the same
        for the same arguments; calls with arguments or results that are no tensors, numbers, texts or groups of them go through.
        """
        original = getattr(module, method)

        @wraps(original)
        def asked(*args: Any, **kwargs: Any) -> Any:
            try:
                key = _key(scope, method, args, kwargs)
            except _Strange:
                return original(*args, **kwargs)
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
                self.reused += 1
                return kept.again()
            result = original(*args, **kwargs)
            self.made += 1
            self._keep(key, result)
            return result

        setattr(module, method, asked)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self.bytes = 0

    def _keep(self, key: str, result: Any) -> None:
        tensors: list[torch.Tensor] = []
        try:
            build = _take_apart(result, tensors)
        except _Strange:
            return
        kept = _Kept(tuple(one.detach().to("cpu", copy=True) for one in tensors), tuple(one.device for one in tensors), build)
        if kept.size > self._most_bytes * _MOST_EACH:
            return
        self._kept[key] = kept
        self.bytes += kept.size
        while self.bytes > self._most_bytes:
            _, dropped = self._kept.popitem(last=False)
            self.bytes -= dropped.size


def content_of(*values: Any) -> str:
    """A digest of tensors, numbers, texts and groups of them. Raises TypeError for anything else."""
    digest = sha256()
    try:
        _digest(values, digest.update)
    except _Strange as err:
        raise TypeError("expected tensors, numbers, texts and groups of them") from err
    return digest.hexdigest()


def _key(scope: str, method: str, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str:
    digest = sha256()
    _digest((scope, method, args, dict(sorted(kwargs.items()))), digest.update)
    return digest.hexdigest()


def _digest(value: Any, add: Callable[[Any], object]) -> None:
    import torch

    if isinstance(value, torch.Tensor):
        if value.requires_grad:
            raise _Strange
        add(f"tensor {value.dtype} {tuple(value.shape)} {value.device};".encode())
        # as bytes, because numpy has no bfloat16
        add(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    elif value is None or isinstance(value, (bool, int, float, str, torch.dtype, torch.device)):
        add(f"{type(value).__name__} {value!r};".encode())
    elif isinstance(value, (tuple, list)):
        add(f"{len(value)} (".encode())
        for one in value:
            _digest(one, add)
    elif isinstance(value, dict):
        add(f"{len(value)} {{".encode())
        for name, one in value.items():
            _digest(name, add)
            _digest(one, add)
    else:
        raise _Strange


def _take_apart(value: Any, tensors: list[torch.Tensor]) -> Callable[[list[torch.Tensor]], Any]:
    """Put all tensors of `value` into `tensors`; gives what builds the same from as many tensors."""
    import torch
    from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
    from transformers import Cache

    if isinstance(value, torch.Tensor):
        tensors.append(value)
        at = len(tensors) - 1
        return lambda found: found[at]
    if value is None or isinstance(value, (bool, int, float, str)):
        return lambda _: value
    if type(value) is DiagonalGaussianDistribution:
        parameters, deterministic = _take_apart(value.parameters, tensors), value.deterministic
        return lambda found: DiagonalGaussianDistribution(parameters(found), deterministic)
    if type(value).__name__ == "MiniMaxH3AudioDiagonalGaussianDistribution":
        mean, logs, posterior = _take_apart(value.mean, tensors), _take_apart(value.logs, tensors), type(value)
        return lambda found: posterior(mean(found), logs(found))
    if isinstance(value, Cache):
        # a language model's state for writing on; here texts are only read
        return lambda _: None
    if isinstance(value, Mapping):
        # the outputs of diffusers' and transformers' models are dictionaries with a class of their own
        fields = {name: _take_apart(one, tensors) for name, one in value.items()}
        kind: Any = type(value)
        return lambda found: kind(**{name: field(found) for name, field in fields.items()})
    if type(value) in (tuple, list):
        parts = [_take_apart(one, tensors) for one in value]
        group = type(value)
        return lambda found: group(part(found) for part in parts)
    raise _Strange
