"""Alembic's entry: it is given a connection by `storage.upgrading` and never opens one itself."""

from alembic import context
from sqlmodel import SQLModel

from storage import tables

assert tables.AllianceRow.metadata is SQLModel.metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
    on_version_apply=context.config.attributes.get("applied"),
)
with context.begin_transaction():
    context.run_migrations()
