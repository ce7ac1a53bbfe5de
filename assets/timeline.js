// What the server pushes, put together: one list of messages per chat, ordered by seq, the newest revision of each.
//
// Fields of the feed arrive in any order and some never do; nothing here trusts arrival. A tail says "complete from
// revision `after` to `rev`": if `after` lies beyond what is known, there is a hole, and the chat asks to catch up.
import { useContext, useEffect, useSyncExternalStore } from "react";
import { StateStoreContext } from "$/utils/context-registry";
import { discard, onOutgoing, outgoing, refuse } from "$/public/outgoing";
import { draftOf, onDrafts } from "$/public/drafts";
import { heardTyping, onTyping, spoke, typingIn } from "$/public/typing";
import { heardPresence, heardPresent, hereNow, isHere, useStatus } from "$/public/presence";
import { useMenuChat, useShelf } from "$/public/listing";
import { arrived } from "$/public/talk";
import { chosenIn, letGo, onChosen } from "$/public/choosing";
import { drawFiles, kindOf, onFiles, photoAt } from "$/public/files";
import { goingOf, onUploads, setMost } from "$/public/uploads";
import { useLanguage } from "$/public/words";

const NO_PARAMS = {};
const GROUP_MS = 5 * 60 * 1000;
const ASK_AGAIN_MS = 1000;
const JUST_MS = 60 * 1000;
const MOST_SHOWN = 400;
const LET_GO = 100;
const READERS_TOLD_MS = 7 * 24 * 3600 * 1000;

export const chats = new Map();
const seen = new Map();
let linked = ""; // the message that a link led to
let [listed, me, opened, refreshedAt, version, receipts, relist] = [[], "", "", 0, 0, true, false];
// what I want to be told, whom I blocked, and who is to hear of a message that just came
let [notices, blocked, announced] = [{ direct: true, groups: true, sound: false }, [], () => {}];
export const onArrival = (listener) => (announced = listener);
let erasedTold = () => {};
/** Hear of what is erased. */
export const onErasure = (listener) => (erasedTold = listener);
// how groups and people look since they were loaded, and the chats that are gone: what to say of each
const [groups, people, gone] = [new Map(), new Map(), new Map()];
let told = 0; // how often somebody was said to look otherwise

// `rev`: all up to it is known; `seenRev`: the highest heard of; between them lies a hole
const blank = (id) => ({ id, messages: [], rev: 0, seenRev: 0, read: {}, last: null, askedAt: 0 });
export const chatOf = (id) => chats.get(id) ?? chats.set(id, blank(id)).get(id);
export const hasHole = (chat) => chat.known && chat.seenRev > chat.rev;

/** Merge `arrived` into `shown`, both ordered or not: by seq, the newest revision of a message wins. */
export const merge = (shown, arrived) => {
  let next = shown;
  for (const message of arrived) {
    let at = next.length;
    while (at > 0 && next[at - 1].seq > message.seq) at -= 1;
    const same = at > 0 && next[at - 1].seq === message.seq ? at - 1 : -1;
    if (same >= 0 && next[same].rev >= message.rev) continue;
    if (next === shown) next = [...shown];
    if (same >= 0) next[same] = message;
    else next.splice(at, 0, message);
  }
  return next;
};

const namesMe = (message) => message.author !== me && !!(message.everyone || message.mentions?.some(({ user_id }) => user_id === me));

const remember = (chat, messages) => {
  for (const message of messages) {
    // what changed later of what was said before ends nobody's typing
    if (message.seq > (chat.last?.seq ?? 0)) spoke(chat.id, message.author);
    if (!chat.last || message.seq >= chat.last.seq) chat.last = message;
    if (message.erased) forgetWords(chat, message.seq);
    if (namesMe(message)) chat.mentioned = Math.max(chat.mentioned ?? 0, message.seq);
    // who says something has read what stands before it; who comes in has not
    if (message.event !== "joined") moveReaders(chat, { [message.author]: message.seq });
    arrived(chat.id, message);
    repin(chat, message);
    if (message.author === me) discard(message.client_id);
  }
};

// Nothing of it is left, not in older answers either: the server tells only the latest of them anew.
const forgetWords = (chat, erased) => {
  erasedTold(chat.id, erased);
  letGo(chat.id, erased);
  const quotes = ({ reply }) => reply?.seq === erased && !reply.erased;
  if (!chat.messages.some(quotes)) return;
  chat.messages = chat.messages.map((each) => (quotes(each) ? { ...each, reply: { ...each.reply, text: "", files: "", photo: "", erased: true } } : each));
};

const unlisted = [];
// What came just now and was not known; only of what is told live: what was missed is history.
const announce = (chat, messages, lastBefore, late = false) => {
  const row = listed.find(({ chat_id }) => chat_id === chat.id);
  // a chat that is not in the list yet will be, and then it is told
  if (!row) return late || unlisted.push([chat, messages, lastBefore]);
  const known = Math.max(lastBefore, late ? 0 : row.last_seq);
  for (const message of messages.filter((each) => each.seq > known || namesMeNow(chat, each))) {
    const answered = chat.messages.find(({ seq }) => seq === message.reply?.seq);
    const named = answered?.author === me || namesMe(message);
    if (named) naming.add(`${chat.id} ${message.seq}`);
    const said = { text: plainOf(message), files: kindOf(message.files) };
    announced({ message, said, row: { ...row, ...looksOf(row), muted: isMuted(row), open: chat.id === opened }, me, notices, blocked, named });
  }
};

// A change that names me who was not named before: told as a new message is, once.
const naming = new Set();
const namesMeNow = (chat, message) =>
  namesMe(message) && Date.now() - (message.edited ?? 0) < JUST_MS && !naming.has(`${chat.id} ${message.seq}`) && !chat.messages.some((before) => before.seq === message.seq && namesMe(before));

// What is pinned, the latest first: as it was loaded, moved on by what was heard since, in whatever order that came.
const repin = (chat, message) => {
  if (!chat.pins) return;
  const others = chat.pins.filter(({ seq }) => seq !== message.seq);
  if (!message.pinned && others.length === chat.pins.length) return;
  const pin = { seq: message.seq, author: message.author, name: message.name, text: shortened(plainOf(message), QUOTED), files: kindOf(message.files), at: message.pinned };
  chat.pins = (message.pinned ? [...others, pin] : others).sort((a, b) => b.at - a.at || b.seq - a.seq);
};

/** The words of a message without its marks, as `markup.py` has them. */
export const wordsOf = (parts) => parts.map((node) => (typeof node === "string" ? node : inside(node))).join("");
const inside = (node) => {
  const [words, ends] = [wordsOf(node.slice(["a", "@", "pre"].includes(node[0]) ? 2 : 1)), ["q", "pre"].includes(node[0]) ? "\n" : ""];
  return ends + words + ends;
};
const plains = new WeakMap();
const plainOf = ({ text, parts }) => {
  if (!parts) return text;
  if (!plains.has(parts)) plains.set(parts, wordsOf(parts).trim());
  return plains.get(parts);
};

const absorbChanges = (chat, changes) => {
  chat.seenRev = Math.max(chat.seenRev, changes.rev);
  if (!chat.known) return;
  chat.messages = merge(chat.messages, changes.messages.filter(within(chat)));
  if (changes.after <= chat.rev) chat.rev = Math.max(chat.rev, changes.rev);
};

// Of a chat that is open in the middle of its history, what came after the last message shown is not shown yet.
const within = (chat) => (message) => !chat.hasNewer || message.seq <= (chat.messages.at(-1)?.seq ?? 0);

const absorbPage = (chat, page) => {
  moveReaders(chat, page.read);
  const [first, last] = [page.messages[0]?.seq ?? 0, page.messages.at(-1)?.seq ?? 0];
  if (page.around) {
    // the middle of the history: what is shown is this and nothing else, unless it is there already
    if (page.linked && linked === `${chat.id} ${page.around}`) {
      // the page came back after the line was down: the reader has been there, and may be elsewhere by now
      if (chat.known) return void (chat.seenRev = Math.max(chat.seenRev, page.rev));
    } else if (page.messages.some((message) => message.seq === page.around)) chat.found = page.around;
    if (page.linked) linked = `${chat.id} ${page.around}`;
    if (chat.known && chat.messages.some((message) => message.seq === page.around)) return;
    Object.assign(chat, { messages: page.messages, hasOlder: page.has_older, hasNewer: !page.newest, known: true, rev: page.rev });
    chat.seenRev = Math.max(chat.seenRev, page.rev);
    return;
  }
  if (page.below) {
    if (!chat.hasNewer || chat.messages.at(-1)?.seq !== page.below) return;
    // what changed above since then is asked for: the revision stays that of the oldest page
    Object.assign(chat, { messages: merge(chat.messages, page.messages), hasNewer: !page.newest });
    chat.seenRev = Math.max(chat.seenRev, page.rev);
    return;
  }
  if (!page.newest) {
    if (last && last + 1 < (chat.messages[0]?.seq ?? 0)) return;
    Object.assign(chat, { messages: merge(chat.messages, page.messages), hasOlder: page.has_older });
    return;
  }
  chat.seenRev = Math.max(chat.seenRev, page.rev);
  const adjoins = !page.messages.length || first <= (chat.messages.at(-1)?.seq ?? 0) + 1;
  // more was missed than a page: what is on screen stays where it is, and the middle is asked for
  if (chat.known && !adjoins && !chat.asked) return;
  if (chat.known && adjoins) chat.messages = merge(chat.messages, page.messages);
  else Object.assign(chat, { messages: page.messages, hasOlder: page.has_older, rev: 0 });
  // the pages of an open middle may be older than this one: only what they all know is known
  const rev = chat.hasNewer && adjoins ? chat.rev : Math.max(chat.rev, page.rev);
  Object.assign(chat, { rev, known: true, asked: false, hasNewer: false });
};

/** Take in what is new in the feed; true when something was. */
export const absorb = (feed, reader) => {
  me = reader || me;
  let news = false;
  // what is mine cannot be told from what is theirs yet: it all waits in the feed
  if (!me) return news;
  for (const [key, value] of Object.entries(feed)) {
    if (seen.get(key) === value) continue;
    seen.set(key, value);
    news = true;
    if (key.startsWith("gone_")) {
      forget(value);
      continue;
    }
    const chat = value?.chat && chatOf(value.chat);
    const lastBefore = chat?.last?.seq ?? 0;
    if (value?.messages) remember(chat, value.messages);
    if (key.startsWith("tail_")) announce(chat, value.messages, lastBefore);
    if (key.startsWith("tail_") || key.startsWith("missed_")) absorbChanges(chat, value);
    else if (key.startsWith("page_")) absorbPage(chat, value);
    else if (key.startsWith("read_")) moveReaders(chat, value.read);
    else if (key.startsWith("pinned_")) chat.pins = value.pinned;
    else if (key.startsWith("refused_")) refuse(value);
    else if (key.startsWith("group_")) {
      groups.set(value.chat, value);
      chat.roles = value.roles;
    }
    else if (key.startsWith("person_")) alike(people.get(value.person), value) || recall({ ...value, told: (told += 1) });
    else if (key === "relist") relist = true;
    else if (key === "chats") relisted(value);
    else if (key === "upload_mb") setMost(value);
    else if (key === "receipts") receipts = value; // who does not tell is not told either
    else if (key.startsWith("typing_")) heardTyping(value);
    else if (key.startsWith("presence_")) heardPresence(value);
    else if (key === "present") heardPresent(value);
    else if (key === "notices") notices = value;
    else if (key === "blocked") blocked = value;
    else if (key.startsWith("unread_")) chats.forEach((known) => forgetReader(known, value.person));
  }
  return news;
};

// What was said before a person was called otherwise still has the old name.
const recall = (person) => {
  people.set(person.person, person);
  pillsOf = new WeakMap();
};
const nameOf = (person, name) => people.get(person)?.title ?? name;

const relisted = (rows) => {
  listed = rows;
  // they are as new as anything heard before them
  rows.forEach((row) => {
    [groups, gone].forEach((known) => known.delete(row.chat_id));
    const { title, hue, initials, picture } = row;
    if (people.has(row.person)) recall({ ...people.get(row.person), title, hue, initials, picture });
  });
  unlisted.splice(0).forEach((news) => announce(...news, true));
};

const forget = ({ chat, why }) => {
  listed = listed.filter((row) => row.chat_id !== chat);
  [chats, groups].forEach((known) => known.delete(chat));
  [...seen.keys()].filter((key) => key.endsWith(`_${chat}`)).forEach((key) => key.startsWith("gone_") || seen.delete(key));
  gone.set(chat, why);
};

const moveReaders = (chat, read) => {
  for (const [who, seq] of Object.entries(read)) chat.read[who] = Math.max(chat.read[who] ?? 0, seq);
};

// A block stands between somebody and me: how far they have read is known only from what they say.
const forgetReader = (chat, person) => {
  delete chat.read[person];
  const said = [...chat.messages, ...(chat.last ? [chat.last] : [])].filter(({ author, event }) => author === person && event !== "joined");
  said.forEach(({ seq }) => moveReaders(chat, { [person]: seq }));
};

// The hue and letters of a person, as `realtime/faces.py` has them.
const HUES = [342, 12, 38, 60, 95, 142, 165, 190, 240, 265, 290, 315];
const CRC = Array.from({ length: 256 }, (_, n) => Array.from({ length: 8 }).reduce((c) => (c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1), n));
const crc32 = (text) => ~[...text].reduce((c, char) => CRC[(c ^ char.charCodeAt(0)) & 255] ^ (c >>> 8), -1) >>> 0;
const faces = new Map();
export const faceOf = (id, name) => {
  const key = `${id} ${name}`;
  const letters = () => name.split(/[\s._]+/).filter(Boolean).slice(0, 2).map((word) => [...word][0].toUpperCase()).join("");
  if (!faces.has(key)) faces.set(key, { hue: HUES[crc32(id) % HUES.length], initials: letters() });
  return faces.get(key);
};

const looks = ({ chat_id, person }) => {
  const { chat, members, username, rev, roles, told: _, ...look } = groups.get(chat_id) ?? people.get(person) ?? {};
  return look;
};

const roleOf = (chatId, who) => chatOf(chatId).roles?.[who] ?? "";
/** Whether I run a group: its owner or an admin. */
export const useRuns = (chatId) => (useVersion(), roleOf(chatId, me) !== "");
/** Whether I may erase a message: mine, as an admin what members say, as the owner everything. */
export const mayErase = ({ chat, author, mine }) => mine || roleOf(chat, me) === "owner" || (roleOf(chat, me) === "admin" && !roleOf(chat, author));

/** What stands over an open chat: as it was loaded, moved on by what was heard since. */
export const headOf = (chat, face) => {
  const { title, username = "", members = 0, hue, initials, picture } = groups.get(chat.chat_id) ?? people.get(chat.person) ?? { ...chat, ...face };
  return { title, username, members, hue, initials, picture };
};
export const useHead = (chat, face) => (useVersion(), headOf(chat, face));

/** How often it was told that somebody looks otherwise. */
export const timesTold = () => told;
/** Whether a group that was read at revision `rev` is another one now, or somebody in it was called otherwise since so many times it was told. */
export const isOutdated = (chatId, rev, shown, since) => groups.get(chatId)?.rev > rev || shown.some(({ user_id }) => people.get(user_id)?.told > since);
export const useOutdated = (...read) => (useVersion(), isOutdated(...read));

const formats = new Map();
const format = (lang, at, options) => {
  const key = lang + JSON.stringify(options);
  // making one costs more than the thousand dates it then writes
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(lang, options));
  return formats.get(key).format(at);
};
const clock = (lang, at) => format(lang, at, { hour: "2-digit", minute: "2-digit" });
const dayOf = (at) => new Date(at).setHours(0, 0, 0, 0);
const daysAgo = (at) => Math.round((dayOf(Date.now()) - dayOf(at)) / 86400000);
const relative = (lang, days) => new Intl.RelativeTimeFormat(lang, { numeric: "auto" }).format(-days, "day");

const dayLabel = (lang, at) => {
  if (daysAgo(at) < 2) return relative(lang, daysAgo(at));
  const sameYear = new Date(at).getFullYear() === new Date().getFullYear();
  return format(lang, at, { day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) });
};

const listTime = (lang, at) => {
  if (daysAgo(at) < 1) return clock(lang, at);
  if (daysAgo(at) < 2) return relative(lang, 1);
  return format(lang, at, daysAgo(at) < 7 ? { weekday: "short" } : { day: "2-digit", month: "2-digit", year: "2-digit" });
};

/** Show a message of an open chat where it stands; false when it is not there. */
export const find = (chatId, seq) => {
  const chat = chatOf(chatId);
  if (!chat.messages.some((message) => message.seq === seq)) return false;
  chat.found = seq;
  changed();
  return true;
};

export const myId = () => me;

// Reactions as the reader sees them: which are mine, and who else.
let pillsOf = new WeakMap();
const reactionsOf = (reactions) => {
  if (!reactions) return NONE;
  if (!pillsOf.has(reactions))
    pillsOf.set(reactions, reactions.map(({ emoji, count, people: who, names }) => ({ emoji, count, mine: who.includes(me), names: names.map((name, at) => nameOf(who[at], name)).join(", "), more: count - names.length })));
  return pillsOf.get(reactions);
};
const NONE = [];

const readByOthers = (chat) => (receipts ? Math.max(0, ...Object.entries(chat.read).filter(([who]) => who !== me).map(([, seq]) => seq)) : 0);

/** What the conversation draws, top to bottom: days, the "new messages" line, bubbles, and what is still on its way. */
export const rowsOf = (chatId, lang) => {
  const chat = chatOf(chatId);
  const read = readByOthers(chat);
  // one that has not been written in for long is in no list
  const inGroup = (listed.find((row) => row.chat_id === chatId)?.kind ?? chat.kind) === "group";
  const said = [...chat.messages, ...outgoing(chatId).map((m) => ({ ...m, author: me, seq: 0, name: "", files: m.files?.length ? m.files.map(goingOf) : [] }))];
  const chosen = chosenIn(chatId);
  const joins = (a, b) => a && b && !a.event && !b.event && a.author === b.author && dayOf(a.at) === dayOf(b.at) && Math.abs(b.at - a.at) < GROUP_MS;
  return said.flatMap((message, at) => {
    const [before, after] = [said[at - 1], said[at + 1]];
    const { seq, client_id, author, text, erased = false, code = "", params = NO_PARAMS, event = "", about, edited = 0, pinned = 0, reply, parts = null, reactions } = message;
    const mine = author === me;
    const name = nameOf(author, message.name);
    const whom = nameOf(about?.user_id, about?.name ?? "");
    const day = before && dayOf(before.at) === dayOf(message.at) ? [] : [{ kind: "day", key: `day ${dayOf(message.at)}`, label: dayLabel(lang, message.at) }];
    const line = chat.newFrom && seq === chat.newFrom ? [{ kind: "new", key: "new" }] : [];
    if (event) return [...day, ...line, { kind: "event", key: `seq ${seq}`, seq, event, author, name, whom, text }];
    const status = !mine ? "" : seq === 0 ? message.state : seq <= read ? "read" : "sent";
    const [first, last] = [!joins(before, message), !joins(message, after)];
    const seers = status === "read" && inGroup && Date.now() - message.at < READERS_TOLD_MS;
    const bubble = {
      kind: "bubble", key: mine ? client_id : `seq ${seq}`, chat: chatId, seers, at: message.at, seq, client_id, author, name, text, erased, time: clock(lang, message.at), mine, status, code, params,
      first, last, edited, pinned: pinned > 0, forwarded: Boolean(about), forwarded_from: whom, picture: people.get(author)?.picture ?? message.picture ?? "", ...faceOf(author, name), parts, plain: plainOf(message), attached: kindOf(message.files), reactions: reactionsOf(reactions), ...drawFiles(message.files, lang),
      quoted: reply?.seq ?? 0, quoted_name: nameOf(reply?.author, reply?.name ?? ""), quoted_text: reply?.text ?? "", quoted_files: reply?.files ?? "", quoted_photo: photoAt(reply?.photo), quoted_erased: reply?.erased ?? false,
      choosing: chosen.length > 0, chosen: chosen.includes(seq), collapsed: inGroup && !erased && blocked.includes(author) && !uncovered.has(`${chatId} ${seq}`), big: ONLY_EMOJI.test(text),
    };
    return [...day, ...line, bubble];
  });
};

// Up to three of them, and nothing else.
const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*\s?){1,3}$/u;

// What people I blocked say in groups is shown when I ask for it.
const uncovered = new Set();
export const uncoverMessage = (chatId, seq) => (uncovered.add(`${chatId} ${seq}`), changed());

const [PREVIEW, QUOTED] = [120, 160];
const shortened = (text, most) => (text.length > most ? [...text].slice(0, most).join("") : text);
const looksOf = (row) => groups.get(row.chat_id) ?? people.get(row.person);
const isMuted = (row) => row.muted_until > Date.now();
// An archived chat comes back with the next message, unless it is muted.
const isAway = (row, at) => row.archived_at > 0 && (isMuted(row) || at <= row.archived_at);

/** The list of chats as it stands: rows of the last load, moved on by what was heard since. */
export const listOf = (openChat, lang) =>
  listed
    .map((row) => {
      const chat = chatOf(row.chat_id);
      const said = chat.last?.seq >= row.last_seq ? chat.last : null;
      const last = said ? { ...said, body: plainOf(said), files: kindOf(said.files) } : row.last;
      const lastSeq = said?.seq ?? row.last_seq;
      const mine = last?.author === me;
      const read = Math.max(row.read_by_others, readByOthers(chat));
      const readByMe = Math.max(row.last_read_seq, chat.read[me] ?? 0);
      const typing = typingIn(row.chat_id);
      return {
        ...row, ...looks(row), key: row.chat_id, open: row.chat_id === openChat, at: last?.at ?? 0, time: last ? listTime(lang, last.at) : "",
        preview: shortened(last?.body ?? "", PREVIEW), mine, sender: row.kind === "direct" || mine ? "" : nameOf(last?.author, last?.name ?? ""),
        files: last?.files ?? "", event: last?.event ?? "", who: nameOf(last?.author, last?.name ?? ""), whom: nameOf(last?.about?.user_id, last?.about?.name ?? ""),
        unread: Math.max(0, lastSeq - readByMe), named: Math.max(row.mentioned_seq, chat.mentioned ?? 0) > readByMe,
        muted: isMuted(row), pinned: row.pinned_at > 0, archived: isAway(row, last?.at ?? 0), here: isHere(row.person), typing: typing.length, typists: typing.filter(Boolean).join(", "),
        status: !mine ? "" : lastSeq <= read ? "read" : "sent", draft: row.chat_id === openChat ? "" : draftOf(row.chat_id),
      };
    })
    .sort((a, b) => b.pinned - a.pinned || b.at - a.at);

/** A chat comes on screen: the "new messages" line stands before the first one unread now, and stays there. */
export const open = (chatId, lastRead) => {
  const chat = chatOf(chatId);
  if (opened === chatId || (chatId && !chat.known)) return;
  opened = chatId;
  chat.newFrom = chat.messages.find((message) => message.seq > lastRead && message.author !== me)?.seq;
};

const listeners = new Set();
const changed = () => {
  version += 1;
  listeners.forEach((listener) => listener());
};
onOutgoing(changed);
onDrafts(changed);
onTyping(changed);
onFiles(changed);
onUploads(changed);
onChosen(changed);

// A row that did not change stays the same object, so that React need not draw it again.
const alike = (a, b) => a && Object.keys(b).every((name) => a[name] === b[name]);
const cached = (compute) => {
  let [last, byKey, value] = ["", new Map(), []];
  return (...args) => {
    const now = [version, dayOf(Date.now()), ...args].join("\n");
    if (last === now) return value;
    last = now;
    value = compute(...args).map((row) => (alike(byKey.get(row.key), row) ? byKey.get(row.key) : row));
    byKey = new Map(value.map((row) => [row.key, row]));
    return value;
  };
};
const rows = cached((chatId, lang) => (chatId ? rowsOf(chatId, lang) : []));
const list = cached(listOf);
const useVersion = () =>
  useSyncExternalStore((listener) => (listeners.add(listener), () => listeners.delete(listener)), () => version, () => 0);

let drawn = [];
export const useTimeline = (chatId, lastRead, kind) => {
  useVersion();
  chatOf(chatId).kind = kind;
  open(chatId, lastRead);
  return (drawn = rows(chatId, useLanguage()));
};

/** Let go of the older or the newer end of a history that has become long; it is loaded again when the reader comes
 * there. True when it was; `keeping` is told before which message is the first then, if another one. */
export const shorten = (chatId, older, keeping = () => {}) => {
  const chat = chatOf(chatId);
  if (chat.messages.length <= MOST_SHOWN) return false;
  if (older) keeping(chat.messages[LET_GO].seq);
  if (older) Object.assign(chat, { messages: chat.messages.slice(LET_GO), hasOlder: true });
  else Object.assign(chat, { messages: chat.messages.slice(0, -LET_GO), hasNewer: true });
  changed();
  return true;
};

/** The row of a message that is drawn; of mine the last that may still be changed. */
export const rowAt = (number) => drawn.find(({ seq }) => seq === number);
export const myLast = (changeableMs) => drawn.findLast((row) => row.kind === "bubble" && row.mine && row.seq && !row.erased && !row.forwarded && Date.now() - row.at < changeableMs);

/** What is pinned in a chat: one of them at a time, each click shows the one before. */
const NO_PIN = { count: 0, at: 0, seq: 0, text: "", name: "", files: "" };
const pinNow = new Map();
let pinned = NO_PIN;
const pinOf = (chatId) => {
  const pins = pinsOf(chatId);
  const at = (pinNow.get(chatId) ?? 0) % Math.max(1, pins.length);
  const now = pins.length ? { ...pins[at], count: pins.length, at: pins.length - at } : NO_PIN;
  if (!alike(pinned, now)) pinned = now;
  return pinned;
};
export const usePin = (chatId) => (useVersion(), pinOf(chatId));
export const nextPin = (chatId) => (pinNow.set(chatId, (pinNow.get(chatId) ?? 0) + 1), changed());
const useAll = (openChat) => (useVersion(), list(openChat, useLanguage()));
/** What the list shows: the chats, or those put away while the archive is open. */
export const useChatList = (openChat) => {
  const [all, { open }] = [useAll(openChat), useArchive(openChat)];
  return all.filter((row) => row.archived === open);
};
/** How many chats are put away, and whether they are shown; an empty archive never is. */
export const useArchive = (openChat) => {
  const [count, shelf] = [useAll(openChat).filter((row) => row.archived).length, useShelf()];
  return { count, open: shelf && count > 0 };
};
/** All chats, for what concerns all. */
export const useEveryChat = (openChat) => useAll(openChat);
/** The chat whose menu is open. */
export const useMenuRow = (openChat) => {
  const [all, chat_id] = [useAll(openChat), useMenuChat()];
  const none = { chat_id, kind: "", person: "", muted: false, pinned: false, archived: false, blocked: false, level: "" };
  return all.find((row) => row.chat_id === chat_id) ?? none;
};
/** The open chat as the list has it. */
export const useOpenRow = (chatId) => useAll(chatId).find((row) => row.chat_id === chatId) ?? NO_ROW;
const NO_ROW = { muted: false };
/** Who of those on screen is here. */
export const useHere = () => (useVersion(), hereNow());
/** All that is pinned in a chat, the latest first. */
export const pinsOf = (chatId) => chatOf(chatId).pins?.map((pin) => ({ ...pin, name: nameOf(pin.author, pin.name) })) ?? NONE;
export const usePins = (chatId) => (useVersion(), pinsOf(chatId));
/** What stands under the name of the open chat. */
export const useHeadStatus = (chat, person, seenAt) => useStatus(chat, person, seenAt, useVersion());

/** Hear every field that is pushed into `state`, as it comes: React would draw several at once and show us the last. */
export const useFeed = (state, reader, chatId, catchUp, refresh, leave) => {
  const store = useContext(StateStoreContext);
  useEffect(() => {
    const hear = () => absorb(store.getSnapshot(state), reader) && changed();
    hear();
    return store.subscribe(state, hear);
  }, [store, state, reader]);

  // what is missing is asked for, at most once a second each, a little apart from what other tabs ask
  useEffect(() => {
    const does = { catch_up: catchUp, refresh, leave };
    const ask = () => wants(chatId, Date.now()).forEach(([what, ...facts]) => does[what](...facts));
    const timers = [setTimeout(ask, 50), setInterval(ask, ASK_AGAIN_MS * (1 + Math.random() / 2))];
    return () => timers.forEach(clearInterval);
  }, [useVersion(), chatId]);
};

/** What a tab that shows `openChat` has to ask for or do: `["catch_up", chat, rev]`, `["refresh"]`, `["leave", chat, why]`. */
export const wants = (openChat, now) => {
  const asks = [];
  for (const chat of [...chats.values()].filter(hasHole)) {
    if (chat.id !== openChat) chat.known = false;
    else if (now - chat.askedAt > ASK_AGAIN_MS) {
      Object.assign(chat, { askedAt: now, asked: true });
      asks.push(["catch_up", chat.id, chat.rev]);
    }
  }
  const unlisted = [...chats.values()].some((chat) => chat.last && !listed.some((row) => row.chat_id === chat.id));
  if ((unlisted || relist) && now - refreshedAt > ASK_AGAIN_MS) {
    [refreshedAt, relist] = [now, false];
    asks.push(["refresh"]);
  }
  if (gone.has(openChat)) asks.push(["leave", openChat, gone.get(openChat)]);
  gone.delete(openChat);
  return asks;
};

/** The value while `ready`, else the last one that was: a state rebuilding itself repaints nothing. */
const kept = new Map();
export const useKept = (name, value, ready) => {
  if (ready) kept.set(name, value);
  return kept.has(name) ? kept.get(name) : value;
};
