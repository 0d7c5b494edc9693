"""A tiny model on disk, loaded as the host loads it: text components alone, then everything else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.family import Family, Joint
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.window import Memory, Window, WindowResult

CPU = torch.device("cpu")


def latents_of(family: Family, loaded: LoadedPipeline, frames: np.ndarray) -> torch.Tensor:
    """Encode frames with a model that is known to have latents."""
    latents = family.latents_of(loaded, frames, CPU)
    assert latents is not None
    return latents


def joint_of(family: Family, folder: ModelFolder) -> Joint:
    """Return the parameters for joint windows of a model that is known to support them."""
    joint = family.joint(folder)
    assert joint is not None
    return joint


class Rig:
    """A loaded model, and windows for it with defaults."""

    def __init__(self, family: Family, root: Path, side: int, dtype: torch.dtype = torch.float32) -> None:
        self.family, self.side = family, side
        self.folder = inspect_folder(root)
        self.capabilities = family.capabilities(self.folder)
        others = [name for name in self.folder.components if name not in family.text_components]
        reader = LoadedPipeline(pipeline=family.load(self.folder, others, dtype), folder=self.folder)
        assert all(getattr(reader.pipeline, name) is None for name in others)
        # written and read back, as from one process to the next
        save_file(family.encode_prompt(reader, "a cat on a quay", "blurred", CPU), root / "encoded.safetensors")
        self.encoded = load_file(root / "encoded.safetensors")
        self.loaded = LoadedPipeline(pipeline=family.load(self.folder, family.text_components, dtype), folder=self.folder)
        assert all(getattr(self.loaded.pipeline, name) is None for name in family.text_components)

    def pictures(self, count: int, seed: int = 0, side: int | None = None) -> np.ndarray:
        """Draw smooth pictures, no two equal: [count, side, side, 3] bytes."""
        rng = np.random.default_rng([seed, count])
        small = rng.integers(0, 256, (count, 4, 4, 3), np.uint8)
        return small.repeat((side or self.side) // 4, 1).repeat((side or self.side) // 4, 2)

    def picture(self, seed: int = 0, side: int | None = None) -> np.ndarray:
        """Draw one picture."""
        picture: np.ndarray = self.pictures(1, seed, side)[0]
        return picture

    def memories(self, *seeds: int) -> tuple[Memory, ...]:
        """Draw reference pictures of Mara."""
        return tuple(Memory(name=f"mara:{seed}", entity="mara", picture=self.picture(seed)) for seed in seeds)

    def shoot(self, **changes: Any) -> WindowResult:
        """Sample a window; `changes`: its fields other than the defaults."""
        fields = {"frames": 9, "width": self.side, "height": self.side, "fps": 16, "seed": 1, "steps": 2, "guidance": 3.0}
        return self.family.call(self.loaded, Window(**fields | {"encoded": self.encoded} | changes), CPU)

    def everything(self) -> dict[str, Any]:
        """Return every input of the capabilities, except a first picture where the model can continue a clip."""
        can = self.capabilities
        window: dict[str, Any] = {}
        if can.reference_pictures:
            window["references"] = self.memories(*range(min(3, can.reference_pictures)))
        if can.continuation_frames:
            window["known"] = self.pictures(min(5, can.continuation_frames), 11)
        elif can.first_frame:
            window["first_frame"] = self.picture(12)
        if can.last_frame:
            window["last_frame"] = self.picture(13)
        if kinds := self.family.control_kinds(self.folder):
            window["control"] = {kinds[0]: self.pictures(9, 14)}
        return window

    @contextmanager
    def watched(self, name: str = "transformer") -> Iterator[list[dict[str, Any]]]:
        """Record the keyword arguments of every pass of the transformer."""
        seen: list[dict[str, Any]] = []
        handle = getattr(self.loaded.pipeline, name).register_forward_pre_hook(
            lambda _, __, arguments: seen.append(arguments), with_kwargs=True
        )
        try:
            yield seen
        finally:
            handle.remove()
