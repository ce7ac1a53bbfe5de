"""The data directory and the secret kept in it, for those who set none."""

import contextlib
import os
import tempfile
from pathlib import Path

from chat_app.settings import SECRET_BYTES

FILE = "secret"


def private_directory(directory: Path) -> Path:
    """`directory`, made when missing, then open to nobody but its owner. One that is there keeps its mode."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


def generated_secret(data_dir: Path) -> bytes:
    """The secret of this installation, 64 hexadecimal digits, made at the first call and kept with mode 0600."""
    path = private_directory(data_dir) / FILE
    if not path.exists():
        # written aside and linked in place: of two servers that start at once both read the one that came first,
        # and neither ever reads half a secret
        with tempfile.NamedTemporaryFile("w", dir=data_dir, prefix=FILE) as aside:
            aside.write(os.urandom(SECRET_BYTES).hex())
            aside.flush()
            os.fsync(aside.fileno())
            with contextlib.suppress(FileExistsError):
                os.link(aside.name, path)
    path.chmod(0o600)
    return path.read_bytes()
