"""`backup [FILE]` and `restore FILE`."""

from pathlib import Path

from chat_app.infrastructure.backup import back_up
from chat_app.infrastructure.clock import SystemClock
from chat_app.infrastructure.restore import knows_secret, restore
from chat_app.settings import Settings


def take_backup(settings: Settings, to: Path | None) -> None:
    """Write everything into one file, while people write. Raises `Fault`."""
    print(f"The backup is {back_up(settings, SystemClock(), to)}")
    if settings.secret:
        print("CHAT_SECRET is not in it: keep that too, apart from it. Without it nobody's password fits.")


def put_back(settings: Settings, archive: Path) -> None:
    """Put a backup in place of what is there. Raises `Fault`."""
    manifest, kept = restore(settings, SystemClock(), archive)
    print(f"Restored what was there at {manifest.at}.")
    for path in kept:
        print(f"What was there before is {path}")
    if not knows_secret(settings, manifest):
        print("The secret is another one than then, and nobody's password fits: set CHAT_SECRET to the one of then.")
