"""What people type into the forms, in good faith and in bad: one case on each line of the `.jsonl` files here.

`typed` is the text, `why` what makes it a case. `becomes` is what must be kept of it: an email's key, a phone in E.164,
a name; without it the text stays as it is. `refused` is the code of the refusal. A long text is given in parts, and a
part may be repeated: `["ada@", ["d", 63], ".org"]`. What nobody sees, or takes for another letter, is written `\\u…`.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CORPORA = ("emails", "phones", "usernames", "passwords", "names")


@dataclass(frozen=True)
class Case:
    """Something typed, and what must come of it: `becomes` or `refused`, the other is empty."""

    why: str
    typed: str
    becomes: str
    refused: str
    region: str
    """The country chosen beside a phone."""
    username: str
    email: str
    """Whose password it would be."""
    twin: str
    """Another username that looks the same."""


def corpus(name: str) -> list[Case]:
    """The cases of one file."""
    lines = (HERE / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [_case(json.loads(line)) for line in lines]


def _case(line: dict[str, Any]) -> Case:
    typed = _text(line["typed"])
    refused = line.get("refused", "")
    return Case(
        why=line["why"],
        typed=typed,
        becomes="" if refused else _text(line.get("becomes", typed)),
        refused=refused,
        region=line.get("region", "RU"),
        username=line.get("username", "lovelace"),
        email=line.get("email", "countess@example.org"),
        twin=line.get("twin", ""),
    )


def _text(parts: str | list[str | list[Any]]) -> str:
    if isinstance(parts, str):
        return parts
    return "".join(part if isinstance(part, str) else part[0] * part[1] for part in parts)
