"""The published models that episodic can shoot or draw keyframes with: ids, sizes, licences and their limits, and what memory each takes of a GPU.

Parameters of denoisers and autoencoders were counted by building the architecture with the published dimensions, without weights;
those of text encoders are as their authors name them. `checked` says which facts were compared with the model's own pages or with the
examples in diffusers' source; what is not in it is believed and may be wrong. A licence's own text counts, never these words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from episodic.backbones.diffusers.families.registry import KEYFRAME_FAMILIES
from episodic.backbones.diffusers.machine.model_size import ModelSize
from episodic.backbones.protocol import Capabilities
from memory.model.facts import FactValue

if TYPE_CHECKING:
    from episodic.backbones.diffusers.picture_family import PictureRules

__all__ = ["CATALOGUE", "Fact", "Published", "memory_words", "models_of", "picture_words"]

Fact = Literal["id", "size", "licence"]
_ALL: Final[frozenset[Fact]] = frozenset({"id", "size", "licence"})
_TEXT: Final = frozenset({"text_encoder", "text_encoder_2"})
_BILLION: Final = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One model on the hub."""

    family: str
    id: str
    class_name: str
    billions: Mapping[str, float]
    """Parameters of each component that has weights, in billions."""
    licence: str
    limits: str = ""
    """Who may not use it, or for what; empty: none known."""
    takes: str
    """What of memory it takes, in words; `Family.capabilities` of its folder counts once it is there."""
    checked: frozenset[Fact] = _ALL
    note: str = ""
    shape: Mapping[str, Any] = field(default_factory=dict)
    """What `ModelSize` wants to know of the window it was trained for."""

    @property
    def spec(self) -> str:
        """As `--backbone` (or `keyframes:`) and `episodic models fetch` want it."""
        return f"{self.family}:{self.id}"

    @property
    def parameters(self) -> int:
        """Of all components."""
        return round(sum(self.billions.values()) * _BILLION)

    @property
    def weight_bytes(self) -> int:
        """Of all components in bfloat16. On the hub some lie in float32, which is twice as much to fetch."""
        return 2 * self.parameters

    @property
    def makes_keyframes(self) -> bool:
        """Whether it makes pictures, not video."""
        return self.family in KEYFRAME_FAMILIES

    @property
    def size(self) -> ModelSize:
        """For a window as long and as large as it was trained for."""
        return ModelSize(
            name=self.id,
            parameters={name: round(one * _BILLION) for name, one in self.billions.items()},
            # picture models keep their text encoders with the rest, and their autoencoders are no wider
            text_components=frozenset() if self.makes_keyframes else _TEXT,
            full=frozenset() if self.makes_keyframes else frozenset({"vae"}),
            **self.shape,
        )

    @property
    def vram_bytes(self) -> int:
        """With everything on the GPU in bfloat16, the autoencoder in float32: the larger of encoding prompts (text encoders alone) and
        shooting (all other weights, and the activations of a step or of decoding in tiles, whichever are more)."""
        size = self.size
        work = max(size.denoise("bfloat16"), size.decode(tiled=True))
        return max(size.text("bfloat16"), size.shooting("bfloat16") + work)

    @property
    def least_vram_bytes(self) -> int:
        """With whole components moved to the GPU one after the other: the largest that shoots, and the activations. Moving single blocks
        takes less still, and more time (`machine.offload: group`)."""
        size = self.size
        work = max(size.denoise("bfloat16"), size.decode(tiled=True))
        return work + max(size.bytes_of(name, "bfloat16") for name in size.parameters if name not in size.text_components)

    def to_json(self) -> dict[str, FactValue]:
        """For programs."""
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
            "checked": [str(one) for one in sorted(self.checked)],
            "note": self.note,
        }


def _shape(
    blocks: int, hidden: int, frames: int, size: tuple[int, int], spatial: int = 16, temporal: int = 4, **more: Any
) -> dict[str, Any]:
    return {
        "blocks": blocks,
        "hidden": hidden,
        "frames": frames,
        "width": size[0],
        "height": size[1],
        "spatial": spatial,
        "temporal": temporal,
        **more,
    }


_480P, _720P, _SQUARE = (832, 480), (1280, 720), (1024, 1024)
_WAN: Final = {"text_encoder": 5.68, "vae": 0.127}
_WAN_SMALL: Final = _shape(30, 1536, 81, _480P, at_once=4)
_WAN_LARGE: Final = _shape(40, 5120, 81, _480P, at_once=4)
_APACHE: Final = "Apache-2.0"
_LTX_LIMIT: Final = (
    "who has a yearly revenue of 10 million US dollars or more needs a licence of Lightricks for commercial use; use restrictions"
)
_SKYREELS: Final = "Skywork Community License"
_SKYREELS_LIMIT: Final = "no unlawful use, none that threatens security; commercial use by the licence's terms"
_HUNYUAN: Final = "Tencent Hunyuan Community License"
_HUNYUAN_LIMIT: Final = (
    "not in the European Union, the United Kingdom and South Korea; services with over 100 million users a month need a licence"
)
_COGVIDEOX: Final = "CogVideoX License"
_COGVIDEOX_LIMIT: Final = "free for research; commercial use only after registration, up to a million visits a month"
_TEXT_ONLY: Final = "the text"
_SEEN: Final = "up to {} reference pictures"
_FLUX: Final = "FLUX Non-Commercial License"
_FLUX_LIMIT: Final = "no commercial use without a licence of Black Forest Labs; use restrictions"
_FIRST: Final = "a picture to begin with, the last frame of the shot before"

CATALOGUE: Final[tuple[Published, ...]] = (
    Published(
        family="wan",
        id="Wan-AI/Wan2.1-VACE-1.3B-diffusers",
        class_name="WanVACEPipeline",
        billions={"transformer": 2.154, **_WAN},
        licence=_APACHE,
        takes="reference pictures, the end of the shot before, pictures to begin and end with, control video",
        shape=_WAN_SMALL,
    ),
    Published(
        family="wan",
        id="Wan-AI/Wan2.1-VACE-14B-diffusers",
        class_name="WanVACEPipeline",
        billions={"transformer": 17.338, **_WAN},
        licence=_APACHE,
        takes="reference pictures, the end of the shot before, pictures to begin and end with, control video",
        shape=_WAN_LARGE,
    ),
    Published(
        family="wan",
        id="Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        class_name="WanPipeline",
        billions={"transformer": 5.0, "text_encoder": 5.68, "vae": 0.705},
        licence=_APACHE,
        takes=_FIRST,
        shape=_shape(30, 3072, 121, (1280, 704), spatial=32, channels=64.0, at_once=4),
    ),
    Published(
        family="wan",
        id="Wan-AI/Wan2.2-T2V-A14B-Diffusers",
        class_name="WanPipeline",
        billions={"transformer": 14.288, "transformer_2": 14.288, **_WAN},
        licence=_APACHE,
        takes=_TEXT_ONLY,
        shape=_WAN_LARGE,
    ),
    Published(
        family="wan",
        id="Wan-AI/Wan2.2-I2V-A14B-Diffusers",
        class_name="WanImageToVideoPipeline",
        billions={"transformer": 14.289, "transformer_2": 14.289, **_WAN},
        licence=_APACHE,
        takes=f"{_FIRST}, a picture to end with",
        shape=_WAN_LARGE,
    ),
    Published(
        family="wan",
        id="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
        class_name="WanPipeline",
        billions={"transformer": 1.419, **_WAN},
        licence=_APACHE,
        takes=_TEXT_ONLY,
        shape=_WAN_SMALL,
    ),
    Published(
        family="wan",
        id="Wan-AI/Wan2.1-I2V-14B-480P-Diffusers",
        class_name="WanImageToVideoPipeline",
        billions={"transformer": 16.395, "image_encoder": 0.632, **_WAN},
        licence=_APACHE,
        takes=_FIRST,
        shape=_WAN_LARGE,
    ),
    Published(
        family="ltx2",
        id="Lightricks/LTX-2",
        class_name="LTX2Pipeline",
        billions={
            "transformer": 18.876,
            "text_encoder": 12.19,
            "connectors": 1.43,
            "vae": 1.222,
            "audio_vae": 0.05,
            "vocoder": 0.06,
        },
        licence="LTX-2 Community License",
        limits=_LTX_LIMIT,
        takes="pictures to begin and end with, the end of the shot before with its sound, speech; makes the sound too",
        checked=frozenset({"id", "licence"}),
        shape=_shape(48, 4096, 121, (1216, 704), spatial=32, temporal=8, batch=2, channels=8.0),
    ),
    Published(
        family="echo",
        id="Echo-Team/JoyAI-Echo",
        class_name="EchoModularPipeline",
        billions={
            "transformer": 18.876,
            "text_encoder": 12.19,
            "connectors": 1.43,
            "vae": 1.222,
            "audio_vae": 0.05,
            "vocoder": 0.06,
        },
        licence="of its own, on top of the LTX-2 Community License",
        limits=f"1.0: no commercial use. Of LTX-2, which it is made of: {_LTX_LIMIT}",
        takes="up to seven pictures of memory with their sounds, a picture to begin with; makes the sound too",
        checked=frozenset(),
        note="jdopensource/JoyAI-Echo holds the model in one file, which is no pipeline of diffusers; name a folder that is one",
        shape=_shape(48, 4096, 241, (1280, 736), spatial=32, temporal=8, channels=8.0),
    ),
    Published(
        family="minimax-h3",
        id="MiniMaxAI/MiniMax-H3",
        class_name="MiniMaxH3ModularPipeline",
        billions={"transformer": 33.12, "transformer_ref": 33.12, "text_encoder": 33.4, "vae": 2.604, "audio_vae": 0.151},
        licence="MiniMax H3 Community License",
        limits=(
            "not in the European Union, the United Kingdom, South Korea and the United States; over 20 million US dollars of yearly "
            "revenue only with written leave; the model's name must be shown; no training of other models on what it makes"
        ),
        takes="reference pictures with their sounds, or pictures to begin and end with; makes the sound too",
        note="two denoisers, one for references and one for given frames; the figures count both",
        shape=_shape(50, 5376, 124, (1344, 768), spatial=32, temporal=4),
    ),
    Published(
        family="skyreels",
        id="Skywork/SkyReels-V2-DF-1.3B-540P-Diffusers",
        class_name="SkyReelsV2DiffusionForcingPipeline",
        billions={"transformer": 1.419, **_WAN},
        licence=_SKYREELS,
        limits=_SKYREELS_LIMIT,
        takes="the last 17 frames of the shot before, pictures to begin and end with",
        shape=_shape(30, 1536, 97, (960, 544), at_once=4),
    ),
    Published(
        family="skyreels",
        id="Skywork/SkyReels-V2-DF-14B-720P-Diffusers",
        class_name="SkyReelsV2DiffusionForcingPipeline",
        billions={"transformer": 14.288, **_WAN},
        licence=_SKYREELS,
        limits=_SKYREELS_LIMIT,
        takes="the last 17 frames of the shot before, pictures to begin and end with",
        shape=_shape(40, 5120, 97, _720P, at_once=4),
    ),
    Published(
        family="hunyuan",
        id="hunyuanvideo-community/HunyuanVideo-1.5-480p_t2v",
        class_name="HunyuanVideo15Pipeline",
        billions={"transformer": 8.327, "text_encoder": 7.6, "text_encoder_2": 0.22, "vae": 1.261},
        licence=_HUNYUAN,
        limits=_HUNYUAN_LIMIT,
        takes=_TEXT_ONLY,
        shape=_shape(54, 2048, 121, (848, 480), batch=2, channels=128.0),
    ),
    Published(
        family="hunyuan",
        id="hunyuanvideo-community/HunyuanVideo-1.5-480p_i2v",
        class_name="HunyuanVideo15ImageToVideoPipeline",
        billions={"transformer": 8.327, "text_encoder": 7.6, "text_encoder_2": 0.22, "image_encoder": 0.43, "vae": 1.261},
        licence=_HUNYUAN,
        limits=_HUNYUAN_LIMIT,
        takes=_FIRST,
        shape=_shape(54, 2048, 121, (848, 480), batch=2, channels=128.0),
    ),
    Published(
        family="cogvideox",
        id="THUDM/CogVideoX-2b",
        class_name="CogVideoXPipeline",
        billions={"transformer": 1.694, "text_encoder": 4.76, "vae": 0.216},
        licence=_APACHE,
        takes="a rough of the whole shot from the previsualisation",
        shape=_shape(30, 1920, 49, (720, 480), batch=2, channels=128.0, at_once=8),
    ),
    Published(
        family="cogvideox",
        id="THUDM/CogVideoX-5b",
        class_name="CogVideoXPipeline",
        billions={"transformer": 5.57, "text_encoder": 4.76, "vae": 0.216},
        licence=_COGVIDEOX,
        limits=_COGVIDEOX_LIMIT,
        takes="a rough of the whole shot from the previsualisation",
        shape=_shape(42, 3072, 49, (720, 480), batch=2, channels=128.0, at_once=8),
    ),
    Published(
        family="cogvideox",
        id="THUDM/CogVideoX-5b-I2V",
        class_name="CogVideoXImageToVideoPipeline",
        billions={"transformer": 5.6, "text_encoder": 4.76, "vae": 0.216},
        licence=_COGVIDEOX,
        limits=_COGVIDEOX_LIMIT,
        takes=_FIRST,
        shape=_shape(42, 3072, 49, (720, 480), batch=2, channels=128.0, at_once=8),
    ),
    Published(
        family="diffusers",
        id="kandinskylab/Kandinsky-5.0-T2V-Lite-sft-5s-Diffusers",
        class_name="Kandinsky5T2VPipeline",
        billions={"transformer": 2.007, "text_encoder": 8.29, "text_encoder_2": 0.123, "vae": 0.246},
        licence="MIT",
        takes=_TEXT_ONLY,
        shape=_shape(32, 1792, 121, (768, 512), channels=128.0, at_once=16),
    ),
    Published(
        family="diffusers",
        id="Lightricks/LTX-Video",
        class_name="LTXPipeline",
        billions={"transformer": 1.923, "text_encoder": 4.76, "vae": 0.42},
        licence="LTX-Video Open Weights License",
        limits="read it: its terms differ from version to version",
        takes=_TEXT_ONLY,
        checked=frozenset({"id", "size"}),
        shape=_shape(28, 2048, 161, (704, 512), spatial=32, temporal=8, batch=2, channels=8.0),
    ),
    Published(
        family="diffusers",
        id="genmo/mochi-1-preview",
        class_name="MochiPipeline",
        billions={"transformer": 10.028, "text_encoder": 4.76, "vae": 0.46},
        licence=_APACHE,
        takes=_TEXT_ONLY,
        shape=_shape(48, 3072, 85, (848, 480), temporal=6, batch=2, channels=128.0),
    ),
    # Reference pictures are as many tokens as the picture itself, so each counts as a frame.
    Published(
        family="flux2",
        id="black-forest-labs/FLUX.2-dev",
        class_name="Flux2Pipeline",
        billions={"transformer": 32.223, "text_encoder": 24.0, "vae": 0.084},
        licence=_FLUX,
        limits=_FLUX_LIMIT,
        takes=_SEEN.format("six"),
        note="its page asks to agree to the licence before anything is fetched (`hf auth login`)",
        shape=_shape(56, 6144, 7, _SQUARE, temporal=1, channels=128.0, at_once=1),
    ),
    Published(
        family="flux2",
        id="black-forest-labs/FLUX.2-klein-4B",
        class_name="Flux2KleinPipeline",
        billions={"transformer": 3.876, "text_encoder": 4.022, "vae": 0.084},
        licence=_APACHE,
        takes=_SEEN.format("four"),
        checked=frozenset({"id", "licence"}),
        note="distilled to four steps",
        shape=_shape(25, 3072, 5, _SQUARE, temporal=1, channels=128.0, at_once=1),
    ),
    Published(
        family="qwen-edit",
        id="Qwen/Qwen-Image-Edit-2511",
        class_name="QwenImageEditPlusPipeline",
        billions={"transformer": 20.43, "text_encoder": 8.29, "vae": 0.127},
        licence=_APACHE,
        takes=f"{_SEEN.format('three')}, and none without one",
        checked=frozenset({"id", "size"}),
        shape=_shape(60, 3072, 4, _SQUARE, temporal=1, at_once=1),
    ),
    Published(
        family="sdxl-ip",
        id="stabilityai/stable-diffusion-xl-base-1.0",
        class_name="StableDiffusionXLPipeline",
        billions={
            "unet": 2.567,
            "text_encoder": 0.123,
            "text_encoder_2": 0.695,
            "vae": 0.084,
            "image_encoder": 1.845,
            "ip_adapter": 0.351,
        },
        licence="CreativeML Open RAIL++-M",
        limits="use restrictions",
        takes=_SEEN.format("four"),
        note=(
            "wants an IP-Adapter and its image encoder copied into the folder: of h94/IP-Adapter (Apache-2.0), sdxl_models/; "
            "the figures count both"
        ),
        shape=_shape(11, 320, 1, _SQUARE, spatial=8, temporal=1, batch=2, channels=128.0, at_once=1),
    ),
)


def models_of(family: str) -> tuple[Published, ...]:
    """The published models of one family, those that take most of memory first."""
    return tuple(one for one in CATALOGUE if one.family == family)


def memory_words(can: Capabilities) -> tuple[str, ...]:
    """What of memory and plan a model can take, one phrase each, most telling first."""
    words = []
    if can.reference_pictures:
        sounds = " with their sounds" if can.memory_sounds else ""
        words.append(f"{can.reference_pictures} reference picture{'s' * (can.reference_pictures > 1)}{sounds}")
    if can.continuation_frames:
        last = "the last frame" if can.continuation_frames == 1 else f"up to {can.continuation_frames} frames"
        words.append(f"{last} of the shot before")
    ends = [name for name, there in (("begin", can.first_frame), ("end", can.last_frame)) if there]
    if ends:
        words.append(f"a picture to {' and one to '.join(ends)} with")
    if can.control:
        words.append(f"control video ({', '.join(can.control)})")
    if can.speech:
        words.append("speech")
    if can.own_sound:
        words.append("makes sound of its own")
    if can.motion_embeddings:
        words.append("how people move and places are lit, as tokens")
    words.append(f"text of up to {can.text_tokens} tokens" if can.text_tokens else "no text")
    return tuple(words)


def picture_words(rules: PictureRules) -> tuple[str, ...]:
    """The same of a model that makes keyframes."""
    return (
        f"up to {rules.references} reference pictures" + (", and none without one" if rules.needs_reference else ""),
        f"text of up to {rules.text_tokens} tokens",
    )
