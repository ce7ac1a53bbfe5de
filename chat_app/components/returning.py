"""What a refused form comes back with: its fields, and why it was refused."""

from http.cookies import CookieError, SimpleCookie

from chat_app.components.words import NO_FAULT, Fault
from chat_app.infrastructure.kept_forms import KeptForm, KeptForms

KEPT_COOKIE = "kept"
FORM = "form"
"""The key of a fault that no single field is to blame for."""

_kept_forms: KeptForms | None = None


def hang_kept_forms(kept_forms: KeptForms | None) -> None:
    """Make `kept_forms`, the ones the API keeps refused forms in, known to the pages of this process."""
    global _kept_forms
    _kept_forms = kept_forms


def returned(form: str, cookies: str) -> KeptForm | None:
    """The form of that name which the bearer of `cookies` posted in vain, once; None when there is none."""
    try:
        kept_id = SimpleCookie(cookies)[KEPT_COOKIE].value
    except (CookieError, KeyError):
        return None
    kept = _kept_forms.take(kept_id) if _kept_forms else None
    return kept if kept is not None and kept.form == form else None


def no_faults(*fields: str) -> dict[str, Fault]:
    """Nothing is wrong with any of `fields`."""
    return dict.fromkeys((*fields, FORM), NO_FAULT)
