"""The schema's history: alembic scripts, and the functions that bring a database up to date."""
