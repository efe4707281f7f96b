"""Variants of questions, answers scored by people, and their images.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


AWAITING = sa.text("verdict IS NULL AND kind IN ('check', 'grade')")


def _allow_steps(kinds: str) -> None:
    """Change which kinds of steps there are.  SQLite can only build the table anew, with all its rules."""
    name = op.f("ck_step_kind")
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(name, "step", type_="check")
        op.create_check_constraint(name, "step", kinds)
        return
    with op.batch_alter_table("step", recreate="always", copy_from=_steps(kinds)):
        pass


def _steps(kinds: str) -> sa.Table:
    """The table in full, because versions of Alembic differ in which rules they find by themselves."""
    return sa.Table(
        "step",
        sa.MetaData(),
        sa.Column("learner_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission", sa.JSON(), nullable=False),
        sa.Column("confidence", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("credit", sa.BigInteger(), nullable=True),
        sa.Column("bucket", sa.Text(), nullable=True),
        sa.CheckConstraint("confidence IN ('low', 'medium', 'high')", name=op.f("ck_step_confidence")),
        sa.CheckConstraint(kinds, name=op.f("ck_step_kind")),
        sa.CheckConstraint("verdict IN ('right', 'partial', 'wrong')", name=op.f("ck_step_verdict")),
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_id", "position"],
            ["slot.learner_id", "slot.attempt_id", "slot.position"],
            name=op.f("fk_step_learner_id_attempt_id_position_slot"),
        ),
        sa.PrimaryKeyConstraint("learner_id", "attempt_id", "position", "number", name=op.f("pk_step")),
    )


def _keep_documents_as(kind: str) -> None:
    """JSONB forgets the order of a mapping's keys; JSON keeps it.  SQLite keeps it anyway."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE question_revision ALTER COLUMN document TYPE {kind} USING document::{kind}")


def upgrade() -> None:
    _keep_documents_as("json")
    op.add_column("slot", sa.Column("variant", sa.Integer(), nullable=True))
    op.add_column("encounter", sa.Column("confidence", sa.Text(), nullable=True))
    _allow_steps("kind IN ('save', 'check', 'grade', 'score')")
    op.create_index(
        "ix_step_awaiting",
        "step",
        ["learner_id", "attempt_id", "position"],
        unique=False,
        sqlite_where=AWAITING,
        postgresql_where=AWAITING,
    )
    op.create_table(
        "picture",
        sa.Column("learner_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("attempt_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["learner_id", "attempt_id", "position"],
            ["slot.learner_id", "slot.attempt_id", "slot.position"],
            name=op.f("fk_picture_learner_id_attempt_id_position_slot"),
        ),
        sa.PrimaryKeyConstraint("learner_id", "id", name=op.f("pk_picture")),
    )
    op.create_index("ix_picture_answer", "picture", ["learner_id", "attempt_id", "position"], unique=False)
    op.create_index("ix_picture_id", "picture", ["id"], unique=False)


def downgrade() -> None:
    op.drop_table("picture")
    op.drop_index("ix_step_awaiting", table_name="step", sqlite_where=AWAITING, postgresql_where=AWAITING)
    # Scores cannot be kept there; `quizapp rebuild` counts anew without them.
    op.execute("DELETE FROM step WHERE kind = 'score'")
    _allow_steps("kind IN ('save', 'check', 'grade')")
    op.drop_column("encounter", "confidence")
    op.drop_column("slot", "variant")
    _keep_documents_as("jsonb")
