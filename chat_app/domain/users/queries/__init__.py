"""What is known of people, by subject: who a session is, whose password to try, what a person and others may see."""

from chat_app.domain.users.queries.blocks import blocked_by, blocked_either_way, my_blocks
from chat_app.domain.users.queries.choices import choices_of, my_choices, tells_reading
from chat_app.domain.users.queries.letters import Owner, language_for, owner_to_tell, reset_to_send
from chat_app.domain.users.queries.people import (
    PICTURE,
    PICTURE_IN_CHAT,
    SEES_AVATAR,
    SHARES_A_CHAT,
    PersonView,
    find_people,
    is_confirmed,
    share_a_chat,
    took_part,
)
from chat_app.domain.users.queries.profile import (
    ChangeView,
    ConfirmationView,
    ProfileView,
    SettingsView,
    may_upload,
    my_change,
    my_confirmation,
    my_profile,
    my_settings,
)
from chat_app.domain.users.queries.sessions import Found, SessionView, my_sessions, person_of, session_of
from chat_app.domain.users.queries.signing_in import (
    Candidate,
    Proof,
    has_second_factor,
    my_proof,
    sign_in_candidates,
    username_free,
)
from chat_app.domain.users.queries.standing import Standing, reserved_among, standing_of

__all__ = [
    "PICTURE",
    "PICTURE_IN_CHAT",
    "SEES_AVATAR",
    "SHARES_A_CHAT",
    "Candidate",
    "ChangeView",
    "ConfirmationView",
    "Found",
    "Owner",
    "PersonView",
    "ProfileView",
    "Proof",
    "SessionView",
    "SettingsView",
    "Standing",
    "blocked_by",
    "blocked_either_way",
    "choices_of",
    "find_people",
    "has_second_factor",
    "is_confirmed",
    "language_for",
    "may_upload",
    "my_blocks",
    "my_change",
    "my_choices",
    "my_confirmation",
    "my_profile",
    "my_proof",
    "my_sessions",
    "my_settings",
    "owner_to_tell",
    "person_of",
    "reserved_among",
    "reset_to_send",
    "session_of",
    "share_a_chat",
    "sign_in_candidates",
    "standing_of",
    "tells_reading",
    "took_part",
    "username_free",
]
