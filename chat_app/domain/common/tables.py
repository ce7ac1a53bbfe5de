"""What tables share: how a moment is stored, constraint names, and inserting once."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Integer, MetaData, String, TypeDecorator, literal_column
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.values import is_storable
from chat_app.domain.common.work import Work

SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# A whole number on both engines: SQLite gives only INTEGER primary keys their own numbering.
RowNumber = BigInteger().with_variant(Integer, "sqlite")


NUMBERED_ONCE = {"sqlite_autoincrement": True}
"""For tables whose rows are known by number elsewhere, in jobs, in memory, in a limit's key: SQLite would otherwise
give the number of the last row, once deleted, to the next."""


class Key(TypeDecorator[str]):
    """A text that rows are found by, as it was given from outside. One that no database can hold, with NUL or half a
    character in it, is that of no row: it is compared as NULL, which equals nothing and cannot be stored."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value if value is None or is_storable(value) else None


class Moment(TypeDecorator[datetime]):
    """A UTC time as whole microseconds since 1970: the same on both engines, and in order as it stands."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


def insert_once(work: Work, table: type[SQLModel], **values: Any) -> bool:
    """Insert a row unless a unique constraint already holds one like it. True when it was inserted."""
    dialect = postgresql if work.engine == "postgresql" else sqlite
    # not the count of rows: SQLAlchemy has none for inserts on PostgreSQL
    statement = dialect.insert(table).values(**values).on_conflict_do_nothing().returning(literal_column("1", Integer))
    return work.connection.execute(statement).first() is not None


@contextmanager
def unique_or(work: Work, refusal: Refusal) -> Generator[None]:
    """Write what is inside; where a unique constraint stands against it, undo just that and refuse."""
    try:
        with work.session.begin_nested():
            yield
            work.session.flush()
    except IntegrityError as error:
        if is_taken(error):
            raise refusal from error
        raise


def is_taken(error: IntegrityError) -> bool:
    """Whether it was a unique constraint that stood against what was written."""
    # 23505 is PostgreSQL's unique_violation
    return getattr(error.orig, "sqlstate", None) == "23505" or "UNIQUE constraint" in str(error.orig)


def milliseconds(moment: datetime) -> int:
    """A time as browsers count it: milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)
