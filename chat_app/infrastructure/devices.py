"""What a browser calls itself, in words: "Chrome, Linux"."""

from dataclasses import dataclass
from typing import Literal

from ua_parser import parse

Kind = Literal["computer", "phone", "unknown"]
PHONES = {"iOS", "Android", "KaiOS", "Windows Phone"}


@dataclass(frozen=True)
class Device:
    """A browser and what it runs on; `name` is empty where nothing can be made of it."""

    name: str
    kind: Kind


def device_of(user_agent: str) -> Device:
    """What `user_agent`, a browser's own words, says."""
    found = parse(user_agent)
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    name = ", ".join(filter(None, [browser, system]))
    return Device(name, "unknown" if not system else "phone" if system in PHONES else "computer")
