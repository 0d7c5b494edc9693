"""The first version: branches, entities, scenes, facts with spans, threads, takes, embeddings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "series",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_series"),
    )
    branches = op.create_table(
        "branches",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("parent_id", sa.Integer, nullable=True),
        sa.Column("forked_at", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_branches"),
        sa.UniqueConstraint("name", name="uq_branches_name"),
        sa.ForeignKeyConstraint(["parent_id"], ["branches.id"], name="fk_branches_parent_id"),
    )
    op.create_table(
        "entities",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("slug", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("character_kind", sa.String(16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_entities"),
        sa.UniqueConstraint("slug", name="uq_entities_slug"),
    )
    op.create_table(
        "scenes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("branch_id", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("scene_id", sa.String(40), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("synopsis", sa.Text, nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_scenes"),
        sa.UniqueConstraint("branch_id", "position", name="uq_scenes_branch_id_position"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_scenes_branch_id"),
    )
    op.create_table(
        "appearances",
        sa.Column("scene_id", sa.Integer, nullable=False),
        sa.Column("entity_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("scene_id", "entity_id", name="pk_appearances"),
        sa.ForeignKeyConstraint(["scene_id"], ["scenes.id"], name="fk_appearances_scene_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entity_id"], ["entities.id"], name="fk_appearances_entity_id"),
    )
    op.create_index("ix_appearances_entity_id", "appearances", ["entity_id"])
    op.create_table(
        "facts",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("branch_id", sa.Integer, nullable=False),
        sa.Column("entity_id", sa.Integer, nullable=False),
        sa.Column("attribute", sa.String(160), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("stated_end", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("silent", sa.Boolean, nullable=False),
        sa.Column("evidence", sa.String(16), nullable=False),
        sa.Column("origin_id", sa.Integer, nullable=False),
        sa.Column("stated_at", sa.BigInteger, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_facts"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_facts_branch_id"),
        sa.ForeignKeyConstraint(["entity_id"], ["entities.id"], name="fk_facts_entity_id"),
        sa.ForeignKeyConstraint(["origin_id"], ["scenes.id"], name="fk_facts_origin_id", ondelete="CASCADE"),
    )
    op.create_index("ix_facts_as_of", "facts", ["branch_id", "silent", "ends", "since"])
    op.create_index("ix_facts_history", "facts", ["branch_id", "entity_id", "attribute", "since"])
    op.create_index("ix_facts_entity_id", "facts", ["entity_id"])
    op.create_index("ix_facts_origin_id", "facts", ["origin_id"])
    op.create_table(
        "threads",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("origin_id", sa.Integer, nullable=False),
        sa.Column("thread", sa.String(40), nullable=False),
        sa.Column("text", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_threads"),
        sa.ForeignKeyConstraint(["origin_id"], ["scenes.id"], name="fk_threads_origin_id", ondelete="CASCADE"),
    )
    op.create_index("ix_threads_origin_id", "threads", ["origin_id"])
    _create_takes()
    op.bulk_insert(branches, [{"name": "main"}])


def _create_takes() -> None:
    op.create_table(
        "takes",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("scene_id", sa.Integer, nullable=False),
        sa.Column("shot_id", sa.String(40), nullable=False),
        sa.Column("artifact", sa.String(128), nullable=False),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("accepted", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_takes"),
        sa.ForeignKeyConstraint(["scene_id"], ["scenes.id"], name="fk_takes_scene_id", ondelete="CASCADE"),
    )
    op.create_index("ix_takes_scene_id", "takes", ["scene_id"])
    op.create_table(
        "embeddings",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("scene_id", sa.Integer, nullable=False),
        sa.Column("take_id", sa.Integer, nullable=True),
        sa.Column("entity_id", sa.Integer, nullable=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("encoder", sa.String(80), nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_embeddings"),
        sa.ForeignKeyConstraint(["scene_id"], ["scenes.id"], name="fk_embeddings_scene_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["take_id"], ["takes.id"], name="fk_embeddings_take_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["entity_id"], ["entities.id"], name="fk_embeddings_entity_id"),
    )
    op.create_index("ix_embeddings_kind", "embeddings", ["kind", "encoder"])
    for column in ("scene_id", "take_id", "entity_id"):
        op.create_index(f"ix_embeddings_{column}", "embeddings", [column])
