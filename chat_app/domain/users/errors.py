"""Why an account cannot be made, entered or confirmed."""

from chat_app.domain.common.errors import Conflict, Gone, Invalid, NotFound, NotSignedIn
from chat_app.domain.users.rules import MOST_PICTURE_BYTES, MOST_PICTURE_PIXELS


class UsernameTaken(Conflict):
    """Somebody bears this name, or one that looks like it; or it is reserved."""


class AddressTaken(Conflict):
    """Another account proved this email or phone first; `field` says which. Another one is needed."""


class SameAddress(Conflict):
    """It is their email or phone already; `field` says which."""


class ResetExpired(Gone):
    """The link was used, is older than 30 minutes, or was never sent."""


class TicketExpired(Gone):
    """The password was typed too long ago, or the code wrong too often: sign in anew."""


class SessionNotFound(NotFound):
    """No session of theirs, or one that ended."""


class AlreadyConfirmed(Conflict):
    """Nothing is left to confirm."""


class PasswordsDiffer(Invalid):
    """The password was repeated differently."""


class NotAdult(Invalid):
    """Nobody said "I am 18 or older"."""


class NotAPicture(Invalid):
    """It cannot be read as one of the kinds of pictures we take, or ends too early."""


class PictureTooLarge(Invalid):
    """More bytes than `most_mb`, or more pixels than `most_mp` millions."""

    def __init__(self, *, most_pixels: int = MOST_PICTURE_PIXELS) -> None:
        super().__init__("picture", most_mb=MOST_PICTURE_BYTES // 1024**2, most_mp=most_pixels // 1_000_000)


class NotYourPassword(Invalid):
    """Whoever has the session does not know the password."""


class WrongPassword(NotSignedIn):
    """No account has this name with this password; which of the two is wrong is not said."""
