"""What is refused of messages."""

from chat_app.domain.common.errors import Conflict, Gone, Invalid, NotFound


class EmptyMessage(Invalid):
    """Nothing that could be seen."""


class MessageTooLong(Invalid):
    """More characters than `limit`."""


class UnreadableMessage(Invalid):
    """It holds what is no text: NUL or half a character."""


class SentDifferently(Conflict):
    """The same `client_id` was sent before with other words or into another chat."""


class MessageNotFound(NotFound):
    """No such message in the chat, or not one of those you may see."""


class NotSaid(Invalid):
    """A line of the chat itself, which nobody said: it cannot be edited, answered, erased or passed on."""


class MessageErased(Gone):
    """Only its place is left."""


class EditedMeanwhile(Conflict):
    """Its words are not those any more that were to be changed."""


class EditingOver(Gone):
    """It was sent more than `hours` ago."""


class NotAnEmoji(Invalid):
    """A reaction is one emoji."""


class TooManyReactions(Conflict):
    """The message has as many kinds of reactions as it may have, `most`."""


class TooManyPinnedMessages(Conflict):
    """As many messages of the chat are pinned as may be, `most`."""


class TooManyForwarded(Invalid):
    """None, or more at once than `most`."""


class TooManyFiles(Invalid):
    """More than `most` with one message, or one twice."""

    def __init__(self, *, most: int) -> None:
        super().__init__("files", most=most)


class AttachmentNotFound(NotFound):
    """No such file, not yours to see or to send here, or sent already."""


class EmptyFile(Invalid):
    """There is nothing in it."""


class FileTooLarge(Invalid):
    """More than `most_mb` megabytes."""


class FileCut(Invalid):
    """Other than as many bytes as were announced arrived."""


class BrokenPicture(Invalid):
    """It begins as a picture, and cannot be shown as one."""


class PictureTooDetailed(Invalid):
    """A picture of more than `most_mp` million pixels."""
