"""A device that is not the CPU, on machines that have no other: what lies there is computed on the CPU, and what would fail on a GPU fails.

That is: an operation on tensors of two devices, a CPU generator that is to draw on the device, and taking what lies there for an array.
Its name is that of a device of PyTorch's which nothing here uses. `There` is its tensor, `elsewhere` has to be entered to use it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves, tree_map

__all__ = ["THERE", "There", "elsewhere"]

THERE: Final = torch.device("lazy", 0)
_MOVING: Final = ("aten._to_copy.", "aten.copy_.")
_INDEXING: Final = ("aten.index.", "aten._unsafe_index.")
_PUTTING: Final = ("aten.index_put", "aten._index_put", "aten._unsafe_index_put")


class There(torch.Tensor):
    """A tensor on that device; `plain` is what it stands for."""

    plain: torch.Tensor
    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, plain: torch.Tensor) -> "There":
        tensor: There = torch.Tensor._make_wrapper_subclass(
            cls, plain.shape, strides=plain.stride(), storage_offset=plain.storage_offset(), dtype=plain.dtype, device=THERE
        )
        tensor.plain = plain
        return tensor

    def __repr__(self) -> str:  # type: ignore[override]
        return f"There({self.plain!r})"

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        del types
        return _computed(func, args, kwargs or {})


@contextmanager
def elsewhere() -> Iterator[torch.device]:
    """The device, as long as it is there; what is made there does not outlive it."""
    with _Making(), _Computing():
        yield THERE


class _Computing(TorchDispatchMode):
    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        del types
        return _computed(func, args, kwargs or {})


class _Making(TorchFunctionMode):
    """`torch.tensor` makes its tensor where no dispatch mode sees it, and lists are made of plain tensors only."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        del types
        kwargs = dict(kwargs or {})
        if func in (torch.tensor, torch.as_tensor) and _is_there(kwargs.get("device")):
            return func(*tree_map(_plain, args), **kwargs | {"device": "cpu"}).to(THERE)
        if func is torch.Tensor.tolist:
            return _plain(args[0]).tolist()
        return func(*args, **kwargs)


def _computed(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """What an operation gives, where it belongs."""
    name = str(func)
    tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, torch.Tensor)]
    there = [tensor for tensor in tensors if isinstance(tensor, There)]
    _check(name, args, tensors, there)
    goes = bool(there) if not name.startswith((*_MOVING, *_PUTTING)) else isinstance(args[0], There)
    if kwargs.get("device") is not None:
        goes = _is_there(kwargs["device"])
        kwargs = {**kwargs, "device": "cpu"}
    generator = kwargs.get("generator")
    if goes and generator is not None and generator.device.type == "cpu":
        raise RuntimeError(f"{name}: expected a generator of {THERE}, found one of the CPU")
    result = func(*tree_map(_plain, args), **tree_map(_plain, kwargs))

    def placed(value: Any) -> Any:
        if not isinstance(value, torch.Tensor) or isinstance(value, There):
            return value
        # what was changed in place is the same tensor as before
        same = next((each for each in tensors if _plain(each) is value), None)
        return same if same is not None else There(value) if goes else value

    return tree_map(placed, result)


def _check(name: str, args: Any, tensors: list[torch.Tensor], there: list[There]) -> None:
    """Numbers of the CPU may go with what lies there, and its indices into it; what is put somewhere is found by indices of any device."""
    if name.startswith(_PUTTING):
        tensors, there = [args[0], args[2]], [tensor for tensor in (args[0], args[2]) if isinstance(tensor, There)]
    here = [tensor for tensor in tensors if not isinstance(tensor, There) and tensor.ndim > 0]
    if not there or not here or name.startswith(_MOVING) or (name.startswith(_INDEXING) and isinstance(args[0], There)):
        return
    shapes = [[list(tensor.shape) for tensor in group] for group in (there, here)]
    raise RuntimeError(f"{name}: expected all tensors on one device, found {shapes[0]} on {THERE}, {shapes[1]} on the CPU")


def _plain(value: Any) -> Any:
    """Return the CPU tensor that a tensor of the device stands for; other values as they are."""
    return value.plain if isinstance(value, There) else value


def _is_there(device: Any) -> bool:
    return device is not None and torch.device(device).type == THERE.type
