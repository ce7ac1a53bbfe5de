"""What was said, by subject: messages as they look, history and catching up."""

from chat_app.domain.messages.queries.bubbles import Bubble, FileView, Named, Quote, Reactions
from chat_app.domain.messages.queries.history import (
    CAUGHT_UP,
    PAGE,
    TAIL,
    Changes,
    Page,
    changes_after,
    page_of,
    tails_of,
)
from chat_app.domain.messages.queries.readers import readers_of

__all__ = [
    "CAUGHT_UP",
    "PAGE",
    "TAIL",
    "Bubble",
    "Changes",
    "FileView",
    "Named",
    "Page",
    "Quote",
    "Reactions",
    "changes_after",
    "page_of",
    "readers_of",
    "tails_of",
]
