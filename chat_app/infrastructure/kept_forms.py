"""What somebody typed into a form that was refused, for the page that shows it again. In this process, for minutes."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass

from chat_app.domain.common.errors import Refusal
from chat_app.domain.common.ports import Dice

KEPT_SECONDS = 300.0
SEEN_SECONDS = 10.0
"""How long a form stays after it was taken: a page may load twice."""

MOST_FORMS = 2000
KEPT_FIELDS = {"email", "username", "phone", "region", "adult", "login", "next"}
"""Never a password."""

LONGEST_FIELD = 400
ID_BYTES = 32


@dataclass
class KeptForm:
    """A refused form: which, what was typed, and why it was refused."""

    form: str
    fields: dict[str, str]
    refusal: Refusal
    until: float


class KeptForms:
    """The refused forms of this process."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._forms: OrderedDict[str, KeptForm] = OrderedDict()

    def keep(self, form: str, fields: Mapping[str, str], refusal: Refusal) -> str:
        """Keep the harmless fields; the id under which `take` finds them, for a cookie."""
        kept = {name: text[:LONGEST_FIELD] for name, text in fields.items() if name in KEPT_FIELDS}
        form_id = self._dice.token(ID_BYTES)
        self._forms[form_id] = KeptForm(form, kept, refusal, time.monotonic() + KEPT_SECONDS)
        if len(self._forms) > MOST_FORMS:
            self._forms.popitem(last=False)
        return form_id

    def take(self, form_id: str) -> KeptForm | None:
        """The form kept under this id, if it is not too old; soon after, it is gone."""
        now = time.monotonic()
        kept = self._forms.get(form_id)
        if kept is None or kept.until <= now:
            self._forms.pop(form_id, None)
            return None
        kept.until = min(kept.until, now + SEEN_SECONDS)
        return kept
