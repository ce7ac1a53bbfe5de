// The menu of a chat, wherever one is marked `data-chat`: right click, long press, the key for it, or a button marked
// `data-menu`. And whether the archive is open.
import { useEffect, useLayoutEffect, useSyncExternalStore } from "react";

const PRESS_MS = 500;
const EDGE_PX = 8;

let [chat, shelf] = ["", false];
const listeners = new Set();
const subscribe = (listen) => (listeners.add(listen), () => listeners.delete(listen));
const change = (now, shelved) => {
  [chat, shelf] = [now, shelved];
  listeners.forEach((listen) => listen());
};

/** Whose menu is or was last open. */
export const useMenuChat = () => useSyncExternalStore(subscribe, () => chat, () => "");
export const useShelf = () => useSyncExternalStore(subscribe, () => shelf, () => false);
export const turnShelf = () => change(chat, !shelf);

let place = 0;
/** The list stays where it was scrolled to while a phone shows a chat instead of it. */
export const useListPlace = () =>
  useLayoutEffect(() => {
    const list = document.querySelector(".list");
    if (!list) return undefined;
    // hidden, it has neither size nor place
    const keep = () => list.clientHeight && (place = list.scrollTop);
    const shown = new ResizeObserver(() => list.clientHeight && (list.scrollTop = place));
    shown.observe(list);
    list.addEventListener("scroll", keep, { passive: true });
    return () => (shown.disconnect(), list.removeEventListener("scroll", keep));
  }, []);

/** Where a menu of this size goes that was asked for at a point: beside it, and wholly on screen. */
export const placed = ({ x, y }, { width, height }, screen) => ({
  x: Math.max(EDGE_PX, Math.min(x, screen.width - width - EDGE_PX)),
  y: Math.max(EDGE_PX, y + height + EDGE_PX > screen.height ? Math.min(y - height, screen.height - height - EDGE_PX) : y),
});

export const useMenu = (id) => {
  useEffect(() => {
    const menu = document.getElementById(id);
    if (!menu) return undefined;
    let [pressing, pressed, before, from] = [undefined, false, null, { x: 0, y: 0 }];
    const isOpen = () => menu.matches(":popover-open");
    const items = () => [...menu.querySelectorAll("button")];
    const close = (giveBack) => {
      if (!isOpen()) return;
      menu.hidePopover();
      if (giveBack) before?.focus?.();
    };
    const openAt = (of, point) => {
      if (!isOpen()) before = document.activeElement;
      change(of, shelf);
      // drawn for this chat first, since its size depends on it
      requestAnimationFrame(() => {
        if (!isOpen()) menu.showPopover();
        const at = placed(point, { width: menu.offsetWidth, height: menu.offsetHeight }, { width: innerWidth, height: innerHeight });
        Object.assign(menu.style, { left: `${at.x}px`, top: `${at.y}px` });
        items()[0]?.focus();
      });
    };
    const below = (element) => ({ x: element.getBoundingClientRect().left, y: element.getBoundingClientRect().bottom + 4 });
    const asked = (event) => {
      const row = event.target.closest?.("[data-chat]");
      if (!row) return;
      event.preventDefault();
      // the key for it has no place of its own
      openAt(row.dataset.chat, event.button < 0 || !(event.clientX || event.clientY) ? below(row) : { x: event.clientX, y: event.clientY });
    };
    const clicked = (event) => {
      if (pressed) {
        // the finger that opened the menu is lifted: that is no click on the row
        pressed = false;
        event.preventDefault();
        event.stopPropagation();
        return;
      }
      const button = event.target.closest?.("[data-menu]");
      if (button) openAt(button.dataset.menu, below(button));
      // what was chosen is heard first
      else if (menu.contains(event.target) && event.target.closest("button")) setTimeout(() => close(true));
    };
    const down = (event) => {
      if (!menu.contains(event.target) && !event.target.closest?.("[data-menu]")) close(false);
      const row = event.pointerType === "touch" && event.target.closest?.("[data-chat]");
      [pressed, from] = [false, { x: event.clientX, y: event.clientY }];
      if (row) pressing = setTimeout(() => ((pressed = true), openAt(row.dataset.chat, from)), PRESS_MS);
    };
    const lift = () => clearTimeout(pressing);
    const move = (event) => Math.hypot(event.clientX - from.x, event.clientY - from.y) > EDGE_PX && lift();
    const key = (event) => {
      const all = items();
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape" || event.key === "Tab") close(true);
      else if (step) all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    const pairs = [["contextmenu", asked], ["click", clicked, true], ["pointerdown", down], ["pointerup", lift], ["pointermove", move], ["pointercancel", lift]];
    pairs.forEach(([name, listen, capture]) => document.addEventListener(name, listen, capture));
    menu.addEventListener("keydown", key);
    return () => {
      lift();
      pairs.forEach(([name, listen, capture]) => document.removeEventListener(name, listen, capture));
      menu.removeEventListener("keydown", key);
    };
  }, [id]);
};
