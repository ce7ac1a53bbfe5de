"""The sections of the settings."""

import reflex as rx
from reflex.style import LiteralColorMode, color_mode, set_color_mode

from chat_app.components.fields import box, fault_line, field, text_input
from chat_app.components.icons import icon
from chat_app.components.language import NAMES, LanguageState
from chat_app.components.returning import FORM
from chat_app.components.routes import SESSION_EXPORT
from chat_app.components.words import reader_language, set_chosen_language, t
from chat_app.pages.main.avatar import avatar
from chat_app.pages.main.live import call, permission
from chat_app.pages.settings.export import export_link
from chat_app.pages.settings.picture import picture_buttons, picture_fault, picture_forms
from chat_app.pages.settings.state import SessionRow, SettingsState

AUDIENCES = ("everyone", "shared", "nobody")
KINDS = {"computer": "monitor", "phone": "smartphone"}
THEMES: tuple[tuple[LiteralColorMode, str], ...] = (("dark", "td1"), ("light", "tl1"), ("system", "ts1"))
LONGEST_ABOUT = 140


def section(name: str, *rows: rx.Component) -> rx.Component:
    """Rows on a card, under a heading that the list of sections leads to."""
    title = rx.el.h2(t(f"settings.{name}"), id=f"{name}-title")
    return rx.el.section(
        title, rx.el.div(*rows, class_name="scard"), id=name, class_name="sec", aria_labelledby=f"{name}-title"
    )


def row(title: rx.Component | rx.Var[str], about: rx.Var[str] | None, *right: rx.Component) -> rx.Component:
    """A fact with what can be done about it."""
    under = rx.fragment() if about is None else rx.el.div(about, class_name="dim")
    return rx.el.div(rx.el.div(rx.el.b(title), under, class_name="grow"), *right, class_name="srow")


def profile() -> rx.Component:
    """Name, username, a line about me, and the day I was born."""
    typed, faults = SettingsState.typed, SettingsState.faults

    def plain(name: str, label: str, *, before: rx.Component | None = None, **props: object) -> rx.Component:
        made = text_input(
            f"profile-{name}", name=name, fault=faults[name], default_value=typed[name], key=typed[name], **props
        )
        return field(
            t(label),
            box(before or rx.fragment(), made, fault=faults[name]),
            input_id=f"profile-{name}",
            fault=faults[name],
        )

    face = SettingsState.face
    form = rx.el.form(
        rx.el.div(
            avatar(face.hue, face.initials, face.picture, "z88"),
            rx.el.div(
                plain("name", "field.name", required=True, max_length=64),
                plain(
                    "username",
                    "field.username",
                    before=icon("at-sign", 18),
                    required=True,
                    max_length=32,
                    auto_capitalize="none",
                    spell_check=False,
                ),
                plain("about", "field.about", max_length=LONGEST_ABOUT),
                plain("birth_date", "field.birth_date", type="date"),
                class_name="grow pf",
            ),
            class_name="prow",
        ),
        picture_fault(),
        rx.el.div(
            picture_buttons(),
            rx.el.div(
                fault_line(faults[FORM], line_id="profile-fault"),
                rx.el.span(
                    rx.cond(SettingsState.saved, rx.fragment(icon("circle-check", 16), " ", t("settings.saved"))),
                    role="status",
                    class_name="ok",
                ),
                class_name="grow",
            ),
            rx.el.button(t("settings.save"), type="submit", class_name="btn s pri"),
            class_name="srow",
        ),
        on_submit=SettingsState.save_profile,
    )
    return section("profile", form, picture_forms())


def security() -> rx.Component:
    """Email, phone, password, the app, and the browsers that are signed in."""
    view = SettingsState.view
    confirmed = rx.el.span(icon("check", 14), t("settings.confirmed"), class_name="tag")
    done = rx.match(
        SettingsState.done,
        (
            "password",
            rx.el.p(icon("circle-check", 16), " ", t("settings.password_done"), class_name="ok srow", role="status"),
        ),
        (
            "app_off",
            rx.el.p(icon("circle-check", 16), " ", t("settings.app_off_done"), class_name="ok srow", role="status"),
        ),
        rx.fragment(),
    )
    app = rx.cond(
        view.second_factor,
        row(t("settings.app"), t("settings.app_on", n=view.recovery_left), _button("settings.turn_off", "app_off")),
        row(t("settings.app"), t("settings.app_lead"), _button("settings.turn_on", "app_on")),
    )
    others = rx.cond(
        SettingsState.sessions.length() > 1,
        rx.el.button(t("settings.end_others"), type="button", class_name="link bad", on_click=SettingsState.end_others),
    )
    return section(
        "security",
        done,
        row(
            t("field.email"),
            view.email,
            _waiting("email", view.new_email),
            confirmed,
            _button("settings.change", "email"),
        ),
        row(
            t("field.phone"),
            rx.cond(view.phone != "", view.phone, t("settings.no_phone")),
            _waiting("phone", view.new_phone),
            rx.cond(view.phone != "", confirmed),
            _button("settings.change", "phone"),
        ),
        row(
            t("field.password"),
            t("settings.password_age", ago_s=view.password_age_s),
            _button("settings.change_password", "password"),
        ),
        app,
        rx.el.div(
            rx.el.span(t("settings.sessions"), " ", SettingsState.sessions.length(), class_name="grow"),
            others,
            class_name="shead",
        ),
        rx.foreach(SettingsState.sessions, _session),
    )


def _button(words: str, dialog: str, look: str = "line") -> rx.Component:
    return rx.el.button(t(words), type="button", class_name=f"btn s {look}", on_click=SettingsState.open(dialog))


def _waiting(purpose: str, destination: rx.Var[str]) -> rx.Component:
    return rx.cond(
        destination != "",
        rx.el.button(
            t("settings.enter_code", to=destination),
            type="button",
            class_name="link",
            on_click=SettingsState.show_change(purpose),
        ),
    )


def _session(session: rx.Var[SessionRow]) -> rx.Component:
    look = rx.match(session.kind, *((kind, icon(name, 18)) for kind, name in KINDS.items()), icon("globe", 18))
    when = rx.cond(session.current, "", rx.fragment(" · ", t("settings.used", ago_s=session.unused_s)))
    end = rx.el.button(
        t("settings.end"), type="button", class_name="btn s line", on_click=SettingsState.end(session.handle)
    )
    return rx.el.div(
        rx.el.span(look, class_name="sic"),
        rx.el.div(
            rx.el.b(rx.cond(session.device != "", session.device, t("settings.unknown_device"))),
            rx.el.div(session.address, when, class_name="dim"),
            class_name="grow",
        ),
        rx.cond(session.current, rx.el.span(t("settings.this_device"), class_name="tag"), end),
        class_name="srow",
        key=session.handle,
    )


def notices_of_mine() -> rx.Component:
    """What I want to be told, and how."""
    return section(
        "notices",
        _toggle("notify_direct", "settings.notify_direct", "settings.notify_direct_about"),
        _toggle("notify_groups", "settings.notify_groups", "settings.notify_groups_about"),
        _browser_notices(),
        _toggle("sound", "settings.sound"),
        _toggle("notify_found", "settings.notify_found", "settings.notify_found_about"),
    )


def _browser_notices() -> rx.Component:
    """Whether the browser shows notices; it is asked here, when the reader wants it, and nowhere else."""
    allow = rx.el.button(
        t("settings.browser_allow"), type="button", class_name="btn s line", on_click=call("notify", "askPermission")
    )
    said = permission()
    return row(
        t("settings.browser"),
        rx.match(
            said,
            ("granted", t("settings.browser_granted")),
            ("denied", t("settings.browser_denied")),
            ("impossible", t("settings.browser_impossible")),
            t("settings.browser_about"),
        ).to(str),
        rx.cond(said == "default", allow),
    )


def _blocked() -> rx.Component:
    """Whom I do not want to hear from."""
    people = rx.foreach(
        SettingsState.blocked,
        lambda person: rx.el.div(
            rx.el.div(rx.el.b(person.name), rx.el.div("@", person.username, class_name="dim"), class_name="grow"),
            rx.el.button(
                t("listing.unblock"),
                type="button",
                class_name="btn s line",
                on_click=SettingsState.unblock(person.user_id),
            ),
            class_name="srow",
            key=person.user_id,
        ),
    )
    head = rx.el.div(
        rx.el.span(t("settings.blocked"), " ", SettingsState.blocked.length(), class_name="grow"), class_name="shead"
    )
    return rx.cond(SettingsState.blocked, rx.fragment(head, people))


def _toggle(name: str, words: str, about: str = "") -> rx.Component:
    on = getattr(SettingsState.choices, name)
    switch = rx.el.button(
        type="button",
        role="switch",
        class_name=rx.cond(on, "sw on", "sw"),
        aria_checked=rx.cond(on, "true", "false"),
        aria_label=t(words),
        on_click=SettingsState.toggle(name, ~on),
    )
    return row(t(words), t(about) if about else None, switch)


def looks() -> rx.Component:
    """Theme and language, of this browser."""

    def theme(name: LiteralColorMode, look: str) -> rx.Component:
        on = color_mode == name
        return rx.el.label(
            rx.el.span(rx.el.i(), rx.el.i(), rx.el.i(), class_name=f"thp {look}", aria_hidden=True),
            rx.el.span(
                rx.el.input(type="radio", name="theme", value=name, checked=on, on_change=set_color_mode(name)),
                t(f"settings.theme_{name}"),
                class_name="row",
            ),
            class_name=rx.cond(on, "th on", "th"),
        )

    themes = rx.el.div(
        *(theme(name, look) for name, look in THEMES),
        class_name="ths",
        role="radiogroup",
        aria_label=t("settings.theme"),
    )
    languages = rx.el.select(
        *(rx.el.option(name, value=code) for code, name in NAMES.items()),
        value=reader_language(),
        aria_label=t("auth.language"),
        on_change=[set_chosen_language(), LanguageState.choose],
        class_name="sel",
    )
    return section("looks", themes, row(t("auth.language"), None, languages))


def privacy() -> rx.Component:
    """For whom what is open."""
    return section(
        "privacy",
        _audience("may_write"),
        _audience("may_add"),
        _audience("sees_phone"),
        _audience("sees_birth_date"),
        _audience("sees_about"),
        _audience("sees_avatar"),
        _audience("sees_last_seen"),
        _toggle("receipts", "settings.receipts", "settings.receipts_about"),
        _blocked(),
    )


def _audience(name: str) -> rx.Component:
    chosen = rx.el.select(
        *(rx.el.option(t(f"settings.{audience}"), value=audience) for audience in AUDIENCES),
        value=getattr(SettingsState.choices, name).to(str),
        aria_label=t(f"settings.{name}"),
        on_change=lambda audience: SettingsState.open_to(name, audience),
        class_name="sel",
    )
    return row(t(f"settings.{name}"), None, chosen)


def leaving() -> rx.Component:
    """Taking everything along, and going."""
    return section(
        "leaving",
        row(t("settings.export"), t("settings.export_about"), export_link(SESSION_EXPORT)),
        row(t("settings.delete"), t("settings.delete_about"), _button("settings.delete_submit", "delete", "bad")),
    )
