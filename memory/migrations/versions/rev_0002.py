"""Statements and spans apart, commits, key frames, what was measured on takes, and which vectors were verified."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_commits()
    _create_statements()
    _create_spans()
    _create_threads()
    _extend_appearances()
    _extend_takes()


def _create_commits() -> None:
    op.create_table(
        "commits",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("branch_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("scene_id", sa.Integer, nullable=True),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_commits"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_commits_branch_id"),
        sa.ForeignKeyConstraint(["scene_id"], ["scenes.id"], name="fk_commits_scene_id", ondelete="CASCADE"),
    )
    op.create_index("ix_commits_branch_id", "commits", ["branch_id"])
    op.create_index("ix_commits_scene_id", "commits", ["scene_id"])
    by_hand = sa.text("kind <> 'scene'")
    op.create_index("ix_commits_by_hand", "commits", ["branch_id"], sqlite_where=by_hand, postgresql_where=by_hand)
    op.execute(
        "INSERT INTO commits (id, branch_id, kind, position, scene_id, note) "
        "SELECT id, branch_id, 'scene', position, id, '' FROM scenes"
    )


def _create_statements() -> None:
    op.create_table(
        "statements",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("branch_id", sa.Integer, nullable=False),
        sa.Column("entity_id", sa.Integer, nullable=False),
        sa.Column("attribute", sa.String(160), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("stated_end", sa.BigInteger, nullable=False),
        sa.Column("evidence", sa.String(16), nullable=False),
        sa.Column("commit_id", sa.Integer, nullable=False),
        sa.Column("stated_at", sa.BigInteger, nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("reach", sa.BigInteger, nullable=False),
        sa.Column("overruled", sa.Integer, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_statements"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_statements_branch_id"),
        sa.ForeignKeyConstraint(["entity_id"], ["entities.id"], name="fk_statements_entity_id"),
        sa.ForeignKeyConstraint(["commit_id"], ["commits.id"], name="fk_statements_commit_id", ondelete="CASCADE"),
    )
    op.execute(
        "INSERT INTO statements (id, branch_id, entity_id, attribute, value, since, stated_end, evidence, commit_id, stated_at, "
        "ordinal, reach, overruled) SELECT id, branch_id, entity_id, attribute, value, since, stated_end, evidence, origin_id, "
        "stated_at, ordinal, stated_end, NULL FROM facts"
    )
    op.drop_table("facts")
    op.create_index("ix_statements_reach", "statements", ["branch_id", "entity_id", "reach"])
    op.create_index("ix_statements_commit_id", "statements", ["commit_id"])
    for name, where in (("overruled", sa.text("overruled IS NOT NULL")), ("edits", sa.text("evidence = 'user'"))):
        op.create_index(f"ix_statements_{name}", "statements", ["branch_id", "since"], sqlite_where=where, postgresql_where=where)


def _create_spans() -> None:
    """Empty: the store derives spans when it finds none made by its rule."""
    op.create_table(
        "spans",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("branch_id", sa.Integer, nullable=False),
        sa.Column("entity_id", sa.Integer, nullable=False),
        sa.Column("attribute", sa.String(160), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("node", sa.BigInteger, nullable=False),
        sa.Column("statement_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_spans"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_spans_branch_id"),
        sa.ForeignKeyConstraint(["entity_id"], ["entities.id"], name="fk_spans_entity_id"),
    )
    covering = op.get_bind().dialect.name == "sqlite"
    for edge in ("since", "ends"):
        if covering:
            op.create_index(f"ix_spans_by_{edge}", "spans", ["branch_id", "node", edge, "entity_id", "attribute", "value"])
        else:
            op.create_index(f"ix_spans_{edge}", "spans", ["branch_id", "node", edge])
    op.create_index("ix_spans_history", "spans", ["branch_id", "entity_id", "ends"])


def _create_threads() -> None:
    op.create_table(
        "thread_events",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("commit_id", sa.Integer, nullable=False),
        sa.Column("branch_id", sa.Integer, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("thread", sa.String(40), nullable=False),
        sa.Column("text", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_thread_events"),
        sa.ForeignKeyConstraint(["commit_id"], ["commits.id"], name="fk_thread_events_commit_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["branch_id"], ["branches.id"], name="fk_thread_events_branch_id"),
    )
    op.execute(
        "INSERT INTO thread_events (id, commit_id, branch_id, position, thread, text) "
        "SELECT t.id, t.origin_id, s.branch_id, s.position, t.thread, t.text FROM threads t JOIN scenes s ON s.id = t.origin_id"
    )
    op.drop_table("threads")
    op.create_index("ix_thread_events_commit_id", "thread_events", ["commit_id"])
    op.create_index("ix_thread_events_story", "thread_events", ["branch_id", "position"])


def _extend_appearances() -> None:
    op.add_column("appearances", sa.Column("branch_id", sa.Integer, nullable=False, server_default="0"))
    op.add_column("appearances", sa.Column("position", sa.BigInteger, nullable=False, server_default="0"))
    op.execute(
        "UPDATE appearances SET branch_id = (SELECT branch_id FROM scenes WHERE scenes.id = appearances.scene_id), "
        "position = (SELECT position FROM scenes WHERE scenes.id = appearances.scene_id)"
    )
    op.create_index("ix_appearances_debut", "appearances", ["branch_id", "entity_id", "position"])


def _extend_takes() -> None:
    op.create_index("ix_takes_accepted", "takes", ["accepted"])
    op.add_column("takes", sa.Column("measures", sa.Text, nullable=False, server_default="{}"))
    op.create_table(
        "key_frames",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("take_id", sa.Integer, nullable=False),
        sa.Column("frame", sa.Integer, nullable=False),
        sa.Column("artifact", sa.String(128), nullable=False),
        sa.Column("file", sa.String(80), nullable=False),
        sa.Column("quality", sa.Float, nullable=False),
        sa.Column("novelty", sa.Float, nullable=False),
        sa.Column("shows", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_key_frames"),
        sa.ForeignKeyConstraint(["take_id"], ["takes.id"], name="fk_key_frames_take_id", ondelete="CASCADE"),
    )
    op.create_index("ix_key_frames_take_id", "key_frames", ["take_id"])
    op.add_column("embeddings", sa.Column("likeness", sa.Float, nullable=True))
    op.add_column("embeddings", sa.Column("verified", sa.Boolean, nullable=False, server_default=sa.true()))
    op.execute("UPDATE embeddings SET kind = 'motion' WHERE kind = 'take'")
