"""What the chats refuse."""

from chat_app.domain.common.errors import Forbidden, Invalid, NotFound


class ChatNotFound(NotFound):
    """No such chat, or not one of yours."""


class PersonNotFound(NotFound):
    """Nobody to write to by that name, or not any more."""


class WritingToYourself(Invalid):
    """A direct chat needs two people."""


class WritingClosed(Forbidden):
    """They do not want to be written to by people they do not know."""
