"""Groups in three browsers: made, run, left, and come into by a link."""

import re

from playwright.async_api import Page, expect

from chat_app.domain.chats.actions import add_members, appoint_admin, create_group, make_invitation
from chat_app.domain.common.ids import ChatId
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import Person
from chat_app.domain.users.rules import MOST_PICTURE_BYTES
from tests.browser.friends import _numbers as numbers
from tests.browser.friends import at_home, behind, say, until
from tests.browser.servers import Server
from tests.browser.strangers import confirm_both, sign_up
from tests.browser.test_avatars import chosen, shows
from tests.browser.visits import PHONE, Visits
from tests.people import confirmed
from tests.pictures import RED, photo

TOGGLE = "#group-toggle"
LINE = ".sys"


class Hike:
    """Three people with names of their own, and a group of theirs that the first of them owns."""

    def __init__(self, people: list[Person], names: list[str], chat: ChatId) -> None:
        self.people, self.names, self.chat = people, names, chat

    @property
    def path(self) -> str:
        return f"/chat/{self.chat}"


async def hike(server: Server, *, members: int = 3) -> Hike:
    number = next(numbers)
    names = [f"{name}{number}" for name in ("ada", "ben", "cleo")]
    with behind(server) as doors:
        people = [
            await confirmed(doors, name, f"+79{place}{number % 10**8:08d}") for place, name in enumerate(names, 3)
        ]
        inside = [person.user_id for person in people[1:members]]
        chat = await doors.perform(people[0], create_group, GroupTitle(f"Altai {number}"), inside)
    return Hike(people, names, chat)


async def panel(page: Page) -> None:
    await page.click(TOGGLE)
    await page.wait_for_selector(".details .gtop")


def member(page: Page, name: str):  # a locator
    return page.locator(".details .ur", has_text=name)


async def choose(page: Page, name: str, words: str) -> None:
    """What the menu of a member offers."""
    await member(page, name).locator("summary").click()
    await member(page, name).get_by_role("button", name=words).click()


async def test_ada_makes_a_group_with_ben_and_cleo(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    ada, ben, cleo = [await at_home(visit, name) for name in trip.names]
    await ada.get_by_role("button", name="Новая группа").click()
    await ada.fill("#new-title", "Книжный клуб")
    for name in trip.names[1:]:
        await ada.locator("#new-people").press_sequentially(name)
        await ada.locator(".found .ur", has_text=name).click()
        await ada.wait_for_selector(f".chip:has-text('{name}')")
    await ada.get_by_role("button", name="Создать группу").click()
    await ada.wait_for_url("**/chat/*")
    await expect(ada.locator(".head .sub")).to_contain_text("3 участника")
    # it is in the lists of the others by itself
    for page in (ben, cleo):
        await page.locator(".chat", has_text="Книжный клуб").click()
        await expect(page.locator(LINE)).to_have_text(f"{trip.names[0]}: группа «Книжный клуб» создана")
    await say(ada, "hello")
    await until(ben, ["hello"])
    await until(cleo, ["hello"])
    # a group's messages say whose they are
    await expect(ben.locator(".b .nm")).to_have_text(trip.names[0])
    await expect(ben.locator(".grp .av:not(.nobody)")).to_have_count(1)
    await expect(ada.locator(".b .nm")).to_have_count(0)


async def test_roles_change_on_the_screen_of_whom_they_concern(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    ada, ben = [await at_home(visit, name, trip.path) for name in trip.names[:2]]
    await panel(ada)
    await panel(ben)
    # a member sees who is there, and nothing to run the group with
    await expect(ben.locator(".details .ur")).to_have_count(3)
    for words in ("Добавить", "Изменить", "Удалить группу", "Создать ссылку"):
        await expect(ben.locator(".details").get_by_role("button", name=words)).to_have_count(0)
    await member(ben, trip.names[2]).locator("summary").click()
    await expect(member(ben, trip.names[2]).locator(".pop button")).to_have_text(["Написать"])
    await ben.keyboard.press("Escape")

    await choose(ada, trip.names[1], "Сделать админом")
    await expect(member(ada, trip.names[1]).locator(".tag")).to_have_text("Админ")
    await expect(ben.locator(".details").get_by_role("button", name="Добавить")).to_be_visible()
    await expect(ben.locator(LINE).last).to_have_text(f"{trip.names[0]}: {trip.names[1]} теперь админ")
    await member(ben, trip.names[2]).locator("summary").click()
    offered = ["Написать", "Исключить из группы", "Исключить и закрыть вход"]
    await expect(member(ben, trip.names[2]).locator(".pop button")).to_have_text(offered)

    # another title is everywhere at once
    await ada.get_by_role("button", name="Изменить").click()
    await ada.fill("#group-title", "Чуя")
    await ada.get_by_role("button", name="Сохранить").click()
    await expect(ben.locator(".head h1").first).to_have_text("Чуя")
    await expect(ben.locator(".chat .l1 b")).to_have_text("Чуя")
    await expect(ben.locator(".gtop h3")).to_have_text("Чуя")

    await choose(ada, trip.names[1], "Передать группу")
    await ada.get_by_role("dialog").get_by_role("button", name="Передать").click()
    await expect(ben.locator(".details").get_by_role("button", name="Удалить группу")).to_be_visible()
    await expect(ada.locator(".details").get_by_role("button", name="Удалить группу")).to_have_count(0)


async def test_an_excluded_person_is_led_out_of_the_open_chat(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    ada, cleo = await at_home(visit, trip.names[0], trip.path), await at_home(visit, trip.names[2], trip.path)
    await say(cleo, "hello")
    await until(ada, ["hello"])
    # whatever of it she has open
    await panel(cleo)
    await cleo.get_by_role("button", name="Покинуть группу").click()
    await expect(cleo.get_by_role("dialog")).to_be_visible()
    await panel(ada)
    await choose(ada, trip.names[2], "Исключить и закрыть вход")
    await ada.get_by_role("dialog").get_by_role("button", name="Исключить").click()
    await cleo.wait_for_url(re.compile(r"/$"))
    await expect(cleo.locator(".toast")).to_contain_text("исключили из группы")
    await expect(cleo.get_by_role("dialog")).to_have_count(0)
    await expect(cleo.locator(".list .chat")).to_have_count(0)
    await say(ada, "without her")
    await until(ada, ["hello", "without her"])
    assert "without her" not in await cleo.content()
    await cleo.goto(visit.url + trip.path)
    await cleo.wait_for_url(re.compile(r"/$"))
    # the ban can be lifted again, and then she may be added
    await ada.get_by_role("button", name="Открыть вход").click()
    await ada.locator(".details").get_by_role("button", name="Добавить").click()
    await ada.locator("#add-people").press_sequentially(trip.names[2])
    await ada.locator(".found .ur").click()
    await ada.get_by_role("dialog").get_by_role("button", name="Добавить").click()
    await cleo.locator(".list .chat").click()
    await until(cleo, ["hello", "without her"])


async def test_cleo_comes_by_a_link(visit: Visits, server: Server) -> None:
    trip = await hike(server, members=2)
    ada = await at_home(visit, trip.names[0], trip.path)
    await panel(ada)
    await ada.get_by_role("button", name="Создать ссылку").click()
    await ada.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await ada.get_by_role("button", name="Копировать").click()
    await expect(ada.locator(".copy .done")).to_be_visible()
    link = await ada.evaluate("() => navigator.clipboard.readText()")
    assert link.startswith(f"{visit.url}/join/")

    cleo = await at_home(visit, trip.names[2])
    await cleo.goto(link)
    await expect(cleo.locator(".jcard .mut")).to_have_text("2 участника")
    await cleo.get_by_role("button", name="Вступить в группу").click()
    await cleo.wait_for_url(f"**{trip.path}")
    await expect(ada.locator(".head .sub").first).to_contain_text("3 участника")
    await expect(ada.locator(".details .ur")).to_have_count(3)
    await say(cleo, "here I am")
    await until(ada, ["here I am"])

    # another link in its place: the first leads nowhere
    await ada.get_by_role("button", name="Обновить ссылку").click()
    await expect(ada.locator(".linkbox .id")).not_to_have_text(link.removeprefix(visit.url))
    ben = await at_home(visit, trip.names[1])
    await ben.goto(link)
    # who is in the group already goes there all the same
    await ben.wait_for_url(f"**{trip.path}")


async def test_somebody_new_comes_by_a_link(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    with behind(server) as doors:
        link = await doors.perform(trip.people[0], make_invitation, trip.chat)
    page = await visit(f"/join/{link}", by="somebody new")
    await page.wait_for_url(f"**/signin?next=/join/{link}")
    await page.locator(".seg a", has_text="Регистрация").click()
    name = await sign_up(page)
    # nothing is told of the group before they are confirmed
    assert page.url.endswith(f"/join/{link}")
    await expect(page.locator(".jcard")).to_have_count(0)
    await confirm_both(page, server, name)
    await page.get_by_role("button", name="Вступить в группу").click()
    await page.wait_for_url(f"**{trip.path}")
    await expect(page.locator(LINE).last).to_have_text(f"{name}: вход по ссылке")


async def test_the_owner_leaves_on_a_phone_and_names_who_follows(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    ada = await at_home(visit, trip.names[0], trip.path, viewport=PHONE, has_touch=True)
    ben = await at_home(visit, trip.names[1], trip.path)
    await panel(ada)
    # the panel is the whole screen, and the focus is in it
    box = await ada.locator(".details").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, PHONE["width"])
    await expect(ada.locator("#group-close")).to_be_focused()
    await ada.keyboard.press("Escape")
    await expect(ada.locator(".details")).to_have_count(0)
    await expect(ada.locator(TOGGLE)).to_be_focused()
    await panel(ada)
    await ada.get_by_role("button", name="Покинуть группу").click()
    await ada.select_option("#heir", label=trip.names[2])
    await ada.get_by_role("dialog").get_by_role("button", name="Покинуть").click()
    await ada.wait_for_url(re.compile(r"/$"))
    await expect(ada.locator(".toast")).to_contain_text("Вы вышли из группы")
    await expect(ben.locator(LINE).last).to_have_text(f"{trip.names[2]} теперь владелец группы вместо {trip.names[0]}")
    await expect(ben.locator(".head .sub")).to_contain_text("2 участника")


async def test_a_group_that_is_deleted_closes_for_everybody(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    with behind(server) as doors:
        await doors.perform(trip.people[0], appoint_admin, trip.chat, trip.people[1].user_id)
    ada, ben = [await at_home(visit, name, trip.path) for name in trip.names[:2]]
    await panel(ada)
    await ada.get_by_role("button", name="Удалить группу").click()
    dialog = ada.get_by_role("dialog")
    await expect(dialog.locator("h2")).to_contain_text("Altai")
    # once more, and by name
    await dialog.get_by_role("button", name="Отмена").click()
    await expect(ben.locator(".head h1")).to_be_visible()
    await ada.get_by_role("button", name="Удалить группу").click()
    await dialog.get_by_role("button", name="Удалить группу").click()
    for page in (ada, ben):
        await page.wait_for_url(re.compile(r"/$"))
        await expect(page.locator(".toast")).to_contain_text("Группа удалена")
        await expect(page.locator(".list .chat")).to_have_count(0)


async def test_the_tabs_show_people_or_groups(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    ada, ben = [await at_home(visit, name, trip.path) for name in trip.names[:2]]
    cleo = await at_home(visit, trip.names[2])
    await say(ada, "one")
    tabs = cleo.locator(".tabs button")
    await expect(tabs).to_have_text(["Все1", "Личные", "Группы1"])
    await tabs.nth(1).click()
    await expect(cleo.locator(".list .chat")).to_have_count(0)
    await expect(cleo.locator(".list")).to_have_text("Здесь пока пусто")
    await panel(ben)
    await choose(ben, trip.names[2], "Написать")
    await ben.wait_for_selector(".head h1 button")
    await say(ben, "hello")
    await expect(tabs).to_have_text(["Все2", "Личные1", "Группы1"])
    await expect(cleo.locator(".list .chat")).to_have_count(1)
    await tabs.nth(2).click()
    await expect(cleo.locator(".list .chat .l1 b")).to_have_text(re.compile("Altai"))


async def test_in_a_larger_group_members_are_looked_for(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    number = next(numbers)
    with behind(server) as doors:
        crowd = [
            await confirmed(doors, f"guest{number}.{place}", f"+799{place}{number % 10**7:07d}") for place in range(8)
        ]
        await doors.perform(trip.people[0], add_members, trip.chat, [person.user_id for person in crowd])
    ben = await at_home(visit, trip.names[1], trip.path)
    await panel(ben)
    members = ben.locator(".details .ur")
    await expect(members).to_have_count(11)
    await ben.get_by_label("Найти участника").press_sequentially(f"guest{number}.5")
    await expect(members).to_have_count(1)
    await ben.get_by_label("Найти участника").fill("nobody at all")
    await expect(members).to_have_count(0)
    await expect(ben.locator(".details .none")).to_have_text("Никого не нашли: «nobody at all»")
    await ben.get_by_label("Найти участника").fill("")
    await expect(members).to_have_count(11)


async def test_the_owner_calls_everybody_and_a_member_does_not(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    ada, ben = [await at_home(visit, name, trip.path) for name in trip.names[:2]]
    for page, offered in ((ada, 3), (ben, 2)):
        await page.locator("#message").press_sequentially("@")
        await expect(page.locator("[data-name]")).to_have_count(offered)
    await ada.locator("#message").press_sequentially("вс")
    await expect(ada.locator("[data-name]")).to_have_count(1)
    await expect(ada.locator("[data-name]")).to_have_text("Все участники@все")
    await ada.keyboard.press("Enter")
    await expect(ada.locator("#message")).to_have_value("@все ")
    await ada.locator("#message").press_sequentially("выходим")
    await ada.keyboard.press("Enter")
    await ben.wait_for_selector(".b .at:has-text('@все')")


async def test_of_a_member_who_went_is_said_since_when(visit: Visits, server: Server) -> None:
    trip = await hike(server)
    ada, ben = [await at_home(visit, name, trip.path) for name in trip.names[:2]]
    await panel(ada)
    await expect(member(ada, trip.names[1])).to_contain_text("в сети")
    # who was never here is called by their name
    await expect(member(ada, trip.names[2])).to_contain_text(f"@{trip.names[2]}")
    await ben.close()
    await expect(member(ada, trip.names[1])).to_contain_text("был(а) только что", timeout=20_000)


async def test_a_group_gets_a_picture_that_everybody_sees(visit: Visits, server: Server) -> None:
    visit.forgive(r"status of 422")
    trip = await hike(server, members=2)
    ada, ben = [await at_home(visit, name, trip.path) for name in trip.names[:2]]
    await panel(ada)
    await panel(ben)
    await expect(ben.locator(".details input[type=file]")).to_have_count(0)
    await ada.get_by_role("button", name="Изменить").click()
    await ada.set_input_files(".gpic input", chosen(b"no picture at all"))
    await expect(ada.locator("#group-picture-fault")).to_contain_text("не открывается как картинка")
    await ada.set_input_files(".gpic input", chosen(bytes(MOST_PICTURE_BYTES + 1)))
    await expect(ada.locator("#group-picture-fault")).to_contain_text("слишком большая")
    await ada.set_input_files(".gpic input", chosen(photo()))
    await shows(ada.locator(".gpic .av"), RED)
    await expect(ada.locator("#group-picture-fault .err")).to_have_count(0)
    for face in (".gtop .av", "header.head .av", ".chat .av"):
        await shows(ben.locator(face).first, RED)
    await expect(ben.locator(LINE).last).to_have_text(f"{trip.names[0]}: новое фото группы")

    # cleo has a link, and sees to what it leads
    with behind(server) as doors:
        link = await doors.perform(trip.people[0], make_invitation, trip.chat)
    cleo = await at_home(visit, trip.names[2])
    await cleo.goto(f"{visit.url}/join/{link}")
    await shows(cleo.locator(".jcard .av"), RED)

    await ada.locator(".gpic").get_by_role("button", name="Убрать").click()
    for face in (".gtop .av", "header.head .av", ".chat .av"):
        await expect(ben.locator(face).first.locator("img")).to_have_count(0)


async def test_the_panel_says_who_is_here_as_they_come_and_go(visit: Visits, server: Server) -> None:
    trip = await hike(server, members=2)
    ada = await at_home(visit, trip.names[0], trip.path)
    await panel(ada)
    await expect(member(ada, trip.names[1])).to_have_count(1)
    ben = await at_home(visit, trip.names[1], trip.path)
    await expect(member(ada, trip.names[1]).locator(".herenow")).to_have_text("в сети")
    await expect(ada.locator(".gtop p")).to_have_text("2 участника, 1 в сети")
    # cleo is here already, and becomes one of them
    await at_home(visit, trip.names[2])
    await ada.locator(".details").get_by_role("button", name="Добавить").click()
    await ada.locator("#add-people").press_sequentially(trip.names[2])
    await ada.locator(".found .ur", has_text=trip.names[2]).click()
    await ada.get_by_role("dialog").get_by_role("button", name="Добавить").click()
    await expect(ada.locator(".gtop p")).to_have_text("3 участника, 2 в сети")
    await expect(ben.locator("header.head .sub")).to_have_text("3 участника, 2 в сети")
    await choose(ada, trip.names[2], "Исключить из группы")
    await ada.get_by_role("dialog").get_by_role("button", name="Исключить").click()
    await expect(ben.locator("header.head .sub")).to_have_text("2 участника, 1 в сети")


async def test_sound_media_and_pins_are_one_click_away(visit: Visits, server: Server) -> None:
    trip = await hike(server, members=2)
    ada = await at_home(visit, trip.names[0], trip.path)
    quick = ada.locator(".quickrow")
    await panel(ada)
    await quick.get_by_role("button", name="Закреп").click()
    await expect(ada.get_by_role("dialog")).to_contain_text("Ничего не закреплено")
    await ada.keyboard.press("Escape")
    await quick.get_by_role("button", name="Медиа").click()
    await expect(ada.get_by_role("dialog")).to_contain_text("Здесь будут фото и файлы этого чата")
    await ada.keyboard.press("Escape")

    await say(ada, "the map")
    await until(ada, ["the map"])
    await ada.set_input_files(
        "#attach", [chosen(photo()), {"name": "way.txt", "mimeType": "text/plain", "buffer": b"up"}]
    )
    await expect(ada.locator(".upl .up")).to_have_count(2)
    await ada.press("#message", "Enter")
    await expect(ada.locator(".b .pics")).to_be_visible()
    await ada.locator(".b .pic1").click(button="right")
    await ada.get_by_role("menuitem", name="Закрепить").click()
    # a photo without words says what it is
    await expect(ada.locator(".pinbar")).to_contain_text("Файл")

    await quick.get_by_role("button", name="Медиа").click()
    found = ada.get_by_role("dialog")
    await expect(found.locator(".mgrid button")).to_have_count(1)
    await expect(found.locator("li")).to_contain_text("way.txt")
    await found.locator(".mgrid button").click()
    await expect(found).to_have_count(0)
    await quick.get_by_role("button", name="Закреп").click()
    await expect(ada.locator(".pinlist li")).to_have_count(1)
    await ada.locator(".pinlist button").click()
    await expect(ada.get_by_role("dialog")).to_have_count(0)

    await quick.get_by_role("button", name="Звук").click()
    await expect(quick.get_by_role("button", name="Звук")).to_have_attribute("aria-pressed", "false")
    await expect(ada.locator(".chat .i-bell-off")).to_be_visible()
    await quick.get_by_role("button", name="Звук").click()
    await expect(quick.get_by_role("button", name="Звук")).to_have_attribute("aria-pressed", "true")
