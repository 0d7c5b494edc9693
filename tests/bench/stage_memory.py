"""How much of a character memory carries into sampled motion, and how well a take matches its request.

    python -m tests.bench.stage_memory [--characters 50] [--casts 1] [--weights DIR]

Characters are new to the model. The judge compares a motion with the choreographer's own motion of every candidate in the same request
(mean, spread and mean step of every channel): an independent probe that shares nothing with the model's losses. Its *ceiling* is the
choreographer's other take of the character, its *ablation* the model without memory. Identification by the memory encoder is
printed as a consistency check, because that encoder conditions the model and is part of its loss.

The staging of the model contains the lips, so that mouths agree with speech before the model runs (1.00). The printed figures show how
much the model changes them.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch

from episodic.backbones.stage.model.latent import ACTOR, SOLO_FRAMES
from episodic.backbones.stage.model.pipeline import StagePipeline, load_pipeline, padded_frames
from episodic.backbones.stage.model.weights import WEIGHTS
from episodic.backbones.stage.simulator.choreographer import choreograph
from episodic.backbones.stage.simulator.motion_style import MotionStyle, random_light_style, random_motion_style
from episodic.backbones.stage.simulator.random_shots import RandomCast, random_request
from episodic.backbones.stage.staging.staging import latent_frames, stage_shot
from episodic.quality.judge_registry import IDENTITY_JUDGES, PROBE, judge_named
from episodic.quality.recurrence import wilson
from memory.model.canon import CharacterKind

_PROBED = slice(2, 22)
_LIPS = slice(22, 25)


@dataclass
class Counts:
    """The measurements, one value for each trial."""

    ways: int
    """Number of candidates for each motion."""
    identified: dict[str, list[bool]] = field(default_factory=dict)
    values: dict[str, list[float]] = field(default_factory=dict)

    def add(self, identified: Mapping[str, bool], values: Mapping[str, float]) -> None:
        """Add the measurements of one trial."""
        for name, right in identified.items():
            self.identified.setdefault(name, []).append(bool(right))
        for name, value in values.items():
            self.values.setdefault(name, []).append(float(value))

    def share(self, name: str) -> str:
        """Format as `13/50 = 26 % (16-40)`, with the 95 % interval (Wilson) in brackets."""
        right = self.identified[name]
        low, high = wilson(sum(right), len(right))
        return f"{sum(right)}/{len(right)} = {100 * np.mean(right):.0f} % ({100 * low:.0f}-{100 * high:.0f})"

    def mean(self, name: str) -> float:
        """Return the mean over all trials."""
        return float(np.mean(self.values[name]))

    def mean_words(self, name: str) -> str:
        """Format as `0.971 (0.968-0.974)`, with the 95 % interval of the mean in brackets."""
        values = self.values[name]
        half = 1.96 * float(np.std(values, ddof=1)) / math.sqrt(len(values)) if len(values) > 1 else 0.0
        return f"{np.mean(values):.3f} ({np.mean(values) - half:.3f}-{np.mean(values) + half:.3f})"


def features(latent: np.ndarray) -> np.ndarray:
    """Return the mean, spread and mean step of the channels of one actor."""
    body = np.concatenate([latent[:, _PROBED], latent[:, 28:32]], 1)
    return np.concatenate([body.mean(0), body.std(0), np.abs(np.diff(body, axis=0)).mean(0)])


def memory_of(pipeline: StagePipeline, company: RandomCast, member: int, rng: np.random.Generator, takes: int = 4) -> np.ndarray:
    """Return the unit embedding of a member from a few takes."""
    latents = []
    for _ in range(takes):
        request = random_request(rng, company, (member,), SOLO_FRAMES / 8)
        latents.append(
            choreograph(request, [company.styles[member]], company.places[0], int(rng.integers(2**31)), SOLO_FRAMES)[0]
        )
    with torch.no_grad():
        embedding: np.ndarray = pipeline.encoder.motion(torch.from_numpy(np.stack(latents))).numpy().mean(0)
    return embedding / float(np.linalg.norm(embedding))


def cast_of(rng: np.random.Generator, count: int) -> RandomCast:
    """Return `count` humans: all are of one kind, so that only their styles distinguish them."""
    styles: list[MotionStyle] = [random_motion_style(rng, "human") for _ in range(count)]
    human: CharacterKind = "human"
    return RandomCast((human,) * count, tuple(styles), (1.7,) * count, (random_light_style(rng),))


def measure(counts: Counts, weights: Path, seed: int = 7, guidance: float = 1.5, steps: int = 8) -> None:
    """Measure one cast of `counts.ways` characters, each in one request."""
    pipeline = load_pipeline(weights)
    rng = np.random.default_rng(seed)
    company = cast_of(rng, counts.ways)
    members = range(counts.ways)
    memories = np.stack([memory_of(pipeline, company, member, rng) for member in members])
    single_takes = np.stack([memory_of(pipeline, company, member, rng, 1) for member in members])
    for target in members:
        request = random_request(rng, company, (target,), 4.0)
        request = replace(request, performers=(replace(request.performers[0], in_frame=True),))
        frames = latent_frames(request)
        staging = stage_shot(request, padded_frames(frames))
        styles, place = company.styles, company.places[0]
        truths = np.stack([choreograph(request, [styles[k]], place, target * 1000 + k, frames)[0] for k in members])
        other_take = choreograph(request, [styles[target]], place, target * 1000 + 500_000, frames)[0]
        table = np.stack([features(motion) for motion in truths])
        samples = {}
        seconds = {}
        for name, memory in (("with memory", {0: memories[target]}), ("without memory", {})):
            began = time.perf_counter()
            latent = pipeline(staging, memory, torch.Generator().manual_seed(target), guidance=guidance, steps=steps)
            seconds[name] = time.perf_counter() - began
            samples[name] = latent[0, :frames]
        motions = {"ceiling": other_take, **samples}
        identified = {name: nearest(motion, table) == target for name, motion in motions.items()}
        encoded = pipeline.encoder.motion(torch.from_numpy(samples["with memory"][None])).detach().numpy()[0]
        identified["check"] = bool((memories @ encoded).argmax() == target)
        identified["check ceiling"] = bool((memories @ single_takes[target]).argmax() == target)
        sampled = samples["with memory"]
        end = request.performers[0].end
        x = sampled[-1, 0] * ACTOR[0].scale
        z = sampled[-1, 1] * ACTOR[1].scale + ACTOR[1].offset
        values = {
            "change": np.abs(sampled - samples["without memory"]).mean(),
            "step": np.abs(np.diff(sampled, axis=0)).mean(),
            "real step": np.abs(np.diff(truths[target], axis=0)).mean(),
            "mark": np.hypot(x - end.x, z - end.z),
            "seconds": seconds["with memory"],
        }
        counts.add(identified, values | mouths(staging.base[0, :frames], sampled, truths[target]))


def nearest(motion: np.ndarray, table: np.ndarray) -> int:
    """Return the row of `table`, the candidates' features, that is nearest to a motion."""
    return int(np.abs((features(motion) - table) / (table.std(0) + 0.05)).mean(1).argmin())


def mouths(staged: np.ndarray, sampled: np.ndarray, real: np.ndarray) -> dict[str, float]:
    """Return the correlation of mouths with the staged lips; empty where a shot has too little speech."""
    lips = staged[:, _LIPS].ravel()
    if lips.std() <= 0.3:
        return {}
    return {
        f"mouth, {name}": float(np.corrcoef(lips, motion[:, _LIPS].ravel())[0, 1])
        for name, motion in (("staging", staged), ("model", sampled), ("choreographer", real))
    }


def identity_rows(counts: Counts) -> Sequence[tuple[str, str]]:
    """Return every identity figure under the name of its judge or check."""
    probe, check = judge_named(PROBE), judge_named(IDENTITY_JUDGES["motion"])
    ways = f"{counts.ways} ways, chance {100 / counts.ways:.1f} %"
    return (
        (f"{probe.kind} {probe.name}, {ways}", ""),
        ("  sampled with memory", counts.share("with memory")),
        ("  ablation: sampled without memory", counts.share("without memory")),
        ("  ceiling: the choreographer's other take", counts.share("ceiling")),
        (f"{check.kind} {check.name}, {ways}", ""),
        ("  sampled with memory", counts.share("check")),
        ("  ceiling: one real take", counts.share("check ceiling")),
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--characters", type=int, default=50, help="number of characters in a cast")
    parser.add_argument("--casts", type=int, default=1, help="number of casts")
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--guidance", type=float, default=1.5)
    parser.add_argument("--steps", type=int, default=8)
    options = parser.parse_args()
    counts = Counts(ways=options.characters)
    for cast in range(options.casts):
        measure(counts, options.weights, seed=7 + cast, guidance=options.guidance, steps=options.steps)
    lowered = counts.mean("mouth, staging") - counts.mean("mouth, model")
    rows = (
        *identity_rows(counts),
        ("mean change without memory", f"{counts.mean('change'):.3f} stored units"),
        ("mouths against the staged lips", f"r, {len(counts.values['mouth, model'])} shots with speech"),
        ("  staging, before the model", counts.mean_words("mouth, staging")),
        ("  model", f"{counts.mean_words('mouth, model')}: {lowered:.3f} below the staging"),
        ("  choreographer", counts.mean_words("mouth, choreographer")),
        ("distance from the end mark", f"{counts.mean('mark'):.3f} m, worst {max(counts.values['mark']):.2f} m"),
        ("mean step a frame, sampled and real", f"{counts.mean('step'):.3f}, {counts.mean('real step'):.3f} stored units"),
        ("sampling a 4 s shot of one character", f"{counts.mean('seconds'):.3f} s"),
    )
    for name, value in rows:
        print(f"{name:54}{value}".rstrip())


if __name__ == "__main__":
    main()
