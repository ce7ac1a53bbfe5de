"""What people allow others, and want to be told."""

from dataclasses import fields, replace
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as columns
from sqlmodel import col

from chat_app.domain.common.ids import Row
from chat_app.domain.common.work import Reader, door
from chat_app.domain.users.rules import Audience, Choices
from chat_app.domain.users.tables import Preferences


@door()
def my_choices(reader: Reader) -> Choices:
    """What I allow others, and want to be told."""
    return choices_of(reader, reader.me.row)


def choices_of(reader: Reader, user: Row) -> Choices:
    """What somebody allows others, and wants to be told."""
    kept = reader.session.get(Preferences, user)
    if kept is None:
        return Choices()
    values: dict[str, Any] = {field.name: getattr(kept, field.name) for field in fields(Choices)}
    values |= {name: Audience(text) for name, text in values.items() if isinstance(text, str)}
    return replace(Choices(), **values)


def tells_reading(reader: Reader, user: Row) -> bool:
    """Whether somebody lets others see how far they have read, and is let see it of others."""
    told = reader.connection.execute(TELLS_READING, {"user": user}).scalar()
    return True if told is None else bool(told)


# Built once: building it took longer than reading it.
TELLS_READING = columns(col(Preferences.receipts)).where(col(Preferences.user) == bindparam("user"))
