"""What sending refuses."""

from chat_app.domain.common.errors import Conflict, Invalid, NotFound


class EmptyMessage(Invalid):
    """Nothing that could be seen."""


class MessageTooLong(Invalid):
    """More characters than `limit`."""


class UnreadableMessage(Invalid):
    """It holds what is no text: NUL or half a character."""


class SentDifferently(Conflict):
    """The same `client_id` was sent before with other words or into another chat."""


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
