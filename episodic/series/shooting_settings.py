"""How the shots of a series are made: `shooting:` in `series.yaml`. A matter of taste, and therefore part of every take's key."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = ["CONTROLS", "DEFAULT_SHOOTING", "LAYERS", "ControlKind", "Layer", "Shooting"]

ControlKind = Literal["depth", "pose", "masks", "layout"]
"""Passes of the previsualisation: `depth` (near is white), `pose` (2D COCO key points on black), `masks` (one flat colour per entity),
`layout` (the painted frames themselves, as a rough)."""
CONTROLS: Final[tuple[ControlKind, ...]] = get_args(ControlKind)
Layer = Literal["flicker", "colour", "seams", "grain"]
LAYERS: Final[tuple[Layer, ...]] = get_args(Layer)
"""Corrections that make a take's frames agree with neighbouring takes, in the order in which they are applied."""


class Shooting(BaseModel):
    """`shooting:` in `series.yaml`. A setting that is not given is the model's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: str | None = None
    """Size at which takes are shot, `WIDTHxHEIGHT` in pixels, independent of the film's."""
    steps: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Denoising steps."""
    guidance: Annotated[float, Field(ge=0, le=100)] | None = None
    """Classifier-free guidance."""
    control: ControlKind | Literal["none"] | None = None
    """The pass of the previsualisation that is handed over as control video."""
    overlap: Annotated[int, Field(ge=1, le=512)] | None = None
    """Most frames of the previous window that a window continues."""
    light: Annotated[float, Field(ge=0, le=1)] = 0.15
    """Strength with which the light and palette of the continued take are held while denoising; 0: not at all."""
    takes: Annotated[int, Field(ge=1, le=64)] = 1
    """Number of cheap takes that are judged before the best is made at full quality."""
    retries: Annotated[int, Field(ge=0, le=16)] = 1
    """Most further takes when a take fails its judgement; only where more than one take is judged."""
    good_enough: Annotated[float, Field(ge=0, le=1)] = 0.8
    """Score at which no further take is tried."""
    consistency: Literal["auto", "off"] | tuple[Layer, ...] = "auto"
    """Layers of corrections. `auto`: all of them for models that sample pixels, none for `stage`, which is exact."""

    @field_validator("consistency", mode="before")
    @classmethod
    def _unquoted_off(cls, value: Any) -> Any:
        """YAML reads a bare `off` as false."""
        return "off" if value is False else value

    @field_validator("size")
    @classmethod
    def _width_by_height(cls, value: str | None) -> str | None:
        """Refuse a malformed size."""
        if value is not None and re.fullmatch(r"[1-9]\d{1,3}x[1-9]\d{1,3}", value) is None:
            raise ValueError(f"expected WIDTHxHEIGHT such as 832x480, found {value!r}")
        return value

    def layers(self, *, heavy: bool) -> tuple[Layer, ...]:
        """The layers for a backbone that samples pixels (`heavy`), or one that does not."""
        if self.consistency == "auto":
            return LAYERS if heavy else ()
        return () if self.consistency == "off" else tuple(layer for layer in LAYERS if layer in self.consistency)

    def pixels(self) -> tuple[int, int] | None:
        """`size` as width and height."""
        if self.size is None:
            return None
        width, _, height = self.size.partition("x")
        return int(width), int(height)


DEFAULT_SHOOTING: Final = Shooting()
