"""What was said, by subject: messages as they look, history and catching up."""

from chat_app.domain.messages.queries.attachments import (
    MEDIA_PAGE,
    MediaView,
    StoredFile,
    attachment_for,
    check_photo,
    check_upload,
    media_of,
)
from chat_app.domain.messages.queries.bubbles import Bubble, FileView, Named, Quote, Reactions, people_named
from chat_app.domain.messages.queries.history import (
    CAUGHT_UP,
    PAGE,
    TAIL,
    Changes,
    Page,
    Pinned,
    changes_after,
    page_of,
    pinned_in,
    tails_of,
)
from chat_app.domain.messages.queries.readers import read_by, read_with, readers_of

__all__ = [
    "CAUGHT_UP",
    "MEDIA_PAGE",
    "PAGE",
    "TAIL",
    "Bubble",
    "Changes",
    "FileView",
    "MediaView",
    "Named",
    "Page",
    "Pinned",
    "Quote",
    "Reactions",
    "StoredFile",
    "attachment_for",
    "changes_after",
    "check_photo",
    "check_upload",
    "media_of",
    "page_of",
    "people_named",
    "pinned_in",
    "read_by",
    "read_with",
    "readers_of",
    "tails_of",
]
