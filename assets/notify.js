// What is told outside of the page: a number in the title, a dot on the icon, a tone, a notice of the browser. One
// message is told once on a device: by the tab that holds the lock, and only while no tab shows its chat.
import { useEffect, useSyncExternalStore } from "react";
import { onArrival, onErasure } from "$/public/timeline";

const LEADER = "chat notices";
const SEEN = "chat seen ";
const MOST_SHOWN = 99;
const TEXT_LENGTH = 160;

/** Of what a chat tells me: what was chosen for it, else what my settings say. */
export const levelOf = (row, notices) => row.level || (row.kind === "direct" ? (notices.direct ? "all" : "none") : notices.groups ? "mentions" : "none");

/** Whether a message is to be told; `named` says that it names or answers the reader, which a muted chat tells too. */
export const worthTelling = ({ message, row, me, notices, blocked, named }) => {
  if (!row || message.author === me || message.erased || message.event || blocked.includes(message.author)) return false;
  const level = levelOf(row, notices);
  if (level === "none") return false;
  return named || (level === "all" && !row.muted);
};

/** What waits to be read in all chats that are not muted, or in which somebody named the reader. */
export const waiting = (rows) => rows.filter((row) => !row.archived && (!row.muted || row.named)).reduce((sum, row) => sum + row.unread, 0);

export const titled = (title, count) => {
  const bare = title.replace(/^\(\d+\+?\) /, "");
  return count ? `(${count > MOST_SHOWN ? `${MOST_SHOWN}+` : count}) ${bare}` : bare;
};

const goTo = (chat) => {
  globalThis.focus();
  const link = document.querySelector(`a[href$="/chat/${CSS.escape(chat)}"]`);
  if (link) link.click();
  else location.assign(`/chat/${chat}`);
};

const tone = async () => {
  const context = new AudioContext();
  const [voice, volume, at] = [context.createOscillator(), context.createGain(), context.currentTime];
  voice.frequency.setValueAtTime(660, at);
  voice.frequency.setValueAtTime(880, at + 0.09);
  volume.gain.setValueAtTime(0.12, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.35);
  voice.connect(volume).connect(context.destination);
  voice.start(at);
  voice.stop(at + 0.35);
  voice.onended = () => context.close();
};

/** What a notice says: the words without marks, else what is attached, in the reader's language. */
export const bodyOf = ({ message, said, row }, words) => {
  const short = (said.text || words[said.files] || "").slice(0, TEXT_LENGTH);
  return row.kind === "direct" || !message.name ? short : `${message.name}: ${short}`;
};

// those on the screen of this device, each until it is closed
const shown = new Map();
const show = (news) => {
  if (globalThis.Notification?.permission !== "granted") return;
  const { message, row } = news;
  const tag = `${row.chat_id} ${message.seq}`;
  const notice = new Notification(row.title, { body: bodyOf(news, attached), tag, icon: "/favicon.svg" });
  shown.set(tag, notice);
  notice.onclick = () => (notice.close(), goTo(row.chat_id));
  notice.onclose = () => shown.get(tag) === notice && shown.delete(tag);
};
/** What was erased stands in no notice either. */
const unshow = (chat, seq) => {
  shown.get(`${chat} ${seq}`)?.close();
  shown.delete(`${chat} ${seq}`);
};
let attached = {};

let leads = false;
/** What the other tabs of this device show: the names of the locks that the visible ones hold. */
const seen = async () => (await navigator.locks.query()).held.map(({ name }) => name).filter((name) => name.startsWith(SEEN));

const tell = async (news) => {
  if (!worthTelling(news)) return;
  // without locks, which only a secure page has, each visible tab speaks for itself, and only by its tone
  if (!navigator.locks) {
    if (news.notices.sound && document.visibilityState === "visible" && !news.row.open) await tone();
    return;
  }
  if (!leads) return;
  const open = await seen();
  if (open.includes(SEEN + news.row.chat_id)) return;
  if (news.notices.sound) await tone();
  if (!open.length) show(news);
};

const icon = (dot) => {
  const link = document.querySelector("link[rel=icon]");
  const href = dot ? "/favicon-dot.svg" : "/favicon.svg";
  if (link && link.getAttribute("href") !== href) link.setAttribute("href", href);
};

export const useNotify = (chatId, rows, words) => {
  attached = words;
  useEffect(() => {
    onArrival((news) => void tell(news));
    onErasure(unshow);
    const over = new AbortController();
    const lead = () => ((leads = true), new Promise((end) => over.signal.addEventListener("abort", () => ((leads = false), end()))));
    navigator.locks?.request(LEADER, { signal: over.signal }, lead).catch(() => {});
    return () => (onArrival(() => {}), onErasure(() => {}), over.abort());
  }, []);

  useEffect(() => {
    if (!navigator.locks) return undefined;
    let leave = () => {};
    const look = () => {
      leave();
      if (document.visibilityState !== "visible") return;
      // what is left before it was held is not held at all
      const until = new Promise((end) => (leave = end));
      navigator.locks.request(SEEN + chatId, { mode: "shared" }, () => until);
    };
    look();
    document.addEventListener("visibilitychange", look);
    return () => (document.removeEventListener("visibilitychange", look), leave());
  }, [chatId]);

  const count = waiting(rows);
  useEffect(() => {
    const mark = () => titled(document.title, count) !== document.title && (document.title = titled(document.title, count));
    mark();
    icon(count > 0);
    // another page has another title
    const titles = new MutationObserver(mark);
    titles.observe(document.head, { childList: true, characterData: true, subtree: true });
    return () => titles.disconnect();
  }, [count]);
};

const listeners = new Set();
const subscribe = (listen) => (listeners.add(listen), () => listeners.delete(listen));
const permission = () => globalThis.Notification?.permission ?? "impossible";
/** Whether the browser lets us show notices: default, granted, denied, or impossible. */
export const usePermission = () => useSyncExternalStore(subscribe, permission, () => "default");
export const askPermission = async () => {
  await Notification.requestPermission();
  listeners.forEach((listen) => listen());
};
