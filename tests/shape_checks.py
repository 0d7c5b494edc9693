"""Shapes are part of signatures, and the tests check them: `tests/conftest.py` hooks the modules that are listed here.

In a hooked module every call is checked with beartype: the shapes and dtypes of arrays and tensors as well as all other annotations.
`tests/test_shape_checks.py` refuses a module that annotates shapes and is not on the list.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from beartype import BeartypeConf, beartype
from jaxtyping import install_import_hook

__all__ = ["CHECKED", "check_shapes", "checked", "is_checked"]

CHECKED: Final = (
    "episodic.backbones.cards",
    "episodic.backbones.diffusers",
    "episodic.backbones.ffv1",
    "episodic.backbones.footage",
    "episodic.backbones.keyframes",
    "episodic.backbones.pictures",
    "episodic.backbones.previs",
    "episodic.backbones.protocol",
    "episodic.backbones.request",
    "episodic.backbones.speech_cue",
    "episodic.backbones.stage.auditions",
    "episodic.backbones.stage.backbone",
    "episodic.backbones.stage.model",
    "episodic.backbones.stage.painter.camera",
    "episodic.backbones.stage.painter.film",
    "episodic.backbones.stage.painter.light",
    "episodic.backbones.stage.painter.passes",
    "episodic.backbones.stage.painter.sets.weather",
    "episodic.backbones.stage.simulator",
    "episodic.backbones.stage.staging",
    "episodic.backbones.stage.take_sampler",
    "episodic.backbones.stage.training",
    "episodic.backbones.take",
    "episodic.colour",
    "episodic.consistency",
    "episodic.cut",
    "episodic.lab.judge_calibration",
    "episodic.lab.training",
    "episodic.production.files.stem_file",
    "episodic.production.judge_memory",
    "episodic.production.steps.parts",
    "episodic.production.steps.survey",
    "episodic.quality",
    "episodic.sound",
    "memory.queries.embeddings",
)
"""Packages, and single modules, whose calls are checked.

The painter draws with plain numbers. Only its modules that handle arrays are here: checking every call that draws a line would triple
the time of its tests."""

# an int is a float and a float is a complex number (PEP 484), which beartype by default denies
checked = beartype(conf=BeartypeConf(is_pep484_tower=True))


@cache
def check_shapes() -> None:
    """Install the hook, once: it checks the modules that are imported from then on."""
    install_import_hook(CHECKED, "tests.shape_checks.checked")


def is_checked(module: str) -> bool:
    """Return whether a module is on the list of checked modules, or in one of its packages."""
    return any(module == name or module.startswith(f"{name}.") for name in CHECKED)
