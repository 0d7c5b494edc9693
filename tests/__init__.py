"""Tests, in folders that mirror the source tree."""

from tests import shape_checks  # named by `--jaxtyping-packages` in pyproject.toml, which imports this package only

__all__ = ["shape_checks"]
