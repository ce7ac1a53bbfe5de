"""Names for what is asked for more than once and made once."""

import base64

from chat_app.domain.common.ids import ID_BYTES, ClientId
from chat_app.domain.common.work import Work


def named_by(work: Work, kind: str, client_id: ClientId) -> str:
    """An id as random as any other to whoever has not the server's key, and the same for the same request of mine."""
    digest = bytes.fromhex(work.seal.digest(kind, str(work.me.row), client_id))
    return base64.urlsafe_b64encode(digest[:ID_BYTES]).decode().rstrip("=")
