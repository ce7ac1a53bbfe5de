"""Where the backend is, decided in the browser by the rule the event socket follows, so that they never disagree: the
page's own origin on one port, the address of `api_url` in development and behind a static export. A build cannot know
it: the same files are opened as `localhost`, by name and over https.
"""

from typing import Any

import reflex as rx
from reflex_base.utils.imports import ImportVar

# the same words in every component that needs them, so that one that has several declares them once
HOOKS = [
    "const [backend, setBackend] = useState(null);",
    "useEffect(() => setBackend(getBackendURL(env.PING)), []);",
]


class AsksBackend:
    """A component, mixed in, that knows where the backend is."""

    def add_imports(self) -> dict[str, Any]:
        return {
            "react": [ImportVar(tag="useEffect"), ImportVar(tag="useState")],
            "$/utils/state": [ImportVar(tag="getBackendURL")],
            "$/env.json": [ImportVar(tag="env", is_default=True)],
        }

    def add_hooks(self) -> list[str]:
        return HOOKS


def backend_source(path: rx.Var[str]) -> rx.Var[str]:
    """The same for what is fetched as soon as it is drawn: nothing until then, lest another server be asked."""
    known = f"(backend ? new URL({path!s}, backend).href : undefined)"
    return rx.Var(known, _var_type=str, _var_data=path._get_all_var_data())


def backend_url(path: str) -> rx.Var[str]:
    """The whole address of the backend's `path`, once the browser knows it."""
    return rx.Var(f'(backend ? new URL("{path}", backend).href : "{path}")', _var_type=str)
