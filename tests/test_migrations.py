"""The tables of the migrations are those of the code, and every step can be undone, on both engines."""

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect
from sqlmodel import SQLModel

from chat_app.infrastructure.migrations import PROJECT, check, downgrade, upgrade


def tables(url: str) -> set[str]:
    engine = create_engine(url)
    try:
        return set(inspect(engine).get_table_names()) - {"alembic_version"}
    finally:
        engine.dispose()


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory.from_config(Config(PROJECT / "alembic.ini")).get_heads()) == 1


def test_the_tables_are_those_of_the_code(database_url: str) -> None:
    check(database_url)
    assert tables(database_url) == set(SQLModel.metadata.tables)


def test_up_down_and_up_again(database_url: str) -> None:
    made = tables(database_url)
    assert made
    downgrade(database_url)
    assert tables(database_url) == set()
    upgrade(database_url)
    assert tables(database_url) == made
    check(database_url)
    # once more changes nothing
    upgrade(database_url)
    assert tables(database_url) == made
