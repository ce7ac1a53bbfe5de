"""Why an account cannot be made, entered or confirmed."""

from chat_app.domain.common.errors import Conflict, Invalid, NotSignedIn


class UsernameTaken(Conflict):
    """Somebody bears this name, or one that looks like it."""


class AddressTaken(Conflict):
    """Another account proved this email or phone first; `field` says which. Another one is needed."""


class AlreadyConfirmed(Conflict):
    """Nothing is left to confirm."""


class PasswordsDiffer(Invalid):
    """The password was repeated differently."""


class NotAdult(Invalid):
    """Nobody said "I am 18 or older"."""


class WrongPassword(NotSignedIn):
    """No account has this name with this password; which of the two is wrong is not said."""
