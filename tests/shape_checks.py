"""The type checker of `--jaxtyping-packages`: beartype, reading annotations as mypy does.

In the hooked packages every call is checked in the tests: the shapes and dtypes of tensors as well as all other annotations.
"""

from __future__ import annotations

from beartype import BeartypeConf, beartype

__all__ = ["checked"]

# An int is a float and a float is a complex number (PEP 484), which beartype by itself denies.
checked = beartype(conf=BeartypeConf(is_pep484_tower=True))
