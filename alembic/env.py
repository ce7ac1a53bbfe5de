"""Runs the migrations: over the connection the server hands in at its start, or from the command line."""

import importlib
import pkgutil

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel

from chat_app import domain
from chat_app.settings import Settings


def know_all_tables() -> None:
    """Import every `tables.py` of the domain, so that the metadata holds them all."""
    for module in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        # SQLite cannot alter a table: it is copied
        render_as_batch=connection.dialect.name == "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()


know_all_tables()
given: Connection | None = context.config.attributes.get("connection")
if given is not None:
    migrate(given)
else:
    with create_engine(Settings.from_env().database_url).connect() as connection:
        migrate(connection)
