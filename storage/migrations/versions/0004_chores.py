"""What the installation owes itself, so that one process does it, and not each at its start."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "chores",
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("occasion", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )
    # What a process of the version before this one deleted, and was killed before it scrubbed it, is owed too.
    op.execute("INSERT INTO chores (name, occasion) SELECT 'scrub', 'the update' WHERE EXISTS (SELECT 1 FROM pulses)")
