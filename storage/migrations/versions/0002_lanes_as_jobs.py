"""The tables of Procrastinate, by which replicas share the lanes; SQLite has one process and needs none.

They are that library's own, made by the scripts that it ships, up to the last one of the version named here. A later
version that brings more scripts gets a migration of its own.
"""

from importlib import resources

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

LAST_SCRIPT = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
"""Of procrastinate 3.10.0."""


def upgrade() -> None:
    """Run the scripts in their order."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    scripts = [
        script
        for script in resources.files("procrastinate.sql.migrations").iterdir()
        if script.name.endswith(".sql") and script.name <= LAST_SCRIPT
    ]
    for script in sorted(scripts, key=lambda script: script.name):
        connection.exec_driver_sql(script.read_text(encoding="utf-8").replace("%", "%%"))
