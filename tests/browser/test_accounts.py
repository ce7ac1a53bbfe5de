"""What people do with their accounts, from a typing error to the end."""

import re

from playwright.async_api import Page, expect
from pyotp.totp import TOTP

from tests.browser.servers import Server
from tests.browser.strangers import ALIVE, PASSWORD, code_sent, confirm_both, sign_up
from tests.browser.visits import Visits

ANOTHER = "seventeen green lanterns"


async def settled_in(page: Page, server: Server) -> str:
    """Sign up and confirm everything; the username."""
    name = await sign_up(page)
    await confirm_both(page, server, name)
    return name


async def sign_in(page: Page, visit: Visits, name: str, password: str = PASSWORD) -> None:
    await page.goto(f"{visit.url}/signin")
    await page.wait_for_selector(ALIVE)
    await page.fill("#login", name)
    await page.fill("#password", password)
    await page.click("button[type=submit]")


async def in_settings(page: Page, visit: Visits) -> Page:
    await page.goto(f"{visit.url}/settings")
    await expect(page.locator("#profile-username")).not_to_have_value("")
    return page


async def submit(page: Page, **fields: str) -> None:
    """Fill in the form of the dialog and send it."""
    await page.wait_for_selector(f"dialog {ALIVE}")
    for name, text in fields.items():
        await page.fill(f"dialog #{name}", text)
    await page.click("dialog button[type=submit]")


async def test_a_phone_with_a_typing_error_is_corrected(visit: Visits, server: Server):
    page = await visit("/signup")
    name = await sign_up(page)
    await page.locator("#code").press_sequentially(await code_sent(page, server, name, "mail"))
    await page.wait_for_selector("#verify-title:has-text('SMS')")
    await page.click("dialog >> text=Изменить")
    await submit(page, phone="12", password_now=PASSWORD)
    # what was typed is still there, with the reason
    await expect(page.locator("dialog #phone")).to_have_value("12")
    await expect(page.locator("#phone-fault")).not_to_be_empty()
    right = f"+7 987 {server.url[-1]}{name[-6:].zfill(6)[-6:]}"
    await submit(page, phone=right, password_now="not the password")
    await expect(page.locator("#password_now-fault")).to_have_text(re.compile("не подошёл"))
    await submit(page, password_now=PASSWORD)
    await page.wait_for_selector("#code")
    number = "+7" + re.sub(r"\D", "", right)[1:]
    for _ in range(100):
        if sent := [letter for letter in server.outbox(number) if letter["code"]]:
            break
        await page.wait_for_timeout(100)
    await page.locator("#code").press_sequentially(sent[-1]["code"])
    await page.wait_for_selector("#verify-title", state="detached")


async def test_a_wrong_code_five_times_voids_it_and_says_so(visit: Visits, server: Server):
    page = await visit("/signup")
    name = await sign_up(page)
    right = await code_sent(page, server, name, "mail")
    wrong = "000000" if right != "000000" else "000001"
    # whoever opens the letter can type at once
    await expect(page.locator("#code")).to_be_focused()
    for left in ("Осталось 4", "Осталось 3", "Осталось 2", "Осталась 1", "Осталось 0"):
        await page.locator("#code").press_sequentially(wrong)
        await expect(page.locator("#verify-fault")).to_contain_text(left)
    await page.locator("#code").press_sequentially(right)
    await expect(page.locator("#verify-fault")).to_contain_text("больше не действует")
    await expect(page.locator("#verify-title")).to_be_visible()


async def test_a_new_password_on_a_second_device_signs_the_first_one_out(visit: Visits, server: Server):
    first = await visit("/signup", by="laptop")
    name = await settled_in(first, server)
    second = await visit("/signin", by="phone")
    await second.click("text=Забыли пароль?")
    await second.wait_for_url("**/forgot")
    await second.wait_for_selector(ALIVE)
    await second.fill("#email", f"{name.upper()}@chat.example")
    await second.click("button[type=submit]")
    await expect(second.locator("[role=status]").first).to_contain_text("Проверьте почту")
    link = await link_sent(second, server, name)
    assert link.startswith(f"{server.url}/reset?link=")
    await second.goto(link)
    await second.wait_for_selector(f"{ALIVE} button:enabled")
    await second.fill("#password", ANOTHER)
    await second.fill("#password_again", ANOTHER)
    await second.click("button[type=submit]")
    await second.wait_for_url("**/signin?done=reset")
    # by itself, with nobody touching it
    await first.wait_for_url("**/signin**", timeout=2000)
    await second.goto(link)
    await expect(second.locator("[role=status]").first).to_contain_text("больше не действует")
    await sign_in(second, visit, name)
    await expect(second.locator("#password-fault")).not_to_be_empty()
    await sign_in(second, visit, name, ANOTHER)
    await second.wait_for_url(f"{visit.url}/")


async def link_sent(page: Page, server: Server, name: str) -> str:
    for _ in range(100):
        for letter in server.outbox(f"{name}@chat.example"):
            if found := re.search(r"http\S+/reset\?link=\S+", letter["text"]):
                return found.group()
        await page.wait_for_timeout(100)
    raise AssertionError("no link came")


async def test_a_deleted_account_leaves_its_email_free(visit: Visits, server: Server):
    page = await visit("/signup")
    name = await settled_in(page, server)
    await in_settings(page, visit)
    await page.click("section#leaving .btn.bad")
    await submit(page, password_now=PASSWORD)
    await page.wait_for_url("**/signin?done=deleted")
    await expect(page.locator("[role=status]").first).to_contain_text("Аккаунт удалён")
    await sign_in(page, visit, name)
    await expect(page.locator("#password-fault")).not_to_be_empty()
    await page.goto(f"{visit.url}/signup")
    await sign_up(page, name)
    await confirm_both(page, server, name)


async def test_signing_in_with_an_app(visit: Visits, server: Server):
    page = await visit("/signup")
    name = await settled_in(page, server)
    await in_settings(page, visit)
    await page.click("section#security .srow:has-text('кодом') button")
    await submit(page, password_now=PASSWORD)
    key = re.sub(r"\s", "", await page.locator("dialog .id").inner_text())
    await expect(page.locator("dialog img.qr")).to_be_visible()
    await page.fill("dialog #code", TOTP(key).now())
    await page.click("dialog button[type=submit]")
    await expect(page.locator("dialog .codes li")).to_have_count(10)
    codes = await page.locator("dialog .codes li").all_inner_texts()
    await page.click("dialog .btn.pri")
    await expect(page.locator("section#security")).to_contain_text("Осталось 10 резервных кодов")

    other = await visit("/settings", by="phone")
    await sign_in(other, visit, name)
    await other.wait_for_url("**/signin/code")
    await other.wait_for_selector(ALIVE)
    await other.fill("#code", "000000")
    await other.click("button[type=submit]")
    await expect(other.locator("#code-fault")).to_contain_text("Осталось 4")
    await other.wait_for_selector(ALIVE)
    await other.fill("#code", codes[0])
    await other.click("button[type=submit]")
    await other.wait_for_url(f"{visit.url}/")


async def test_settings_are_kept_and_a_session_is_ended_from_afar(visit: Visits, server: Server):
    page = await visit("/signup", by="laptop")
    name = await settled_in(page, server)
    other = await visit("/signin", by="phone")
    await sign_in(other, visit, name)
    await other.wait_for_url(f"{visit.url}/")

    await in_settings(page, visit)
    await page.fill("#profile-name", "Ада Лавлейс")
    await page.fill("#profile-about", "Машины")
    await page.click("section#profile button[type=submit]")
    await expect(page.locator("section#profile [role=status]")).to_have_text("Сохранено")
    await page.click("section#privacy [role=switch]")
    await page.select_option("section#privacy select >> nth=0", "nobody")
    await expect(page.locator("section#privacy [role=switch]")).to_have_attribute("aria-checked", "false")
    await page.reload()
    await expect(page.locator("#profile-name")).to_have_value("Ада Лавлейс")
    await expect(page.locator("section#privacy select >> nth=0")).to_have_value("nobody")
    await expect(page.locator("section#privacy [role=switch]")).to_have_attribute("aria-checked", "false")

    await page.click("section#security button:has-text('Завершить все')")
    await other.wait_for_url("**/signin**", timeout=2000)
    context = await visit.context("laptop")
    visit.forgive("ERR_INTERNET_DISCONNECTED")
    await context.set_offline(True)
    await expect(page.locator(".netbar")).to_contain_text("Нет связи")
    await context.set_offline(False)
    await expect(page.locator(".netbar")).to_be_hidden()
    await page.select_option("section#looks select", "en")
    await expect(page.locator("header h1")).to_have_text("Settings")
    async with page.expect_download() as downloading:
        await page.click("section#leaving a[download]")
    assert (await downloading.value).suggested_filename == "chat.zip"


async def test_another_email_is_taken_by_its_code(visit: Visits, server: Server):
    page = await visit("/signup")
    name = await settled_in(page, server)
    await in_settings(page, visit)
    await page.click("section#security .srow:has-text('Почта') .btn")
    await submit(page, email=f"{name}@new.example", password_now=PASSWORD)
    await page.wait_for_selector("dialog h2:has-text('письма')")
    for _ in range(100):
        if sent := [letter for letter in server.outbox(f"{name}@new.example") if letter["code"]]:
            break
        await page.wait_for_timeout(100)
    # in demo mode the dialog has it too
    await page.click("dialog .demo button")
    await expect(page.locator("dialog #code")).to_have_value(sent[-1]["code"])
    await page.click("dialog button[type=submit]")
    await expect(page.locator("dialog")).to_have_count(0)
    await expect(page.locator("section#security")).to_contain_text("@new.example")
