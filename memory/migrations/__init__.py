"""The versions of the database, one module each in `versions`; `upgrade` runs them."""

from __future__ import annotations

from typing import Final

__all__ = ["HEAD", "REVISIONS"]

REVISIONS: Final = ("0001", "0002")
"""All revisions that this version of episodic knows, oldest first."""
HEAD: Final = REVISIONS[-1]
