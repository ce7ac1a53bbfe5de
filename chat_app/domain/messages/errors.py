"""What sending refuses."""

from chat_app.domain.common.errors import Conflict, Invalid


class EmptyMessage(Invalid):
    """Nothing that could be seen."""


class MessageTooLong(Invalid):
    """More characters than `limit`."""


class UnreadableMessage(Invalid):
    """It holds what is no text: NUL or half a character."""


class SentDifferently(Conflict):
    """The same `client_id` was sent before with other words or into another chat."""
