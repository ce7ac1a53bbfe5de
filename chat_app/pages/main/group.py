"""The panel of a group: beside the conversation, over it where there is no room."""

from typing import Any, TypedDict

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar

from chat_app.components.fields import PICTURE_KINDS, box, fault_line, field, text_input
from chat_app.components.icons import icon
from chat_app.components.words import Fault, t
from chat_app.domain.chats.queries.groups import MEMBERS_SHOWN
from chat_app.domain.common.values import LONGEST_DESCRIPTION, LONGEST_TITLE
from chat_app.domain.users.errors import PictureTooLarge
from chat_app.pages.main.avatar import avatar
from chat_app.pages.main.group_state import GroupState, MemberRow
from chat_app.pages.main.listing_state import ListingState
from chat_app.pages.main.live import SeenStatus, call, does, head, here_now, hooked, open_chat, open_row
from chat_app.pages.main.media_state import MediaState
from chat_app.pages.main.search import search_here
from chat_app.pages.main.state import FoundPerson, PeopleState
from chat_app.pages.main.status import here_of_group, seen_line

LIMITS = PictureTooLarge().params
"""Of a picture."""

TOGGLE = "group-toggle"
"""The id of the button that opens the panel."""

CLOSE = "group-close"
"""Of the one that closes it."""


def panel_open() -> rx.Var[bool]:
    """Whether the reader has the panel open."""
    return hooked("panelOpen", "group", "usePanel", kind=bool).to(bool)


def panel_button() -> rx.Component:
    """Opens the panel, and closes it."""
    return rx.el.button(
        icon("panel-right"),
        id=TOGGLE,
        type="button",
        class_name=rx.cond(panel_open(), "ib on", "ib"),
        aria_label=t("group.about"),
        aria_expanded=rx.cond(panel_open(), "true", "false"),
        on_click=call("group", "togglePanel", f'"{TOGGLE}"'),
    )


class GroupPicture(TypedDict):
    """Whether a picture of the group is on its way, or why it was refused. Made by `assets/group.js`."""

    busy: bool
    code: str
    params: dict[str, Any]


class Panel(rx.el.Div):
    """Draws nothing; has the group read when it must be."""

    on_show: rx.EventHandler[lambda chat_id: [chat_id]]

    def add_imports(self) -> dict[str, Any]:
        return {"$/public/group": [ImportVar(tag="useGroupPanel")]}

    def add_hooks(self) -> list[rx.Var[Any]]:
        chat, loaded, members = open_chat(), GroupState.group, GroupState.members
        is_group = chat.kind == "group"
        line = (
            f"useGroupPanel({chat.chat_id!s}, {is_group!s}, {loaded!s}, {members!s}, "
            f'{does(self, "on_show")}, "{CLOSE}")'
        )
        data = VarData.merge(*(var._get_all_var_data() for var in (chat.chat_id, is_group, loaded, members)))
        return [rx.Var(line, _var_data=data)]

    def _exclude_props(self) -> list[str]:
        return [*super()._exclude_props(), "on_show"]


def group_panel() -> rx.Component:
    """The panel of the open group, if it is open."""
    return rx.fragment(
        Panel.create(on_show=GroupState.show, hidden=True),
        rx.cond(panel_open() & (open_chat().kind == "group"), _panel()),
    )


def _panel() -> rx.Component:
    loaded = GroupState.group.chat_id == open_chat().chat_id
    return rx.el.aside(
        rx.el.header(
            rx.el.h2(t("group.about"), class_name="grow"),
            rx.cond(
                GroupState.runs & loaded,
                rx.el.button(
                    icon("pencil", 18),
                    type="button",
                    class_name=rx.cond(GroupState.editing, "ib on", "ib"),
                    aria_label=t("group.edit"),
                    aria_pressed=rx.cond(GroupState.editing, "true", "false"),
                    on_click=GroupState.edit(~GroupState.editing),
                ),
            ),
            rx.el.button(
                icon("x", 18),
                id=CLOSE,
                type="button",
                class_name="ib",
                aria_label=t("notice.close"),
                on_click=call("group", "togglePanel", f'"{TOGGLE}"'),
            ),
            class_name="head",
        ),
        rx.cond(loaded, rx.fragment(_body(), _foot()), rx.el.p(t("common.loading"), class_name="sr", role="status")),
        class_name="details",
        aria_label=t("group.about"),
        custom_attrs={"onKeyDown": _with_event("panelKey", TOGGLE)},
    )


def _body() -> rx.Component:
    return rx.el.div(
        rx.cond(GroupState.editing, _edit(), _about()),
        rx.cond(GroupState.runs, _link()),
        _members(),
        rx.cond(GroupState.runs & (GroupState.banned.length() > 0), _banned()),
        class_name="dbody",
    )


def _about() -> rx.Component:
    # as it looks now: what stands further below is read anew, and later where many look at it
    group, now = GroupState.group, head()
    return rx.fragment(
        rx.el.div(
            avatar(now["hue"], now["initials"], now["picture"], "z64", square=True),
            rx.el.div(
                rx.el.h3(now["title"], class_name="cut", dir="auto"),
                rx.el.p(t("chat.members", n=now["members"]), here_of_group(), class_name="mut"),
                class_name="grow",
            ),
            class_name="gtop",
        ),
        rx.cond(group.description != "", rx.el.p(group.description, class_name="gdesc", dir="auto")),
        _quick(),
    )


def _quick() -> rx.Component:
    """What is done to the chat most often."""
    chat_id, muted = GroupState.group.chat_id, open_row()["muted"]

    def button(name: str, words: str, action: Any, **attributes: Any) -> rx.Component:
        return rx.el.button(icon(name), t(words), type="button", on_click=action, **attributes)

    return rx.el.div(
        rx.cond(
            muted,
            button("bell-off", "group.sound", ListingState.mute(chat_id, "no"), aria_pressed="false"),
            button("bell", "group.sound", ListingState.mute(chat_id, "forever"), aria_pressed="true"),
        ),
        button("search", "main.search", search_here(), aria_haspopup="dialog"),
        button("image", "group.media", MediaState.show(chat_id), aria_haspopup="dialog"),
        button("pin", "group.pins", GroupState.open("pins"), aria_haspopup="dialog"),
        class_name="quickrow",
    )


def _edit() -> rx.Component:
    group, title, about = GroupState.group, GroupState.title_fault, GroupState.description_fault
    named = text_input(
        "group-title",
        name="title",
        fault=title,
        default_value=group.title,
        auto_complete="off",
        auto_focus=True,
        required=True,
        max_length=LONGEST_TITLE,
    )
    described = rx.el.textarea(
        id="group-description",
        name="description",
        rows="4",
        default_value=group.description,
        max_length=LONGEST_DESCRIPTION,
        class_name="ta",
        aria_describedby="group-description-fault",
        dir="auto",
    )
    return rx.el.form(
        _picture_edit(),
        field(t("group.title"), box(named, fault=title), input_id="group-title", fault=title),
        rx.el.div(
            rx.el.span(rx.el.label(t("group.description"), html_for="group-description"), class_name="lab"),
            described,
            fault_line(about, line_id="group-description-fault"),
            class_name="f",
        ),
        rx.el.div(
            rx.el.div(t("group.history"), rx.el.div(t("group.history_about"), class_name="dim"), class_name="grow"),
            rx.el.button(
                type="button",
                role="switch",
                class_name=rx.cond(group.history_open, "sw on", "sw"),
                aria_checked=rx.cond(group.history_open, "true", "false"),
                aria_label=t("group.history"),
                on_click=GroupState.show_history(group.chat_id, ~group.history_open),
            ),
            class_name="row",
        ),
        rx.el.div(
            rx.el.button(t("common.cancel"), type="button", class_name="btn ghost", on_click=GroupState.edit(False)),
            rx.el.button(t("common.save"), type="submit", class_name="btn pri"),
            class_name="foot",
        ),
        class_name="gedit",
        on_submit=lambda data: GroupState.save(
            group.chat_id, data.to(dict[str, str])["title"], data.to(dict[str, str])["description"]
        ),
    )


def _picture_edit() -> rx.Component:
    chat_id, face = GroupState.group.chat_id, GroupState.face
    sent = hooked("groupPicture", "group", "usePicture", chat_id, kind=GroupPicture)
    worn = face.picture != ""
    choose = rx.el.label(
        icon("camera", 16),
        rx.cond(worn, t("settings.picture_change"), t("settings.picture_add")),
        rx.el.input(
            type="file",
            accept=PICTURE_KINDS,
            class_name="over",
            aria_describedby="group-picture-fault",
            custom_attrs={"onChange": _with_event("sendPicture", chat_id, LIMITS)},
        ),
        class_name=rx.cond(sent["busy"], "btn s line pick busy", "btn s line pick"),
        aria_busy=rx.cond(sent["busy"], "true", "false"),
    )
    off = rx.el.button(
        t("settings.picture_off"),
        type="button",
        class_name="btn s ghost",
        on_click=GroupState.take_picture_off(chat_id),
    )
    return rx.el.div(
        rx.el.div(
            avatar(face.hue, face.initials, face.picture, "z64", square=True),
            choose,
            rx.cond(worn, off),
            class_name="gpic",
        ),
        fault_line(sent.to(Fault), line_id="group-picture-fault"),
    )


def _link() -> rx.Component:
    chat_id, link = GroupState.group.chat_id, GroupState.link
    shown = rx.el.div(
        rx.el.span(
            rx.el.span(t("group.link"), class_name="dim"),
            rx.el.b("/join/" + link, class_name="id cut"),
            class_name="grow",
        ),
        rx.el.button(
            icon("rotate-cw", 16),
            type="button",
            class_name="ib",
            aria_label=t("group.renew"),
            title=t("group.renew"),
            on_click=GroupState.renew_link(chat_id, GroupState.draft, link),
        ),
        copy_button(link),
        class_name="linkbox",
    )
    none = rx.el.div(
        rx.el.span(t("group.no_link"), class_name="dim grow"),
        rx.el.button(
            icon("link", 14),
            t("group.make_link"),
            type="button",
            class_name="btn s soft",
            on_click=GroupState.make_link(chat_id, GroupState.draft, 0, 0),
        ),
        class_name="linkbox",
    )
    return rx.fragment(
        rx.cond(link != "", shown, none),
        rx.el.button(t("group.links"), type="button", class_name="link links", on_click=GroupState.open("links")),
    )


def copy_button(link: rx.Var[str]) -> rx.Component:
    """Copies the whole address of a link, and says that it did."""
    return rx.el.button(
        icon("copy", 14),
        rx.el.span(t("group.copy"), class_name="todo"),
        rx.el.span(t("group.copied"), class_name="done", role="status"),
        type="button",
        class_name="btn s soft copy",
        custom_attrs={"onClick": _with_event("copyInvitation", "/join/" + link)},
    )


def _members() -> rx.Component:
    group = GroupState.group
    many = group.members > 8  # more than are seen at once
    return rx.fragment(
        rx.el.div(
            rx.el.h3(t("group.members")),
            rx.el.span(head()["members"], class_name="dim num"),
            rx.cond(
                GroupState.runs,
                rx.el.button(
                    icon("user-plus", 16),
                    t("group.add"),
                    type="button",
                    class_name="btn s ghost",
                    on_click=GroupState.open("add"),
                ),
            ),
            class_name="sech",
        ),
        rx.cond(
            many | (GroupState.text != ""),
            rx.el.label(
                icon("search", 16),
                rx.el.input(
                    type="search",
                    placeholder=t("main.search"),
                    aria_label=t("group.find_members"),
                    auto_complete="off",
                    max_length=200,
                    key=group.chat_id,
                    on_change=GroupState.find(group.chat_id).debounce(200),
                ),
                class_name="sbox",
            ),
        ),
        rx.el.ul(rx.foreach(GroupState.members, _of_member)),
        rx.cond(
            GroupState.members.length() == 0,
            rx.el.p(t("main.nobody_found", text=GroupState.text), class_name="mut none", role="status"),
        ),
        rx.cond(
            (GroupState.members.length() >= MEMBERS_SHOWN) & (GroupState.text == ""),
            rx.el.p(t("group.more"), class_name="dim none"),
        ),
    )


def _of_member(member: rx.Var[MemberRow]) -> rx.Component:
    return _member(member=member, here=here_now()[member.user_id], key=_key(member))


def _key(member: rx.Var[MemberRow]) -> rx.Var[str]:
    # with the role: another one is another menu, closed
    return member.user_id + member.role


@rx.memo
def _member(member: rx.Var[MemberRow], here: rx.Var[bool], rest: rx.RestProp) -> rx.Component:
    status = hooked(
        "seen",
        "presence",
        "useSeen",
        GroupState.group.chat_id,
        member.user_id,
        member.seen_at,
        kind=SeenStatus,
    )
    otherwise = rx.cond(
        here, rx.el.span(t("status.here"), class_name="herenow"), seen_line(status, "@" + member.username)
    )
    return rx.el.li(
        rx.el.span(
            avatar(member.face.hue, member.face.initials, member.face.picture, "z36"),
            class_name=rx.cond(here, "dotted on", "dotted"),
        ),
        rx.el.div(
            rx.el.b(member.name, class_name="cut", dir="auto", title="@" + member.username),
            rx.el.div(rx.cond(member.me, t("chat.you"), otherwise), class_name="dim cut"),
            class_name="grow",
        ),
        rx.match(
            member.role,
            ("owner", rx.el.span(icon("crown", 14), t("group.owner"), class_name="tag acc")),
            ("admin", rx.el.span(icon("shield", 14), t("group.admin"), class_name="tag")),
            rx.fragment(),
        ),
        rx.cond(~member.me, _menu(member)),
        rest,
        class_name="ur",
    )


def _menu(member: rx.Var[MemberRow]) -> rx.Component:
    chat_id, person = GroupState.group.chat_id, member.user_id
    owns = GroupState.owns
    return rx.el.details(
        rx.el.summary(icon("ellipsis", 18), class_name="ib s30", aria_label=t("group.actions", name=member.name)),
        rx.el.div(
            _item("message-circle", "chat.write", PeopleState.write_to(person)),
            rx.cond(
                owns & (member.role == "member"),
                _item("shield", "group.appoint", GroupState.appoint(chat_id, person)),
            ),
            rx.cond(
                owns & (member.role == "admin"), _item("shield", "group.dismiss", GroupState.dismiss(chat_id, person))
            ),
            rx.cond(owns, _item("crown", "group.hand_over", GroupState.consider("hand_over", person))),
            rx.cond(
                member.below,
                rx.fragment(
                    rx.el.div(class_name="sep"),
                    _item("user-x", "group.exclude", GroupState.consider("exclude", person), bad=True),
                    _item("ban", "group.ban", GroupState.consider("ban", person), bad=True),
                ),
            ),
            class_name="pop mmenu",
            custom_attrs={"onClick": _with_event("closeMenu")},
        ),
        class_name="menu mm",
        custom_attrs={
            "name": "member-menu",
            "onKeyDown": _with_event("closeMenu"),
            "onToggle": _with_event("showMenu"),
        },
    )


def _item(look: str, words: str, action: Any, *, bad: bool = False) -> rx.Component:
    return rx.el.button(icon(look, 18), t(words), type="button", class_name="mi bad" if bad else "mi", on_click=action)


def _banned() -> rx.Component:
    return rx.fragment(
        rx.el.div(rx.el.h3(t("group.banned")), class_name="sech"),
        rx.el.ul(rx.foreach(GroupState.banned, _out)),
    )


def _out(person: rx.Var[FoundPerson]) -> rx.Component:
    return rx.el.li(
        avatar(person.face.hue, person.face.initials, person.face.picture, "z36"),
        rx.el.div(
            rx.el.b(person.name, class_name="cut", dir="auto"),
            rx.el.div("@", person.username, class_name="dim cut"),
            class_name="grow",
        ),
        rx.el.button(
            t("group.unban"),
            type="button",
            class_name="btn s",
            on_click=GroupState.forgive(GroupState.group.chat_id, person.user_id),
        ),
        class_name="ur",
        key=person.user_id,
    )


def _foot() -> rx.Component:
    return rx.el.footer(
        _item("log-out", "group.leave", GroupState.open("leave")),
        rx.cond(GroupState.owns, _item("trash-2", "group.delete", GroupState.open("delete"), bad=True)),
        class_name="dfoot",
    )


def _with_event(function: str, *arguments: rx.Var[Any] | str) -> rx.Var[Any]:
    """For an attribute: call a function of `assets/group.js` with the browser's event."""
    spoken = "".join(f", {rx.Var.create(argument)!s}" for argument in arguments)
    data = [argument._get_all_var_data() for argument in arguments if isinstance(argument, rx.Var)]
    imported = VarData(imports={"$/public/group": [ImportVar(tag=function)]})
    return rx.Var(f"(event) => {function}(event{spoken})", _var_data=VarData.merge(imported, *data))
