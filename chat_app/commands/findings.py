"""What `doctor` finds, one line each."""

from dataclasses import dataclass
from typing import Literal

from chat_app.infrastructure.faults import Fault


@dataclass(frozen=True)
class Finding:
    """`about` what, and how it is; for a fault or a warning also what to do."""

    level: Literal["ok", "warning", "fault"]
    about: str
    text: str
    to_do: str = ""

    def __str__(self) -> str:
        return f"{self.level}: {self.about}: {self.text}" + (f" → {self.to_do}" if self.to_do else "")


def well(about: str, text: str) -> Finding:
    return Finding("ok", about, text)


def warning(about: str, text: str, to_do: str) -> Finding:
    """Worth knowing, and no reason to stop."""
    return Finding("warning", about, text, to_do)


def fault(about: str, text: str, to_do: str) -> Finding:
    return Finding("fault", about, text, to_do)


def of(about: str, told: Fault) -> Finding:
    return Finding("fault", about, told.what, told.to_do)
