"""Train `stage` from scratch: first the encoder of memory, then the denoiser that is conditioned on it.

Every batch and every draw of noise is a function of the seed and the step, so a resumed run ends as an uninterrupted one would.
Checkpoints are safetensors and JSON only.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from accelerate import Accelerator
from einops import rearrange
from jaxtyping import Bool, Float, Float32, Int64
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from episodic.backbones.stage.model.denoiser import StageDenoiser
from episodic.backbones.stage.model.encoder import MemoryEncoder, agreement_loss
from episodic.backbones.stage.model.latent import ACTOR, ACTOR_SLOTS, CHANNELS, CONTEXT, MEMORY, SLOTS
from episodic.backbones.stage.model.pipeline import StagePipeline
from episodic.backbones.stage.training.batches import Batch, SoloTakes, make_batch, make_solo_takes
from episodic.backbones.stage.training.curriculum import Curriculum, CurriculumPlan, background_workers
from episodic.errors import BackboneError

__all__ = ["Report", "TrainingPlan", "denoising_loss", "train_stage"]

Report = Callable[[dict[str, float]], None]
"""Receives figures of the training by name."""
_MOUTH: Final = [index for index, channel in enumerate(ACTOR) if channel.name.startswith("mouth_")]
_PEOPLE_A_JOB: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """Size of the models, training data and length of a run."""

    width: int = 192
    depth: int = 6
    heads: int = 6
    encoder_width: int = 128
    people: int = 6000
    """Characters that the memory encoder learns from."""
    encoder_steps: int = 700
    encoder_batch: int = 256
    steps: int | None = None
    """Steps of the denoiser; None for as many as the time allows."""
    rate: float = 9e-4
    decay_from: float = 0.75
    """Share of the run after which the learning rate falls to nothing."""
    ema: float = 0.998
    checkpoint_minutes: float = 4.0
    curriculum: CurriculumPlan = field(default_factory=CurriculumPlan)

    def to_json(self) -> dict[str, object]:
        """Return the plan as a checkpoint stores it. The curriculum is stored as `lessons`."""
        return {"lessons" if name == "curriculum" else name: value for name, value in asdict(self).items()}

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Width, depth, heads and encoder width: what a checkpoint must share with the run that resumes from it."""
        return self.width, self.depth, self.heads, self.encoder_width


def train_stage(
    out: Path,
    *,
    minutes: float,
    seed: int = 0,
    device: str | None = None,
    resume: bool = False,
    plan: TrainingPlan | None = None,
    report: Report | None = None,
) -> Path:
    """Train for `minutes` in all and save the pipeline to `out`. Checkpoints go to `out/checkpoint`.

    `report` receives the figures of every tenth step. Ctrl-C saves a checkpoint first. Raises BackboneError if the device is
    missing, or if `resume` finds no checkpoint, or one of another plan.
    """
    accelerator = Accelerator(cpu=device == "cpu", mixed_precision="bf16")
    if device is not None and accelerator.device.type != device:
        raise BackboneError(f"there is no device {device!r} here; found {accelerator.device.type}")
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        run = _Run(out, minutes * 60, seed, plan or TrainingPlan(), report or (lambda _: None), accelerator)
    if resume:
        run.restore()
    run.learn_memory()
    run.learn_motion()
    return run.export()


class _Run:
    """A training run: the models, the optimiser, the clock."""

    def __init__(
        self, out: Path, limit_s: float, seed: int, plan: TrainingPlan, report: Report, accelerator: Accelerator
    ) -> None:
        self.out, self.limit_s, self.seed, self.plan = out, limit_s, seed, plan
        self.report, self.accelerator = report, accelerator
        self.device = accelerator.device
        self.encoder = MemoryEncoder(width=plan.encoder_width).to(self.device)
        self.encoder_done = False
        spread = _spread(seed)
        self.denoiser = StageDenoiser(plan.width, plan.depth, plan.heads, spread=spread).to(self.device)
        self.ema = {name: value.detach().clone() for name, value in self.denoiser.named_parameters()}
        self.optimizer = torch.optim.AdamW(self.denoiser.parameters(), lr=plan.rate, weight_decay=0.01, betas=(0.9, 0.99))
        self.model, self.optimizer = accelerator.prepare(self.denoiser, self.optimizer)
        self.step = 0
        self.spent_s = 0.0
        self.began = time.monotonic()

    @property
    def elapsed_s(self) -> float:
        return self.spent_s + time.monotonic() - self.began

    def learn_memory(self) -> None:
        """Train the memory encoder contrastively, then freeze it."""
        if not self.encoder_done:
            self._train_encoder()
            self.encoder_done = True
        self.encoder.requires_grad_(requires_grad=False).eval()

    def _train_encoder(self) -> None:
        plan = self.plan
        solos = _solo_takes(self.seed, plan.people)
        rng = np.random.default_rng([self.seed, 21])
        optimizer = torch.optim.AdamW(self.encoder.parameters(), lr=1e-3, weight_decay=0.01)
        for step in range(plan.encoder_steps):
            optimizer.param_groups[0]["lr"] = 1e-3 * min(1.0, (step + 1) / 30) * max(1 - step / plan.encoder_steps, 0.02)
            people = rng.choice(len(solos.actor), min(plan.encoder_batch, len(solos.actor)), replace=False)
            first, second = (int(take) for take in rng.permutation(solos.actor.shape[1])[:2])
            part = slice(int(rng.integers(0, 9)), int(rng.integers(30, 41)))
            with self.accelerator.autocast():
                loss = agreement_loss(
                    self._embed_motion(solos, people, first, part), self._embed_motion(solos, people, second, part)
                )
                loss = loss + 0.5 * agreement_loss(
                    self._embed_light(solos, people, first), self._embed_light(solos, people, second)
                )
            optimizer.zero_grad()
            self.accelerator.backward(loss)
            optimizer.step()
            if step % 20 == 0:
                self.report({"encoder_step": step, "loss": float(loss.detach()), "elapsed_s": self.elapsed_s})

    def _embed_motion(
        self, solos: SoloTakes, people: Int64[np.ndarray, " person"], take: int, part: slice
    ) -> Float[Tensor, "person memory=64"]:
        """Embed a part of one take of each person."""
        embeddings: Tensor = self.encoder.motion(_tensor(solos.actor[people, take, part], self.device))
        return embeddings

    def _embed_light(
        self, solos: SoloTakes, people: Int64[np.ndarray, " person"], take: int
    ) -> Float[Tensor, "person memory=64"]:
        """Embed the place of one take of each person."""
        light, scenery = (_tensor(slot[people, take], self.device) for slot in (solos.light, solos.scenery))
        embeddings: Tensor = self.encoder.light(light, scenery)
        return embeddings

    def _progress(self) -> float:
        """Return the progress of the denoiser's training, 0..1: by steps if the plan numbers them, else by time."""
        return self.step / self.plan.steps if self.plan.steps else self.elapsed_s / self.limit_s

    def learn_motion(self) -> None:
        """Train the denoiser until the time or the steps are spent."""
        try:
            with Curriculum(self.seed, self.plan.curriculum) as curriculum:
                self._learn_from(curriculum)
        finally:
            self.save()

    def _learn_from(self, curriculum: Curriculum) -> None:
        """Take steps until the time or the steps are spent; save a checkpoint every few minutes."""
        saved = time.monotonic()
        while self._progress() < 1 and self.elapsed_s < self.limit_s:
            figures = self._learn(curriculum.batch(self.step))
            self.step += 1
            if self.step % 10 == 0:
                self.report(figures | {"step": self.step, "elapsed_s": self.elapsed_s})
            if time.monotonic() - saved > 60 * self.plan.checkpoint_minutes:
                self.save()
                saved = time.monotonic()

    def _learn(self, batch: Batch) -> dict[str, float]:
        """Take one step of the optimiser and of the averaged weights."""
        progress = self._progress()
        fade = min(1.0, (1 - progress) / (1 - self.plan.decay_from))
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate * min(1.0, (self.step + 1) / 100) * max(fade, 0.01)
        draw = torch.Generator().manual_seed(self.seed * 1_000_003 + self.step)
        with self.accelerator.autocast():
            loss, figures = denoising_loss(self.model, self.encoder, batch, draw, self.device)
        self.optimizer.zero_grad()
        self.accelerator.backward(loss)
        self.accelerator.clip_grad_norm_(self.denoiser.parameters(), 1.0)
        self.optimizer.step()
        keep = min(self.plan.ema, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, value in self.denoiser.named_parameters():
                self.ema[name].lerp_(value.detach(), 1 - keep)
        return figures

    def save(self) -> None:
        """Write a checkpoint: each file under a temporary name first, then renamed."""
        folder = self.out / "checkpoint"
        folder.mkdir(parents=True, exist_ok=True)
        moments: dict[str, Tensor] = {}
        for name, parameter in self.denoiser.named_parameters():
            for key, value in self.optimizer.state.get(parameter, {}).items():
                moments[f"{name}|{key}"] = torch.as_tensor(value)
        parts = {
            "encoder": self.encoder.state_dict(),
            "denoiser": dict(self.denoiser.named_parameters()),
            "ema": self.ema,
            "optimizer": moments,
        }
        for name, tensors in parts.items():
            fresh = folder / f"{name}.safetensors.new"
            save_file({key: value.detach().cpu().contiguous() for key, value in tensors.items()}, fresh)
            fresh.replace(folder / f"{name}.safetensors")
        state = {"step": self.step, "spent_s": self.elapsed_s, "seed": self.seed, "plan": self.plan.to_json()}
        (folder / "progress.json").write_text(json.dumps(state, indent=1))

    def restore(self) -> None:
        """Resume from `out/checkpoint`. Raises BackboneError without one, or for one of another shape."""
        folder = self.out / "checkpoint"
        if not (folder / "progress.json").exists():
            raise BackboneError(f"{folder}: expected a checkpoint to resume from, found none; train without --resume first")
        state = json.loads((folder / "progress.json").read_text())
        saved_shape = tuple(state["plan"][key] for key in ("width", "depth", "heads", "encoder_width"))
        if saved_shape != self.plan.shape:
            raise BackboneError(
                f"{folder}: expected a checkpoint of {list(self.plan.shape)} (width, depth, heads, encoder width), "
                f"found {list(saved_shape)}; train into another folder"
            )
        self.encoder.load_state_dict(load_file(folder / "encoder.safetensors"))
        self.encoder_done = True
        self.denoiser.load_state_dict(load_file(folder / "denoiser.safetensors"), strict=False)
        self.ema = {name: value.to(self.device) for name, value in load_file(folder / "ema.safetensors").items()}
        moments = load_file(folder / "optimizer.safetensors")
        for name, parameter in self.denoiser.named_parameters():
            kept = {key.split("|")[1]: value for key, value in moments.items() if key.split("|")[0] == name}
            self.optimizer.state[parameter] = {k: v if k == "step" else v.to(self.device) for k, v in kept.items()}
        self.step, self.spent_s = state["step"], state["spent_s"]
        self.began = time.monotonic()

    def export(self) -> Path:
        """Save the pipeline with the averaged weights."""
        self.denoiser.load_state_dict(self.ema, strict=False)
        # `Module.to`, because diffusers' own `to` warns about modules to be kept in float32, of which there are none.
        denoiser, encoder = (torch.nn.Module.to(module.eval(), torch.bfloat16) for module in (self.denoiser, self.encoder))
        StagePipeline.assemble(denoiser, encoder).save_pretrained(self.out)
        return self.out


def denoising_loss(
    model: Any, encoder: MemoryEncoder, batch: Batch, draw: torch.Generator, device: torch.device
) -> tuple[Float[Tensor, ""], dict[str, float]]:
    """Return the loss of a batch and its parts by name.

    Flow matching on the clean prediction, weighted as for a velocity, plus smoothness and identity. `model` is the denoiser as
    accelerate wraps it; `draw` draws the noise, on the CPU.
    """

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=draw).to(device)

    slots = list(batch.slots)
    scale = model.scale[slots][:, None].to(device)
    latent, base, cues, facts = (_tensor(values, device) for values in (batch.latent, batch.base, batch.cues, batch.facts))
    size, _, frames, _ = latent.shape
    continued = (uniform(size) < 0.35)[:, None] & (torch.arange(frames, device=device) < CONTEXT)
    base, cues = _as_context(base, cues, latent, continued & (uniform(size) < 0.5)[:, None])
    clean = (latent - base) / scale
    memory = _recall(encoder, batch, draw, device)
    remembered = uniform(size, len(slots)) > 0.15
    # Mostly strong noise, at which the performance is decided; weak noise only polishes it.
    sigma = torch.sigmoid(1.2 * torch.randn(size, generator=draw).to(device) + 0.7)
    sigma = torch.where(uniform(size) < 0.3, uniform(size), sigma).clamp(0.01, 1)
    mixed = torch.lerp(clean, torch.randn(clean.shape, generator=draw).to(device), sigma[:, None, None, None])
    noisy = torch.where(continued[:, None, :, None], clean, mixed)
    predicted = model(noisy, sigma, base, cues, facts, memory, remembered, continued.float(), slots).float()
    weight = _channel_weight(model, slots, device) * (~continued[:, None, :, None])
    weight = weight / (sigma**2 + 0.4)[:, None, None, None]
    error = predicted - clean
    fit = (weight * error**2).sum() / weight.sum()
    jerk = (weight[:, :, 1:] * (error[:, :, 1:] - error[:, :, :-1]) ** 2).sum() / weight.sum()
    identity = _identity_loss(encoder, base + predicted * scale, predicted * scale, memory, remembered, sigma, slots)
    loss = fit + 0.4 * jerk + identity
    return loss, {"fit": float(fit.detach()), "jerk": float(jerk.detach()), "identity": float(identity.detach())}


def _tensor(values: Float32[np.ndarray, "*shape"], device: torch.device) -> Float[Tensor, "*shape"]:
    """Move an array to the device."""
    return torch.from_numpy(np.ascontiguousarray(values)).to(device)


def _as_context(
    base: Float[Tensor, "batch slot time channel"],
    cues: Float[Tensor, "batch slot time cue"],
    latent: Float[Tensor, "batch slot time channel"],
    foreign: Bool[Tensor, "batch time"],
) -> tuple[Float[Tensor, "batch slot time channel"], Float[Tensor, "batch slot time cue"]]:
    """Replace the staging of frames that belong to another take, and so to another request, by the motion in that take."""
    at = foreign[:, None, :, None]
    staged = base.abs().amax((0, 2), keepdim=True) > 0
    return torch.where(at & staged, latent, base), torch.where(at, torch.zeros_like(cues), cues)


def _recall(
    encoder: MemoryEncoder, batch: Batch, draw: torch.Generator, device: torch.device
) -> Float[Tensor, "batch slot memory=64"]:
    """Embed the memory of every slot from one other take, or from two."""
    solos = batch.solos
    takes = [0, 1] if float(torch.rand(1, generator=draw)) < 0.5 else [int(torch.randint(2, (1,), generator=draw))]
    with torch.no_grad():
        motions = [encoder.motion(_tensor(solos.actor[:, take], device)).float() for take in takes]
        lights = [
            encoder.light(_tensor(solos.light[:, take], device), _tensor(solos.scenery[:, take], device)).float()
            for take in takes
        ]
        people = F.normalize(torch.stack(motions).mean(0), dim=-1)
        places = F.normalize(torch.stack(lights).mean(0), dim=-1)
    actors = people[torch.from_numpy(batch.people).to(device)]
    place = places[torch.from_numpy(batch.places).to(device)][:, None]
    crew = len(SLOTS) - ACTOR_SLOTS
    recalled: Tensor = torch.cat([actors, place.expand(-1, crew, -1)], 1) * MEMORY**0.5
    return recalled


def _channel_weight(model: Any, slots: list[int], device: torch.device) -> Float[Tensor, "slot 1 channel"]:
    """Weight the channels in use: lips more, the crew's slots less."""
    weight = model.live[slots].to(device).clone()
    for index, slot in enumerate(slots):
        if slot < ACTOR_SLOTS:
            weight[index, _MOUTH] *= 1.5
        else:
            weight[index] *= 0.6
    spread: Tensor = weight[:, None]
    return spread


def _identity_loss(
    encoder: MemoryEncoder,
    latent: Float[Tensor, "batch slot time channel"],
    deviation: Float[Tensor, "batch slot time channel"],
    memory: Float[Tensor, "batch slot memory"],
    remembered: Bool[Tensor, "batch slot"],
    sigma: Float[Tensor, " batch"],
    slots: list[int],
) -> Float[Tensor, ""]:
    """Penalise predicted motion that the frozen encoder does not recognise as its memory; more so at weak noise."""
    actors = sum(slot < ACTOR_SLOTS for slot in slots)
    motions = encoder.motion(rearrange(latent[:, :actors], "batch actor time channel -> (batch actor) time channel"))
    motions = rearrange(motions, "(batch actor) memory -> batch actor memory", actor=actors)
    light, scenery = actors + 1, actors + 2
    lights = encoder.light(deviation[:, light], deviation[:, scenery])[:, None]
    agree = torch.cat([(motions * memory[:, :actors]).sum(-1), (lights * memory[:, light : light + 1]).sum(-1)], 1) / MEMORY**0.5
    trusted = torch.cat([remembered[:, :actors], remembered[:, light : light + 1]], 1) * (1 - sigma)[:, None]
    loss: Tensor = 0.3 * ((1 - agree) * trusted).mean()
    return loss


@cache
def _spread(seed: int) -> list[list[float]]:
    """Measure the standard deviation of every channel from its staging, on four small batches."""
    table = np.ones((len(SLOTS), CHANNELS))
    batches = [make_batch(seed, 900_000_000 + number, 2, 48, 32) for number in range(4)]
    deviation = np.concatenate([batch.latent - batch.base for batch in batches])
    table[:ACTOR_SLOTS] = deviation[:, :2].std((0, 1, 2))
    table[ACTOR_SLOTS:] = deviation[:, 2:].std((0, 2))
    return [[round(max(float(value), 0.02), 4) for value in row] for row in table]


def _solo_takes(seed: int, people: int) -> SoloTakes:
    """Make the takes that the memory encoder learns from, on all cores."""
    sizes = [min(_PEOPLE_A_JOB, people - first) for first in range(0, people, _PEOPLE_A_JOB)]
    if len(sizes) == 1:
        return make_solo_takes(seed * 1000, sizes[0], 3)
    with background_workers(os.cpu_count() or 1) as pool:
        jobs = [pool.submit(make_solo_takes, seed * 1000 + number, size, 3) for number, size in enumerate(sizes)]
        return SoloTakes.join([job.result() for job in jobs])
