"""The schema's history: alembic scripts, one file for each revision, numbered in their order."""
