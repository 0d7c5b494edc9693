"""What the host has to tell the user about its machine plan. Imports torch only when asked."""

from __future__ import annotations

__all__ = ["host_messages"]


def host_messages() -> tuple[str, ...]:
    """Return how the models of this process were fitted to the machine, in words; no message twice."""
    from episodic.backbones.diffusers.machine.host import the_host  # imports torch

    return the_host().take_messages()
