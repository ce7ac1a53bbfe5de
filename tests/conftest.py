"""Leaves out, by name, the tests whose service is missing; where `CI` is set, nothing may be missing."""

import os
from collections import Counter

import pytest

from tests.services import SERVICES

LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    needed = {mark for mark in SERVICES if any(item.get_closest_marker(mark) for item in items)}
    missing = {mark: name for mark, (name, there) in SERVICES.items() if mark in needed and not there()}
    if missing and os.environ.get("CI"):
        pytest.exit(f"CI is set, and {', '.join(missing.values())} cannot be found", returncode=1)
    left_out = config.stash[LEFT_OUT] = Counter()
    for item in items:
        for mark, name in missing.items():
            if item.get_closest_marker(mark):
                left_out[name] += 1
                item.add_marker(pytest.mark.skip(reason=f"{name} is missing"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for name, count in config.stash.get(LEFT_OUT, Counter()).items():
        terminalreporter.write_line(f"Left out, for want of {name}: {count} tests", yellow=True)
