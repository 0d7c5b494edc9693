"""Training of the look encoder (`episodic.quality.look`) on invented characters: `python -m episodic.lab.training.look_encoder [OUT]`.

Many characters of every kind, some of them look-alikes (the same description with other seeds), are drawn by the painter of `stage` in
small scenes at many places, times, sizes and styles; the choreographer moves them. Every crop of a character in one style is one example of that character.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int, UInt8
from safetensors.numpy import save_file

from episodic.backbones.request import Performer, ShotRequest
from episodic.backbones.stage.painter.passes.observe import observe_shot
from episodic.backbones.stage.simulator.choreographer import choreograph
from episodic.backbones.stage.simulator.random_shots import RandomCast, random_cast, random_request
from episodic.backbones.take import Sight
from episodic.colour import lab_of
from episodic.looks.look import character_look
from episodic.looks.places import location_look
from episodic.quality.light import white_of
from episodic.quality.look import WEIGHTS, LookWeights, describe
from episodic.quality.palette import cluster
from memory.model.canon import CharacterKind
from planners.data_file import DataFile, WordList, read_data_file
from planners.plan.vocabulary import STYLES, Style

__all__ = ["LookWords", "film_cast", "fit", "invent_characters", "main"]

_GROUPS: Final = 280
_MEMBERS: Final = 3
_SHOTS: Final = 8
_CODEBOOK_COLORS: Final = 64
_HEIGHT_PX: Final = 480


class LookWords(DataFile):
    """The tables of `data/look_words.yaml`; each is described there."""

    places: tuple[str, ...]
    people: WordList
    extras: tuple[str, ...]
    creatures: dict[CharacterKind, tuple[str, ...]]


_WORDS: Final = read_data_file(Path(__file__).with_name("data") / "look_words.yaml", LookWords)


@dataclass(frozen=True, slots=True)
class _Crop:
    """One picture of one character."""

    owner: int
    picture: UInt8[np.ndarray, "height width 3"]
    mask: Bool[np.ndarray, "height width"]
    white: Float64[np.ndarray, " 3"] | None


def invent_characters(rng: np.random.Generator, count: int, *, alike: bool) -> list[Performer]:
    """Invent `count` characters. `alike`: all share one kind and one description and differ in their seeds only."""
    kind, words = _random_description(rng)
    looks = []
    for number in range(count):
        if not alike and number:
            kind, words = _random_description(rng)
        look = character_look(kind=kind, name=f"p{number}", description=words, seed=int(rng.integers(2**31)))
        looks.append((kind, look))
    # a request sets where and how they stand
    request = random_request(rng, _random_cast_of(rng, [kind for kind, _ in looks]), tuple(range(count)), 2.0)
    return [
        replace(performer, id=f"p{i}", kind=kind, look=look)
        for i, (performer, (kind, look)) in enumerate(zip(request.performers, looks, strict=True))
    ]


def _random_description(rng: np.random.Generator) -> tuple[CharacterKind, str]:
    if rng.random() < 0.55:
        extras = " ".join(str(rng.choice(_WORDS.extras)) for _ in range(int(rng.integers(0, 4))))
        return "human", f"{rng.choice(_WORDS.people)} {extras}"
    kind: CharacterKind = ("animal", "robot", "spirit", "thing")[int(rng.integers(4))]
    return kind, str(rng.choice(_WORDS.creatures[kind]))


def _random_cast_of(rng: np.random.Generator, kinds: Sequence[CharacterKind]) -> RandomCast:
    return replace(random_cast(rng, len(kinds), 1), kinds=tuple(kinds))


def film_cast(
    rng: np.random.Generator, cast: Sequence[Performer], style: Style, shots: int, *, frames: int = 3, height_px: int = 270
) -> Iterator[tuple[ShotRequest, list[Sight]]]:
    """Film `cast` in random shots at random places. Yield each request with `frames` sights spread over the shot."""
    random = _random_cast_of(rng, [member.kind for member in cast])
    for _ in range(shots):
        request = random_request(rng, random, tuple(range(len(cast))), 2.5)
        place = str(rng.choice(_WORDS.places))
        setting = replace(
            request.setting, look=location_look(name=place, description="", seed=int(rng.integers(2**31))), location=place
        )
        performers = tuple(
            replace(performer, id=member.id, look=member.look, kind=member.kind)
            for performer, member in zip(request.performers, cast, strict=True)
        )
        names = {f"p{i}": member.id for i, member in enumerate(cast)}
        focus = tuple(names[entity] for entity in request.focus)
        request = replace(
            request, style=style, setting=setting, performers=performers, focus=focus, seed=int(rng.integers(2**31))
        )
        latent = choreograph(request, list(random.styles), random.places[0], int(rng.integers(2**31)))
        at = [int(i) for i in np.linspace(0.1, 0.9, frames) * (request.frames - 1)]
        yield request, list(observe_shot(request, latent, at, height_px))


def _crops(group: int) -> list[_Crop]:
    """All crops of the members of one group. They depend on its number alone."""
    rng = np.random.default_rng([group, 7])
    cast = invent_characters(rng, _MEMBERS, alike=bool(rng.random() < 0.4))
    style = STYLES[int(rng.integers(len(STYLES)))]
    crops = []
    for _, sights in film_cast(rng, cast, style, _SHOTS, frames=2, height_px=_HEIGHT_PX):
        for sight in sights:
            for number, member in enumerate(cast):
                if member.id in sight.masks and sight.masks[member.id].any():
                    picture, mask = _cut_out(sight.picture, sight.masks[member.id])
                    crops.append(_Crop(group * _MEMBERS + number, picture, mask, white_of(sight)))
    return crops


def _cut_out(
    picture: UInt8[np.ndarray, "height width 3"], mask: Bool[np.ndarray, "height width"]
) -> tuple[UInt8[np.ndarray, "rows columns 3"], Bool[np.ndarray, "rows columns"]]:
    """Crop picture and mask to the mask, with a margin of a pixel inside the picture; it shows whether the edge cuts the figure off."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    box = slice(max(0, rows[0] - 1), rows[-1] + 2), slice(max(0, columns[0] - 1), columns[-1] + 2)
    return picture[box].copy(), mask[box].copy()


def _codebook(crops: Sequence[_Crop]) -> Float32[np.ndarray, "word 3"]:
    """Cluster the colours of figures, balanced to neutral light, with k-means."""
    pixels = []
    for crop in crops:
        flat = crop.picture[crop.mask]
        white = np.ones(3) if crop.white is None else np.maximum(crop.white, 0.1)
        pixels.append(np.clip(flat[:: max(1, len(flat) // 40)] / 255 / white, 0, 1))
    return cluster(lab_of(np.concatenate(pixels)), _CODEBOOK_COLORS).astype(np.float32)


def fit(
    features: Float32[np.ndarray, "example feature"],
    owners: Int[np.ndarray, " example"],
    codebook: Float32[np.ndarray, "word 3"],
    dimension: int = 64,
    ridge: float = 0.2,
) -> LookWeights:
    """Fit the discriminant projection.

    Whiten the scatter within classes, shrunk towards its diagonal by `ridge`; then keep the `dimension` directions in which the means of
    the classes differ most.
    """
    mean = features.mean(0).astype(np.float64)
    centred = features.astype(np.float64) - mean
    classes, index = np.unique(owners, return_inverse=True)
    sums = np.zeros((len(classes), features.shape[1]))
    np.add.at(sums, index, centred)
    counts = np.bincount(index)
    means = sums / counts[:, None]
    deviations = centred - means[index]
    within = deviations.T @ deviations / len(deviations)
    within += ridge * np.diag(np.diag(within)) + 1e-6 * np.trace(within) / len(within) * np.eye(len(within))
    between = (means * counts[:, None]).T @ means / counts.sum()
    values, vectors = np.linalg.eigh(within)
    whiten: Float64[np.ndarray, "feature feature"] = vectors / np.sqrt(np.maximum(values, 1e-12))
    _, turn = np.linalg.eigh(whiten.T @ between @ whiten)
    projection = whiten @ turn[:, ::-1][:, :dimension]
    return LookWeights(codebook, mean.astype(np.float32), projection.astype(np.float32))


def main(out: Path = WEIGHTS, groups: int = _GROUPS) -> None:
    """Film all groups, fit the encoder, write its weights to `out`, by default over those that ship with the package."""
    with ProcessPoolExecutor() as pool:
        crops = [crop for crops_of_group in pool.map(_crops, range(groups)) for crop in crops_of_group]
    codebook = _codebook(crops)
    described = [(crop.owner, describe(crop.picture, crop.mask, crop.white, codebook)) for crop in crops]
    examples = [(owner, features) for owner, features in described if features is not None]
    weights = fit(np.stack([features for _, features in examples]), np.array([owner for owner, _ in examples]), codebook)
    out.parent.mkdir(parents=True, exist_ok=True)
    arrays = {"codebook": weights.codebook, "mean": weights.mean, "projection": weights.projection}
    save_file({name: np.ascontiguousarray(array.astype(np.float16)) for name, array in arrays.items()}, out)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else WEIGHTS)
