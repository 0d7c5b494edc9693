"""Sampling a take: the diffusers pipeline of `stage`.

An explicit generator draws the noise per slot and frame. A long shot is sampled in windows; each window receives the last frames
of the window before. The pipeline samples the deviation from the staging and returns the sum of both.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from jaxtyping import Bool, Float, Float32
from torch import Tensor
from torch.nn import functional as F

from episodic.backbones.stage.model.denoiser import PATCH_FRAMES, StageDenoiser
from episodic.backbones.stage.model.encoder import MemoryEncoder
from episodic.backbones.stage.model.latent import ACTOR_SLOTS, CHANNELS, CONTEXT, MEMORY, SLOTS, cast_slots
from episodic.backbones.stage.model.ranges import clamp_to_ranges
from episodic.backbones.stage.model.weights import WEIGHTS
from episodic.backbones.stage.staging.staging import Staging
from episodic.errors import BackboneError

__all__ = ["WINDOW", "StagePipeline", "load_pipeline", "padded_frames"]

WINDOW: Final = 64
"""Latent frames sampled at once, context included."""


def padded_frames(frames: int) -> int:
    """Return how many latent frames to stage so that `frames` can be sampled in windows."""
    if frames <= WINDOW:
        return -(-frames // PATCH_FRAMES) * PATCH_FRAMES
    return CONTEXT + -(-(frames - CONTEXT) // PATCH_FRAMES) * PATCH_FRAMES


@dataclass(frozen=True, slots=True, kw_only=True)
class _Condition:
    """What a shot is sampled from besides its staging; tensors are of the slots in use."""

    slots: tuple[int, ...]
    facts: Float[Tensor, "1 slot fact"]
    memory: Float[Tensor, "1 slot memory"]
    remembered: Bool[Tensor, "1 slot"]
    """False where memory is withheld."""
    steps: int
    guidance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Window:
    """What one window is sampled from; tensors are of the slots in use."""

    base: Float[Tensor, "slot time channel"]
    cues: Float[Tensor, "slot time cue"]
    known: Float[Tensor, "slot past channel"]
    """Clean deviations of the first frames, in units of the model's scale."""
    pinned: Mapping[int, Float[Tensor, "time channel"]]
    """Deviations of slots that are given, not sampled, by index into the slots in use."""


class StagePipeline(DiffusionPipeline):
    """Turn staging and memory into the latent of a take.

    Args:
        denoiser: predicts the clean motion.
        encoder: embeds takes for memory.
        scheduler: takes the flow-matching Euler steps.
    """

    denoiser: StageDenoiser
    encoder: MemoryEncoder
    scheduler: FlowMatchEulerDiscreteScheduler

    def __init__(self, denoiser: StageDenoiser, encoder: MemoryEncoder, scheduler: FlowMatchEulerDiscreteScheduler) -> None:
        super().__init__()
        self.register_modules(denoiser=denoiser, encoder=encoder, scheduler=scheduler)  # type: ignore[no-untyped-call]
        self.set_progress_bar_config(disable=True)  # type: ignore[no-untyped-call]

    @classmethod
    def assemble(cls, denoiser: StageDenoiser, encoder: MemoryEncoder) -> StagePipeline:
        """Make a pipeline with the scheduler that the denoiser was trained for."""
        return cls(denoiser, encoder, FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, shift=1.0))

    @classmethod
    def open(cls, folder: Path, dtype: torch.dtype = torch.float32) -> StagePipeline:
        """Load from a folder that `save_pretrained` wrote, without network. Raises OSError or ValueError if it is not one."""
        return cls(
            StageDenoiser.from_pretrained(folder / "denoiser", torch_dtype=dtype, local_files_only=True).eval(),
            MemoryEncoder.from_pretrained(folder / "encoder", torch_dtype=dtype, local_files_only=True).eval(),
            FlowMatchEulerDiscreteScheduler.from_pretrained(folder / "scheduler", local_files_only=True),
        )

    @torch.no_grad()
    def motion_embeddings(self, takes: Float32[np.ndarray, "take time channel"]) -> Float32[np.ndarray, "take memory"]:
        """Embed one actor's stored latents, one unit vector a take."""
        embeddings: Float32[np.ndarray, "take memory"] = self.encoder.motion(torch.from_numpy(takes)).numpy()
        return embeddings

    @torch.no_grad()
    def light_embeddings(
        self, light: Float32[np.ndarray, "take time channel"], scenery: Float32[np.ndarray, "take time channel"]
    ) -> Float32[np.ndarray, "take memory"]:
        """Embed the deviations of the light and set slots from their staging, one unit vector a take."""
        slots = (torch.from_numpy(np.ascontiguousarray(slot)) for slot in (light, scenery))
        embeddings: Float32[np.ndarray, "take memory"] = self.encoder.light(*slots).numpy()
        return embeddings

    @torch.no_grad()
    def __call__(
        self,
        staging: Staging,
        memory: Mapping[int, Float32[np.ndarray, " memory"]],
        generator: torch.Generator,
        *,
        steps: int = 8,
        guidance: float = 1.5,
        context: Float32[np.ndarray, "slot=8 past channel=32"] | None = None,
        carried: frozenset[int] = frozenset(),
        pinned: Mapping[int, Float32[np.ndarray, "time channel=32"]] | None = None,
    ) -> Float32[np.ndarray, "slot=8 time channel=32"]:
        """Sample the latent of a shot, in stored units.

        Args:
            staging: the shot, `padded_frames` long.
            memory: unit embeddings by slot. The memory of a slot that is left out is withheld.
            generator: draws the noise. The result is a function of it and of the other arguments.
            steps: of the scheduler.
            guidance: scale of classifier-free guidance by memory; 1 is none.
            context: the last latent frames of the take that is continued, at most `CONTEXT` of them.
            carried: the slots that `context` fills; the other slots start afresh.
            pinned: motion of slots that is given, not sampled.
        """
        slots = cast_slots(int(staging.present[:ACTOR_SLOTS].sum()))
        chosen = list(slots)
        base, cues = torch.from_numpy(staging.base[chosen]), torch.from_numpy(staging.cues[chosen])
        scale = self.denoiser.scale[chosen][:, None].float()
        deviations = {slots.index(slot): torch.from_numpy(np.asarray(motion)) for slot, motion in (pinned or {}).items()}
        deviations = {index: (motion - base[index]) / scale[index] for index, motion in deviations.items()}
        clean = torch.zeros(len(slots), 0, CHANNELS)
        if context is not None and carried:
            base, cues, past = _prepend(base, cues, torch.from_numpy(context[chosen]), [slot in carried for slot in slots])
            clean = past / scale
        past_frames = clean.shape[1]
        deviations = {index: F.pad(motion, (0, 0, past_frames, 0)) for index, motion in deviations.items()}
        embeddings, remembered = _memories(memory, slots)
        condition = _Condition(
            slots=slots,
            facts=torch.from_numpy(staging.facts[chosen])[None],
            memory=embeddings,
            remembered=remembered,
            steps=steps,
            guidance=guidance,
        )
        while clean.shape[1] < base.shape[1]:
            known = min(CONTEXT, clean.shape[1])
            start = clean.shape[1] - known
            part = slice(start, min(start + WINDOW, base.shape[1]))
            window = _Window(
                base=base[:, part],
                cues=cues[:, part],
                known=clean[:, start:],
                pinned={index: motion[part] for index, motion in deviations.items()},
            )
            clean = torch.cat([clean, self._sample(window, condition, generator)[:, known:]], 1)
        latent = np.zeros((len(SLOTS), base.shape[1] - past_frames, CHANNELS), np.float32)
        latent[chosen] = (base + clean * scale)[:, past_frames:].numpy()
        return clamp_to_ranges(latent)

    def _sample(
        self, window: _Window, condition: _Condition, generator: torch.Generator
    ) -> Float[Tensor, "slot time channel=32"]:
        """Run the denoising loop of one window."""
        slots, frames, known = len(condition.slots), window.base.shape[1], window.known.shape[1]
        noise = torch.randn(1, slots, frames, CHANNELS, generator=generator)
        target = F.pad(window.known, (0, 0, 0, frames - known))[None]
        is_known = (torch.arange(frames) < known).float()[None]
        guided = condition.guidance != 1.0 and bool(condition.remembered.any())
        batch = 2 if guided else 1
        remembered = condition.remembered
        if guided:
            remembered = torch.cat([remembered, torch.zeros_like(remembered)])
        dtype = self.denoiser.dtype
        base, cues, facts, memory = (
            tensor.expand(batch, *tensor.shape[1:]).to(dtype)
            for tensor in (window.base[None], window.cues[None], condition.facts, condition.memory)
        )
        self.scheduler.set_timesteps(sigmas=np.linspace(1.0, 1 / condition.steps, condition.steps).tolist())
        sample = noise
        for sigma, timestep in zip(self.scheduler.sigmas, self.scheduler.timesteps, strict=False):
            sample = _impose(sample, target, is_known, noise, float(sigma), window.pinned)
            predicted = self.denoiser(
                sample.expand(batch, -1, -1, -1).to(dtype),
                sigma.expand(batch).to(dtype),
                base,
                cues,
                facts,
                memory,
                remembered,
                is_known.expand(batch, -1).to(dtype),
                condition.slots,
            ).float()
            clean = torch.lerp(predicted[1:], predicted[:1], condition.guidance) if guided else predicted
            velocity = (sample - clean) / sigma
            sample = self.scheduler.step(velocity, timestep, sample, return_dict=False)[0]  # type: ignore[arg-type]
        return _impose(sample, target, is_known, noise, 0.0, window.pinned)[0]


@lru_cache(maxsize=2)
def load_pipeline(weights: Path = WEIGHTS) -> StagePipeline:
    """Load the pipeline, in float32 on the CPU. Raises BackboneError if the weights are missing or do not load."""
    if not (weights / "model_index.json").exists():
        raise BackboneError(
            f"{weights}: expected the weights of stage, found none; run `episodic train stage` or install the package again"
        )
    try:
        return StagePipeline.open(weights)
    except (OSError, ValueError, RuntimeError, json.JSONDecodeError) as err:
        raise BackboneError(
            f"{weights}: the weights of stage do not load ({err}); run `episodic train stage` to make them again"
        ) from err


def _impose(
    sample: Float[Tensor, "1 slot time channel"],
    target: Float[Tensor, "1 slot time channel"],
    is_known: Float[Tensor, "1 time"],
    noise: Float[Tensor, "1 slot time channel"],
    sigma: float,
    pinned: Mapping[int, Float[Tensor, "time channel"]],
) -> Float[Tensor, "1 slot time channel"]:
    """Replace known frames by the clean target, as in training, and pinned slots by their motion at noise level `sigma`."""
    sample = sample.clone()
    for index, motion in pinned.items():
        sample[:, index] = torch.lerp(motion, noise[:, index], sigma)
    return torch.where(is_known[:, None, :, None] > 0, target, sample)


def _memories(
    memory: Mapping[int, Float32[np.ndarray, " memory"]], slots: tuple[int, ...]
) -> tuple[Float[Tensor, "1 slot memory"], Bool[Tensor, "1 slot"]]:
    """Return the embeddings of `slots`, scaled to unit variance, and which of them are remembered."""
    embeddings = torch.zeros(1, len(slots), MEMORY)
    remembered = torch.zeros(1, len(slots), dtype=torch.bool)
    for index, slot in enumerate(slots):
        if slot in memory:
            embeddings[0, index] = F.normalize(torch.from_numpy(np.asarray(memory[slot], np.float32)), dim=-1) * MEMORY**0.5
            remembered[0, index] = True
    return embeddings, remembered


def _prepend(
    base: Float[Tensor, "slot time channel"],
    cues: Float[Tensor, "slot time cue"],
    context: Float[Tensor, "slot past channel"],
    carried: list[bool],
) -> tuple[Float[Tensor, "slot _ channel"], Float[Tensor, "slot _ cue"], Float[Tensor, "slot _ channel"]]:
    """Put the frames of the take before in front of the staging.

    In channels that the request stages, those frames become part of the base; in the other channels they are the deviation.
    Slots that are not carried over (a new camera set-up) count as standing still before.
    """
    padding = -context.shape[1] % PATCH_FRAMES
    if padding:
        context = torch.cat([context[:, :1].expand(-1, padding, -1), context], 1)
    past = context.shape[1]
    still = base[:, :1].expand(-1, past, -1)
    staged = base.abs().amax(1, keepdim=True) > 0
    keep = torch.tensor(carried)[:, None, None]
    before = torch.where(keep & staged, context, still)
    deviation = torch.where(keep & ~staged, context, torch.zeros_like(context))
    silence = torch.zeros(len(cues), past, cues.shape[-1])
    return torch.cat([before, base], 1), torch.cat([silence, cues], 1), deviation
