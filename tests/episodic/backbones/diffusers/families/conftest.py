"""Tiny models, each loaded once for all tests."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from episodic.backbones.diffusers.family import Family
from tests.episodic.backbones.diffusers.families.rig import Rig


@pytest.fixture(scope="module", autouse=True)
def _quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        # the tokenizer wrapper of transformers sets an attribute that its own base class has deprecated
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="transformers")
        yield


@pytest.fixture(scope="session")
def rigs(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Rig]:
    """Return `rigs(family, build, variant)`: the loaded model, the same object every time."""
    loaded: dict[tuple[str, str, torch.dtype], Rig] = {}

    def rig(
        family: Family, build: Callable[[Path, str], Path], variant: str, side: int = 32, dtype: torch.dtype = torch.float32
    ) -> Rig:
        key = family.name, variant, dtype
        if key not in loaded:
            root = tmp_path_factory.mktemp(f"{family.name}-{variant}")
            loaded[key] = Rig(family, build(root, variant), side, dtype)
        return loaded[key]

    return rig
