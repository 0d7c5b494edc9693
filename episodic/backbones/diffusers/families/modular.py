"""What families of modular pipelines share."""

from __future__ import annotations

from typing import Any

__all__ = ["modular_state"]


def modular_state(**values: Any) -> Any:
    """What the blocks of a modular pipeline read and write."""
    from diffusers.modular_pipelines.modular_pipeline import PipelineState

    state = PipelineState()
    for name, value in values.items():
        state.set(name, value)
    return state
