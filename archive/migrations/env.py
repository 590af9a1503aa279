"""Alembic's entry: runs the migrations on the connection of the URL it is given."""

from alembic import context
from sqlalchemy import create_engine, pool
from sqlmodel import SQLModel

import archive.tables  # noqa: F401  (registers the tables)

url = context.config.get_main_option("sqlalchemy.url") or ""
engine = create_engine(url, poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
