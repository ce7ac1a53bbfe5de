"""Runs the migrations: over the connection the server hands in at its start, or from the command line."""

import importlib
import pkgutil
from typing import Literal

from alembic import context
from sqlalchemy import Connection, create_engine
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from chat_app import domain
from chat_app.domain.common.tables import Moment
from chat_app.settings import Settings


def know_all_tables() -> None:
    """Import the domain, so that the metadata holds every table of it."""
    for module in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}."):
        importlib.import_module(module.name)


def plain_types(kind: str, item: object, _context: object) -> str | Literal[False]:
    """How a migration writes our own types: as what they are in the database, so that it outlives them."""
    if kind == "type" and isinstance(item, Moment):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, AutoString):
        return str(item.impl).replace("VARCHAR", "sa.String")
    return False


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a table is compared with the code: those of the search are made by hand, each engine's its own."""
    return kind != "table" or not (name or "").startswith("message_search")


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        compare_type=True,
        include_name=is_ours,
        render_item=plain_types,
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
