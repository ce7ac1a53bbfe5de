"""Names for identities, so that a chat's id never fits where a person's is wanted.

A row's number never leaves the server; what browsers and API clients see is random and says nothing of order or count.
"""

from typing import NewType


class UserId(str):
    """A person, in the messenger and the API: 22 random URL-safe characters (128 bits)."""

    __slots__ = ()


class ChatId(str):
    """A chat: 22 random URL-safe characters (128 bits)."""

    __slots__ = ()


class ClientId(str):
    """What the sending client called a message, 1 to 36 characters; makes a repeated send harmless for ever."""

    __slots__ = ()


class AttachmentId(str):
    """A file of a message: 22 random URL-safe characters (128 bits)."""

    __slots__ = ()


Row = NewType("Row", int)
"""A database row's number; stays on the server."""

ID_BYTES = 16
PUBLIC_ID_LENGTH = 8
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
