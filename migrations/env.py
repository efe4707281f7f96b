"""Runs migrations on the connection that the caller hands in."""

from typing import Any, Literal

from alembic import context
from sqlalchemy.types import TypeDecorator

connection = context.config.attributes["connection"]


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Write plain SQLAlchemy types: a migration imports nothing from the project."""
    if kind == "type" and isinstance(item, TypeDecorator):
        plain = item.impl_instance
        return "sa.DateTime(timezone=True)" if hasattr(plain, "timezone") else f"sa.{plain!r}"
    return False


context.configure(
    connection=connection,
    target_metadata=context.config.attributes.get("metadata"),
    render_as_batch=connection.dialect.name == "sqlite",
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
