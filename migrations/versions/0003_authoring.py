"""Pictures inside questions, drafts, changes that can be undone, words to search in, reviews.

Revision ID: 0003
Revises: 0002
"""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOST_CHARS = 20_000
AT_ONCE = 500


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _fill_words() -> None:
    """What each question says, in lower case: later saves do the same."""
    connection = op.get_bind()
    newest = connection.execute(
        sa.text(
            "SELECT q.id, r.document FROM question q"
            " JOIN question_revision r ON r.question_id = q.id AND r.number = q.revision"
        )
    ).all()
    rows = [
        {"id": number, "words": " ".join(_texts(_parsed(document))).lower()[:MOST_CHARS]}
        for number, document in newest
    ]
    for start in range(0, len(rows), AT_ONCE):
        connection.execute(
            sa.text("UPDATE question SET words = :words WHERE id = :id"), rows[start : start + AT_ONCE]
        )


def _parsed(document: Any) -> Any:
    return json.loads(document) if isinstance(document, str) else document


def upgrade() -> None:
    op.add_column("question_set", sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("question_set", sa.Column("origin", sa.Text(), nullable=True))
    op.add_column("question", sa.Column("words", sa.Text(), nullable=False, server_default=""))
    _fill_words()
    op.add_column("question_revision", sa.Column("author_id", sa.Integer(), nullable=True))
    op.create_table(
        "image",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_image_owner_id_account")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_image")),
    )
    op.create_index("ix_image_sha256", "image", ["sha256"], unique=False)
    op.create_index(op.f("ix_image_owner_id"), "image", ["owner_id"], unique=False)
    op.create_table(
        "question_draft",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_question_draft_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("account_id", "key", name=op.f("pk_question_draft")),
    )
    op.create_table(
        "pending_import",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_pending_import_account_id_account"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pending_import")),
    )
    op.create_index(op.f("ix_pending_import_account_id"), "pending_import", ["account_id"], unique=False)
    op.create_table(
        "bulk_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_bulk_change_account_id_account"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_change")),
    )
    op.create_index(op.f("ix_bulk_change_account_id"), "bulk_change", ["account_id"], unique=False)


def downgrade() -> None:
    op.drop_table("bulk_change")
    op.drop_table("pending_import")
    op.drop_table("question_draft")
    op.drop_table("image")
    op.drop_column("question_revision", "author_id")
    op.drop_column("question", "words")
    op.drop_column("question_set", "origin")
    op.drop_column("question_set", "handed_in_at")
