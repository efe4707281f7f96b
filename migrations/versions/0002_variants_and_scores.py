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


def upgrade() -> None:
    op.add_column("slot", sa.Column("variant", sa.Integer(), nullable=True))
    op.add_column("encounter", sa.Column("confidence", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("encounter", "confidence")
    op.drop_column("slot", "variant")
