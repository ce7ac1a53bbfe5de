"""Why an account cannot be made, entered or confirmed."""

from chat_app.domain.common.errors import Conflict, Gone, Invalid, NotFound, NotSignedIn


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


class NotYourPassword(Invalid):
    """Whoever has the session does not know the password."""


class WrongPassword(NotSignedIn):
    """No account has this name with this password; which of the two is wrong is not said."""
