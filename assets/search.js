// The search: whether it is open, and the keys of its box. The focus stays in the box; which of what was found is
// chosen, the attributes say.
import { useEffect, useSyncExternalStore } from "react";
import { useLanguage } from "$/public/words";

let open = false;
const listeners = new Set();
const subscribe = (listen) => (listeners.add(listen), () => listeners.delete(listen));
const turn = (now) => {
  open = now;
  listeners.forEach((listen) => listen());
};

export const useSearchOpen = () => useSyncExternalStore(subscribe, () => open, () => false);
export const closeSearch = () => turn(false);
export const openSearch = () => turn(true);

/** Which of so many is chosen after a step from the one at `at`: round and round, the first or last from none. */
export const stepped = (count, at, step) => (count ? (at < 0 ? (step > 0 ? 0 : count - 1) : (at + step + count) % count) : -1);

const hits = () => [...document.querySelectorAll("#found [role=option]")];
const chosen = () => hits().find((hit) => hit.getAttribute("aria-selected") === "true");

export const choose = (box, hit) => {
  hits().forEach((each) => each.setAttribute("aria-selected", String(each === hit)));
  if (hit) box.setAttribute("aria-activedescendant", hit.id);
  else box.removeAttribute("aria-activedescendant");
  hit?.scrollIntoView({ block: "nearest" });
};

const turnSection = (step) => {
  const sections = [...document.querySelectorAll(".pch button")];
  const at = sections.findIndex((each) => each.getAttribute("aria-pressed") === "true");
  sections[stepped(sections.length, at, step)]?.click();
};

export const pressed = (event, box) => {
  // an input method uses these keys to choose a word
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && !event.altKey) {
    const all = hits();
    choose(box, all[stepped(all.length, all.indexOf(chosen()), step)]);
  } else if (event.key === "Enter") chosen()?.click();
  else if (event.key === "Tab") turnSection(event.shiftKey ? -1 : 1);
  else return;
  event.preventDefault();
  event.stopPropagation();
};

/** The keys; `answer` changes when what is found does: its first is chosen then. */
export const useSearch = (id, answer) => {
  const isOpen = useSearchOpen();
  useEffect(() => {
    const key = (event) => {
      const box = document.getElementById(id);
      // by the place of the key, which has another letter on a Russian keyboard
      if ((event.ctrlKey || event.metaKey) && event.code === "KeyK") {
        event.preventDefault();
        if (box) box.select();
        else if (!document.querySelector("dialog[open]")) openSearch();
      } else if (box && event.target === box) pressed(event, box);
    };
    const over = (event) => {
      const [box, hit] = [document.getElementById(id), event.target.closest?.("#found [role=option]")];
      if (box && hit && hit !== chosen()) choose(box, hit);
    };
    addEventListener("keydown", key, true);
    addEventListener("pointermove", over);
    return () => {
      removeEventListener("keydown", key, true);
      removeEventListener("pointermove", over);
    };
  }, [id]);
  // who opened it wants to type, with a finger too
  useEffect(() => {
    if (isOpen) document.getElementById(id)?.focus();
  }, [id, isOpen]);
  useEffect(() => {
    const box = document.getElementById(id);
    if (box) choose(box, chosen() ?? hits()[0]);
  }, [id, isOpen, answer]);
};

const formats = new Map();
export const dayOf = (language, at, now = Date.now()) => {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  const key = `${language} ${sameYear}`;
  const options = { day: "numeric", month: "long", ...(sameYear ? {} : { year: "numeric" }) };
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(language, options));
  return formats.get(key).format(at);
};

export const Day = ({ at }) => dayOf(useLanguage(), at);
