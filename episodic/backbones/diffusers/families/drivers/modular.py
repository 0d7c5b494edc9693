"""What the drivers of modular pipelines share."""

from __future__ import annotations

from typing import Any

from diffusers.modular_pipelines.modular_pipeline import PipelineState

__all__ = ["modular_state"]


def modular_state(**values: Any) -> Any:
    """Return the state that the blocks of a modular pipeline read and write, filled with `values`."""
    state = PipelineState()
    for name, value in values.items():
        state.set(name, value)
    return state
