"""How well the look encoder recognises characters: `python -m tests.bench.look_identity [--style storybook] [--takes 8]`.

Casts outside the training data are filmed at random places, times and sizes in random light, moved by the choreographer, two frames a
take. The first takes of each character are the references; every later take is identified among the whole cast by its largest cosine.

It measures the judge itself. Looks are given, and no memory or model is involved. Therefore there is no ablation, and the figures are
the ceiling of identification by look.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from episodic.backbones.request import Performer
from episodic.lab.training.look_encoder import film_cast, invent_characters
from episodic.quality.judge_registry import judge_named
from episodic.quality.light import white_of
from episodic.quality.look import LOOK_ENCODER, load_look_encoder
from episodic.quality.recurrence import wilson
from episodic.quality.verify import THRESHOLDS, TWINS
from planners.plan.vocabulary import STYLES, Style


@dataclass(frozen=True)
class LookSample:
    """The look of one character in one take."""

    character: str
    kind: str
    size: str
    take: int
    vector: np.ndarray


def film(seed: int, companies: int, style: Style, takes: int, *, alike: bool) -> list[LookSample]:
    """Film `companies` casts of three and encode every performer of every take. `alike`: the members of a cast share a description."""
    encoder = load_look_encoder()
    samples = []
    filmed: set[str] = set()
    for company in range(companies):
        rng = np.random.default_rng([seed, company, 20260101])
        cast = invent_characters(rng, 3, alike=alike)
        while _unsuitable(cast, alike, filmed):
            cast = invent_characters(rng, 3, alike=alike)
        filmed |= {str(performer.look["species"]) for performer in cast}
        for take, (request, sights) in enumerate(film_cast(rng, cast, style, takes, frames=2, height_px=480)):
            for performer in request.performers:
                vectors = [
                    vector
                    for sight in sights
                    if performer.id in sight.masks
                    for vector in [encoder.encode(sight.picture, sight.masks[performer.id], white_of(sight))]
                    if vector is not None
                ]
                if vectors:
                    mean = np.mean(vectors, axis=0)
                    vector = mean / np.linalg.norm(mean)
                    samples.append(LookSample(f"{company}/{performer.id}", performer.kind, request.size, take, vector))
    return samples


def _unsuitable(cast: Sequence[Performer], alike: bool, filmed: set[str]) -> bool:
    """Whether a cast does not suit the measurement.

    Things and spirits of one description share a few drawings: they would be identical and not look-alikes. A cast of different
    descriptions must have every creature only once.
    """
    species = [str(performer.look["species"]) for performer in cast if performer.kind != "human"]
    if alike:
        return cast[0].kind in ("thing", "spirit")
    return len(set(species)) < len(species) or bool(set(species) & filmed)


def report(title: str, samples: Sequence[LookSample], references: int) -> None:
    """Print how often the right character is identified, and how often verification accepts it."""
    known: dict[str, list[np.ndarray]] = defaultdict(list)
    queries = []
    for sample in samples:
        if len(known[sample.character]) < references:
            known[sample.character].append(sample.vector)
        else:
            queries.append(sample)
    names = sorted(known)
    scores = np.stack([[max(float(query.vector @ row) for row in known[name]) for name in names] for query in queries])
    truth = np.array([names.index(query.character) for query in queries])
    own = scores[np.arange(len(queries)), truth]
    others = scores.copy()
    others[np.arange(len(queries)), truth] = -1
    right = own > others.max(1)
    verified = (own >= THRESHOLDS["look"]) & (own >= others.max(1) - TWINS)
    # an impostor: another character in the place of the character
    rng = np.random.default_rng(0)
    wrong = np.array([rng.choice([i for i in range(len(names)) if i != at]) for at in truth])
    claimed = scores[np.arange(len(queries)), wrong]
    others_than_claimed = scores.copy()
    others_than_claimed[np.arange(len(queries)), wrong] = -1
    accepted = (claimed >= THRESHOLDS["look"]) & (claimed >= others_than_claimed.max(1) - TWINS)
    low, high = wilson(int(right.sum()), len(right))
    print(
        f"{title}, {references} reference takes: {right.sum()}/{len(queries)} = {100 * right.mean():.1f} % "
        f"({100 * low:.0f}-{100 * high:.0f}), {len(names)} ways, chance {100 / len(names):.1f} %; "
        f"likeness own {np.percentile(own, 5):.2f} (5th) {np.median(own):.2f} (median), best other {np.median(others.max(1)):.2f}; "
        f"verified {100 * verified.mean():.1f} %, impostors verified {100 * accepted.mean():.1f} %"
    )
    for field in ("kind", "size"):
        parts: dict[str, list[bool]] = defaultdict(list)
        for query, ok in zip(queries, right, strict=True):
            parts[getattr(query, field)].append(bool(ok))
        print("   ", ", ".join(f"{name} {100 * np.mean(oks):.0f} % ({len(oks)})" for name, oks in sorted(parts.items())))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--style", default="storybook", choices=STYLES)
    parser.add_argument("--takes", type=int, default=8)
    parser.add_argument("--companies", type=int, default=10)
    options = parser.parse_args()
    judge = judge_named(LOOK_ENCODER)
    print(
        f"{judge.kind} {judge.name}; 95 % intervals in brackets; ceiling: these figures; ablation: not measured, no memory is involved"
    )
    print(f"style {options.style}; look-alikes: one description and kind, other seeds (people, animals, robots)")
    for title, alike in (("different descriptions", False), ("look-alikes", True)):
        samples = film(7 + alike, options.companies, options.style, options.takes, alike=alike)
        for references in (1, 2, 4):
            report(title, samples, references)


if __name__ == "__main__":
    main()
