// Keys of the whole page: from chat to chat, and the list of all keys.
import { useEffect, useSyncExternalStore } from "react";

let help = false;
const listeners = new Set();
const subscribe = (listen) => (listeners.add(listen), () => listeners.delete(listen));
const turn = (now) => {
  help = now;
  listeners.forEach((listen) => listen());
};

export const useKeyHelp = () => useSyncExternalStore(subscribe, () => help, () => false);
export const closeKeyHelp = () => turn(false);

/** Which of so many chats comes `step` after the one at `at` (-1 for none), round and round; only `fit` ones count. */
export const nextOf = (count, at, step, fit) => {
  for (let tried = 1; tried <= count; tried += 1) {
    const from = at < 0 && step < 0 ? count : at;
    const next = (from + step * tried + count * 2) % count;
    if (next !== at && fit(next)) return next;
  }
  return -1;
};

const go = (step, unreadOnly) => {
  const rows = [...document.querySelectorAll(".list a.chat")];
  // where the address is: the chat itself may still be on its way
  const at = rows.findIndex((row) => row.pathname === location.pathname);
  rows[nextOf(rows.length, at, step, (n) => !unreadOnly || rows[n].dataset.unread === "true")]?.click();
};

export const useKeys = () => {
  useEffect(() => {
    const key = (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      // by the place of the key, which has another sign on a Russian keyboard
      const asksHelp = (event.ctrlKey || event.metaKey) && event.code === "Slash";
      if (asksHelp) turn(!help);
      else if (step && event.altKey && !event.ctrlKey && !event.metaKey) go(step, event.shiftKey);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", key);
    return () => removeEventListener("keydown", key);
  }, []);
};
