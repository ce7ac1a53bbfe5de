"""Every change of people, by subject. Passwords are hashed and checked before these are called: bcrypt takes a quarter
of a second, and nobody else could write meanwhile.
"""

from chat_app.domain.users.actions.blocking import block, unblock
from chat_app.domain.users.actions.confirming import (
    cancel_change,
    confirm,
    confirm_change,
    correct_contact,
    destination_of,
    next_to_confirm,
    resend_change,
    resend_code,
    start_change,
)
from chat_app.domain.users.actions.entering import (
    NewPerson,
    NewSession,
    end_other_sessions,
    end_session,
    erase_old_sessions,
    open_ticket,
    prove_second,
    refresh_session,
    sign_in,
    sign_out,
    sign_up,
)
from chat_app.domain.users.actions.leaving import delete_account, erase_pending
from chat_app.domain.users.actions.passwords import (
    change_password,
    check_reset,
    erase_old_resets,
    request_reset,
    reset_password,
)
from chat_app.domain.users.actions.presence import note_last_seen, note_lost
from chat_app.domain.users.actions.profile import NewProfile, save_preferences, save_profile, set_avatar, set_language
from chat_app.domain.users.actions.second_factor import (
    confirm_second_factor,
    drop_second_factor,
    pending_second_factor,
    start_second_factor,
)
from chat_app.domain.users.actions.throttling import abandon_try, begin_try, erase_old_throttles, pass_try

__all__ = [
    "NewPerson",
    "NewProfile",
    "NewSession",
    "abandon_try",
    "begin_try",
    "block",
    "cancel_change",
    "change_password",
    "check_reset",
    "confirm",
    "confirm_change",
    "confirm_second_factor",
    "correct_contact",
    "delete_account",
    "destination_of",
    "drop_second_factor",
    "end_other_sessions",
    "end_session",
    "erase_old_resets",
    "erase_old_sessions",
    "erase_old_throttles",
    "erase_pending",
    "next_to_confirm",
    "note_last_seen",
    "note_lost",
    "open_ticket",
    "pass_try",
    "pending_second_factor",
    "prove_second",
    "refresh_session",
    "request_reset",
    "resend_change",
    "resend_code",
    "reset_password",
    "save_preferences",
    "save_profile",
    "set_avatar",
    "set_language",
    "sign_in",
    "sign_out",
    "sign_up",
    "start_change",
    "start_second_factor",
    "unblock",
]
