// Where the reader is in a conversation: kept when older messages load above, followed when new ones come below, told
// to the server when they were really seen (tab visible, at the bottom).
import { useEffect, useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { chatOf, find, shorten } from "$/public/timeline";

const AT_BOTTOM_PX = 60;
const NEAR_TOP_PX = 400;
const ASK_AGAIN_MS = 1500;
const TELL_MS = 400;

const listeners = new Set();
const subscribe = (listen) => (listeners.add(listen), () => listeners.delete(listen));
let below = { away: false, count: 0 };
const tell = (away, count) => {
  if (away === below.away && count === below.count) return;
  below = { away, count };
  listeners.forEach((listen) => listen());
};

/** Whether the reader is away from the bottom, and how many messages came there since. */
export const useBelow = () => useSyncExternalStore(subscribe, () => below, () => below);

const isAtBottom = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < AT_BOTTOM_PX;

let [toLatest, inMiddle, ask] = [() => {}, () => false, () => {}];

/** Show a message of the open chat, wherever in its history it is. */
export const jumpTo = (chatId, seq) => find(chatId, seq) || ask(chatId, seq);

export const toBottom = (id) => {
  const log = document.getElementById(id);
  if (inMiddle()) return toLatest();
  return log?.scrollTo({ top: log.scrollHeight, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
};

// not how high all is: that changes with the window
const topIn = (log) => (seq) => log.querySelector(`[data-seq="${seq}"]`)?.offsetTop ?? 0;

export const useReading = (id, chatId, lastRead, rows, actions) => {
  const place = useRef({ chat: null, first: 0, top: 0, bottom: true, seen: 0, asked: 0, told: 0 });

  // before the browser paints, so that nothing is seen to jump
  useLayoutEffect(() => {
    const [log, here] = [document.getElementById(id), place.current];
    if (!log || !rows.length) return;
    const first = rows.find((row) => row.seq)?.seq ?? 0;
    const topOf = topIn(log);
    if (here.chat !== chatId) {
      Object.assign(here, { chat: chatId, bottom: true, seen: lastRead, told: lastRead });
      const line = log.querySelector("[data-kind=new]");
      if (line) line.scrollIntoView({ block: "center" });
      else log.scrollTop = log.scrollHeight;
      here.bottom = isAtBottom(log);
    } else if (chatOf(chatId).found) {
      // what is scrolled to below
    } else if (here.bottom || rows.at(-1)?.status === "waiting") {
      log.scrollTop = log.scrollHeight;
      here.bottom = true;
    } else if (topOf(here.first)) {
      // older ones came above it, or were let go
      log.scrollTop = (here.from ?? log.scrollTop) + topOf(here.first) - here.top;
    }
    const found = chatOf(chatId).found && log.querySelector(`[data-seq="${chatOf(chatId).found}"]`);
    if (found) {
      found.scrollIntoView({ block: "center" });
      found.classList.remove("lit");
      requestAnimationFrame(() => found.classList.add("lit"));
      Object.assign(chatOf(chatId), { found: 0 });
      here.bottom = false;
    }
    Object.assign(here, { first, top: topOf(first), from: undefined });
  }, [id, chatId, lastRead, rows]);

  useEffect(() => {
    const [log, here] = [document.getElementById(id), place.current];
    if (!log || !chatId) return undefined;
    const last = chatOf(chatId).messages.at(-1)?.seq ?? 0;
    [toLatest, inMiddle, ask] = [() => ((chatOf(chatId).asked = true), (here.bottom = true), actions.latest(chatId)), () => chatOf(chatId).hasNewer, actions.jump];
    let [telling, again] = [];
    const look = () => {
      const chat = chatOf(chatId);
      here.bottom = isAtBottom(log) && !chat.hasNewer;
      if (here.bottom) here.seen = last;
      tell(!here.bottom, Math.max(0, (chat.last?.seq ?? last) - here.seen));
      const toEnd = log.scrollHeight - log.scrollTop - log.clientHeight;
      if (toEnd < NEAR_TOP_PX && chat.hasNewer && here.asked !== -last) {
        here.asked = -last;
        actions.newer(chatId, last);
        again = setTimeout(() => ((here.asked = 0), look()), ASK_AGAIN_MS);
      }
      if (log.scrollTop < NEAR_TOP_PX && chat.hasOlder && here.asked !== chat.messages[0].seq) {
        here.asked = chat.messages[0].seq;
        actions.older(chatId, here.asked);
        again = setTimeout(() => ((here.asked = 0), look()), ASK_AGAIN_MS);
      }
      if (here.bottom && document.visibilityState === "visible" && last > here.told) {
        here.told = last;
        telling = setTimeout(() => actions.read(chatId, last), TELL_MS);
      }
    };
    look();
    // a list that becomes shorter than where one is in it moves by itself: where that was is noted before
    const keeping = (first) => Object.assign(here, { first, top: topIn(log)(first), from: log.scrollTop });
    shorten(chatId, here.bottom || log.scrollTop > log.scrollHeight / 2, keeping);
    log.addEventListener("scroll", look, { passive: true });
    document.addEventListener("visibilitychange", look);
    const size = new ResizeObserver(() => here.bottom && (log.scrollTop = log.scrollHeight));
    size.observe(log);
    return () => {
      [telling, again].forEach(clearTimeout);
      here.asked = 0;
      if (telling) here.told = Math.min(here.told, last - 1);
      log.removeEventListener("scroll", look);
      document.removeEventListener("visibilitychange", look);
      size.disconnect();
    };
  }, [id, chatId, rows]);
};
