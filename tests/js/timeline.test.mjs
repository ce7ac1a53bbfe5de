import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";

let absorb, chatOf, find, hasHole, headOf, isOutdated, listOf, mayErase, merge, open, rowsOf, shorten, timesTold;
let pages = 0;
const forget = async () => {
  pages += 1;
  ({ absorb, chatOf, find, hasHole, headOf, isOutdated, listOf, mayErase, merge, open, rowsOf, shorten, timesTold } = await import(`$/public/timeline?${pages}`));
};

const message = (seq, rest = {}) => ({ seq, rev: seq, author: "ben", name: "Ben", client_id: `c${seq}`, at: seq * 1000, text: `m${seq}`, ...rest });
const from = (first, last) => Array.from({ length: last - first + 1 }, (_, at) => message(first + at));
const page = (messages, rest = {}) => ({ chat: "x", rev: messages.at(-1)?.rev ?? 0, newest: true, has_older: false, messages, read: {}, ...rest });
const tail = (after, messages, rest = {}) => ({ chat: "x", after, rev: messages.at(-1)?.rev ?? after, messages, ...rest });
const seqs = () => chatOf("x").messages.map((m) => m.seq);

beforeEach(forget);

describe("merging", () => {
  test("puts messages in the order of seq, whatever order they come in", () => {
    assert.deepEqual(merge(from(1, 2), [message(5), message(3), message(4)]).map((m) => m.seq), [1, 2, 3, 4, 5]);
  });

  test("keeps the newest revision of a message", () => {
    const edited = message(1, { rev: 9, text: "better" });
    assert.equal(merge([edited], [message(1)])[0].text, "better");
    assert.equal(merge([message(1)], [edited])[0].text, "better");
  });

  test("gives back the same list when nothing is new", () => {
    const shown = from(1, 3);
    assert.equal(merge(shown, from(2, 3)), shown);
  });
});

test("what is erased is in no answer any more, however many there are", () => {
  const reply = { seq: 1, name: "Ben", text: "the secret", files: "photo", photo: "p/thumbnail", erased: false };
  absorb({ page_newest_x: page([message(1), message(2, { reply }), message(3, { reply: { ...reply, seq: 2 } })]) }, "ada");
  absorb({ tail_x: tail(3, [message(1, { rev: 4, text: "", erased: true })]) }, "ada");
  const [, answer, other] = rowsOf("x", "en").filter(({ kind }) => kind === "bubble");
  assert.deepEqual([answer.quoted, answer.quoted_name, answer.quoted_text, answer.quoted_files, answer.quoted_photo, answer.quoted_erased], [1, "Ben", "", "", "", true]);
  assert.deepEqual([other.quoted_text, other.quoted_erased], ["the secret", false]);
});

describe("a long history", () => {
  test("is shown as far as four hundred messages go", () => {
    absorb({ page_newest_x: page(from(1, 400)) }, "ada");
    assert.equal(shorten("x", true), false);
    assert.equal(seqs().length, 400);
  });

  test("lets its older end go, and takes it again", () => {
    absorb({ page_newest_x: page(from(1, 401)) }, "ada");
    assert.equal(shorten("x", true), true);
    assert.deepEqual([seqs()[0], seqs().length, chatOf("x").hasOlder], [101, 301, true]);
    absorb({ page_101_x: page(from(51, 100), { newest: false, has_older: true }) }, "ada");
    assert.deepEqual([seqs()[0], seqs().length, chatOf("x").hasNewer], [51, 351, false]);
    absorb({ tail_x: tail(401, from(402, 402)) }, "ada");
    assert.equal(seqs().at(-1), 402);
  });

  test("lets its newer end go, shows nothing that comes there, and goes on from where it is", () => {
    absorb({ page_newest_x: page(from(1, 401)) }, "ada");
    assert.equal(shorten("x", false), true);
    absorb({ tail_x: tail(401, [message(402), message(7, { rev: 403, text: "better" })]) }, "ada");
    assert.deepEqual([seqs().at(-1), chatOf("x").hasNewer, chatOf("x").last.seq], [301, true, 402]);
    assert.equal(chatOf("x").messages[6].text, "better");
    absorb({ page_below_301_x: page(from(302, 351), { below: 301, newest: false, rev: 403 }) }, "ada");
    absorb({ page_below_351_x: page(from(352, 402), { below: 351, newest: true, rev: 403 }) }, "ada");
    assert.deepEqual(seqs(), from(1, 402).map(({ seq }) => seq));
    assert.equal(chatOf("x").hasNewer, false);
  });
});

describe("a chat", () => {
  test("goes on from its page with each tail", () => {
    absorb({ page_newest_x: page(from(1, 3)), tail_x: tail(3, from(4, 4)) }, "ada");
    absorb({ tail_x: tail(4, from(5, 6)) }, "ada");
    assert.deepEqual(seqs(), [1, 2, 3, 4, 5, 6]);
    assert.equal(chatOf("x").rev, 6);
    assert.equal(hasHole(chatOf("x")), false);
  });

  test("knows of a hole, and closes it with what was missed", () => {
    absorb({ page_newest_x: page(from(1, 3)) }, "ada");
    absorb({ tail_x: tail(5, from(6, 7)) }, "ada");
    assert.equal(hasHole(chatOf("x")), true);
    assert.equal(chatOf("x").rev, 3);
    absorb({ missed_3_x: tail(3, from(4, 7)) }, "ada");
    assert.deepEqual(seqs(), [1, 2, 3, 4, 5, 6, 7]);
    assert.equal(hasHole(chatOf("x")), false);
  });

  test("is not closed by an answer that ends before the hole does", () => {
    absorb({ page_newest_x: page(from(1, 3)) }, "ada");
    absorb({ tail_x: tail(8, from(9, 9)) }, "ada");
    absorb({ missed_3_x: tail(3, from(4, 5)) }, "ada");
    assert.equal(hasHole(chatOf("x")), true);
    assert.equal(chatOf("x").rev, 5);
  });

  test("keeps what is on screen when a page comes that does not adjoin, and asks for the middle", () => {
    absorb({ page_newest_x: page(from(1, 3)) }, "ada");
    absorb({ page_newest_x: page(from(60, 109), { has_older: true }) }, "ada");
    assert.deepEqual(seqs(), [1, 2, 3]);
    assert.equal(hasHole(chatOf("x")), true);
  });

  test("starts anew from a page it asked for", () => {
    absorb({ page_newest_x: page(from(1, 3)) }, "ada");
    chatOf("x").asked = true;
    absorb({ page_newest_x: page(from(60, 62), { has_older: true }) }, "ada");
    assert.deepEqual(seqs(), [60, 61, 62]);
    assert.equal(chatOf("x").hasOlder, true);
  });

  test("takes older pages above", () => {
    absorb({ page_newest_x: page(from(51, 60), { has_older: true }) }, "ada");
    absorb({ page_50_x: page(from(41, 50), { newest: false, has_older: false }) }, "ada");
    assert.deepEqual([seqs()[0], seqs().at(-1), chatOf("x").hasOlder], [41, 60, false]);
  });

  test("waits until it is known who reads", () => {
    const feed = { page_newest_x: page([message(1, { author: "ada" })]) };
    assert.equal(absorb(feed, ""), false);
    assert.equal(absorb(feed, "ada"), true);
    assert.equal(rowsOf("x", "ru").at(-1).mine, true);
  });

  test("is not moved by hearing the same twice", () => {
    const feed = { page_newest_x: page(from(1, 3)) };
    assert.equal(absorb(feed, "ada"), true);
    assert.equal(absorb(feed, "ada"), false);
  });

  test("ends the same whatever was lost, once it has caught up", async () => {
    // every subset of five tails arrives, in order; what is missing is asked for until nothing is
    for (let heard = 0; heard < 32; heard += 1) {
      await forget();
      absorb({ page_newest_x: page(from(1, 2)) }, "ada");
      for (let at = 0; at < 5; at += 1) if (heard & (1 << at)) absorb({ tail_x: tail(2 + at, from(3 + at, 3 + at)) }, "ada");
      while (hasHole(chatOf("x"))) {
        const { rev } = chatOf("x");
        absorb({ [`missed_${rev}_x`]: tail(rev, from(rev + 1, 7)) }, "ada");
      }
      const last = 2 + (heard ? Math.floor(Math.log2(heard)) + 1 : 0);
      assert.deepEqual(seqs().filter((seq) => seq <= last), from(1, last).map((m) => m.seq), `heard ${heard.toString(2)}`);
    }
  });
});

describe("the line above new messages", () => {
  const kinds = () => rowsOf("x", "ru").map((row) => row.kind).filter((kind) => kind !== "day");

  test("stands before the first one unread when the chat was opened, and stays there", () => {
    absorb({ page_newest_x: page(from(1, 3)) }, "ada");
    open("x", 2);
    assert.deepEqual(kinds(), ["bubble", "bubble", "new", "bubble"]);
    absorb({ tail_x: tail(3, from(4, 4)), read_x: { chat: "x", read: { ada: 4 } } }, "ada");
    open("x", 4);
    assert.deepEqual(kinds(), ["bubble", "bubble", "new", "bubble", "bubble"]);
  });

  test("is not there when all was read, and goes when the chat is opened again", () => {
    absorb({ page_newest_x: page(from(1, 3)) }, "ada");
    open("x", 3);
    assert.ok(!kinds().includes("new"));
    open("", 0);
    open("x", 1);
    assert.ok(kinds().includes("new"));
    open("", 0);
    open("x", 3);
    assert.ok(!kinds().includes("new"));
  });
});

describe("rows", () => {
  const noon = new Date(2026, 3, 5, 12).getTime();

  test("begin with the day and join what one person says within five minutes", () => {
    const said = [message(1, { at: noon }), message(2, { at: noon + 60_000 }), message(3, { at: noon + 900_000 }), message(4, { at: noon + 900_000, author: "ada" })];
    absorb({ page_newest_x: page(said) }, "ada");
    const rows = rowsOf("x", "en");
    assert.deepEqual(rows.map((row) => row.kind), ["day", "bubble", "bubble", "bubble", "bubble"]);
    assert.deepEqual(rows.slice(1).map((row) => [row.first, row.last]), [[true, false], [false, true], [true, true], [true, true]]);
  });

  test("show mine as read once the other has read as far", () => {
    absorb({ page_newest_x: page([message(1, { author: "ada" }), message(2, { author: "ada" })], { read: { ben: 1 } }) }, "ada");
    const status = () => rowsOf("x", "ru").filter((row) => row.kind === "bubble").map((row) => row.status);
    assert.deepEqual(status(), ["read", "sent"]);
    absorb({ read_x: { chat: "x", read: { ben: 2 } } }, "ada");
    assert.deepEqual(status(), ["read", "read"]);
  });
});

test("how far somebody read is forgotten, but not what follows from what they said", () => {
  const mine = (seq) => message(seq, { author: "ada" });
  absorb({ page_newest_x: page([mine(1), message(2), mine(3)], { read: { ben: 3 } }) }, "ada");
  const status = () => rowsOf("x", "ru").filter((row) => row.mine).map((row) => row.status);
  assert.deepEqual(status(), ["read", "read"]);
  absorb({ unread_ben: { person: "ben", n: 1 } }, "ada");
  assert.deepEqual(status(), ["read", "sent"]);
  absorb({ read_x: { chat: "x", read: { ben: 3 }, n: 2 } }, "ada");
  assert.deepEqual(status(), ["read", "read"]);
});

describe("the list", () => {
  const listed = (rest = {}) => ({ chat_id: "x", kind: "direct", title: "Ben", person: "ben", last_seq: 3, last_rev: 3, last_read_seq: 3, read_by_others: 0, pinned_at: 0, muted_until: 0, archived_at: 0, mentioned_seq: 0, last: { author: "ben", name: "Ben", body: "m3", at: 3000 }, ...rest });

  test("counts what came since, and forgets it when read in another tab", () => {
    absorb({ chats: [listed()], tail_x: tail(3, from(4, 5)) }, "ada");
    assert.deepEqual([listOf("", "ru")[0].unread, listOf("", "ru")[0].preview], [2, "m5"]);
    absorb({ read_x: { chat: "x", read: { ada: 5 } } }, "ada");
    assert.equal(listOf("", "ru")[0].unread, 0);
  });

  test("never counts what I said myself", () => {
    absorb({ chats: [listed()], tail_x: tail(3, [message(4, { author: "ada" })]) }, "ada");
    assert.equal(listOf("", "ru")[0].unread, 0);
  });

  test("has the latest first", () => {
    absorb({ chats: [listed(), listed({ chat_id: "y", last: { author: "b", name: "B", body: "", at: 9000 } })], tail_x: tail(3, [message(4, { at: 99_000 })]) }, "ada");
    assert.deepEqual(listOf("", "ru").map((row) => row.chat_id), ["x", "y"]);
  });

  test("has pinned ones on top, and knows which are muted, away or name me", () => {
    const soon = Date.now() + 1e6;
    absorb({ chats: [listed({ pinned_at: 5 }), listed({ chat_id: "y", muted_until: soon, mentioned_seq: 3, last_read_seq: 2, last: { author: "b", name: "B", body: "", at: 9000 } })] }, "ada");
    const [x, y] = listOf("", "ru");
    assert.deepEqual([x.chat_id, x.pinned, x.muted, x.named], ["x", true, false, false]);
    assert.deepEqual([y.chat_id, y.pinned, y.muted, y.named], ["y", false, true, true]);
  });

  test("names me for a mention that just came, until it is read", () => {
    absorb({ chats: [listed()], tail_x: tail(3, [message(4, { mentions: [{ user_id: "ada", name: "ada" }] })]) }, "ada");
    assert.equal(listOf("", "ru")[0].named, true);
    absorb({ read_x: { chat: "x", read: { ada: 4 } } }, "ada");
    assert.equal(listOf("", "ru")[0].named, false);
  });

  test("brings an archived chat back with the next message, unless it is muted", () => {
    const away = { archived_at: 5000 };
    absorb({ chats: [listed(away), listed({ ...away, chat_id: "y", muted_until: Date.now() + 1e6 })] }, "ada");
    const archived = () => Object.fromEntries(listOf("", "ru").map((row) => [row.chat_id, row.archived]));
    assert.deepEqual(archived(), { x: true, y: true });
    absorb({ tail_x: tail(3, [message(4, { at: 6000 })]), tail_y: { ...tail(3, [message(4, { at: 6000 })]), chat: "y" } }, "ada");
    assert.deepEqual(archived(), { x: false, y: true });
  });

  test("shows who types until their message is there", () => {
    absorb({ chats: [listed({ kind: "group" })], typing_x: { chat: "x", person: "ben", name: "Ben", n: 1 } }, "ada");
    assert.deepEqual([listOf("", "ru")[0].typing, listOf("", "ru")[0].typists], [1, "Ben"]);
    absorb({ tail_x: tail(3, [message(4)]) }, "ada");
    assert.equal(listOf("", "ru")[0].typing, 0);
  });

  test("shows whose people are here", () => {
    absorb({ chats: [listed()], present: { chat: "", here: ["ben"], around: [] } }, "ada");
    assert.equal(listOf("", "ru")[0].here, true);
    absorb({ presence_ben: { person: "ben", since: 7000, n: 2 } }, "ada");
    assert.equal(listOf("", "ru")[0].here, false);
  });
});

describe("what a message has besides words", () => {
  const bubbles = () => rowsOf("x", "ru").filter((row) => row.kind === "bubble");

  test("its quote, its tree and its previews come along", () => {
    const parts = ["to ", ["b", "see"], ["a", "https://a.example", " here"], ["q", ["@", "ada", "@ada"]], ["pre", "py", "x"]];
    const said = message(2, { parts, text: "to **see**", reply: { seq: 1, name: "Ada", text: "why?", erased: false }, edited: 9, about: { user_id: "c", name: "Cleo" } });
    absorb({ page_newest_x: page([message(1), said]), chats: [{ chat_id: "x", kind: "direct", title: "Ben", person: "ben", last_seq: 2, last_rev: 2, last_read_seq: 2, read_by_others: 0, last: null }] }, "ada");
    const row = bubbles()[1];
    assert.deepEqual([row.quoted, row.quoted_name, row.quoted_text, row.parts, row.edited, row.forwarded_from], [1, "Ada", "why?", parts, 9, "Cleo"]);
    assert.equal(row.plain, "to see here\n@ada\n\nx");
    assert.equal(listOf("", "ru")[0].preview, "to see here\n@ada\n\nx");
  });

  test("reactions are mine or not, and stay the same rows while nothing changes", () => {
    const reactions = [{ emoji: "👍", count: 12, people: ["ben", "ada"], names: ["Ben", "Ada"] }, { emoji: "🔥", count: 1, people: ["ben"], names: ["Ben"] }];
    absorb({ page_newest_x: page([message(1, { reactions })]) }, "ada");
    const pills = bubbles()[0].reactions;
    assert.deepEqual(pills, [{ emoji: "👍", count: 12, mine: true, names: "Ben, Ada", more: 10 }, { emoji: "🔥", count: 1, mine: false, names: "Ben", more: 0 }]);
    absorb({ tail_x: tail(1, [message(2)]) }, "ada");
    assert.equal(bubbles()[0].reactions, pills);
  });

  test("what is pinned follows what is heard, wherever in the history it is", () => {
    absorb({ page_newest_x: page(from(50, 60)), pinned_x: { chat: "x", pinned: [{ seq: 3, author: "ben", name: "Ben", text: "old", at: 1000 }] } }, "ada");
    const pins = () => chatOf("x").pins.map(({ seq, text }) => [seq, text]);
    absorb({ tail_x: tail(60, [message(55, { rev: 61, pinned: 2000 })]) }, "ada");
    assert.deepEqual(pins(), [[55, "m55"], [3, "old"]]);
    absorb({ tail_x: tail(61, [message(3, { rev: 62, pinned: 1000, text: "better" })]) }, "ada");
    assert.deepEqual(pins(), [[55, "m55"], [3, "better"]]);
    absorb({ tail_x: tail(62, [message(55, { rev: 63, text: "", erased: true })]) }, "ada");
    assert.deepEqual(pins(), [[3, "better"]]);
    // what was missed comes in the order of the changes: the earlier pinned was changed last
    absorb({ missed_63_x: tail(63, [message(57, { rev: 65, pinned: 4000 }), message(56, { rev: 66, pinned: 3000 })]) }, "ada");
    assert.deepEqual(pins(), [[57, "m57"], [56, "m56"], [3, "better"]]);
  });

  test("a message that is there is found at once, another is asked for", () => {
    absorb({ page_newest_x: page(from(50, 60)) }, "ada");
    assert.deepEqual([find("x", 55), chatOf("x").found], [true, 55]);
    assert.equal(find("x", 5), false);
  });

  test("a link leads to its message once, not again when the page is loaded anew", () => {
    const link = (rest = {}) => page(from(20, 30), { newest: false, around: 25, linked: true, ...rest });
    absorb({ page_around25at1_x: link() }, "ada");
    assert.deepEqual([chatOf("x").found, chatOf("x").hasNewer], [25, true]);
    absorb({ page_newest_x: page(from(60, 70)) }, "ada");
    Object.assign(chatOf("x"), { found: 0, asked: true });
    absorb({ page_newest_x: page(from(60, 71)) }, "ada");
    absorb({ page_around25at2_x: link({ rev: 80 }) }, "ada");
    assert.deepEqual([chatOf("x").found, seqs().at(-1), hasHole(chatOf("x"))], [0, 71, true]);
  });
});

describe("a group", () => {
  const listed = { chat_id: "x", kind: "group", title: "Altai", person: null, last_seq: 1, last_rev: 1, last_read_seq: 1, read_by_others: 0, hue: 12, initials: "A", last: { author: "ben", name: "Ben", body: "", at: 1000, event: "added", about: { user_id: "cleo", name: "Cleo" } } };
  const row = () => listOf("", "ru")[0];

  test("says in the list who did what to whom", () => {
    absorb({ chats: [listed] }, "ada");
    assert.deepEqual([row().event, row().who, row().whom, row().sender], ["added", "Ben", "Cleo", "Ben"]);
  });

  test("is called otherwise from then on, until the list is loaded anew", () => {
    absorb({ chats: [listed], group_x: { chat: "x", title: "Altai 2026", members: 3, rev: 2, hue: 12, initials: "A2" } }, "ada");
    assert.deepEqual([row().title, row().initials], ["Altai 2026", "A2"]);
  });

  test("is gone from the list at once, with what was said in it, and comes back empty", () => {
    absorb({ chats: [listed], page_newest_x: page(from(1, 3)) }, "ada");
    absorb({ gone_x: { chat: "x", why: "excluded", at: 1 } }, "ada");
    assert.deepEqual(listOf("", "ru"), []);
    assert.deepEqual(seqs(), []);
    absorb({ chats: [listed], page_newest_x: page(from(2, 3)) }, "ada");
    assert.deepEqual([listOf("", "ru").length, seqs()], [1, [2, 3]]);
  });

  test("gives the names of those who were renamed meanwhile", () => {
    absorb({ page_newest_x: page([message(1, { event: "added", about: { user_id: "cleo", name: "Cleo" } }), message(2)]) }, "ada");
    absorb({ person_cleo: { person: "cleo", title: "Cleopatra" }, person_ben: { person: "ben", title: "Benjamin" } }, "ada");
    const [line, bubble] = rowsOf("x", "ru").filter(({ kind }) => kind !== "day");
    assert.deepEqual([line.name, line.whom, bubble.name, bubble.initials], ["Benjamin", "Cleopatra", "Benjamin", "B"]);
  });

  test("has over it what it was loaded with, until it looks otherwise", () => {
    const [chat, face] = [{ chat_id: "y", person: "ben", title: "Ben", username: "ben", members: 0 }, { hue: 1, initials: "B", picture: "" }];
    absorb({ chats: [] }, "ada");
    assert.deepEqual(headOf(chat, face), { title: "Ben", username: "ben", members: 0, ...face });
    absorb({ person_ben: { person: "ben", title: "Al", username: "al", hue: 1, initials: "A", picture: "p" } }, "ada");
    assert.deepEqual(headOf(chat, face), { title: "Al", username: "al", members: 0, hue: 1, initials: "A", picture: "p" });
  });

  test("is read anew when it changed since, or somebody shown in it is called otherwise; once", () => {
    const shown = [{ user_id: "ben" }];
    absorb({ group_x: { chat: "x", title: "Altai", members: 2, rev: 5 } }, "ada");
    assert.deepEqual([isOutdated("x", 4, shown, 0), isOutdated("x", 5, shown, 0), isOutdated("y", 0, shown, 0)], [true, false, false]);
    const renamed = () => absorb({ person_ben: { person: "ben", title: "Benjamin" } }, "ada");
    renamed();
    assert.deepEqual([isOutdated("x", 5, shown, 0), isOutdated("x", 5, [], 0), isOutdated("x", 5, shown, timesTold())], [true, false, false]);
    const told = timesTold();
    renamed();
    assert.equal(isOutdated("x", 5, shown, told), false);
  });
});

describe("erasing in a group", () => {
  const row = (author) => ({ chat: "x", author, mine: author === "ada" });
  const authors = ["ada", "ben", "cleo", "dan"];
  const whose = (roles) => (absorb({ group_x: { chat: "x", title: "Hike", members: 4, rev: 1, roles } }, "ada"), authors.filter((author) => mayErase(row(author))));

  test("the owner may erase everything", () => {
    assert.deepEqual(whose({ ada: "owner", ben: "admin" }), authors);
  });

  test("an admin what members say, and no other admin's or the owner's", () => {
    assert.deepEqual(whose({ ada: "admin", ben: "owner", cleo: "admin" }), ["ada", "dan"]);
  });

  test("a member their own, as everybody in a direct chat", () => {
    assert.deepEqual(whose({ ben: "owner" }), ["ada"]);
    assert.equal(mayErase({ chat: "other", author: "ben", mine: false }), false);
  });

  test("who is dismissed may not from that moment on", () => {
    assert.deepEqual(whose({ ada: "admin", ben: "owner" }), ["ada", "cleo", "dan"]);
    assert.deepEqual(whose({ ben: "owner" }), ["ada"]);
  });
});
