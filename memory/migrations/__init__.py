"""The versions of the database, one module each in `versions`. Alembic is only imported where there is something to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sqlalchemy import Connection

__all__ = ["HEAD", "REVISIONS", "upgrade"]

REVISIONS: Final = ("0001", "0002")
"""All revisions this version of episodic knows, oldest first."""
HEAD: Final = REVISIONS[-1]


def upgrade(connection: Connection) -> None:
    """Bring the database to `HEAD` inside the transaction that `connection` is in."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    # ConfigParser reads % as the start of an interpolation
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
