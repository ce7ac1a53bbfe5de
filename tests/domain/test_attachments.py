"""Stories of files: taken in for a chat, sent once, seen by its members alone, removed with the last that has them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlmodel import col, select

from chat_app.domain.chats.actions import add_members, create_group, exclude, open_direct_chat, open_history
from chat_app.domain.chats.errors import BlockedByYou, ChatNotFound, WritingClosed
from chat_app.domain.chats.queries import my_chats
from chat_app.domain.common.errors import NotConfirmed, NotSignedIn, TooMany
from chat_app.domain.common.events import RemoveFile
from chat_app.domain.common.ids import AttachmentId, ChatId, ClientId, Row
from chat_app.domain.common.jobs import Job
from chat_app.domain.common.values import GroupTitle
from chat_app.domain.common.work import SYSTEM, Person, Reader, Work
from chat_app.domain.messages.actions import (
    Forwarded,
    NewFile,
    Sent,
    edit_message,
    erase_message,
    erase_messages,
    erase_unsent,
    forward_messages,
    pin_message,
    register_attachment,
    send_message,
)
from chat_app.domain.messages.actions.attachments import drop_attachments_of_chat
from chat_app.domain.messages.errors import AttachmentNotFound, EmptyMessage, SentDifferently, TooManyFiles
from chat_app.domain.messages.queries import FileView, attachment_for, check_upload, media_of, page_of, pinned_in
from chat_app.domain.messages.rules import MOST_FILES
from chat_app.domain.messages.tables import Attachment
from chat_app.domain.users.actions import block
from chat_app.infrastructure.unit_of_work import Doors
from tests.guests import FixedClock
from tests.people import ada, ben, cleo, pending, stranger

MB = 1024 * 1024


def photo(number: int = 0) -> NewFile:
    return NewFile(
        f"cat {number}.jpg", "image/jpeg", 1000, f"photo-file-{number:06}", f"thumb-file-{number:06}", 40, 30
    )


def letter(number: int = 0) -> NewFile:
    return NewFile(f"letter {number}.pdf", "application/pdf", 2000, f"letter-file-{number:06}")


async def upload(doors: Doors, who: Person, chat: ChatId, new: NewFile, text: str = "") -> AttachmentId:
    attachment_id = AttachmentId(text or f"id of {new.file}")
    await doors.perform(who, register_attachment, chat, attachment_id, new)
    return attachment_id


async def say(
    doors: Doors, who: Person, chat: ChatId, files: Sequence[AttachmentId], body: str = "", client_id: str = "one"
) -> Sent:
    return await doors.perform(who, send_message, chat, ClientId(client_id), body, files=files)


async def pair(doors: Doors) -> tuple[Person, Person, ChatId]:
    a, b = await ada(doors), await ben(doors)
    return a, b, await doors.perform(a, open_direct_chat, b.user_id)


async def files_seen(doors: Doors, who: Person, chat: ChatId) -> list[list[str]]:
    page = await doors.ask(who, page_of, chat)
    return [[file.attachment_id for file in message.files] for message in page.messages]


def to_be_removed(reader: Reader) -> set[str]:
    jobs = reader.session.exec(select(Job).where(Job.kind == RemoveFile.kind))
    return {job.payload.split('"')[3] for job in jobs}


async def removed(doors: Doors) -> set[str]:
    return await doors.ask(SYSTEM, to_be_removed)


async def test_ada_sends_a_photo_and_a_letter_and_ben_sees_both(doors: Doors) -> None:
    a, b, chat = await pair(doors)
    files = [await upload(doors, a, chat, photo()), await upload(doors, a, chat, letter())]
    # until then ben has nothing of it
    assert (await doors.ask(b, page_of, chat)).messages == []
    assert await say(doors, a, chat, files[::-1], "look") == Sent(1, 1, repeated=False)
    (bubble,) = (await doors.ask(b, page_of, chat)).messages
    assert bubble.text == "look"
    assert bubble.files == (
        FileView(files[1], "letter 0.pdf", "application/pdf", 2000, None, None, False),
        FileView(files[0], "cat 0.jpg", "image/jpeg", 1000, 40, 30, True),
    )
    stored = await doors.ask(b, attachment_for, files[0])
    assert (stored.file, stored.thumbnail, stored.type) == ("photo-file-000000", "thumb-file-000000", "image/jpeg")


@pytest.mark.parametrize(("new", "kind"), [([photo(1), photo(2)], "photo"), ([photo(1), letter(1)], "file")])
async def test_the_list_says_what_was_sent(doors: Doors, new: list[NewFile], kind: str) -> None:
    a, b, chat = await pair(doors)
    await say(doors, a, chat, [await upload(doors, a, chat, each) for each in new], " \u200b ")
    (row,) = await doors.ask(b, my_chats)
    assert row.last is not None
    assert (row.last.body, row.last.files) == ("", kind)


async def test_without_files_there_must_be_words(doors: Doors) -> None:
    a, _, chat = await pair(doors)
    with pytest.raises(EmptyMessage):
        await say(doors, a, chat, [])
    await say(doors, a, chat, [], "words")
    (row,) = await doors.ask(a, my_chats)
    assert row.last is not None
    assert row.last.files == ""


async def test_sending_it_twice_sends_it_once(doors: Doors) -> None:
    a, _, chat = await pair(doors)
    first, second = await upload(doors, a, chat, photo(1)), await upload(doors, a, chat, photo(2))
    await say(doors, a, chat, [first])
    assert await say(doors, a, chat, [first]) == Sent(1, 1, repeated=True)
    for files in ([], [second], [first, second]):
        with pytest.raises(SentDifferently):
            await say(doors, a, chat, files, "" if files else "words")
    assert await files_seen(doors, a, chat) == [[first]]


async def test_sending_it_ten_times_at_once_sends_it_once(doors: Doors) -> None:
    a, _, chat = await pair(doors)
    first = await upload(doors, a, chat, photo())
    sent = await asyncio.gather(*(say(doors, a, chat, [first]) for _ in range(10)))
    assert sorted(answer.repeated for answer in sent) == [False] + [True] * 9
    assert await files_seen(doors, a, chat) == [[first]]


async def test_two_messages_at_once_cannot_both_have_it(doors: Doors) -> None:
    a, _, chat = await pair(doors)
    first = await upload(doors, a, chat, photo())
    sent = await asyncio.gather(
        *(say(doors, a, chat, [first], client_id=f"{number}") for number in range(5)), return_exceptions=True
    )
    assert len([answer for answer in sent if isinstance(answer, AttachmentNotFound)]) == 4
    assert await files_seen(doors, a, chat) == [[first]]


async def test_ten_may_be_sent_and_eleven_not(doors: Doors) -> None:
    a, _, chat = await pair(doors)
    files = [await upload(doors, a, chat, photo(number)) for number in range(MOST_FILES + 1)]
    with pytest.raises(TooManyFiles):
        await say(doors, a, chat, files)
    with pytest.raises(TooManyFiles):
        await say(doors, a, chat, [files[0], files[0]])
    await say(doors, a, chat, files[:-1])
    assert await files_seen(doors, a, chat) == [files[:-1]]


async def test_what_is_not_there_to_be_sent_leaves_no_trace(doors: Doors) -> None:
    a, b, chat = await pair(doors)
    c = await cleo(doors)
    other = await doors.perform(a, open_direct_chat, c.user_id)
    mine, bens = await upload(doors, a, chat, photo(1)), await upload(doors, b, chat, photo(2))
    elsewhere, sent = await upload(doors, a, other, photo(3)), await upload(doors, a, chat, photo(4))
    await say(doors, a, chat, [sent])
    for wrong in (bens, elsewhere, sent, AttachmentId("nothing"), AttachmentId("")):
        with pytest.raises(AttachmentNotFound) as refused:
            await say(doors, a, chat, [mine, wrong], client_id="two")
        assert refused.value.field == "files"
    # neither a number was taken nor the first of the two
    assert await say(doors, a, chat, [mine], client_id="two") == Sent(2, 2, repeated=False)


async def test_nobody_uploads_where_they_may_not_write(doors: Doors) -> None:
    a, b, chat = await pair(doors)
    c, eve = await cleo(doors), await pending(doors, "eve")
    for where in (chat, ChatId("no chat at all")):
        with pytest.raises(ChatNotFound):
            await doors.ask(c, check_upload, where, 1000)
        with pytest.raises(ChatNotFound):
            await upload(doors, c, where, photo())
    with pytest.raises(NotSignedIn):
        await doors.perform(stranger(), register_attachment, chat, AttachmentId("x"), photo())
    with pytest.raises(NotConfirmed):
        await doors.perform(eve, register_attachment, chat, AttachmentId("x"), photo())

    await doors.ask(a, check_upload, chat, 1000)
    mine = await upload(doors, a, chat, photo())
    await doors.perform(b, block, a.user_id)
    for who, refusal in ((a, WritingClosed), (b, BlockedByYou)):
        with pytest.raises(refusal):
            await doors.ask(who, check_upload, chat, 1000)
        with pytest.raises(refusal):
            await upload(doors, who, chat, letter())
    with pytest.raises(WritingClosed):
        await say(doors, a, chat, [mine])


async def test_only_who_may_see_the_message_has_its_file(doors: Doors) -> None:
    a, b, chat = await pair(doors)
    c = await cleo(doors)
    mine = await upload(doors, a, chat, photo())
    assert (await doors.ask(a, attachment_for, mine)).name == "cat 0.jpg"
    with pytest.raises(AttachmentNotFound) as missing:
        await doors.ask(c, attachment_for, AttachmentId("nothing"))
    for who in (b, c):
        with pytest.raises(AttachmentNotFound) as refused:
            await doors.ask(who, attachment_for, mine)
        assert (refused.value.code, refused.value.params) == (missing.value.code, missing.value.params)
    await say(doors, a, chat, [mine])
    assert (await doors.ask(b, attachment_for, mine)).size == 1000
    with pytest.raises(AttachmentNotFound):
        await doors.ask(c, attachment_for, mine)
    with pytest.raises(NotSignedIn):
        await doors.ask(stranger(), attachment_for, mine)


async def test_who_is_excluded_loses_the_files_and_a_newcomer_has_those_since(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    group = await doors.perform(a, create_group, GroupTitle("hikers"), [b.user_id])
    await doors.perform(a, open_history, group, to_newcomers=False)
    old, bens = await upload(doors, a, group, photo(1)), await upload(doors, b, group, photo(2))
    await say(doors, a, group, [old])
    assert (await doors.ask(b, attachment_for, old)).file == photo(1).file

    await doors.perform(a, exclude, group, b.user_id)
    for lost in (old, bens):
        with pytest.raises(AttachmentNotFound):
            await doors.ask(b, attachment_for, lost)
    await doors.perform(a, add_members, group, [c.user_id])
    new = await upload(doors, a, group, photo(3))
    await say(doors, a, group, [new], client_id="two")
    assert (await doors.ask(c, attachment_for, new)).file == photo(3).file
    with pytest.raises(AttachmentNotFound):
        await doors.ask(c, attachment_for, old)


async def test_within_an_hour_only_so_much(doors: Doors, clock: FixedClock) -> None:
    a, b, chat = await pair(doors)
    hourly = 3 * 1000
    for number in (1, 2):
        await doors.ask(a, check_upload, chat, 1000, hourly)
        await doors.perform(a, register_attachment, chat, AttachmentId(f"{number}"), photo(number), hourly)
    clock.tick(minutes=40)
    await doors.perform(a, register_attachment, chat, AttachmentId("3"), photo(3), hourly)
    with pytest.raises(TooMany) as refused:
        await doors.ask(a, check_upload, chat, 1, hourly)
    assert refused.value.wait_s == 20 * 60
    with pytest.raises(TooMany):
        await doors.perform(a, register_attachment, chat, AttachmentId("4"), photo(4), hourly)
    # by person
    await doors.ask(b, check_upload, chat, 1000, hourly)
    clock.tick(minutes=20)
    await doors.ask(a, check_upload, chat, 1000, hourly)
    await doors.perform(a, register_attachment, chat, AttachmentId("4"), photo(4), hourly)
    # one that never fits says so too
    with pytest.raises(TooMany):
        await doors.ask(b, check_upload, chat, 4000, hourly)


async def test_registering_it_twice_is_once(doors: Doors) -> None:
    a, _, chat = await pair(doors)
    first = await upload(doors, a, chat, photo())
    await upload(doors, a, chat, photo())
    await say(doors, a, chat, [first])
    assert await files_seen(doors, a, chat) == [[first]]
    # as when the connection broke before the commit was heard of
    await upload(doors, a, chat, photo())
    with pytest.raises(AttachmentNotFound):
        await say(doors, a, chat, [first], client_id="two")


async def test_what_is_never_sent_goes_after_a_day(doors: Doors, clock: FixedClock) -> None:
    a, _, chat = await pair(doors)
    sent, forgotten = await upload(doors, a, chat, photo(1)), await upload(doors, a, chat, photo(2))
    await say(doors, a, chat, [sent])
    clock.tick(hours=23)
    young = await upload(doors, a, chat, letter())
    assert await doors.perform(SYSTEM, erase_unsent) is False
    clock.tick(hours=1, seconds=1)
    assert await doors.perform(SYSTEM, erase_unsent) is True
    assert await removed(doors) == {photo(2).file, photo(2).thumbnail}
    with pytest.raises(AttachmentNotFound):
        await doors.ask(a, attachment_for, forgotten)
    with pytest.raises(AttachmentNotFound):
        await say(doors, a, chat, [forgotten], client_id="two")
    await say(doors, a, chat, [young], client_id="two")
    assert await files_seen(doors, a, chat) == [[sent], [young]]


async def test_with_what_ada_said_her_files_go(doors: Doors) -> None:
    a, b, chat = await pair(doors)
    mine, bens = await upload(doors, a, chat, photo(1)), await upload(doors, b, chat, photo(2))
    await say(doors, a, chat, [mine], "look")
    await say(doors, b, chat, [bens], "and this")
    assert await doors.perform(SYSTEM, erase_messages, a.row) is True
    assert await files_seen(doors, b, chat) == [[], [bens]]
    assert await removed(doors) == {photo(1).file, photo(1).thumbnail}
    for who in (a, b):
        with pytest.raises(AttachmentNotFound):
            await doors.ask(who, attachment_for, mine)
    (row,) = [row for row in await doors.ask(b, my_chats) if row.last]
    assert row.last
    assert row.last.files == "photo"


async def pass_on(doors: Doors, who: Person, from_: ChatId, seq: int, to: ChatId) -> Sent:
    (copy,) = await doors.perform(who, forward_messages, from_, [Forwarded(seq, ClientId(f"copy {seq}"))], to)
    return copy


async def test_what_was_passed_on_keeps_its_file_until_the_last_is_erased(doors: Doors) -> None:
    a, b, chat = await pair(doors)
    c = await cleo(doors)
    other = await doors.perform(b, open_direct_chat, c.user_id)
    mine = await upload(doors, a, chat, photo())
    await say(doors, a, chat, [mine])
    await pass_on(doors, b, chat, 1, other)
    ((copy,),) = await files_seen(doors, c, other)
    assert copy != mine
    assert (await doors.ask(c, attachment_for, AttachmentId(copy))).file == photo().file
    with pytest.raises(AttachmentNotFound):
        await doors.ask(a, attachment_for, AttachmentId(copy))

    await doors.perform(a, erase_message, chat, 1)
    assert await files_seen(doors, b, chat) == [[]]
    assert await removed(doors) == set()
    assert (await doors.ask(c, attachment_for, AttachmentId(copy))).file == photo().file
    with pytest.raises(AttachmentNotFound):
        await doors.ask(b, attachment_for, mine)
    await doors.perform(b, erase_message, other, 1)
    assert await removed(doors) == {photo().file, photo().thumbnail}


async def test_of_two_that_let_go_at_once_one_removes_the_file(doors: Doors) -> None:
    a, b, chat = await pair(doors)
    other = await doors.perform(b, open_direct_chat, (await cleo(doors)).user_id)
    for number in range(1, 6):
        await say(doors, a, chat, [await upload(doors, a, chat, photo(number))], client_id=f"{number}")
        await pass_on(doors, b, chat, number, other)
    erased = [(who, where, seq) for seq in range(1, 6) for who, where in ((a, chat), (b, other))]
    await asyncio.gather(*(doors.perform(who, erase_message, where, seq) for who, where, seq in erased))
    assert await removed(doors) == {name for n in range(1, 6) for name in (photo(n).file, photo(n).thumbnail)}


async def test_what_is_passed_on_while_it_is_erased_has_its_file_or_none(doors: Doors) -> None:
    a, b, chat = await pair(doors)
    other = await doors.perform(b, open_direct_chat, (await cleo(doors)).user_id)
    for number in range(1, 9):
        await say(doors, a, chat, [await upload(doors, a, chat, photo(number))], client_id=f"{number}")
    await asyncio.gather(
        *(pass_on(doors, b, chat, number, other) for number in range(1, 9)),
        *(doors.perform(a, erase_message, chat, number) for number in range(1, 9)),
        return_exceptions=True,
    )
    gone = await removed(doors)
    for (file,) in filter(None, await files_seen(doors, b, other)):
        assert (await doors.ask(b, attachment_for, AttachmentId(file))).file not in gone


async def test_the_words_of_a_photo_may_be_taken_away_and_those_of_nothing_not(doors: Doors) -> None:
    a, b, chat = await pair(doors)
    await say(doors, a, chat, [await upload(doors, a, chat, photo())], "look")
    await say(doors, a, chat, [], "words alone", client_id="two")
    await doors.perform(a, edit_message, chat, 1, " ")
    with pytest.raises(EmptyMessage):
        await doors.perform(a, edit_message, chat, 2, " ")
    first, second = (await doors.ask(b, page_of, chat)).messages
    assert (first.text, len(first.files), second.text) == ("", 1, "words alone")


@pytest.mark.unwatched
async def test_with_a_chat_all_of_its_files_go(doors: Doors) -> None:
    a, b, chat = await pair(doors)
    other = await doors.perform(a, open_direct_chat, (await cleo(doors)).user_id)
    await say(doors, a, chat, [await upload(doors, a, chat, photo(1))])
    await upload(doors, b, chat, letter())
    kept = await upload(doors, a, other, photo(2))

    def drop(work: Work) -> bool:
        row = work.session.exec(select(Attachment.chat).where(Attachment.person == b.row)).first()
        return row is not None and drop_attachments_of_chat(work, Row(row))

    assert await doors.perform(SYSTEM, drop) is True
    assert await removed(doors) == {photo(1).file, photo(1).thumbnail, letter().file}

    def left(reader: Reader) -> list[str]:
        return list(reader.session.exec(select(col(Attachment.attachment_id))))

    assert await doors.ask(SYSTEM, left) == [kept]


async def test_a_chat_shows_all_that_was_sent_in_it(doors: Doors) -> None:
    a, b, chat = await pair(doors)
    for number in range(3):
        await say(doors, a, chat, [await upload(doors, a, chat, photo(number))], client_id=f"{number}")
    gone = await say(doors, b, chat, [await upload(doors, b, chat, letter())], client_id="letter")
    await upload(doors, a, chat, photo(9))  # not sent
    other = await doors.perform(a, create_group, GroupTitle("Other"))
    await say(doors, a, other, [await upload(doors, a, other, letter(1))], client_id="elsewhere")

    found = await doors.ask(b, media_of, chat)
    named = [(each.file.name, each.seq, each.author) for each in found]
    cats = [(f"cat {number}.jpg", number + 1, "ada") for number in (2, 1, 0)]
    assert named == [("letter 0.pdf", 4, "ben"), *cats]
    # what is erased is in no list
    await doors.perform(b, erase_message, chat, gone.seq)
    assert [each.file.name for each in await doors.ask(b, media_of, chat)] == [name for name, *_ in cats]
    assert [each.seq for each in await doors.ask(b, media_of, chat, found[2].file.attachment_id)] == [1]
    # and from elsewhere nothing goes on
    foreign = (await doors.ask(a, media_of, other))[0].file.attachment_id
    assert await doors.ask(a, media_of, chat, foreign) == []


async def test_media_is_for_members_and_of_what_was_said_to_them(doors: Doors) -> None:
    a, b, c = await ada(doors), await ben(doors), await cleo(doors)
    chat = await doors.perform(a, create_group, GroupTitle("Hike"), [b.user_id])
    await doors.perform(a, open_history, chat, to_newcomers=False)
    await say(doors, a, chat, [await upload(doors, a, chat, photo())], client_id="before")
    for where in (chat, ChatId("no-such-chat")):
        with pytest.raises(ChatNotFound):
            await doors.ask(c, media_of, where)
    await doors.perform(a, add_members, chat, [c.user_id])
    await say(doors, a, chat, [await upload(doors, a, chat, letter())], client_id="after")
    assert [each.file.name for each in await doors.ask(c, media_of, chat)] == ["letter 0.pdf"]
    await doors.perform(a, exclude, chat, c.user_id)
    with pytest.raises(ChatNotFound):
        await doors.ask(c, media_of, chat)


async def test_a_quote_and_a_pin_of_files_without_words_say_what_they_are(doors: Doors) -> None:
    a, b, chat = await pair(doors)
    lake, small = await upload(doors, a, chat, photo()), await upload(doors, a, chat, replace(photo(1), thumbnail=None))
    await say(doors, a, chat, [lake, await upload(doors, a, chat, photo(2))], client_id="photo")
    mixed = [await upload(doors, a, chat, letter()), small]
    await say(doors, a, chat, mixed, client_id="mixed")
    await doors.perform(b, send_message, chat, ClientId("words"), "nice")
    for seq in (1, 2, 3):
        await doors.perform(b, send_message, chat, ClientId(f"answer {seq}"), "yes", reply_to=seq)
        await doors.perform(b, pin_message, chat, seq)
    page = await doors.ask(a, page_of, chat)
    assert [message.reply.files for message in page.messages if message.reply and not message.event] == [
        "photo",
        "file",
        "",
    ]
    shown = [message.reply.photo for message in page.messages if message.reply and not message.event]
    assert shown == [f"{lake}/thumbnail", small, ""]
    assert {each.seq: each.files for each in await doors.ask(a, pinned_in, chat)} == {1: "photo", 2: "file", 3: ""}
    await doors.perform(a, erase_message, chat, 1)
    page = await doors.ask(a, page_of, chat)
    assert [message.reply.files for message in page.messages if message.reply and not message.event] == ["", "file", ""]
    assert [message.reply.photo for message in page.messages if message.reply and not message.event] == ["", small, ""]
