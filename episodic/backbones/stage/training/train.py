"""Training `stage` from nothing: first how memory sees a take, then the denoiser that is conditioned on it.

Every batch and every draw of noise is a function of the seed and the step, so a run that was interrupted goes on as if it had not
been. Checkpoints are safetensors and JSON only.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional as F

from episodic.backbones.stage.model.denoiser import StageDenoiser
from episodic.backbones.stage.model.encoder import MemoryEncoder, agreement_loss
from episodic.backbones.stage.model.latent import ACTOR, ACTOR_SLOTS, CHANNELS, CONTEXT, MEMORY, SLOTS
from episodic.backbones.stage.training.batches import Lesson, Solos, make_lesson, make_solos
from episodic.backbones.stage.training.curriculum import LessonBook, LessonPlan
from episodic.errors import BackboneError

__all__ = ["Report", "TrainingPlan", "denoising_loss", "train_stage"]

Report = Callable[[dict[str, float]], None]
_MOUTH = [i for i, c in enumerate(ACTOR) if c.name.startswith("mouth_")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """What is trained, on what, for how long at most."""

    width: int = 192
    depth: int = 6
    heads: int = 6
    encoder_width: int = 128
    people: int = 6000
    """Characters the memory encoder learns from."""
    encoder_steps: int = 700
    encoder_batch: int = 256
    steps: int | None = None
    """Steps of the denoiser; None: as many as the minutes allow."""
    rate: float = 9e-4
    decay_from: float = 0.75
    """Share of the run after which the learning rate falls to nothing."""
    ema: float = 0.998
    checkpoint_minutes: float = 4.0
    lessons: LessonPlan = field(default_factory=LessonPlan)


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
    """Train for `minutes` in all and save the pipeline to `out`; checkpoints go to `out/checkpoint`.

    `report` receives the figures of every tenth step. Ctrl-C saves a checkpoint first. Raises BackboneError if `resume` finds no checkpoint, or one of another plan.
    """
    from accelerate import Accelerator

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
    """One run: the models, the optimiser, the clock."""

    def __init__(self, out: Path, limit_s: float, seed: int, plan: TrainingPlan, report: Report, accelerator: Any) -> None:
        self.out, self.limit_s, self.seed, self.plan, self.report, self.accelerator = (
            out,
            limit_s,
            seed,
            plan,
            report,
            accelerator,
        )
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
        solos = _school(self.seed, plan)
        rng = np.random.default_rng([self.seed, 21])
        optimizer = torch.optim.AdamW(self.encoder.parameters(), lr=1e-3, weight_decay=0.01)
        for step in range(plan.encoder_steps):
            optimizer.param_groups[0]["lr"] = 1e-3 * min(1.0, (step + 1) / 30) * max(1 - step / plan.encoder_steps, 0.02)
            who = rng.choice(len(solos.actor), min(plan.encoder_batch, len(solos.actor)), replace=False)
            one, other = rng.permutation(solos.actor.shape[1])[:2]
            begin, end = int(rng.integers(0, 9)), int(rng.integers(30, 41))
            with self.accelerator.autocast():
                part = slice(begin, end)
                loss = agreement_loss(self._see_motion(solos, who, one, part), self._see_motion(solos, who, other, part))
                loss = loss + 0.5 * agreement_loss(self._see_light(solos, who, one), self._see_light(solos, who, other))
            optimizer.zero_grad()
            self.accelerator.backward(loss)
            optimizer.step()
            if step % 20 == 0:
                self.report({"encoder_step": step, "loss": float(loss.detach()), "elapsed_s": self.elapsed_s})

    def _tensor(self, values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(self.device)

    def _see_motion(self, solos: Solos, who: np.ndarray, take: int, part: slice) -> Tensor:
        seen: Tensor = self.encoder.motion(self._tensor(solos.actor[who, take, part]))
        return seen

    def _see_light(self, solos: Solos, who: np.ndarray, take: int) -> Tensor:
        seen: Tensor = self.encoder.light(self._tensor(solos.light[who, take]), self._tensor(solos.scenery[who, take]))
        return seen

    def _progress(self) -> float:
        """0 to 1, by which the learning rate falls: steps where a number of them is wanted, time otherwise."""
        return self.step / self.plan.steps if self.plan.steps else self.elapsed_s / self.limit_s

    def learn_motion(self) -> None:
        """Train the denoiser until the time or the steps are spent."""
        try:
            with LessonBook(self.seed, self.plan.lessons) as book:
                self._learn_from(book)
        finally:
            self.save()

    def _learn_from(self, book: LessonBook) -> None:
        saved = time.monotonic()
        while self._progress() < 1 and self.elapsed_s < self.limit_s:
            figures = self._learn(book.lesson(self.step))
            self.step += 1
            if self.step % 10 == 0:
                self.report(figures | {"step": self.step, "elapsed_s": self.elapsed_s})
            if time.monotonic() - saved > 60 * self.plan.checkpoint_minutes:
                self.save()
                saved = time.monotonic()

    def _learn(self, lesson: Lesson) -> dict[str, float]:
        progress = self._progress()
        fade = min(1.0, (1 - progress) / (1 - self.plan.decay_from))
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.rate * min(1.0, (self.step + 1) / 100) * max(fade, 0.01)
        draw = torch.Generator().manual_seed(self.seed * 1_000_003 + self.step)
        with self.accelerator.autocast():
            loss, figures = denoising_loss(self.model, self.encoder, lesson, draw, self.device)
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
        """Write a checkpoint: to a temporary folder first, then in one rename per file."""
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
        state = {"step": self.step, "spent_s": self.elapsed_s, "seed": self.seed, "plan": asdict(self.plan)}
        (folder / "progress.json").write_text(json.dumps(state, indent=1))

    def restore(self) -> None:
        """Go on from `out/checkpoint`."""
        folder = self.out / "checkpoint"
        if not (folder / "progress.json").exists():
            raise BackboneError(f"{folder}: expected a checkpoint to resume from, found none; train without --resume first")
        state = json.loads((folder / "progress.json").read_text())
        wanted, found = json.loads(json.dumps(asdict(self.plan))), state["plan"]
        shape = ("width", "depth", "heads", "encoder_width")
        if any(wanted[key] != found[key] for key in shape):
            raise BackboneError(
                f"{folder}: expected a checkpoint of {[wanted[k] for k in shape]} (width, depth, heads, encoder width), "
                f"found {[found[k] for k in shape]}; train into another folder"
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
        from episodic.backbones.stage.model.pipeline import StagePipeline

        self.denoiser.load_state_dict(self.ema, strict=False)
        # `Module.to`: diffusers' own `to` warns about modules to be kept in float32, of which there are none.
        denoiser, encoder = (torch.nn.Module.to(one.eval(), torch.bfloat16) for one in (self.denoiser, self.encoder))
        StagePipeline.assemble(denoiser, encoder).save_pretrained(self.out)
        return self.out


def denoising_loss(
    model: Any, encoder: MemoryEncoder, lesson: Lesson, draw: torch.Generator, device: torch.device
) -> tuple[Tensor, dict[str, float]]:
    """Flow matching on the clean prediction, weighted as a velocity would be, plus smoothness and identity."""

    def tensor(values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(values)).to(device)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=draw).to(device)

    slots = list(lesson.slots)
    scale = model.scale[slots][:, None].to(device)
    latent, base, cues = tensor(lesson.latent), tensor(lesson.base), tensor(lesson.cues)
    batch, _, frames, _ = latent.shape
    continued = (uniform(batch) < 0.35)[:, None] & (torch.arange(frames, device=device) < CONTEXT)
    base, cues = _as_context(base, cues, latent, continued & (uniform(batch) < 0.5)[:, None])
    clean = (latent - base) / scale
    memory = _recall(encoder, lesson, draw, device)
    remembered = uniform(batch, len(slots)) > 0.15
    # Mostly strong noise: there it is decided what is played; weak noise only polishes.
    sigma = torch.sigmoid(1.2 * torch.randn(batch, generator=draw).to(device) + 0.7)
    sigma = torch.where(uniform(batch) < 0.3, uniform(batch), sigma).clamp(0.01, 1)
    mixed = torch.lerp(clean, torch.randn(clean.shape, generator=draw).to(device), sigma[:, None, None, None])
    noisy = torch.where(continued[:, None, :, None], clean, mixed)
    predicted = model(noisy, sigma, base, cues, tensor(lesson.facts), memory, remembered, continued.float(), slots).float()
    weight = _channel_weight(model, slots, device) * (~continued[:, None, :, None])
    weight = weight / (sigma**2 + 0.4)[:, None, None, None]
    error = predicted - clean
    fit = (weight * error**2).sum() / weight.sum()
    jerk = (weight[:, :, 1:] * (error[:, :, 1:] - error[:, :, :-1]) ** 2).sum() / weight.sum()
    identity = _identity_loss(encoder, base + predicted * scale, predicted * scale, memory, remembered, sigma, slots)
    loss = fit + 0.4 * jerk + identity
    return loss, {"fit": float(fit.detach()), "jerk": float(jerk.detach()), "identity": float(identity.detach())}


def _as_context(
    base: Tensor, cues: Tensor, latent: Tensor, foreign: Bool[Tensor, "batch time"]
) -> tuple[Float[Tensor, "batch slot time channel"], Float[Tensor, "batch slot time cue"]]:
    """Frames of another take were staged by another request: what this one would say of them is replaced by what was seen."""
    at = foreign[:, None, :, None]
    told = base.abs().amax((0, 2), keepdim=True) > 0
    return torch.where(at & told, latent, base), torch.where(at, torch.zeros_like(cues), cues)


def _recall(
    encoder: MemoryEncoder, lesson: Lesson, draw: torch.Generator, device: torch.device
) -> Float[Tensor, "batch slot memory"]:
    """The memory of every slot: of another take, or of two."""
    with torch.no_grad():
        solos = lesson.solos
        takes = [0, 1] if float(torch.rand(1, generator=draw)) < 0.5 else [int(torch.randint(2, (1,), generator=draw))]
        seen = [encoder.motion(torch.from_numpy(solos.actor[:, k]).to(device)).float() for k in takes]
        lit = [
            encoder.light(
                torch.from_numpy(solos.light[:, k]).to(device), torch.from_numpy(solos.scenery[:, k]).to(device)
            ).float()
            for k in takes
        ]
        people = F.normalize(torch.stack(seen).mean(0), dim=-1)
        places = F.normalize(torch.stack(lit).mean(0), dim=-1)
    actors = people[torch.from_numpy(lesson.who).to(device)]
    here = places[torch.from_numpy(lesson.where).to(device)][:, None]
    crew = len(SLOTS) - ACTOR_SLOTS
    recalled: Tensor = torch.cat([actors, here.expand(-1, crew, -1)], 1) * MEMORY**0.5
    return recalled


def _channel_weight(model: Any, slots: list[int], device: torch.device) -> Float[Tensor, "slot one channel"]:
    weight = model.live[slots].to(device).clone()
    for index, slot in enumerate(slots):
        if slot < ACTOR_SLOTS:
            weight[index, _MOUTH] *= 1.5
        else:
            weight[index] *= 0.6
    spread: Tensor = weight[:, None]
    return spread


def _identity_loss(
    encoder: MemoryEncoder, latent: Tensor, apart: Tensor, memory: Tensor, remembered: Tensor, sigma: Tensor, slots: list[int]
) -> Float[Tensor, ""]:
    """The predicted motion, seen by the frozen encoder, must be of whom memory says."""
    actors = sum(slot < ACTOR_SLOTS for slot in slots)
    frames = latent.shape[2]
    seen = encoder.motion(latent[:, :actors].reshape(-1, frames, CHANNELS)).reshape(len(latent), actors, MEMORY)
    light, scenery = actors + 1, actors + 2
    lit = encoder.light(apart[:, light], apart[:, scenery])[:, None]
    agree = torch.cat([(seen * memory[:, :actors]).sum(-1), (lit * memory[:, light : light + 1]).sum(-1)], 1) / MEMORY**0.5
    trusted = torch.cat([remembered[:, :actors], remembered[:, light : light + 1]], 1) * (1 - sigma)[:, None]
    loss: Tensor = 0.3 * ((1 - agree) * trusted).mean()
    return loss


@cache
def _spread(seed: int) -> list[list[float]]:
    """Standard deviation of every channel's deviation from its staging, measured on four small lessons."""
    table = np.ones((len(SLOTS), CHANNELS))
    lessons = [make_lesson(seed, 900_000_000 + k, 2, 48, 32) for k in range(4)]
    apart = np.concatenate([one.latent - one.base for one in lessons])
    table[:ACTOR_SLOTS] = apart[:, :2].std((0, 1, 2))
    table[ACTOR_SLOTS:] = apart[:, 2:].std((0, 2))
    return [[round(max(float(value), 0.02), 4) for value in row] for row in table]


def _school(seed: int, plan: TrainingPlan) -> Solos:
    """Takes of everybody the memory encoder learns from, made on all cores."""
    share = 500
    jobs = [min(share, plan.people - first) for first in range(0, plan.people, share)]
    if len(jobs) == 1:
        return make_solos(seed * 1000, jobs[0], 3)
    with LessonBook.workers(os.cpu_count() or 1) as pool:
        parts = [pool.submit(make_solos, seed * 1000 + k, size, 3) for k, size in enumerate(jobs)]
        made = [part.result() for part in parts]
    return Solos(*(np.concatenate([getattr(one, name) for one in made]) for name in ("actor", "light", "scenery")))
