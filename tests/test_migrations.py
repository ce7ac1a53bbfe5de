"""The tables of the migrations are those of the code, and every step can be undone, on both engines."""

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlmodel import SQLModel

from bench.queries import doors_into
from chat_app.domain.common.ids import ChatId, Row, UserId
from chat_app.domain.common.work import Person
from chat_app.domain.messages.actions import erase_message
from chat_app.domain.messages.queries.search import find_messages
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


CHAT = (
    "INSERT INTO chats (chat_id, kind, last_seq, last_rev, members_rev, last_at, created_at)"
    " VALUES ('c', 'group', 3, 3, 0, 0, 0)"
)
SAID = (
    "INSERT INTO messages (chat, seq, rev, author, client_id, body, event, erased_at, sent_at)"
    " SELECT chats.id, :seq, :seq, users.id, :name, :body, :event, :erased_at, 0 FROM chats, users"
)
SEAT = (
    "INSERT INTO members (chat, person, role, joined_at, last_read_seq)"
    " SELECT chats.id, users.id, 'member', 0, 0 FROM chats, users"
)
CONFIRMED = "UPDATE users SET email_confirmed_at = 0, username_folded = 'ada.l', name_key = 'ада лавлейс'"


async def test_what_was_said_before_there_was_a_search_is_found(database_url: str) -> None:
    downgrade(database_url, "0005")
    engine = create_engine(database_url)
    rows: list[tuple[str, str | None, int | None]] = [
        ("Ёлка в СУББОТУ", None, None),
        ("суббота", "renamed", None),
        ("", None, 5),
    ]
    try:
        with engine.begin() as connection:
            for statement in (USER, CONFIRMED, CHAT, SEAT):
                connection.execute(text(statement))
            for seq, (body, happened, erased_at) in enumerate(rows, 1):
                said = {"seq": seq, "name": f"n{seq}", "body": body, "event": happened, "erased_at": erased_at}
                connection.execute(text(SAID), said)
            me = Person(Row(connection.execute(text("SELECT id FROM users")).scalar_one()), UserId("u"), Row(1), True)
        upgrade(database_url)
        with doors_into(database_url) as doors:
            found = (await doors.ask(me, find_messages, "елка субботы")).messages
            assert [hit.seq for hit in found] == [1]
            # as what is said from now on, it can be taken back
            await doors.perform(me, erase_message, ChatId("c"), 1)
            assert (await doors.ask(me, find_messages, "елка")).messages == []
        with engine.begin() as connection:
            words = connection.execute(text("SELECT word FROM name_words ORDER BY word")).scalars().all()
    finally:
        engine.dispose()
    assert sorted(words) == sorted(["ada", "ada.l", "l", "ада", "лавлейс"])
