"""The published models that episodic can shoot or draw keyframes with: ids, sizes, licences and their limits, and GPU memory.

The facts are in `data/catalogue.yaml`, which also says where they come from. Imports no torch.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML

from episodic.backbones.diffusers.families.family_registry import KEYFRAME_FAMILIES
from episodic.backbones.diffusers.machine.model_size import ModelSize
from episodic.backbones.diffusers.picture_family import PictureRules
from episodic.backbones.protocol import Capabilities
from episodic.series.shooting_settings import ControlKind
from memory.model.facts import FactValue

__all__ = ["Fact", "Published", "TrainedWindow", "catalogue", "memory_words", "models_of", "picture_words"]

Fact = Literal["id", "size", "licence"]
_TEXT: Final = frozenset({"text_encoder", "text_encoder_2"})
_BILLION: Final = 1e9


class TrainedWindow(BaseModel):
    """The dimensions of a model and of the window it was trained for; see the fields of `ModelSize`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    blocks: int = Field(gt=0)
    hidden: int = Field(gt=0)
    frames: int = Field(gt=0)
    width: int = Field(gt=0)
    height: int = Field(gt=0)
    spatial: int = Field(gt=0)
    temporal: int = Field(gt=0)
    batch: int = Field(default=1, gt=0)
    channels: float = Field(default=96.0, gt=0)
    at_once: int = Field(default=0, ge=0)


class Published(BaseModel):
    """One model on the hub."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)

    family: str
    id: str = Field(pattern=r"^[\w.-]+/[\w.-]+$")
    class_name: str = Field(alias="class")
    billions: Mapping[str, float]
    """Parameters of each component that has weights, in billions."""
    licence: str
    limits: str = ""
    """Who may not use it, or for what; empty: none known."""
    takes: str
    """The memories it takes, in words; `Family.capabilities` counts once its folder is there."""
    checked: frozenset[Fact]
    note: str = ""
    window: TrainedWindow

    @property
    def spec(self) -> str:
        """The name that `--backbone` (or `keyframes:`) and `episodic models fetch` take."""
        return f"{self.family}:{self.id}"

    @property
    def parameters(self) -> int:
        """Number of parameters of all components."""
        return round(sum(self.billions.values()) * _BILLION)

    @property
    def weight_bytes(self) -> int:
        """Size of all components in bfloat16. On the hub some are stored in float32, which is twice as much to fetch."""
        return 2 * self.parameters

    @property
    def makes_keyframes(self) -> bool:
        """Whether it makes pictures, not video."""
        return self.family in KEYFRAME_FAMILIES

    @property
    def size(self) -> ModelSize:
        """The model's size, for a window as long and as large as it was trained for."""
        window = self.window
        return ModelSize(
            name=self.id,
            parameters={name: round(billions * _BILLION) for name, billions in self.billions.items()},
            # picture models keep their text encoders with the rest, and their autoencoders in the same precision
            text_components=frozenset() if self.makes_keyframes else _TEXT,
            full=frozenset() if self.makes_keyframes else frozenset({"vae"}),
            blocks=window.blocks,
            hidden=window.hidden,
            batch=window.batch,
            spatial=window.spatial,
            temporal=window.temporal,
            channels=window.channels,
            at_once=window.at_once,
            frames=window.frames,
            width=window.width,
            height=window.height,
        )

    @property
    def vram_bytes(self) -> int:
        """GPU memory with everything on the GPU in bfloat16 and the autoencoder in float32.

        The larger of encoding prompts (text encoders alone) and shooting (all other weights, and the activations of a step or of decoding
        in tiles, whichever are more).
        """
        size = self.size
        work = max(size.denoise("bfloat16"), size.decode(tiled=True))
        return max(size.text("bfloat16"), size.shooting("bfloat16") + work)

    @property
    def least_vram_bytes(self) -> int:
        """GPU memory with whole components moved to the GPU one after the other: the largest that shoots, and the activations.

        Moving single blocks (`machine.offload: group`) needs less memory and more time.
        """
        size = self.size
        work = max(size.denoise("bfloat16"), size.decode(tiled=True))
        return work + max(size.bytes_of(name, "bfloat16") for name in size.parameters if name not in size.text_components)

    def to_json(self) -> dict[str, FactValue]:
        """Return the facts for programs."""
        return {
            "spec": self.spec,
            "class": self.class_name,
            "parameters": self.parameters,
            "weight_bytes": self.weight_bytes,
            "vram_bytes": self.vram_bytes,
            "least_vram_bytes": self.least_vram_bytes,
            "licence": self.licence,
            "limits": self.limits,
            "takes": self.takes,
            "checked": [str(fact) for fact in sorted(self.checked)],
            "note": self.note,
        }


class _CatalogueFile(BaseModel):
    """The content of `data/catalogue.yaml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["episodic/catalogue@1"]
    models: tuple[Published, ...]


@cache
def catalogue() -> tuple[Published, ...]:
    """Read the catalogue, video models first."""
    text = (files(__package__) / "data" / "catalogue.yaml").read_text("utf-8")
    return _CatalogueFile.model_validate(YAML(typ="safe").load(text)).models


def models_of(family: str) -> tuple[Published, ...]:
    """Return the published models of one family, those that take most memories first."""
    return tuple(model for model in catalogue() if model.family == family)


def memory_words(can: Capabilities, control: Sequence[ControlKind] = (), *, speech: bool = False) -> tuple[str, ...]:
    """Describe the memories and plan elements that a model can take, one phrase each, most telling first.

    `control`: the control video that it takes. `speech`: whether it takes speech.
    """
    words = []
    if can.reference_pictures:
        sounds = " with their sounds" if can.memory_sounds else ""
        words.append(f"{can.reference_pictures} reference picture{'s' * (can.reference_pictures > 1)}{sounds}")
    if can.continuation_frames:
        last = "the last frame" if can.continuation_frames == 1 else f"up to {can.continuation_frames} frames"
        words.append(f"{last} of the shot before")
    ends = [name for name, taken in (("begin", can.first_frame), ("end", can.last_frame)) if taken]
    if ends:
        words.append(f"a picture to {' and one to '.join(ends)} with")
    if control:
        words.append(f"control video ({', '.join(control)})")
    if speech:
        words.append("speech")
    if can.own_sound:
        words.append("makes sound of its own")
    words.append(f"text of up to {can.text_tokens} tokens" if can.text_tokens else "no text")
    return tuple(words)


def picture_words(rules: PictureRules) -> tuple[str, ...]:
    """Describe what a keyframe model can take, as `memory_words` does."""
    return (
        f"up to {rules.references} reference pictures" + (", and none without one" if rules.needs_reference else ""),
        f"text of up to {rules.text_tokens} tokens",
    )
