"""What was sent in a chat besides words."""

from dataclasses import dataclass

import reflex as rx

from chat_app.domain.common.ids import AttachmentId, ChatId
from chat_app.domain.common.work import Who
from chat_app.domain.messages.queries import MEDIA_PAGE, MediaView, media_of
from chat_app.infrastructure.unit_of_work import ask
from chat_app.pages.main.state import ID
from chat_app.realtime.policy import actor, handler

MOST_ROWS = 600


@dataclass(frozen=True)
class MediaRow:
    """A file, and the message it came with. Drawn by `useMedia` in `assets/files.js`."""

    attachment_id: str
    name: str
    type: str
    size: int
    width: int
    """0 of what is no picture."""
    height: int
    thumbnail: bool
    seq: int
    author: str
    at: int


class MediaState(rx.State):
    """The dialog with the files of a chat; closed while `chat_id` is empty."""

    chat_id: str = ""
    rows: list[MediaRow] = []
    more: bool = False
    """There are older ones."""

    @handler(Who.CONFIRMED)
    async def show(self, chat_id: ID) -> None:
        """The latest of them."""
        found = await ask(actor(), media_of, ChatId(chat_id))
        self.chat_id, self.rows, self.more = chat_id, list(map(_row, found)), len(found) == MEDIA_PAGE

    @handler(Who.CONFIRMED)
    async def older(self, chat_id: ID, after: ID) -> None:
        """Those before the last one shown."""
        if not self.rows or (self.chat_id, self.rows[-1].attachment_id) != (chat_id, after):
            # pressed twice, or another dialog by now
            return
        found = await ask(actor(), media_of, ChatId(chat_id), AttachmentId(after))
        self.rows, self.more = [*self.rows, *map(_row, found)], len(found) == MEDIA_PAGE
        # each page sends all of them anew
        self.more = self.more and len(self.rows) < MOST_ROWS

    @handler(Who.CONFIRMED)
    async def close(self) -> None:
        """Put them away."""
        self.chat_id, self.rows, self.more = "", [], False


def _row(view: MediaView) -> MediaRow:
    file = view.file
    about = view.seq, view.author, view.at
    size = file.size, file.width or 0, file.height or 0
    return MediaRow(file.attachment_id, file.name, file.type, *size, file.thumbnail, *about)
