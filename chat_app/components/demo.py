"""The codes of demo mode, which sends none: who may see them, and the box that stands in a dialog that asks for one."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import reflex as rx
from reflex.istate.data import RouterData

from chat_app.components.icons import icon
from chat_app.components.words import t
from chat_app.domain.common.work import Person
from chat_app.domain.verification.rules import Purpose
from chat_app.infrastructure.demo import DemoCodes
from chat_app.realtime.policy import actor

PASTE_CODE = """(event) => {
  const input = document.getElementById("code");
  input.value = event.currentTarget.value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
}"""

_demo_codes: DemoCodes | None = None
_for_all = False


def hang_demo_codes(demo_codes: DemoCodes | None, *, for_all: bool = False) -> None:
    """Where the codes of demo mode come from; `for_all` shows them to every browser, not only to this machine's."""
    global _demo_codes, _for_all
    _demo_codes, _for_all = demo_codes, for_all


@dataclass(frozen=True)
class Demo:
    """What a dialog says in demo mode. `code` is empty where there is none, or where it is not for this browser."""

    on: bool = False
    code: str = ""


NO_DEMO = Demo()


async def demo_of(purpose: Purpose, router: RouterData) -> Demo:
    """What to say beside the field for the code that my email or phone was sent; `router` tells which browser I use."""
    if _demo_codes is None or not _demo_codes.enabled:
        return NO_DEMO
    me = actor()
    if not isinstance(me, Person) or not (_for_all or _on_this_machine(router)):
        return Demo(on=True)
    return Demo(on=True, code=await _demo_codes.demo_code(me, purpose) or "")


def _on_this_machine(router: RouterData) -> bool:
    # the name as well: behind a proxy that was not declared, everyone seems to come from this machine
    host = urlsplit(f"//{router.headers.host}").hostname or ""
    return (host == "localhost" or _is_loopback(host)) and _is_loopback(router.session.client_ip)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def demo_box(demo: rx.Var[Demo], *, by_email: rx.Var[bool] | bool) -> rx.Component:
    """The code and a button that puts it into the input `code`, or whom to ask for it; nothing when mails are sent."""
    shown = rx.fragment(
        rx.cond(by_email, t("demo.email"), t("demo.phone")), " ", rx.el.span(demo.code, class_name="id")
    )
    elsewhere = rx.cond(by_email, t("demo.email_elsewhere"), t("demo.phone_elsewhere"))
    paste = rx.el.button(
        t("demo.paste"),
        type="button",
        class_name="btn s soft",
        value=demo.code,
        custom_attrs={"onClick": rx.Var(PASTE_CODE)},
    )
    words = rx.el.span(rx.el.b(t("demo.title")), " ", rx.cond(demo.code, shown, elsewhere))
    return rx.cond(demo.on, rx.el.div(icon("info", 16), words, rx.cond(demo.code, paste), class_name="demo"))
