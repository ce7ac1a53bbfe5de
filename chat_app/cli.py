"""The command line: `build` the pages, `migrate` the database, `serve` both on one port.

What an operator asks for besides, `doctor` and `backup` among it, lies in `commands/`.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from chat_app.build import STAMP, build_is_current, public_address, source_digest
from chat_app.settings import Settings, settings_or_exit

WEBSOCKETS = "wsproto"
"""Which of uvicorn's WebSocket implementations serves: see bench/README.md before changing it."""

FRAME_BYTES = 64 * 1024
"""The longest frame a browser may send."""

DRAIN_SECONDS = 5
"""How long open requests may take to finish when the server is told to stop."""


def main(arguments: list[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    if given.command == "doctor":
        return _doctor()
    settings = settings_or_exit()
    match given.command:
        case "build":
            return _build(settings, if_needed=given.if_needed)
        case "migrate":
            return _migrate(settings)
        case "serve":
            return _serve(settings)
        case _:
            return _run(settings, given)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chat_app", description="The chat service.")
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build the pages")
    build.add_argument("--if-needed", action="store_true", help="only when what they are made of has changed")
    commands.add_parser("migrate", help="bring the database to the newest tables")
    commands.add_parser("serve", help="serve pages and API on one port")
    admin = commands.add_parser("create-admin", help="make a confirmed account an admin")
    admin.add_argument("email", metavar="EMAIL")
    trial = commands.add_parser("send-test-mail", help="see whether mail works")
    trial.add_argument("email", metavar="EMAIL")
    backup = commands.add_parser("backup", help="write database and files into one file, while people write")
    backup.add_argument("file", metavar="FILE", type=Path, nargs="?", help="else one in the data directory's backups/")
    restore = commands.add_parser("restore", help="put a backup in place of what is there")
    restore.add_argument("file", metavar="FILE", type=Path)
    commands.add_parser("doctor", help="say what is wrong with this installation, and what to do")
    return parser


def _doctor() -> int:
    from chat_app.commands.doctor import doctor

    return doctor()


def _run(settings: Settings, given: argparse.Namespace) -> int:
    """A command that does its work and ends. What goes wrong is one line, and status 1."""
    from chat_app.commands.backup import put_back, take_backup
    from chat_app.commands.create_admin import create_admin
    from chat_app.commands.send_test_mail import send_test_mail
    from chat_app.infrastructure.faults import Fault

    try:
        match given.command:
            case "create-admin":
                create_admin(settings, given.email)
            case "send-test-mail":
                send_test_mail(settings, given.email)
            case "backup":
                take_backup(settings, given.file)
            case _:
                put_back(settings, given.file)
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error} → see that this place is there, yours, and has room", file=sys.stderr)
        return 1
    return 0


def _build(settings: Settings, *, if_needed: bool) -> int:
    address = public_address(settings)
    if if_needed and build_is_current(address):
        return 0
    print("Building the pages; the first time takes a minute or two.", flush=True)
    STAMP.unlink(missing_ok=True)
    command = [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"]
    status = subprocess.run(command, env=_one_port(settings), check=False).returncode
    if status == 0:
        # after the build, which may have written npm's lock file anew
        STAMP.write_text(source_digest(address))
    return status


def _migrate(settings: Settings) -> int:
    from chat_app.infrastructure.migrations import upgrade

    upgrade(settings.database_url)
    return 0


def _serve(settings: Settings) -> int:
    if not STAMP.exists():
        print("The pages are not built: run `python -m chat_app build` first.", file=sys.stderr)
        return 1
    os.environ.update(_one_port(settings))
    os.environ.update(REFLEX_ENV_MODE="prod", __REFLEX_SKIP_COMPILE="true", __REFLEX_MOUNT_FRONTEND_COMPILED_APP="true")
    import uvicorn

    from chat_app.logs import log_config

    shown = settings.base_url or f"http://localhost:{settings.port}"
    print(f"Chat is at {shown}", flush=True)
    uvicorn.run(
        "chat_app.chat_app:app",
        factory=True,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        ws=WEBSOCKETS,
        ws_max_size=FRAME_BYTES,
        # compressing costs memory for every socket, and the engine.io layer has pings of its own
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        # who the client is, is counted from the right of X-Forwarded-For in one place, by CHAT_TRUSTED_PROXIES
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        log_config=log_config(settings.log_level),
    )
    return 0


def _one_port(settings: Settings) -> dict[str, str]:
    address = public_address(settings)
    return os.environ | {"REFLEX_API_URL": address, "REFLEX_DEPLOY_URL": address}
