"""Demo mode: mail and SMS go to a file that only its owner can read, one JSON line each."""

import asyncio
import fcntl
import json
import os
from pathlib import Path
from typing import Literal

from chat_app.domain.common.ports import Clock
from chat_app.infrastructure.letters import Letter


class Outbox:
    """Stands in for a mail server or an SMS gateway."""

    def __init__(self, path: Path, channel: Literal["mail", "sms"], clock: Clock) -> None:
        self._path = path
        self._channel = channel
        self._clock = clock

    async def send(self, to: str, letter: Letter) -> None:
        """Append `{at, channel, to, subject, text, code}`."""
        line = {
            "at": self._clock.now().isoformat(),
            "channel": self._channel,
            "to": to,
            "subject": letter.subject,
            "text": letter.text,
            "code": letter.code,
        }
        await asyncio.to_thread(self._append, json.dumps(line, ensure_ascii=False) + "\n")

    def _append(self, line: str) -> None:
        file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            # os.write may write a part only
            rest = line.encode()
            while rest:
                rest = rest[os.write(file, rest) :]
        finally:
            os.close(file)
