"""An index by which a lane finds its next deliveries, however many wait; a mark of each change of a roster."""

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("deliveries_next", "deliveries", ["state", "lane", "urgent", "id"])
    # The version before this one leaves it as it is: whoever relies on it does so for seconds only.
    op.add_column(
        "alliances", sa.Column("revision", sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default="")
    )
