"""Every change of chats, by subject: who sits where and in which role, what a group is called, what has been read."""

from chat_app.domain.chats.actions.departing import close_account
from chat_app.domain.chats.actions.direct import open_direct_chat
from chat_app.domain.chats.actions.groups import (
    change_group,
    create_group,
    delete_group,
    open_history,
    set_group_avatar,
)
from chat_app.domain.chats.actions.invitations import join_group, make_invitation, revoke_invitation
from chat_app.domain.chats.actions.listing import archive_chat, mute_chat, pin_chat, set_level
from chat_app.domain.chats.actions.membership import add_members, ban, exclude, leave_group, unban
from chat_app.domain.chats.actions.reading import read_up_to
from chat_app.domain.chats.actions.roles import appoint_admin, dismiss_admin, hand_over

__all__ = [
    "add_members",
    "appoint_admin",
    "archive_chat",
    "ban",
    "change_group",
    "close_account",
    "create_group",
    "delete_group",
    "dismiss_admin",
    "exclude",
    "hand_over",
    "join_group",
    "leave_group",
    "make_invitation",
    "mute_chat",
    "open_direct_chat",
    "open_history",
    "pin_chat",
    "read_up_to",
    "revoke_invitation",
    "set_group_avatar",
    "set_level",
    "unban",
]
