"""How a series wants its shots made: the part of `series.yaml` that is about taste, and so part of what a take is."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, field_validator

__all__ = ["CONTROLS", "DEFAULT_SHOOTING", "LAYERS", "ControlKind", "Layer", "Shooting"]

ControlKind = Literal["depth", "pose", "masks", "layout"]
"""Passes of the previsualisation: depth (near is white), 2D pose (COCO key points on black), one flat colour per entity, the painted
frames themselves as a rough of the picture."""
CONTROLS: Final[tuple[ControlKind, ...]] = get_args(ControlKind)
Layer = Literal["flicker", "colour", "seams", "grain"]
LAYERS: Final[tuple[Layer, ...]] = get_args(Layer)
"""What can be done to a take's frames so that they agree with their neighbours, in the order in which it is done."""


class Shooting(BaseModel):
    """`shooting:` in `series.yaml`. Everything that is not said is the model's own."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    size: str | None = None
    """The size takes are shot at, `WIDTHxHEIGHT` in pixels, whatever size the film has."""
    steps: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Denoising steps."""
    guidance: Annotated[float, Field(ge=0, le=100)] | None = None
    """Classifier-free guidance."""
    control: ControlKind | Literal["none"] | None = None
    """Which pass of the previsualisation is handed over as control video."""
    overlap: Annotated[int, Field(ge=1, le=512)] | None = None
    """The most frames a window goes on from."""
    light: Annotated[float, Field(ge=0, le=1)] = 0.15
    """How firmly the light and palette of the take that is gone on from are held while denoising; 0: not at all."""
    takes: Annotated[int, Field(ge=1, le=64)] = 1
    """How many cheap takes are judged before the best is made at full quality."""
    retries: Annotated[int, Field(ge=0, le=16)] = 1
    """How often a take that fails its judgement is made again, where more than one take is judged."""
    good_enough: Annotated[float, Field(ge=0, le=1)] = 0.8
    """The score from which on no further take is tried."""
    consistency: Literal["auto", "off"] | tuple[Layer, ...] = "auto"
    """Layers that make neighbouring takes agree. `auto`: all for models that sample pixels, none for `stage`, which is exact."""

    @field_validator("consistency", mode="before")
    @classmethod
    def _said(cls, value: Any) -> Any:
        # YAML reads a bare `off` as false
        return "off" if value is False else value

    @field_validator("size")
    @classmethod
    def _size(cls, value: str | None) -> str | None:
        if value is not None and re.fullmatch(r"[1-9]\d{1,3}x[1-9]\d{1,3}", value) is None:
            raise ValueError(f"expected WIDTHxHEIGHT such as 832x480, found {value!r}")
        return value

    def layers(self, *, heavy: bool) -> tuple[Layer, ...]:
        """The layers of consistency for a backbone that samples pixels (`heavy`), or does not."""
        if self.consistency == "auto":
            return LAYERS if heavy else ()
        return () if self.consistency == "off" else tuple(one for one in LAYERS if one in self.consistency)

    def pixels(self) -> tuple[int, int] | None:
        """`size` as width and height."""
        if self.size is None:
            return None
        width, _, height = self.size.partition("x")
        return int(width), int(height)


DEFAULT_SHOOTING: Final = Shooting()
