"""The same app behind another server or WebSocket implementation, to compare: `python -m bench.live --server granian`.

`wsproto`, `websockets` and `websockets-sansio` are uvicorn's; what is not in requirements.txt must be installed first.
"""

import os
import sys

import uvicorn

from chat_app import cli


def main(name: str) -> None:
    if name == "granian":
        uvicorn.run = granian
    else:
        cli.WEBSOCKETS = name
    sys.exit(cli.main(["serve"]))


def granian(app: str, *, host: str, port: int, **_uvicorn_options: object) -> None:
    """Granian with one worker, otherwise as it comes."""
    from granian.constants import Interfaces, Loops
    from granian.server import Server

    Server(
        app, address=host, port=port, interface=Interfaces.ASGI, loop=Loops.uvloop, factory=True, log_access=False
    ).serve()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main(sys.argv[1])
