"""What can be done to a chat of my list: one menu for all of them, opened by `assets/listing.js`."""

import reflex as rx

from chat_app.components.icons import icon
from chat_app.components.words import t
from chat_app.pages.main.listing_state import ListingState
from chat_app.pages.main.live import CHAT_MENU, ChatListRow, menu_row


def chat_menu() -> rx.Component:
    """The one per page. Any element marked `data-chat` has it by right click, one marked `data-menu` by click."""
    row = menu_row()
    return rx.el.div(
        _toggle(
            row["pinned"],
            ("pin", "listing.pin", ListingState.pin(row["chat_id"], True)),
            ("pin", "listing.unpin", ListingState.pin(row["chat_id"], False)),
        ),
        _toggle(
            row["archived"],
            ("archive", "listing.archive", ListingState.archive(row["chat_id"], True)),
            ("archive", "listing.unarchive", ListingState.archive(row["chat_id"], False)),
        ),
        rx.el.hr(),
        rx.cond(
            row["muted"],
            _item("bell", "listing.unmute", ListingState.mute(row["chat_id"], "no")),
            rx.fragment(
                _item("bell-off", "listing.mute_hour", ListingState.mute(row["chat_id"], "hour")),
                _item("bell-off", "listing.mute_workday", ListingState.mute(row["chat_id"], "workday")),
                _item("bell-off", "listing.mute_forever", ListingState.mute(row["chat_id"], "forever")),
            ),
        ),
        rx.cond(row["kind"] == "group", _levels(row)),
        rx.cond(
            row["person"],
            rx.fragment(
                rx.el.hr(),
                _toggle(
                    row["blocked"],
                    ("ban", "listing.block", ListingState.block(row["person"])),
                    ("ban", "listing.unblock", ListingState.unblock(row["person"])),
                ),
            ),
        ),
        id=CHAT_MENU,
        class_name="pop cmenu",
        role="menu",
        aria_label=t("listing.menu"),
        custom_attrs={"popover": "manual"},
    )


def menu_button(chat_id: rx.Var[str], look: str = "ib") -> rx.Component:
    """Opens the menu of a chat."""
    return rx.el.button(
        icon("ellipsis", 18),
        type="button",
        class_name=look,
        aria_label=t("listing.menu"),
        aria_haspopup="menu",
        data_menu=chat_id,
    )


def _toggle(
    on: rx.Var[bool], do: tuple[str, str, rx.event.EventSpec], undo: tuple[str, str, rx.event.EventSpec]
) -> rx.Component:
    return rx.cond(on, _item(*undo), _item(*do))


def _item(look: str, words: str, does: rx.event.EventSpec) -> rx.Component:
    return rx.el.button(icon(look), t(words), type="button", role="menuitem", tab_index=-1, on_click=does)


def _levels(row: rx.Var[ChatListRow]) -> rx.Component:
    """Of what a group tells me; the one that is chosen again, and my settings say."""

    def level(name: str) -> rx.Component:
        on = row["level"] == name
        return rx.el.button(
            t(f"listing.level_{name}"),
            type="button",
            role="menuitemradio",
            tab_index=-1,
            aria_checked=rx.cond(on, "true", "false"),
            on_click=ListingState.tell_of(row["chat_id"], rx.cond(on, "", name).to(str)),
        )

    return rx.fragment(
        rx.el.hr(),
        rx.el.div(t("listing.level"), class_name="lh"),
        rx.el.div(level("all"), level("mentions"), level("none"), class_name="row", role="group"),
    )
