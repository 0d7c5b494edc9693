"""The registry of judges, the measures of identity and quality, and of the objectives that they must not share anything with.

The rule: **no judge shares weights or features with a loss, a guide or a reward.** A model that is trained, guided or rewarded by an
encoder learns to please that encoder; a figure by the same encoder then measures how well it learned that, not whether the picture is
right. A measure that breaks the rule may stay as a *consistency check*, under that name; it never replaces a judge's figure.

A selection (the best of several drafts, a refused picture) optimises too, but only the selected takes: a judge's figure on takes that its
own features selected is a consistency check; on all other takes it stays a judge's figure (`kind_on`).

Sharing means that the same module computes the features, that the same weights file is read (by path or by content), or that two weights
files hold the same tensor. Conversions with published definitions, such as CIELAB, are units, not features.

`tests/episodic/quality/test_judge_registry.py` enforces the rule on `JUDGES` and `OBJECTIVES`, and searches the source for losses, guides
and rewards that are not registered. Pure, except for reading weights files.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, TypeAdapter

from memory.model.records import EmbeddingKind

__all__ = [
    "IDENTITY_JUDGES",
    "JUDGES",
    "OBJECTIVES",
    "PROBE",
    "Judge",
    "JudgeKind",
    "Objective",
    "Role",
    "WeightsFile",
    "breaches",
    "judge_named",
    "kind_on",
    "shared_by",
]

JudgeKind = Literal["judge", "consistency check"]
Role = Literal["loss", "guide", "reward", "selection"]
_PACKAGE: Final = Path(__file__).parents[1]
_LEAST_BYTES: Final = 256
"""Smaller tensors, such as a scale, can agree by chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsFile:
    """A weights file."""

    path: Path
    sha256: str = ""
    """First 16 digits of its digest; empty for a file that a command of the project rewrites."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A measure whose figures are printed."""

    name: str
    """Name and version, as figures print it."""
    judges: str
    """The quality it measures."""
    kind: JudgeKind
    features: tuple[str, ...]
    """Modules that compute its features."""
    weights: tuple[WeightsFile, ...] = ()
    note: str = ""
    """The limitation of its figures, printed with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """A loss, guide, reward or selection that takes are optimised for."""

    name: str
    role: Role
    source: tuple[str, ...]
    """Modules that define it."""
    features: tuple[str, ...] = ()
    """Modules that compute the features it compares."""
    weights: tuple[WeightsFile, ...] = ()


_LOOK_WEIGHTS: Final = WeightsFile(path=_PACKAGE / "quality" / "weights" / "look.safetensors", sha256="d2019942d716c7be")
_VOICE_WEIGHTS: Final = WeightsFile(path=_PACKAGE / "quality" / "weights" / "voice.safetensors", sha256="f03e13e739e06197")
_STAGE: Final = _PACKAGE / "backbones" / "stage" / "weights"
_ENCODER_WEIGHTS: Final = WeightsFile(path=_STAGE / "encoder" / "diffusion_pytorch_model.safetensors")
_DENOISER_WEIGHTS: Final = WeightsFile(path=_STAGE / "denoiser" / "diffusion_pytorch_model.safetensors")
_LOOK: Final = "episodic.quality.look"
_ENCODER: Final = "episodic.backbones.stage.model.encoder"

IDENTITY_JUDGES: Final[Mapping[EmbeddingKind, str]] = {"look": "look-lda-1", "voice": "voice-net-2", "motion": "stage-encoder"}
"""The measure by which `bench continuity` and the report identify, for each kind of vector."""
PROBE: Final = "motion-moments"
"""The measure by which `tests/bench/stage_memory.py` identifies."""

JUDGES: Final[tuple[Judge, ...]] = (
    Judge(
        name="look-lda-1",
        judges="look",
        kind="judge",
        features=(_LOOK,),
        weights=(_LOOK_WEIGHTS,),
        note=(
            "measures recall of stored looks: the painter draws every figure from a look that is stored or cast from its description, "
            "no model makes it; clothes and hair that the description names come back without memory too"
        ),
    ),
    Judge(
        name="voice-net-2",
        judges="voice",
        kind="judge",
        features=("episodic.quality.voice",),
        weights=(_VOICE_WEIGHTS,),
        note="measures recall of stored voices; trained on the project's own speech engine, as every voice here is spoken by it",
    ),
    Judge(
        name="stage-encoder",
        judges="motion",
        kind="consistency check",
        features=(_ENCODER,),
        weights=(_ENCODER_WEIGHTS,),
        note=(
            "this encoder conditions the model and is part of its training loss; the figure says that the model obeys it, not that "
            "movement is recognisable. Judge of movement: tests/bench/stage_memory.py"
        ),
    ),
    Judge(
        name=PROBE,
        judges="motion",
        kind="judge",
        features=("tests.bench.stage_memory",),
        note=(
            "mean, spread and mean step of an actor's channels, nearest of the choreographer's takes of every candidate in the same "
            "request; no weights. A loss on such statistics would turn it into a consistency check"
        ),
    ),
    Judge(
        name="light-ball",
        judges="light",
        kind="judge",
        features=("episodic.quality.light",),
        note="with `stage` a regression test: its light is held within a scene by rule",
    ),
    Judge(name="palette", judges="colours of a place", kind="judge", features=("episodic.quality.palette",)),
    Judge(name="jaw-against-speech", judges="lip sync", kind="judge", features=("episodic.quality.sync",)),
    Judge(name="optical-flow", judges="agreement of movement", kind="judge", features=("episodic.quality.motion_agreement",)),
    Judge(name="picture-faults", judges="technical faults", kind="judge", features=("episodic.quality.technical",)),
)

OBJECTIVES: Final[tuple[Objective, ...]] = (
    Objective(
        name="memory encoder of stage: agreement of two takes (InfoNCE)",
        role="loss",
        source=(_ENCODER,),
        features=(_ENCODER,),
        weights=(_ENCODER_WEIGHTS,),
    ),
    Objective(
        name="denoiser of stage: flow matching, jerk, identity by the memory encoder",
        role="loss",
        source=("episodic.backbones.stage.training.train",),
        features=("episodic.backbones.stage.model.denoiser", _ENCODER),
        weights=(_DENOISER_WEIGHTS, _ENCODER_WEIGHTS),
    ),
    Objective(
        name="guidance of stage away from the prediction without memory",
        role="guide",
        source=("episodic.backbones.stage.model.pipeline",),
        features=("episodic.backbones.stage.model.denoiser", _ENCODER),
        weights=(_DENOISER_WEIGHTS, _ENCODER_WEIGHTS),
    ),
    Objective(
        name="light and palette held while an open video model denoises",
        role="guide",
        source=("episodic.consistency.guidance", "episodic.backbones.diffusers.sampling.sample_take"),
        features=("episodic.consistency.guidance",),
    ),
    Objective(
        name="best of several drafts (--takes)",
        role="selection",
        source=("episodic.production.take_selection", "episodic.quality.judge"),
        features=(
            _LOOK,
            "episodic.quality.light",
            "episodic.quality.palette",
            "episodic.quality.motion_agreement",
            "episodic.quality.sync",
            "episodic.quality.technical",
        ),
        weights=(_LOOK_WEIGHTS,),
    ),
    Objective(
        name="views of a character sheet that are refused",
        role="selection",
        source=("episodic.backbones.keyframes.checks", "episodic.quality.likeness"),
        features=(_LOOK,),
        weights=(_LOOK_WEIGHTS,),
    ),
)


def judge_named(name: str, judges: Iterable[Judge] = JUDGES) -> Judge:
    """Return the registered judge of that name. Raises ValueError for another name: an unregistered measure has no figure."""
    registered = {judge.name: judge for judge in judges}
    if name not in registered:
        raise ValueError(f"{name} is no registered judge; expected one of {', '.join(sorted(registered))}")
    return registered[name]


def kind_on(judge: Judge, *, selected: bool, objectives: Iterable[Objective] = OBJECTIVES) -> JudgeKind:
    """The kind of the judge's figures on takes that were selected among several, or were not."""
    if selected and any(shared_by(judge, objective) for objective in objectives if objective.role == "selection"):
        return "consistency check"
    return judge.kind


def breaches(judges: Iterable[Judge] = JUDGES, objectives: Sequence[Objective] = OBJECTIVES) -> tuple[str, ...]:
    """Describe every breach of the rule; empty for a valid registry. Reads weights files."""
    return tuple(
        f"{judge.name} ({judge.judges}) shares {shared} with the {objective.role} {objective.name!r}"
        for judge in judges
        if judge.kind == "judge"
        for objective in objectives
        if objective.role != "selection"
        for shared in shared_by(judge, objective)
    )


def shared_by(judge: Judge, objective: Objective) -> tuple[str, ...]:
    """The modules and weights files that a judge shares with an objective, by path, content or tensor."""
    modules = sorted(set(judge.features) & set(objective.features))
    files = [
        mine.path.name
        for mine in judge.weights
        if any(mine.path.resolve() == theirs.path.resolve() or _same_content(mine, theirs) for theirs in objective.weights)
    ]
    return (*modules, *files)


def _same_content(mine: WeightsFile, theirs: WeightsFile) -> bool:
    """Whether two files hold the same tensor, for instance as copies of each other."""
    return bool(_tensors(mine.path) & _tensors(theirs.path))


class _TensorEntry(BaseModel):
    """A tensor in the header of a safetensors file."""

    shape: list[int]
    data_offsets: tuple[int, int]


_HEADER: Final = TypeAdapter(dict[str, _TensorEntry])


@cache
def _tensors(path: Path) -> frozenset[str]:
    """Digests of the tensors in a safetensors file, of any dtype, except small and constant ones, which can agree by chance."""
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    digests = []
    for entry in _HEADER.validate_python(header).values():
        start, end = entry.data_offsets
        part = data[8 + size + start : 8 + size + end]
        itemsize = len(part) // max(math.prod(entry.shape), 1)
        if len(part) >= _LEAST_BYTES and part != part[:itemsize] * (len(part) // itemsize):
            digests.append(sha256(part).hexdigest())
    return frozenset(digests)
