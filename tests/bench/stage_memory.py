"""How much of a character memory carries into sampled motion, and how well a take does what was asked.

    python tests/bench/stage_memory.py [--characters 40] [--weights DIR]

Characters are new to the model. `identified` compares the sampled motion with the choreographer's own motion of every candidate
in the same request (mean, spread and mean step of every channel): an independent probe that no training saw.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from episodic.backbones.request import ShotRequest
from episodic.backbones.stage.model.latent import ACTOR, SOLO_FRAMES
from episodic.backbones.stage.model.pipeline import load_pipeline, padded_frames
from episodic.backbones.stage.model.weights import WEIGHTS
from episodic.backbones.stage.simulator.choreographer import choreograph
from episodic.backbones.stage.simulator.motion_style import MotionStyle, random_light_style, random_motion_style
from episodic.backbones.stage.simulator.random_shots import RandomCast, random_request
from episodic.backbones.stage.staging.staging import latent_frames, stage_shot

_PROBED = slice(2, 22)


@dataclass(frozen=True)
class Trial:
    """One character playing one request."""

    request: ShotRequest
    frames: int
    seed: int


def features(latent: np.ndarray) -> np.ndarray:
    """Mean, spread and mean step of the channels of one actor."""
    body = np.concatenate([latent[:, _PROBED], latent[:, 28:32]], 1)
    return np.concatenate([body.mean(0), body.std(0), np.abs(np.diff(body, axis=0)).mean(0)])


def memory_of(pipeline, company: RandomCast, member: int, rng: np.random.Generator, takes: int = 4) -> np.ndarray:
    """The unit embedding of a member, of a few takes."""
    latents = []
    for _ in range(takes):
        request = random_request(rng, company, (member,), SOLO_FRAMES / 8)
        latents.append(
            choreograph(request, [company.styles[member]], company.places[0], int(rng.integers(2**31)), SOLO_FRAMES)[0]
        )
    with torch.no_grad():
        seen = pipeline.encoder.motion(torch.from_numpy(np.stack(latents))).numpy().mean(0)
    return seen / np.linalg.norm(seen)


def cast_of(rng: np.random.Generator, count: int) -> RandomCast:
    """`count` humans: of one kind, so that nothing but their styles tells them apart."""
    styles: list[MotionStyle] = [random_motion_style(rng, "human") for _ in range(count)]
    return RandomCast(("human",) * count, tuple(styles), (1.7,) * count, (random_light_style(rng),))


def measure(characters: int, weights: Path, seed: int = 7, guidance: float = 2.0, steps: int = 8) -> dict[str, float]:
    """All figures."""
    pipeline = load_pipeline(weights)
    rng = np.random.default_rng(seed)
    company = cast_of(rng, characters)
    memories = np.stack([memory_of(pipeline, company, i, rng) for i in range(characters)])
    again = np.stack([memory_of(pipeline, company, i, rng, 1) for i in range(characters)])
    found: dict[str, list[float]] = {
        k: [] for k in ("with", "without", "encoder", "mouth", "mark", "change", "seconds", "step", "real_step")
    }
    for who in range(characters):
        request = random_request(rng, company, (who,), 4.0)
        request = replace(request, performers=(replace(request.performers[0], in_frame=True),))
        frames = latent_frames(request)
        staging = stage_shot(request, padded_frames(frames))
        truths = np.stack(
            [choreograph(request, [one], company.places[0], who * 1000 + k, frames)[0] for k, one in enumerate(company.styles)]
        )
        table = np.stack([features(one) for one in truths])
        spread = table.std(0) + 0.05
        samples = {}
        for name, memory in (("with", {0: memories[who]}), ("without", {})):
            began = time.perf_counter()
            latent = pipeline(staging, memory, torch.Generator().manual_seed(who), guidance=guidance, steps=steps)
            if name == "with":
                found["seconds"].append(time.perf_counter() - began)
            samples[name] = latent[0, :frames]
            nearest = np.abs((features(latent[0, :frames]) - table) / spread).mean(1).argmin()
            found[name].append(float(nearest == who))
        seen = pipeline.encoder.motion(torch.from_numpy(samples["with"][None])).detach().numpy()[0]
        found["encoder"].append(float((memories @ seen).argmax() == who))
        found["change"].append(float(np.abs(samples["with"] - samples["without"]).mean()))
        found["step"].append(float(np.abs(np.diff(samples["with"], axis=0)).mean()))
        found["real_step"].append(float(np.abs(np.diff(truths[who], axis=0)).mean()))
        lips = staging.base[0, :frames, 22:25].ravel()
        if lips.std() > 0.3:
            found["mouth"].append(float(np.corrcoef(lips, samples["with"][:, 22:25].ravel())[0, 1]))
        end = request.performers[0].end
        x = samples["with"][-1, 0] * ACTOR[0].scale
        z = samples["with"][-1, 1] * ACTOR[1].scale + ACTOR[1].offset
        found["mark"].append(float(np.hypot(x - end.x, z - end.z)))
    figures = {name: float(np.mean(values)) for name, values in found.items()}
    figures["mark_worst"] = float(np.max(found["mark"]))
    figures["real"] = float((again @ memories.T).argmax(1).__eq__(np.arange(characters)).mean())
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--characters", type=int, default=40)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--guidance", type=float, default=1.5)
    parser.add_argument("--steps", type=int, default=8)
    chosen = parser.parse_args()
    figures = measure(chosen.characters, chosen.weights, guidance=chosen.guidance, steps=chosen.steps)
    chance = 100 / chosen.characters
    print(f"real motion, one take against memory:   {100 * figures['real']:.0f} % (chance {chance:.1f} %)")
    print(
        f"sampled with memory, identified:        {100 * figures['with']:.0f} %; by the encoder {100 * figures['encoder']:.0f} %"
    )
    print(f"sampled without memory, identified:     {100 * figures['without']:.0f} %")
    print(f"mean change when memory is withheld:    {figures['change']:.3f} stored units")
    print(f"mouth against lips:                     r = {figures['mouth']:.3f}")
    print(f"distance from the end mark:             {figures['mark']:.3f} m, worst {figures['mark_worst']:.2f} m")
    print(f"mean step a frame, sampled and real:    {figures['step']:.3f}, {figures['real_step']:.3f} stored units")
    print(f"sampling a 4 s shot of one:             {figures['seconds']:.3f} s")


if __name__ == "__main__":
    main()
