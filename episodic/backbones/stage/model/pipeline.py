"""Sampling a take: the diffusers pipeline of `stage`.

The noise is drawn per slot and frame from an explicit generator; a long shot is sampled in windows that share their last frames
with the next. What leaves the pipeline was sampled: the staging only says around what.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from diffusers.pipelines.pipeline_utils import DiffusionPipeline
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from jaxtyping import Bool, Float, Float32
from torch import Tensor
from torch.nn import functional as F

from episodic.backbones.stage.model.denoiser import PATCH_FRAMES, StageDenoiser, cast_slots
from episodic.backbones.stage.model.encoder import MEMORY, MemoryEncoder
from episodic.backbones.stage.model.latent import ACTOR_SLOTS, CHANNELS, CONTEXT, SLOTS
from episodic.backbones.stage.model.ranges import clamp_to_ranges
from episodic.backbones.stage.staging.staging import Staging

__all__ = ["WINDOW", "StagePipeline", "padded_frames"]

WINDOW: Final = 64
"""Latent frames sampled at once, context included."""


def padded_frames(frames: int) -> int:
    """Latent frames to stage so that `frames` can be sampled in windows."""
    if frames <= WINDOW:
        return -(-frames // PATCH_FRAMES) * PATCH_FRAMES
    return CONTEXT + -(-(frames - CONTEXT) // PATCH_FRAMES) * PATCH_FRAMES


@dataclass(frozen=True, slots=True)
class _Window:
    """What one window is sampled from; all tensors are [slot, time, …] of the slots that are there."""

    base: Float[Tensor, "slot time channel"]
    cues: Float[Tensor, "slot time cue"]
    known: Float[Tensor, "slot time channel"]
    """Clean deviations of the first frames, in units of the model's scale."""
    given: int
    """How many frames are known."""


class StagePipeline(DiffusionPipeline):
    """Staging and memory to a take's latent.

    Args:
        denoiser: predicts the clean motion.
        encoder: how memory sees takes.
        scheduler: the flow-matching Euler steps.
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
        """A pipeline with the scheduler it was trained for."""
        return cls(denoiser, encoder, FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, shift=1.0))

    @classmethod
    def open(cls, folder: Path, dtype: torch.dtype) -> StagePipeline:
        """Load from a folder that `save_pretrained` wrote. No network. Raises OSError or ValueError where it is not one."""
        return cls(
            StageDenoiser.from_pretrained(folder / "denoiser", torch_dtype=dtype, local_files_only=True).eval(),
            MemoryEncoder.from_pretrained(folder / "encoder", torch_dtype=dtype, local_files_only=True).eval(),
            FlowMatchEulerDiscreteScheduler.from_pretrained(folder / "scheduler", local_files_only=True),
        )

    @torch.no_grad()
    def __call__(
        self,
        staging: Staging,
        memory: Mapping[int, Float32[np.ndarray, " memory"]],
        generator: torch.Generator,
        *,
        steps: int = 8,
        guidance: float = 1.5,
        context: Float32[np.ndarray, "slot past channel"] | None = None,
        carried: frozenset[int] = frozenset(),
        pinned: Mapping[int, Float32[np.ndarray, "time channel"]] | None = None,
    ) -> Float32[np.ndarray, "slot time channel"]:
        """Sample the latent of a shot, [slot, time, channel], stored units.

        Args:
            staging: the shot, `padded_frames` long.
            memory: unit embeddings by slot; a slot that is left out has its memory withheld.
            generator: draws the noise; the result is a function of it and of the other arguments.
            steps: of the scheduler.
            guidance: how far to go beyond the prediction without memory; 1 none.
            context: the last latent frames of the take that is continued, at most `CONTEXT` of them.
            carried: the slots that `context` is of; the other slots start afresh.
            pinned: slots whose motion is given, not sampled.
        """
        slots = cast_slots(int(staging.present[:ACTOR_SLOTS].sum()))
        chosen = list(slots)
        base, cues = torch.from_numpy(staging.base[chosen]), torch.from_numpy(staging.cues[chosen])
        facts = torch.from_numpy(staging.facts[chosen])[None]
        recalled, remembered = _memories(memory, slots)
        scale = self.denoiser.scale[chosen][:, None].float()
        fixed = {
            slots.index(s): (torch.from_numpy(np.asarray(v)) - base[slots.index(s)]) / scale[slots.index(s)]
            for s, v in (pinned or {}).items()
        }
        made = torch.zeros(len(slots), 0, CHANNELS)
        if context is not None and carried:
            base, cues, past = _prepend(base, cues, torch.from_numpy(context[chosen]), [s in carried for s in slots])
            made = past / scale
        skip = made.shape[1]
        fixed = {k: F.pad(v, (0, 0, skip, 0)) for k, v in fixed.items()}
        while made.shape[1] < base.shape[1]:
            given = min(CONTEXT, made.shape[1])
            start = made.shape[1] - given
            part = slice(start, min(start + WINDOW, base.shape[1]))
            window = _Window(base[:, part], cues[:, part], made[:, start:], given)
            fixed_here = {k: v[part] for k, v in fixed.items()}
            sample = self._sample(window, facts, recalled, remembered, slots, generator, steps, guidance, fixed_here)
            made = torch.cat([made, sample[:, given:]], 1)
        latent = (base + made * scale)[:, skip:]
        full = np.zeros((len(SLOTS), latent.shape[1], CHANNELS), np.float32)
        full[chosen] = latent.numpy()
        return clamp_to_ranges(full)

    def _sample(
        self,
        window: _Window,
        facts: Float[Tensor, "one slot fact"],
        memory: Float[Tensor, "one slot memory"],
        remembered: Bool[Tensor, "one slot"],
        slots: tuple[int, ...],
        generator: torch.Generator,
        steps: int,
        guidance: float,
        fixed: Mapping[int, Float[Tensor, "time channel"]],
    ) -> Float[Tensor, "slot time channel"]:
        """The denoising loop of one window."""
        frames = window.base.shape[1]
        noise = torch.randn(1, len(slots), frames, CHANNELS, generator=generator)
        target = F.pad(window.known, (0, 0, 0, frames - window.given))[None]
        is_known = (torch.arange(frames) < window.given).float()[None]
        self.scheduler.set_timesteps(sigmas=np.linspace(1.0, 1 / steps, steps).tolist())
        sample = noise
        both = guidance != 1.0 and bool(remembered.any())
        count = 2 if both else 1
        told = [t.expand(count, *t.shape[1:]) for t in (window.base[None], window.cues[None], facts, memory)]
        recall = torch.cat([remembered, torch.zeros_like(remembered)]) if both else remembered
        dtype = self.denoiser.dtype
        for step, timestep in enumerate(self.scheduler.timesteps):
            sigma = self.scheduler.sigmas[step]
            sample = _impose(sample, target, is_known, noise, float(sigma), fixed)
            predicted = self.denoiser(
                sample.expand(count, -1, -1, -1).to(dtype),
                sigma.expand(count).to(dtype),
                *(t.to(dtype) for t in told),
                recall,
                is_known.expand(count, -1).to(dtype),
                slots,
            ).float()
            clean = torch.lerp(predicted[1:], predicted[:1], guidance) if both else predicted
            velocity = (sample - clean) / sigma
            sample = self.scheduler.step(velocity, timestep, sample, return_dict=False)[0]  # type: ignore[arg-type]
        return _impose(sample, target, is_known, noise, 0.0, fixed)[0]


def _impose(
    sample: Float[Tensor, "one slot time channel"],
    target: Tensor,
    known: Tensor,
    noise: Tensor,
    sigma: float,
    fixed: Mapping[int, Tensor],
) -> Float[Tensor, "one slot time channel"]:
    """Known frames are given clean, as in training; pinned slots at the noise level of the step."""
    sample = sample.clone()
    for index, motion in fixed.items():
        sample[:, index] = torch.lerp(motion, noise[:, index], sigma)
    return torch.where(known[:, None, :, None] > 0, target, sample)


def _memories(
    memory: Mapping[int, Float32[np.ndarray, " memory"]], slots: tuple[int, ...]
) -> tuple[Float[Tensor, "one slot memory"], Bool[Tensor, "one slot"]]:
    values = torch.zeros(1, len(slots), MEMORY)
    there = torch.zeros(1, len(slots), dtype=torch.bool)
    for index, slot in enumerate(slots):
        if slot in memory:
            values[0, index] = F.normalize(torch.from_numpy(np.asarray(memory[slot], np.float32)), dim=-1) * MEMORY**0.5
            there[0, index] = True
    return values, there


def _prepend(
    base: Tensor, cues: Tensor, context: Float[Tensor, "slot past channel"], carried: list[bool]
) -> tuple[Tensor, Tensor, Float[Tensor, "slot past channel"]]:
    """Put the frames of the take before in front. Staged channels count as staged so; the rest deviates as it was seen.

    Slots that are not carried over (a new camera set-up) pretend to have stood still before.
    """
    past = context.shape[1]
    pad = -past % PATCH_FRAMES
    if pad:
        context = torch.cat([context[:, :1].expand(-1, pad, -1), context], 1)
    past += pad
    first = base[:, :1].expand(-1, past, -1)
    told = base.abs().amax(1, keepdim=True) > 0
    keep = torch.tensor(carried)[:, None, None]
    before = torch.where(keep & told, context, first)
    deviation = torch.where(keep & ~told, context, torch.zeros_like(context))
    quiet = torch.zeros(len(cues), past, cues.shape[-1])
    return torch.cat([before, base], 1), torch.cat([quiet, cues], 1), deviation
