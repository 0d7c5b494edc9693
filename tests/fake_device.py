"""A device that is not the CPU, for machines that have no other.

Its tensors are computed on the CPU, but it fails where a GPU would fail: an operation on tensors of two devices, a CPU generator that
is to draw on the device, and reading a tensor of the device as an array. The device has the name of one of PyTorch's devices that is
unused here. Use it inside `fake_device()`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

__all__ = ["FAKE_DEVICE", "DeviceTensor", "fake_device"]

FAKE_DEVICE: Final = torch.device("lazy", 0)
_MOVING: Final = ("aten._to_copy.", "aten.copy_.")
_INDEXING: Final = ("aten.index.", "aten._unsafe_index.")
_PUTTING: Final = ("aten.index_put", "aten._index_put", "aten._unsafe_index_put")


class DeviceTensor(torch.Tensor):
    """A tensor on the fake device; `plain` is the CPU tensor that holds its values."""

    plain: torch.Tensor

    @staticmethod
    def __new__(cls, plain: torch.Tensor) -> "DeviceTensor":
        tensor: DeviceTensor = torch.Tensor._make_wrapper_subclass(
            cls, plain.shape, strides=plain.stride(), storage_offset=plain.storage_offset(), dtype=plain.dtype, device=FAKE_DEVICE
        )
        tensor.plain = plain
        return tensor

    def __repr__(self) -> str:  # type: ignore[override]
        return f"DeviceTensor({self.plain!r})"

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Do nothing special: operations are replaced below, at dispatch."""
        del types
        with torch._C.DisableTorchFunctionSubclass():
            return func(*args, **(kwargs or {}))

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # type: ignore[override]  # PyTorch's own annotation lacks `func`
        del types
        return _compute(func, args, kwargs or {})


@contextmanager
def fake_device() -> Iterator[torch.device]:
    """Provide the device; its tensors do not outlive the context."""
    with _Construction(), _Computation():
        yield FAKE_DEVICE


class _Computation(TorchDispatchMode):
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        del types
        return _compute(func, args, kwargs or {})


class _Construction(TorchFunctionMode):
    """Replace `torch.tensor`, which no dispatch mode sees, and `tolist`, which reads plain tensors only."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        del types
        kwargs = dict(kwargs or {})
        if func in (torch.tensor, torch.as_tensor) and _is_fake(kwargs.get("device")):
            return func(*tree_map(_plain, args), **kwargs | {"device": "cpu"}).to(FAKE_DEVICE)
        if func is torch.Tensor.tolist:
            return _plain(args[0]).tolist()
        return func(*args, **kwargs)


def _compute(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """Compute an operation on the CPU and put its result on the device to which it belongs."""
    name = str(func)
    tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
    on_device = [tensor for tensor in tensors if isinstance(tensor, DeviceTensor)]
    _check(name, args, tensors, on_device)
    to_device = bool(on_device) if not name.startswith((*_MOVING, *_PUTTING)) else isinstance(args[0], DeviceTensor)
    if kwargs.get("device") is not None:
        to_device = _is_fake(kwargs["device"])
        kwargs = {**kwargs, "device": "cpu"}
    generator = kwargs.get("generator")
    if to_device and generator is not None and generator.device.type == "cpu":
        raise RuntimeError(f"{name}: expected a generator of {FAKE_DEVICE}, found one of the CPU")
    result = func(*tree_map(_plain, args), **tree_map(_plain, kwargs))

    def placed(value: Any) -> Any:
        if not isinstance(value, torch.Tensor) or isinstance(value, DeviceTensor):
            return value
        # a tensor that was changed in place stays the same object
        same = next((tensor for tensor in tensors if _plain(tensor) is value), None)
        return same if same is not None else DeviceTensor(value) if to_device else value

    return tree_map(placed, result)


def _check(name: str, args: Any, tensors: list[torch.Tensor], on_device: list[DeviceTensor]) -> None:
    """Refuse an operation on tensors of two devices.

    Scalars of the CPU may be combined with tensors of the device, and indices of the CPU may index them; `index_put` accepts indices
    of either device.
    """
    if name.startswith(_PUTTING):
        tensors = [args[0], args[2]]
        on_device = [tensor for tensor in tensors if isinstance(tensor, DeviceTensor)]
    on_cpu = [tensor for tensor in tensors if not isinstance(tensor, DeviceTensor) and tensor.ndim > 0]
    if (
        not on_device
        or not on_cpu
        or name.startswith(_MOVING)
        or (name.startswith(_INDEXING) and isinstance(args[0], DeviceTensor))
    ):
        return
    shapes = [[list(tensor.shape) for tensor in group] for group in (on_device, on_cpu)]
    raise RuntimeError(f"{name}: expected all tensors on one device, found {shapes[0]} on {FAKE_DEVICE}, {shapes[1]} on the CPU")


def _plain(value: Any) -> Any:
    """Return the CPU tensor of a tensor of the device; other values unchanged."""
    return value.plain if isinstance(value, DeviceTensor) else value


def _is_fake(device: Any) -> bool:
    return device is not None and torch.device(device).type == FAKE_DEVICE.type
