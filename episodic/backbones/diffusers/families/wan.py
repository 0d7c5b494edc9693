"""Wan 2.1 and 2.2 (arXiv 2503.20314): text, first picture, first and last picture, and VACE (arXiv 2503.07598), which takes reference
pictures, known frames and control video."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from episodic.backbones.diffusers.family import Family, Joint
from episodic.backbones.diffusers.folder.model_folder import ModelFolder
from episodic.backbones.diffusers.rules import Rules, longest
from episodic.backbones.protocol import Capabilities
from episodic.series.shooting_settings import ControlKind

__all__ = [
    "CONTROL",
    "IMAGE_PIPELINE",
    "REFERENCES",
    "TEXT_PIPELINE",
    "TEXT_ROWS",
    "Wan",
    "is_vace",
    "needs_last_picture",
    "takes_first_picture",
    "takes_last_picture",
    "wan_steps",
]

TEXT_PIPELINE: Final = "WanPipeline"
IMAGE_PIPELINE: Final = "WanImageToVideoPipeline"
_VACE_PIPELINE: Final = "WanVACEPipeline"
TEXT_ROWS: Final = 512
"""Rows of an encoded prompt. Always all of them: the image model of 2.1 separates text from picture by counting them."""
REFERENCES: Final = 4
"""Most reference pictures; more of them blur into each other."""
CONTROL: Final[tuple[ControlKind, ...]] = ("depth", "pose", "layout")
"""Control videos that VACE takes, best first."""
_END_TOKENS: Final = 1
"""Tokens that the tokenizer adds to a text."""
_VACE_KNOWN: Final = (1, 5, 9, 13, 17)


class Wan(Family):
    """A call uses `WanPipeline`, `WanImageToVideoPipeline` or `WanVACEPipeline`."""

    name: ClassVar[str] = "wan"
    classes: ClassVar[tuple[str, ...]] = (TEXT_PIPELINE, IMAGE_PIPELINE, _VACE_PIPELINE)
    text_components: ClassVar[tuple[str, ...]] = ("tokenizer", "text_encoder")
    driver_class: ClassVar[tuple[str, str]] = ("drivers.wan_driver", "WanDriver")

    def capabilities(self, folder: ModelFolder) -> Capabilities:
        """They follow from the pipeline's class and the transformer's configuration."""
        rules = self.rules(folder)
        vace = is_vace(folder)
        return Capabilities(
            name=self.name,
            max_performers=8,
            text_tokens=TEXT_ROWS - _END_TOKENS,
            reference_pictures=REFERENCES if vace else 0,
            continuation_frames=max(self.known_frames(folder), default=0),
            first_frame=vace or takes_first_picture(folder),
            last_frame=vace or takes_last_picture(folder),
            needs_first_frame=folder.class_name == IMAGE_PIPELINE,
            needs_last_frame=needs_last_picture(folder),
            max_seconds=rules.most_frames / rules.fps,
        )

    def control_kinds(self, folder: ModelFolder) -> tuple[ControlKind, ...]:
        """Only VACE takes control video."""
        return CONTROL if is_vace(folder) else ()

    def rules(self, folder: ModelFolder) -> Rules:
        """The small model of 2.2 runs at 24 frames per second and 1280x704, all others at 16 and, by their schedule, 480p or 720p."""
        side, step = wan_steps(folder, "transformer" if "transformer" in folder.components else "transformer_2")
        if folder.index.get("expand_timesteps"):
            return Rules(
                fps=24,
                frame_step=step,
                frame_offset=1,
                most_frames=longest(121, step),
                side_multiple=side,
                size=(1280, 704),
                steps=50,
                draft_steps=12,
            )
        two_stages = folder.index.get("boundary_ratio") is not None
        large = folder.number("scheduler", "flow_shift", 3.0) >= 5
        return Rules(
            fps=16,
            frame_step=step,
            frame_offset=1,
            most_frames=longest(81, step),
            side_multiple=side,
            size=(1280, 720) if large else (832, 480),
            steps=40 if two_stages else 50,
            guidance=5.0 if not two_stages else 3.5 if takes_first_picture(folder) else 4.0,
            draft_steps=12,
            # each reference picture of VACE takes a latent frame of the window's own
            least_frames=1 + step * (REFERENCES - 1) if is_vace(folder) else 1,
        )

    def known_frames(self, folder: ModelFolder) -> tuple[int, ...]:
        """VACE takes a clip, image models its last frame."""
        if is_vace(folder):
            return _VACE_KNOWN
        return (1,) if takes_first_picture(folder) else ()

    def hooks(self, folder: ModelFolder) -> bool:
        """Every pipeline of Wan calls back."""
        del folder
        return True

    def joint(self, folder: ModelFolder) -> Joint | None:
        """For text models, which cannot continue a take."""
        if self.known_frames(folder):
            return None
        return Joint(
            components=tuple(name for name in ("transformer", "transformer_2") if name in folder.components),
            frames_per_latent=self.rules(folder).frame_step,
        )


def wan_steps(folder: ModelFolder, transformer: str = "transformer") -> tuple[int, int]:
    """Return the number of pixels that sides are multiples of, and the number of frames in one latent frame."""
    side = folder.whole("vae", "scale_factor_spatial", 8) * folder.wholes(transformer, "patch_size", (1, 2, 2))[-1]
    return side, folder.whole("vae", "scale_factor_temporal", 4)


def is_vace(folder: ModelFolder) -> bool:
    """Return whether the model is VACE."""
    return folder.class_name == _VACE_PIPELINE


def takes_first_picture(folder: ModelFolder) -> bool:
    """Return whether the model can begin with a picture: image models, and the small model of 2.2, which takes text or a picture."""
    return folder.class_name == IMAGE_PIPELINE or bool(folder.index.get("expand_timesteps"))


def needs_last_picture(folder: ModelFolder) -> bool:
    """Return whether the model needs a picture to end with.

    Image models of 2.1 that were trained on first and last picture have positions for both and do not work with one.
    """
    return takes_first_picture(folder) and _transformer(folder).get("pos_embed_seq_len") is not None


def takes_last_picture(folder: ModelFolder) -> bool:
    """Return whether the model can end with a picture: those that need one, and the large image model of 2.2.

    The image model of 2.1 has no place for a second picture, and the small model of 2.2 ignores it.
    """
    if folder.index.get("expand_timesteps") or folder.class_name != IMAGE_PIPELINE:
        return False
    return needs_last_picture(folder) or _transformer(folder).get("image_dim") is None


def _transformer(folder: ModelFolder) -> Mapping[str, object]:
    """Return the configuration of the first transformer that the folder has."""
    return folder.configs.get("transformer") or folder.configs.get("transformer_2") or {}
