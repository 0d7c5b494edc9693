"""Every family computes on the given device with all its inputs: no part of a window stays on the CPU.

No GPU is needed: `tests.fake_device` fails where a GPU fails.
"""

import importlib
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from episodic.backbones.diffusers.driver import LoadedPipeline
from episodic.backbones.diffusers.families.family_registry import KEYFRAME_FAMILIES, open_family, open_keyframe_family
from episodic.backbones.diffusers.folder.inspect import inspect_folder
from episodic.backbones.diffusers.picture_request import PictureRequest
from episodic.backbones.diffusers.window import SOUND_HZ, Memory, Window
from episodic.consistency.guidance import LowFrequencyGuide, chain_hooks
from episodic.consistency.latent_windows import shared_noise
from episodic.consistency.pinned_frames import PinnedFrames
from episodic.lab.backbone_bench.models import TINY_MODELS, build_tiny
from tests.fake_device import FAKE_DEVICE, DeviceTensor, fake_device

# NumPy warns when a tensor of the CPU is converted inside a dispatch mode
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(params=list(TINY_MODELS))
def model(request, tmp_path):
    """Return the family, the folder, and a window with every input."""
    tiny = TINY_MODELS[request.param]
    family = open_family(tiny.family)
    _, _, root = build_tiny(request.param, tmp_path).partition(":")
    folder = inspect_folder(tmp_path / request.param)
    assert str(folder.root) == root
    return family, folder, full_window(family, folder, *map(int, tiny.size.split("x")))


def full_window(family, folder, width, height):
    can, rules, kinds = family.capabilities(folder), family.rules(folder), family.control_kinds(folder)
    frames, known = rules.frames_for(9), max(family.known_frames(folder), default=0)
    while known >= frames:
        frames = rules.frames_for(frames + 1)
    rng = np.random.default_rng(3)

    def clip(count):
        return rng.integers(0, 256, (count, height // 8, width // 8, 3), np.uint8).repeat(8, 1).repeat(8, 2)

    def sound(seconds, channels=2):
        return rng.normal(0, 0.1, (channels, round(seconds * SOUND_HZ))).astype(np.float32)

    shown = {"known": clip(known)} if known else {"first_frame": clip(1)[0]} if can.first_frame else {}
    return Window(
        frames=frames,
        width=width,
        height=height,
        fps=rules.fps,
        seed=1,
        steps=3,
        guidance=max(1.0, rules.guidance),
        encoded={},
        references=tuple(
            Memory(name=f"mara:{number}", entity="mara", picture=clip(1)[0], sound=sound(1) if can.memory_sounds else None)
            for number in range(min(2, can.reference_pictures))
        ),
        last_frame=clip(1)[0] if can.last_frame else None,
        control={kinds[0]: clip(frames)} if kinds else {},
        known_sound=sound(known / rules.fps) if can.own_sound and known > 1 else None,
        **shown,
    )


def loaded_on(family, folder, device, leave_out):
    pipeline = family.load(folder, leave_out, torch.float32)
    pipeline.to(device)
    return LoadedPipeline(pipeline=pipeline, folder=folder)


def read_back(encoded, folder):
    """Read a prompt back as `prompt_file` does: from disk, on the CPU."""
    save_file({name: tensor.detach().cpu().contiguous() for name, tensor in encoded.items()}, folder / "prompt.safetensors")
    return load_file(folder / "prompt.safetensors")


def hook_of(family, loaded, window, device):
    if not family.hooks(loaded.folder):
        return None
    clip = window.known if window.known is not None else np.zeros((1, window.height, window.width, 3), np.uint8)
    clean = family.latents_of(loaded, clip[:1], device)
    return chain_hooks(LowFrequencyGuide(target=clean, strength=0.2, bands=1), PinnedFrames(known=clean, seed=1))


def windows_of(family, folder, window, loaded, device):
    """Yield the full window, one without given frames, and where supported one with speech and one with shared noise."""
    can = family.capabilities(folder)
    yield window
    if not can.needs_first_frame:
        yield replace(window, known=None, known_sound=None, first_frame=None, last_frame=None, control={})
    if family.speech_hz is not None:
        samples = round(window.frames / window.fps * SOUND_HZ)
        yield replace(window, speech=np.sin(np.arange(samples, dtype=np.float32) / 30)[None] * np.float32(0.2))
    joint = family.joint(folder)
    if joint is not None and family.hooks(folder):
        latents = family.latents_of(loaded, np.zeros((1, window.height, window.width, 3), np.uint8), device)
        latent = (window.frames - 1) // joint.frames_per_latent + 1
        shape = (1, latents.shape[1], latent, latents.shape[3], latents.shape[4])
        yield replace(window, control={}, noise=shared_noise(torch.Generator().manual_seed(1), shape, latent, 1))


def test_a_window_with_every_input_is_sampled_on_the_device(model, tmp_path):
    family, folder, window = model
    others = [name for name in folder.components if name not in family.text_components]
    with fake_device() as device, torch.no_grad():
        reader = loaded_on(family, folder, device, others)
        window = replace(window, encoded=read_back(family.encode_prompt(reader, "a cat on a quay", "rain", device), tmp_path))
        sampler = loaded_on(family, folder, device, family.text_components)
        for variant in windows_of(family, folder, window, sampler, device):
            hook = hook_of(family, sampler, variant, device)
            shown = family.call(sampler, replace(variant, on_step=hook), device)
            assert shown.frames.shape == (variant.frames, variant.height, variant.width, 3)
            assert shown.hook_called is (hook is not None)
            assert (shown.sound is not None) is family.capabilities(folder).own_sound


@pytest.mark.parametrize("name", list(KEYFRAME_FAMILIES))
def test_a_picture_is_sampled_on_the_device(name, tmp_path):
    module, _, _ = KEYFRAME_FAMILIES[name]
    family = open_keyframe_family(name)
    root = getattr(importlib.import_module(f"episodic.lab.tiny_models.{module}"), f"build_{module}")(tmp_path / name)
    folder = family.complete(inspect_folder(root))
    picture = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    request = PictureRequest(prompt="a lamp", references=(picture, picture), width=64, height=64, seed=1, steps=2, guidance=4.0)
    with fake_device() as device, torch.no_grad():
        assert family.call(loaded_on(family, folder, device, ()), request, device).shape == (64, 64, 3)


def test_the_fake_device_fails_where_a_gpu_fails():
    with fake_device() as device:
        on_device, on_cpu = torch.ones(3).to(device), torch.ones(3)
        assert isinstance(on_device, DeviceTensor)
        assert on_device.device == FAKE_DEVICE
        assert (on_device + on_device).cpu().tolist() == [2, 2, 2]
        with pytest.raises(RuntimeError, match="expected all tensors on one device"):
            on_device + on_cpu
        with pytest.raises(RuntimeError, match="expected a generator"):
            torch.randn(3, generator=torch.Generator(), device=device)
        with pytest.raises((RuntimeError, TypeError)):
            on_device.numpy()
