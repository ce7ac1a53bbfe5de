"""What is imported is named in requirements.txt, so that a fresh environment has it."""

import ast
import re
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

OURS = {"chat_app", "bench", "tests", "rxconfig", "alembic"}

BROUGHT_BY = {
    "granian": "reflex",
    "markupsafe": "jinja2",
    "reflex_base": "reflex",
    "reflex_components_core": "reflex",
    "sqlalchemy": "sqlmodel",
    "starlette": "fastapi",
}
"""What comes only with a package that is named, and never without it."""


def named() -> set[str]:
    lines = Path("requirements.txt").read_text().splitlines()
    return {_plain(re.split(r"[\[<>=~ #]", line)[0]) for line in lines if line and not line.startswith("#")}


def imported() -> set[str]:
    names: set[str] = set()
    for folder in ("chat_app", "tests", "bench"):
        for path in Path(folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    names |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names.add(node.module.partition(".")[0])
    return names - OURS - sys.stdlib_module_names


def test_every_import_has_its_requirement():
    distributions = packages_distributions()
    missing = {
        module
        for module in imported()
        if BROUGHT_BY.get(module) not in named() and not {_plain(d) for d in distributions.get(module, [])} & named()
    }
    assert not missing


@pytest.mark.parametrize("package", ["gunicorn"])
def test_what_must_never_be_there_is_not(package: str):
    assert package not in named()
    assert package not in packages_distributions()


def _plain(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()
