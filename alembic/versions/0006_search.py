"""search: words of messages and of names"""

import re
import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

AT_ONCE = 10_000
PRIVATE = re.compile("[\ue000-\uf8ff]")


def upgrade() -> None:
    sorted_text = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    op.create_table(
        "name_words",
        sa.Column("word", sorted_text, nullable=False),
        sa.Column("person", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["users.id"], name=op.f("fk_name_words_person_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("word", "person", name=op.f("pk_name_words")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("name_words", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_name_words_person"), ["person"], unique=False)
    _name_people()

    # neither is a table of the metadata: alembic/env.py leaves out what begins with message_search
    if _sqlite():
        op.execute(
            "CREATE VIRTUAL TABLE message_search USING fts5 (chat, body, tokenize = 'trigram case_sensitive 1',"
            " content = '', detail = none, columnsize = 0)"
        )
        # its parts are put together less often: with the default of 4, 50 messages at a time went in at half the pace
        op.execute("INSERT INTO message_search (message_search, rank) VALUES ('automerge', 16)")
        op.execute("CREATE TABLE message_search_owed (owed INTEGER NOT NULL)")
        op.execute("INSERT INTO message_search_owed VALUES (0)")
    else:
        # trusted since PostgreSQL 13: whoever may create in the database may have it
        op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        op.execute(
            "CREATE TABLE message_search (message BIGINT PRIMARY KEY REFERENCES messages ON DELETE CASCADE,"
            " chat BIGINT NOT NULL, folded TEXT NOT NULL)"
        )
    _index_messages()
    if not _sqlite():
        op.execute("CREATE INDEX ix_message_search_chat_message ON message_search (chat, message)")
        # what waits to be put into the index is walked by every search: 256 KB of it at most
        op.execute(
            "CREATE INDEX ix_message_search_folded ON message_search USING gin (folded gin_trgm_ops)"
            " WITH (gin_pending_list_limit = 256)"
        )


def downgrade() -> None:
    # the extension stays: something else may have begun to use it
    op.execute("DROP TABLE message_search")
    if _sqlite():
        op.execute("DROP TABLE message_search_owed")
    with op.batch_alter_table("name_words", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_name_words_person"))

    op.drop_table("name_words")


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _name_people() -> None:
    people = sa.text(
        "SELECT id, username_folded, name_key FROM users WHERE id > :after AND deleted_at IS NULL ORDER BY id LIMIT :most"
    )
    word = sa.text("INSERT INTO name_words (word, person) VALUES (:word, :person)")
    after = 0
    while rows := op.get_bind().execute(people, {"after": after, "most": AT_ONCE}).all():
        words = [
            {"word": each, "person": row}
            for row, username, name in rows
            for each in {username, *re.split(r"[._]", username), *name.split()} - {""}
        ]
        op.get_bind().execute(word, words)
        after = rows[-1][0]


def _index_messages() -> None:
    """As chat_app/domain/messages/indexing.py does it for a new one; kept here, so that it stays as it is now."""
    said = sa.text(
        "SELECT id, chat, body FROM messages WHERE id > :after AND event IS NULL AND erased_at IS NULL AND body <> ''"
        " ORDER BY id LIMIT :most"
    )
    if _sqlite():
        put = sa.text("INSERT INTO message_search (rowid, chat, body) VALUES (:message, :chat, :words)")
    else:
        put = sa.text("INSERT INTO message_search (message, chat, folded) VALUES (:message, :chat, :words)")
    after = 0
    while rows := op.get_bind().execute(said, {"after": after, "most": AT_ONCE}).all():
        op.get_bind().execute(
            put,
            [
                {"message": row, "chat": _token(chat) if _sqlite() else chat, "words": _searchable(body)}
                for row, chat, body in rows
            ],
        )
        after = rows[-1][0]


def _searchable(body: str) -> str:
    return PRIVATE.sub(" ", unicodedata.normalize("NFKC", body).casefold().replace("ё", "е"))


def _token(chat: int) -> str:
    token = ""
    for _ in range(3):
        chat, digit = divmod(chat, 6000)
        token += chr(0xE000 + digit)
    return token
