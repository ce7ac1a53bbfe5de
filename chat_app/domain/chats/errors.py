"""What the chats refuse."""

from chat_app.domain.common.errors import Conflict, Forbidden, Invalid, NotFound


class ChatNotFound(NotFound):
    """No such chat, or not one of yours."""


class PersonNotFound(NotFound):
    """Nobody to write to by that name, or not any more."""


class InvitationNotFound(NotFound):
    """No such link; or it is used up, over, revoked, or not for you."""


class WritingToYourself(Invalid):
    """A direct chat needs two people."""


class WritingClosed(Forbidden):
    """They do not want to be written to by people they do not know."""


class AddingClosed(Forbidden):
    """`name` does not want to be added to groups by people they do not know."""


class NotAllowed(Forbidden):
    """Their role in the group does not reach so far."""


class PersonBanned(Conflict):
    """`name` was banned from the group; the ban has to be lifted first."""


class TooManyAtOnce(Invalid):
    """More people than may be added at once, `most`."""


class GroupFull(Conflict):
    """The group has as many members as it may have, `most`."""


class TooManyInvitations(Conflict):
    """The group has as many living links as it may have, `most`."""


class AlreadyOwner(Conflict):
    """It is theirs already."""


class TooManyPinned(Conflict):
    """As many chats are pinned as may be, `most`."""


class BlockedByYou(Forbidden):
    """They blocked whom they write to."""
