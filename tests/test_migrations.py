"""The tables of the migrations are those of the code, and every step can be undone, on both engines."""

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from chat_app.infrastructure.migrations import PROJECT, check, downgrade, upgrade


def tables(url: str) -> set[str]:
    """Those of the code, without what the search is made of."""
    engine = create_engine(url)
    try:
        names = set(inspect(engine).get_table_names()) - {"alembic_version"}
        return {name for name in names if not name.startswith("message_search")}
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


USER = (
    "INSERT INTO users (user_id, public_id, username, username_key, username_folded, name, name_key, password_hash,"
    " language, created_at) VALUES ('u', 'p', 'ada', 'ada', 'ada', 'ada', 'ada', '', 'ru', 0)"
)
CHOICES = (
    'INSERT INTO preferences ("user", may_write, may_add, sees_phone, sees_birth_date, sees_last_seen, receipts,'
    " notify_direct, notify_groups, notify_found, sound)"
    " SELECT id, 'nobody', 'nobody', 'nobody', 'nobody', 'nobody', false, false, false, false, false FROM users"
)


def test_who_had_chosen_before_there_were_pictures_is_seen_by_everyone(database_url: str) -> None:
    downgrade(database_url, "0003")
    engine = create_engine(database_url)
    try:
        with engine.begin() as connection:
            connection.execute(text(USER))
            connection.execute(text(CHOICES))
        upgrade(database_url)
        with engine.begin() as connection:
            chosen = connection.execute(text("SELECT sees_phone, sees_about, sees_avatar FROM preferences")).all()
    finally:
        engine.dispose()
    assert [tuple(row) for row in chosen] == [("nobody", "everyone", "everyone")]
