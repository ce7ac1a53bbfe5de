"""Who may import whom. The rule stands in docs/architecture.md; here it names the trespasser."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

MAY_SEE = {
    "settings": set[str](),
    "domain": set[str](),
    "infrastructure": {"domain", "settings"},
    "realtime": {"domain", "infrastructure", "settings"},
    "api": {"domain", "infrastructure", "realtime", "settings"},
    "components": {"domain", "infrastructure", "realtime", "settings"},
    "pages": {"domain", "infrastructure", "realtime", "components", "settings"},
    "commands": {"domain", "infrastructure", "settings", "build"},
}
ROOT_MODULES = {"chat_app", "cli", "build", "logs", "__main__", "__init__"}
"""What stands above all floors: composition, command line, build."""

ROOMS = ["common", "verification", "users", "chats", "messages", "matching", "moderation"]
"""The domain's rooms from the top: each may call those above it. Queries and tables may see all."""

TOOLS = {
    "reflex": {"pages", "components", "realtime"},
    "reflex_base": {"pages", "components", "realtime"},
    "fastapi": {"api"},
    "starlette": {"api", "realtime"},
    "redis": {"infrastructure", "realtime"},
    "socketio": {"realtime"},
    "engineio": {"realtime"},
    "jwt": {"infrastructure"},
    "bcrypt": {"infrastructure"},
    "smtplib": {"infrastructure"},
    "httpx": {"infrastructure"},
    "jinja2": {"infrastructure"},
}


def trespasses(root: Path) -> Iterator[str]:
    """One line for each import below `root` that the rule forbids."""
    for path in sorted(root.rglob("*.py")):
        module = ["chat_app", *path.relative_to(root).with_suffix("").parts]
        if module[1] in ROOT_MODULES:
            continue
        if module[1] not in MAY_SEE:
            yield f"{path}: {module[1]} is no floor of this house"
            continue
        seen = dict.fromkeys(_imports(ast.parse(path.read_text()), module[:-1]))
        for line in dict.fromkeys(filter(None, (_fault(module, name) for name in seen))):
            yield f"{path}: {line}"


def _fault(module: list[str], name: tuple[str, ...]) -> str | None:
    floor = module[1]
    if name[0] != "chat_app":
        homes = TOOLS.get(name[0])
        return f"{name[0]} belongs in {', '.join(sorted(homes))}" if homes and floor not in homes else None
    if len(name) < 2:
        return None
    if name[1] != floor and name[1] not in MAY_SEE[floor]:
        return f"{floor} may not see {'.'.join(name[1:3])}"
    here, there = module[2:3], name[2:3]
    if floor == name[1] == "domain" and here and there and here[0] in ROOMS and there[0] in ROOMS:
        looking = module[3:4] in (["queries"], ["tables"]) or name[3:4] in (("queries",), ("tables",))
        if ROOMS.index(there[0]) > ROOMS.index(here[0]) and not looking:
            return f"calls downstairs to {there[0]}"
    return None


def _imports(tree: ast.AST, package: list[str]) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (tuple(alias.name.split(".")) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = [*base, *(node.module or "").split(".")] if node.module else base
            yield from ((*stem, alias.name) for alias in node.names)


def test_nobody_trespasses():
    assert list(trespasses(Path("chat_app"))) == []


@pytest.mark.parametrize(
    ("path", "line", "named"),
    [
        ("domain/chats/rules.py", "import reflex as rx", "reflex belongs in"),
        ("domain/chats/rules.py", "from chat_app.infrastructure import clock", "domain may not see infrastructure"),
        ("domain/chats/rules.py", "from ...infrastructure import clock", "domain may not see infrastructure"),
        ("domain/users/actions.py", "from chat_app.domain.chats.actions import leave", "calls downstairs to chats"),
        ("domain/users/actions.py", "from chat_app.domain import messages", "calls downstairs to messages"),
        ("infrastructure/mail.py", "from chat_app.realtime.hub import Hub", "infrastructure may not see realtime"),
        ("api/users.py", "from chat_app.pages.routes import HOME", "api may not see pages"),
        ("pages/home/page.py", "def late():\n    from chat_app import api", "pages may not see api"),
        ("pages/home/page.py", "import fastapi", "fastapi belongs in api"),
        ("settings.py", "from chat_app.domain import common", "settings may not see domain"),
        ("services/mail.py", "", "services is no floor"),
    ],
)
def test_a_trespasser_is_named(tmp_path: Path, path: str, line: str, named: str):
    trespasser = tmp_path / path
    trespasser.parent.mkdir(parents=True, exist_ok=True)
    trespasser.write_text(line)
    (told,) = trespasses(tmp_path)
    assert str(trespasser) in told
    assert named in told


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("domain/messages/actions.py", "from chat_app.domain.chats.actions import my_seat"),
        ("domain/users/actions.py", "from chat_app.domain.messages.tables import Message"),
        ("domain/chats/queries.py", "from chat_app.domain import messages"),
        ("domain/users/queries/people.py", "from chat_app.domain import messages"),
        ("pages/home/state.py", "from chat_app.realtime.policy import handler\nimport reflex as rx"),
        ("chat_app.py", "from chat_app import api, pages"),
    ],
)
def test_a_neighbour_is_not(tmp_path: Path, path: str, line: str):
    (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / path).write_text(line)
    assert list(trespasses(tmp_path)) == []
