// The menu of a message: opened by its button, a right click or a long press; closed by a choice, Esc or a click
// elsewhere. One for the page; what it offers is drawn by `pages/main/talk.py`.
import { useEffect, useLayoutEffect, useSyncExternalStore } from "react";
import { allChosen } from "$/public/choosing";
import { newId } from "$/public/outgoing";
import { mayErase, rowAt, useEveryChat } from "$/public/timeline";

const CLOSED = { kind: "", row: null, chat: "", seq: 0, editable: false, erasable: false, pinned: false, picking: false, filter: "", x: 0, y: 0, seqs: [], called: [] };
const EDITABLE_MS = 48 * 3600 * 1000;
const PRESS_MS = 450;
const MOVED_PX = 10;
const EDGE_PX = 8;

let [menu, opener] = [CLOSED, null];
const listeners = new Set();
const subscribe = (listener) => (listeners.add(listener), () => listeners.delete(listener));
const turn = (next) => {
  menu = next;
  listeners.forEach((listener) => listener());
};

export const useMessageMenu = () => useSyncExternalStore(subscribe, () => menu, () => CLOSED);

const show = (row, at, from, more = {}) => {
  if (!row?.seq || row.erased) return;
  opener = from;
  const { chat, seq, mine, pinned, at: sentAt } = row;
  turn({ ...CLOSED, kind: "menu", row, chat, seq, pinned, editable: mine && !row.forwarded && Date.now() - sentAt < EDITABLE_MS, erasable: mayErase(row), seqs: [seq], called: [newId()], ...at, ...more });
};

const below = (element) => {
  const { left, bottom } = element.getBoundingClientRect();
  return { x: left, y: bottom + 4 };
};

/** Open it below the button that was pressed; `picking`: with all emoji at once. */
export const openMenu = (event, row, picking) => {
  event.stopPropagation();
  show(row, below(event.currentTarget), event.currentTarget, { picking });
};

export const openEmoji = (event) => {
  opener = event.currentTarget;
  turn({ ...CLOSED, kind: "emoji", picking: true, ...below(event.currentTarget) });
};

/** To which chat all that is chosen is to go. */
export const forwardChosen = () => {
  const { chat, seqs } = allChosen();
  opener = null;
  turn({ ...CLOSED, kind: "forward", chat, seqs, called: seqs.map(newId) });
};

/** Something else in its place, such as the question whether to erase. */
export const ask = (kind) => {
  // who closes it is where the menu was opened
  opener?.focus({ preventScroll: true });
  turn({ ...menu, kind });
};
export const narrow = (event) => turn({ ...menu, filter: event.target.value });

const folded = (text) => text.toLowerCase().replaceAll("ё", "е");
/** The chats that something may be forwarded to, with what is typed in their titles. */
export const useChoices = (openChat) => {
  const [all, { filter }] = [useEveryChat(openChat), useMessageMenu()];
  const wanted = folded(filter.trim());
  return wanted ? all.filter(({ title }) => folded(title).includes(wanted)) : all;
};
export const pick = () => turn({ ...menu, picking: true });

export const close = () => {
  if (!menu.kind) return;
  turn(CLOSED);
  if (opener?.isConnected && !document.activeElement?.closest("dialog, textarea")) opener.focus({ preventScroll: true });
};

const copyText = async (text) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // without https a browser has no clipboard but this
    const box = Object.assign(document.createElement("textarea"), { value: text });
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
  }
};
export const copyWords = () => copyText(menu.row.text);
export const copyLink = () => copyText(`${location.origin}/chat/${menu.chat}?m=${menu.seq}`);

/** Put `text` where the cursor is. */
export const insert = (id, text) => {
  const box = document.getElementById(id);
  box?.setRangeText(text, box.selectionStart, box.selectionEnd, "end");
  box?.dispatchEvent(new Event("input", { bubbles: true }));
  box?.focus();
};

const choices = (element) => [...element.querySelectorAll("button:not([disabled])")];
const MOVES = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
const typed = (event) => {
  const all = choices(event.currentTarget);
  const next = { Home: 0, End: all.length - 1 }[event.key] ?? (event.key in MOVES ? (all.indexOf(document.activeElement) + MOVES[event.key] + all.length) % all.length : -1);
  if (event.key === "Escape" || event.key === "Tab") close();
  else if (next >= 0) all[next]?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
};

/** Keeps the open menu on the screen, gives it the focus, and closes it when something else is touched. */
export const usePopup = (id, open, chatId) => {
  // with the chat it is about it goes, such as one that its reader is excluded from
  useEffect(() => close, [chatId]);
  useLayoutEffect(() => {
    const popup = document.getElementById(id);
    if (!open || !popup) return undefined;
    const { width, height } = popup.getBoundingClientRect();
    popup.style.left = `${Math.max(EDGE_PX, Math.min(menu.x, innerWidth - width - EDGE_PX))}px`;
    popup.style.top = `${Math.max(EDGE_PX, menu.y + height > innerHeight - EDGE_PX ? Math.min(menu.y - height - 44, innerHeight - height - EDGE_PX) : menu.y)}px`;
    if (!popup.contains(document.activeElement)) choices(popup)[0]?.focus({ preventScroll: true });
    const away = (event) => popup.contains(event.target) || close();
    popup.addEventListener("keydown", typed);
    document.addEventListener("pointerdown", away);
    return () => {
      popup.removeEventListener("keydown", typed);
      document.removeEventListener("pointerdown", away);
    };
  }, [id, open, menu.picking, menu.seq]);
};

/** A right click or a long press on a message of the list opens its menu. */
export const usePresses = (id) =>
  useEffect(() => {
    const log = document.getElementById(id);
    if (!log) return undefined;
    let [timer, from, pressed] = [];
    const open = (target, at) => {
      const bubble = target.closest?.(".b")?.closest("[data-seq]");
      if (!bubble || target.closest("a, button:not(.pic1)")) return false;
      show(rowAt(Number(bubble.dataset.seq)), at, bubble.querySelector('[aria-haspopup="menu"]'));
      return true;
    };
    const down = (event) => {
      clearTimeout(timer);
      from = { x: event.clientX, y: event.clientY };
      pressed = false;
      if (event.pointerType === "touch") timer = setTimeout(() => (pressed = open(event.target, from)) && navigator.vibrate?.(10), PRESS_MS);
    };
    const move = (event) => Math.hypot(event.clientX - from?.x, event.clientY - from?.y) > MOVED_PX && clearTimeout(timer);
    const stop = () => clearTimeout(timer);
    // else the finger, lifted, would click on what opened below it
    const lift = (event) => pressed && event.preventDefault();
    const context = (event) => {
      // what was selected has a menu of the browser's own
      if (pressed) event.preventDefault();
      else if (getSelection()?.isCollapsed !== false && open(event.target, { x: event.clientX, y: event.clientY })) event.preventDefault();
    };
    const heard = { pointerdown: down, pointermove: move, pointerup: stop, pointercancel: stop, touchend: lift, contextmenu: context };
    Object.entries(heard).forEach(([name, listen]) => log.addEventListener(name, listen));
    return () => (stop(), Object.entries(heard).forEach(([name, listen]) => log.removeEventListener(name, listen)));
  });
