"""diffusers and transformers without their types: the annotations of both are incomplete and contradict each other. Imports torch."""

from __future__ import annotations

from typing import Any, Final

import diffusers as typed_diffusers
import transformers as typed_transformers

__all__ = ["diffusers", "transformers"]

diffusers: Final[Any] = typed_diffusers
transformers: Final[Any] = typed_transformers
