"""Tiny models on disk, loaded as the host loads them: text components alone, then everything else."""

import warnings
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.window import Memory, Window

CPU = torch.device("cpu")


@pytest.fixture(scope="module", autouse=True)
def _quiet():
    with warnings.catch_warnings():
        # transformers' own: its tokenizer wrapper still sets an attribute that its base class has deprecated
        warnings.filterwarnings("ignore", category=DeprecationWarning, module="transformers")
        yield


class Rig:
    """One loaded model, and windows for it with defaults."""

    def __init__(self, family, root, side, dtype=torch.float32):
        self.family, self.side = family, side
        self.folder = inspect_folder(root)
        self.capabilities = family.capabilities(self.folder)
        others = [name for name in self.folder.components if name not in family.text_components]
        reader = LoadedPipeline(pipeline=family.load(self.folder, others, dtype), folder=self.folder)
        assert all(getattr(reader.pipeline, name) is None for name in others)
        # contiguous copies are what safetensors takes; read back, they are what the next process has
        save_file(family.encode_prompt(reader, "a cat on a quay", "blurred", CPU), root / "encoded.safetensors")
        self.encoded = load_file(root / "encoded.safetensors")
        self.loaded = LoadedPipeline(pipeline=family.load(self.folder, family.text_components, dtype), folder=self.folder)
        assert all(getattr(self.loaded.pipeline, name) is None for name in family.text_components)

    def pictures(self, count, seed=0, side=None):
        """Return [count, side, side, 3]: smooth, and no two alike."""
        rng = np.random.default_rng([seed, count])
        small = rng.integers(0, 256, (count, 4, 4, 3), np.uint8)
        return small.repeat((side or self.side) // 4, 1).repeat((side or self.side) // 4, 2)

    def picture(self, seed=0, side=None):
        return self.pictures(1, seed, side)[0]

    def memories(self, *seeds):
        return tuple(Memory(name=f"mara:{seed}", entity="mara", picture=self.picture(seed)) for seed in seeds)

    def shoot(self, **how):
        sizes = {"frames": 9, "width": self.side, "height": self.side, "fps": 16, "seed": 1, "steps": 2, "guidance": 3.0}
        return self.family.call(self.loaded, Window(**sizes | {"encoded": self.encoded} | how), CPU)

    def everything(self):
        """Return every input of the capabilities, except a first picture where the model can continue a clip."""
        can, window = self.capabilities, {}
        if can.reference_pictures:
            window["references"] = self.memories(*range(min(3, can.reference_pictures)))
        if can.continuation_frames:
            window["known"] = self.pictures(min(5, can.continuation_frames), 11)
        elif can.first_frame:
            window["first_frame"] = self.picture(12)
        if can.last_frame:
            window["last_frame"] = self.picture(13)
        if can.control:
            window["control"] = {can.control[0]: self.pictures(9, 14)}
        return window

    @contextmanager
    def watched(self, name="transformer"):
        """Record the keyword arguments of every pass of the transformer."""
        seen = []
        handle = getattr(self.loaded.pipeline, name).register_forward_pre_hook(
            lambda _, __, arguments: seen.append(arguments), with_kwargs=True
        )
        try:
            yield seen
        finally:
            handle.remove()


@pytest.fixture(scope="session")
def rigs(tmp_path_factory):
    """Return `rigs(family, build, variant)`: the loaded model, the same one every time."""
    made = {}

    def rig(family, build, variant, side=32, dtype=torch.float32):
        key = family.name, variant, dtype
        if key not in made:
            root = tmp_path_factory.mktemp(f"{family.name}-{variant}")
            made[key] = Rig(family, build(root, variant), side, dtype)
        return made[key]

    return rig
