// What the server pushes, put together: one list of messages per chat, ordered by seq, the newest revision of each.
//
// Fields of the feed arrive in any order and some never do; nothing here trusts arrival. A tail says "complete from
// revision `after` to `rev`": if `after` lies beyond what is known, there is a hole, and the chat asks to catch up.
import { useContext, useEffect, useSyncExternalStore } from "react";
import { StateStoreContext } from "$/utils/context-registry";
import { discard, onOutgoing, outgoing, refuse } from "$/public/outgoing";
import { draftOf, onDrafts } from "$/public/drafts";
import { useLanguage } from "$/public/words";

const GROUP_MS = 5 * 60 * 1000;
const ASK_AGAIN_MS = 1000;

export const chats = new Map();
const seen = new Map();
let listed = [];
let me = "";
let refreshedAt = 0;
let version = 0;

export const chatOf = (id) => {
  if (!chats.has(id)) {
    chats.set(id, { id, messages: [], rev: 0, known: false, hasOlder: false, hole: false, read: {}, last: null, askedAt: 0, newFrom: null });
  }
  return chats.get(id);
};

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

const remember = (chat, messages) => {
  for (const message of messages) {
    if (!chat.last || message.seq >= chat.last.seq) chat.last = message;
    if (message.author !== me) continue;
    discard(message.client_id);
    moveReaders(chat, { [me]: message.seq });
  }
};

const absorbChanges = (changes) => {
  const chat = chatOf(changes.chat);
  remember(chat, changes.messages);
  if (!chat.known) return;
  chat.messages = merge(chat.messages, changes.messages);
  if (changes.after <= chat.rev) {
    chat.rev = Math.max(chat.rev, changes.rev);
    chat.hole = chat.seenRev > chat.rev;
  } else {
    chat.hole = true;
  }
  chat.seenRev = Math.max(chat.seenRev ?? 0, changes.rev);
};

const absorbPage = (page) => {
  const chat = chatOf(page.chat);
  remember(chat, page.messages);
  moveReaders(chat, page.read);
  if (!page.newest) {
    chat.messages = merge(chat.messages, page.messages);
    chat.hasOlder = page.has_older;
    return;
  }
  const lastShown = chat.messages.at(-1)?.seq ?? 0;
  const adjoins = !page.messages.length || page.messages[0].seq <= lastShown + 1;
  if (chat.known && !adjoins && !chat.asked) {
    // more was missed than a page: what is on screen stays where it is, and the middle is asked for
    chat.hole = true;
    chat.seenRev = page.rev;
    return;
  }
  const startsAnew = !chat.known || !adjoins;
  chat.messages = startsAnew ? page.messages : merge(chat.messages, page.messages);
  chat.hasOlder = startsAnew ? page.has_older : chat.hasOlder;
  chat.rev = Math.max(startsAnew ? 0 : chat.rev, page.rev);
  chat.known = true;
  chat.asked = false;
  chat.hole = (chat.seenRev ?? 0) > chat.rev;
};

/** Know nothing, as at the start. */
export const forget = () => {
  chats.clear();
  seen.clear();
  [listed, me] = [[], ""];
};

/** Take in what is new in the feed; true when something was. Harmless to repeat. */
export const absorb = (feed, reader) => {
  me = reader || me;
  let news = false;
  for (const [key, value] of Object.entries(feed)) {
    if (seen.get(key) === value) continue;
    seen.set(key, value);
    news = true;
    if (key.startsWith("tail_") || key.startsWith("missed_")) absorbChanges(value);
    else if (key.startsWith("page_")) absorbPage(value);
    else if (key.startsWith("read_")) moveReaders(chatOf(value.chat), value.read);
    else if (key.startsWith("refused_")) refuse(value);
    else if (key === "chats") listed = value;
  }
  return news;
};

const moveReaders = (chat, read) => {
  for (const [who, seq] of Object.entries(read)) chat.read[who] = Math.max(chat.read[who] ?? 0, seq);
};

const unlisted = () => {
  const known = new Set(listed.map((row) => row.chat_id));
  return [...chats.values()].some((chat) => chat.last && !known.has(chat.id));
};

const clock = (lang, at) => new Intl.DateTimeFormat(lang, { hour: "2-digit", minute: "2-digit" }).format(at);
const dayOf = (at) => new Date(at).toDateString();
const daysAgo = (at) => Math.round((new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86400000);
const relative = (lang, days) => new Intl.RelativeTimeFormat(lang, { numeric: "auto" }).format(-days, "day");
const upper = (text) => text.charAt(0).toLocaleUpperCase() + text.slice(1);

const dayLabel = (lang, at) => {
  const days = daysAgo(at);
  if (days < 2) return upper(relative(lang, days));
  const sameYear = new Date(at).getFullYear() === new Date().getFullYear();
  return new Intl.DateTimeFormat(lang, { day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) }).format(at);
};

const listTime = (lang, at) => {
  const days = daysAgo(at);
  if (days < 1) return clock(lang, at);
  if (days < 2) return relative(lang, 1);
  return new Intl.DateTimeFormat(lang, days < 7 ? { weekday: "short" } : { day: "2-digit", month: "2-digit", year: "2-digit" }).format(at);
};

const readByOthers = (chat) => Math.max(0, ...Object.entries(chat.read).filter(([who]) => who !== me).map(([, seq]) => seq));

/** What the conversation draws, top to bottom: days, the "new messages" line, bubbles, and what is still on its way. */
export const rowsOf = (chatId, lang) => {
  const chat = chatOf(chatId);
  const read = readByOthers(chat);
  const waiting = outgoing(chatId).map((m) => ({ ...m, author: me, seq: 0, name: "" }));
  const all = [...chat.messages, ...waiting];
  const rows = [];
  all.forEach((message, at) => {
    const [before, after] = [all[at - 1], all[at + 1]];
    const joins = (a, b) => a && b && a.author === b.author && dayOf(a.at) === dayOf(b.at) && Math.abs(b.at - a.at) < GROUP_MS;
    if (!before || dayOf(before.at) !== dayOf(message.at)) rows.push(row("day", `day ${dayOf(message.at)}`, { label: dayLabel(lang, message.at) }));
    if (chat.newFrom && message.seq === chat.newFrom) rows.push(row("new", "new"));
    const mine = message.author === me;
    const status = !mine ? "" : message.seq === 0 ? message.state : message.seq <= read ? "read" : "sent";
    rows.push(row("bubble", mine ? message.client_id : `seq ${message.seq}`, {
      seq: message.seq, client_id: message.client_id, author: message.author, name: message.name, text: message.text,
      time: clock(lang, message.at), mine, status, code: message.code ?? "",
      first: !joins(before, message), last: !joins(message, after),
    }));
  });
  return rows;
};

const row = (kind, key, rest = {}) => ({
  kind, key, label: "", seq: 0, client_id: "", author: "", name: "", text: "", time: "", mine: false, status: "", code: "", first: true, last: true, ...rest,
});

/** The list of chats as it stands: rows of the last load, moved on by what was heard since. */
export const listOf = (openChat, lang) =>
  listed
    .map((row) => {
      const chat = chatOf(row.chat_id);
      const said = chat.last?.seq >= row.last_seq ? chat.last : null;
      const last = said ? { ...said, body: said.text } : row.last;
      const lastSeq = said?.seq ?? row.last_seq;
      const mine = last?.author === me;
      const read = Math.max(row.read_by_others, readByOthers(chat));
      return {
        ...row, key: row.chat_id, open: row.chat_id === openChat, at: last?.at ?? 0, time: last ? listTime(lang, last.at) : "",
        preview: last?.body ?? "", mine, sender: row.kind === "direct" || mine ? "" : (last?.name ?? ""),
        unread: Math.max(0, lastSeq - Math.max(row.last_read_seq, chat.read[me] ?? 0)),
        status: !mine ? "" : lastSeq <= read ? "read" : "sent", draft: row.chat_id === openChat ? "" : draftOf(row.chat_id),
      };
    })
    .sort((a, b) => b.at - a.at);

/** Fix where the "new messages" line stands: before the first one unread when the chat was opened. */
export const placeNewLine = (chatId, lastRead) => {
  const chat = chatOf(chatId);
  const first = chat.messages.find((message) => message.seq > lastRead && message.author !== me);
  chat.newFrom = first ? first.seq : null;
};

const listeners = new Set();
const changed = () => {
  version += 1;
  listeners.forEach((listener) => listener());
};
onOutgoing(changed);
onDrafts(changed);

const cached = (compute) => {
  let last = {};
  return (...key) => {
    const now = [version, new Date().toDateString(), ...key].join("\n");
    if (last.now !== now) last = { now, value: compute(...key) };
    return last.value;
  };
};
const rows = cached((chatId, lang) => (chatId ? rowsOf(chatId, lang) : []));
const list = cached(listOf);
const useVersion = () =>
  useSyncExternalStore((listener) => (listeners.add(listener), () => listeners.delete(listener)), () => version, () => 0);

export const useTimeline = (chatId) => (useVersion(), rows(chatId, useLanguage()));
export const useChatList = (openChat) => (useVersion(), list(openChat, useLanguage()));

/** Hear every field that is pushed into `state`, as it comes: React would draw several at once and show us the last. */
export const useFeed = (state, reader, chatId, catchUp, refresh) => {
  const store = useContext(StateStoreContext);
  useEffect(() => {
    const hear = () => absorb(store.getSnapshot(state), reader) && changed();
    hear();
    return store.subscribe(state, hear);
  }, [store, state, reader]);

  // what is missing is asked for, at most once a second each, a little apart from what other tabs ask
  useEffect(() => {
    const ask = () => {
      const now = Date.now();
      for (const chat of chats.values()) {
        if (chat.id !== chatId && chat.hole) chat.known = chat.hole = false;
        if (!chat.hole || now - chat.askedAt < ASK_AGAIN_MS) continue;
        Object.assign(chat, { askedAt: now, asked: true });
        catchUp(chat.id, chat.rev);
      }
      if (unlisted() && now - refreshedAt > ASK_AGAIN_MS) {
        refreshedAt = now;
        refresh();
      }
    };
    const timers = [setTimeout(ask, 50), setInterval(ask, ASK_AGAIN_MS * (1 + Math.random() / 2))];
    return () => timers.forEach(clearInterval);
  }, [useVersion(), chatId]);
};

/** The value while `ready`, else the last one that was: a state rebuilding itself repaints nothing. */
const kept = new Map();
export const useKept = (name, value, ready) => {
  if (ready) kept.set(name, value);
  return kept.has(name) ? kept.get(name) : value;
};
