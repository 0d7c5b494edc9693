"""A cache of encoders' results: a reference picture is shown in every window of every shot, and the negative prompt belongs to every shot.

A result is found by the content of the arguments and returned bit for bit. Where an encoder returns a distribution to sample from, its
parameters are kept, so that sampling is not affected.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from typing import Any, Final

import torch
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from torch import Tensor
from transformers import Cache

__all__ = ["EncodingCache", "content_digest"]

_MOST_BYTES: Final = 2 * 2**30
_MOST_EACH: Final = 0.25
"""Share of the cache that one result may take: a larger one would push out too many others."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A result with its tensors in main memory; `build` makes a new one from them."""

    tensors: tuple[Tensor, ...]
    devices: tuple[torch.device, ...]
    build: Callable[[list[Tensor]], Any]

    @property
    def size(self) -> int:
        return sum(tensor.numel() * tensor.element_size() for tensor in self.tensors)

    def rebuild(self) -> Any:
        """Build the result with copies of its tensors on their devices."""
        return self.build([tensor.to(device, copy=True) for tensor, device in zip(self.tensors, self.devices, strict=True)])


class _Uncacheable(Exception):
    """An argument or a result of a type that cannot be compared or kept."""


class EncodingCache:
    """Results by content, least recently used dropped first. Not thread-safe."""

    def __init__(self, most_bytes: int = _MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self.bytes = 0
        """Size of all results, in main memory."""
        self.computed = 0
        """Number of calls that encoded something."""
        self.reused = 0
        """Number of calls that were answered from the cache."""

    def cache_method(self, module: Any, method: str, scope: str) -> None:
        """Let `module.method` answer from the cache where it was called with the same arguments in the same `scope`.

        `scope` names everything but the arguments that a result depends on: weights, precision, tiling. The method must be
        deterministic. Calls with arguments or results other than tensors, numbers, texts and groups of them are passed through.
        """
        original = getattr(module, method)

        @wraps(original)
        def cached(*args: Any, **kwargs: Any) -> Any:
            try:
                key = _key(scope, method, args, kwargs)
            except _Uncacheable:
                return original(*args, **kwargs)
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
                self.reused += 1
                return entry.rebuild()
            result = original(*args, **kwargs)
            self.computed += 1
            self._store(key, result)
            return result

        setattr(module, method, cached)

    def clear(self) -> None:
        """Drop all results."""
        self._entries.clear()
        self.bytes = 0

    def _store(self, key: str, result: Any) -> None:
        tensors: list[Tensor] = []
        try:
            build = _disassemble(result, tensors)
        except _Uncacheable:
            return
        copies = tuple(tensor.detach().to("cpu", copy=True) for tensor in tensors)
        entry = _Entry(copies, tuple(tensor.device for tensor in tensors), build)
        if entry.size > self._most_bytes * _MOST_EACH:
            return
        self._entries[key] = entry
        self.bytes += entry.size
        while self.bytes > self._most_bytes:
            _, dropped = self._entries.popitem(last=False)
            self.bytes -= dropped.size


def content_digest(*values: Any) -> str:
    """Return a digest of tensors, numbers, texts and groups of them. Raises TypeError for anything else."""
    digest = sha256()
    try:
        _add_content(values, digest.update)
    except _Uncacheable as err:
        raise TypeError("expected tensors, numbers, texts and groups of them") from err
    return digest.hexdigest()


def _key(scope: str, method: str, args: tuple[Any, ...], kwargs: Mapping[str, object]) -> str:
    """Return the key of a call: a digest of its scope, method and arguments."""
    digest = sha256()
    _add_content((scope, method, args, dict(sorted(kwargs.items()))), digest.update)
    return digest.hexdigest()


def _add_content(value: Any, add: Callable[[Any], object]) -> None:
    """Feed a value's content to `add` as bytes."""
    if isinstance(value, Tensor):
        if value.requires_grad:
            raise _Uncacheable
        add(f"tensor {value.dtype} {tuple(value.shape)} {value.device};".encode())
        # as bytes, because numpy has no bfloat16
        add(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    elif value is None or isinstance(value, (bool, int, float, str, torch.dtype, torch.device)):
        add(f"{type(value).__name__} {value!r};".encode())
    elif isinstance(value, (tuple, list)):
        add(f"{len(value)} (".encode())
        for element in value:
            _add_content(element, add)
    elif isinstance(value, dict):
        add(f"{len(value)} {{".encode())
        for name, element in value.items():
            _add_content(name, add)
            _add_content(element, add)
    else:
        raise _Uncacheable


def _disassemble(value: Any, tensors: list[Tensor]) -> Callable[[list[Tensor]], Any]:
    """Append all tensors of `value` to `tensors`; return the function that builds an equal value from copies of them."""
    if isinstance(value, Tensor):
        tensors.append(value)
        index = len(tensors) - 1
        return lambda copies: copies[index]
    if value is None or isinstance(value, (bool, int, float, str)):
        return lambda _: value
    if type(value) is DiagonalGaussianDistribution:
        parameters, deterministic = _disassemble(value.parameters, tensors), value.deterministic
        return lambda copies: DiagonalGaussianDistribution(parameters(copies), deterministic)
    if type(value).__name__ == "MiniMaxH3AudioDiagonalGaussianDistribution":
        mean, logs, posterior = _disassemble(value.mean, tensors), _disassemble(value.logs, tensors), type(value)
        return lambda copies: posterior(mean(copies), logs(copies))
    if isinstance(value, Cache):
        # a language model's state for generating further text, which is not used here
        return lambda _: None
    if isinstance(value, Mapping):
        # the outputs of diffusers' and transformers' models are dictionaries with a class of their own
        builders = {name: _disassemble(element, tensors) for name, element in value.items()}
        mapping_class: Any = type(value)
        return lambda copies: mapping_class(**{name: build(copies) for name, build in builders.items()})
    if type(value) in (tuple, list):
        parts = [_disassemble(element, tensors) for element in value]
        sequence_class = type(value)
        return lambda copies: sequence_class(part(copies) for part in parts)
    raise _Uncacheable
