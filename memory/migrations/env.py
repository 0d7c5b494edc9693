"""Alembic's entry: runs the migrations on the connection that `memory.migrations.upgrade` hands over."""

from __future__ import annotations

from alembic import context

from memory.schema.tables import Table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    # SQLite rolls DDL back like everything else once the driver is kept from committing on its own (`memory.database`)
    transactional_ddl=True,
)
context.run_migrations()
