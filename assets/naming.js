// Whom to name: while a name is typed after @ in the box, members it could be are offered; arrows choose, Enter and Tab
// put the name in, Esc lets it be. Enter says a name that stands there in full.
import { useEffect } from "react";

const ASK_MS = 120;
const NAME = /(?<![\p{L}\p{N}_@./:])@([\p{L}\p{N}_.]{0,32})$/u;

/** What is typed of a name before the cursor: null when there is no @. */
export const nameAt = (text, at) => NAME.exec(text.slice(0, at))?.[1] ?? null;

/** The text with `name` in the place of what was typed of it, and where the cursor is then. */
export const named = (text, at, name) => {
  const begun = nameAt(text, at) ?? "";
  const before = `${text.slice(0, at - begun.length)}${name} `;
  return [before + text.slice(at).replace(/^ /, ""), before.length];
};

export const insertName = (id, name) => {
  const box = document.getElementById(id);
  const [text, at] = named(box.value, box.selectionStart, name);
  box.value = text;
  box.setSelectionRange(at, at);
  box.focus();
  box.dispatchEvent(new Event("input", { bubbles: true }));
};

const offered = () => [...document.querySelectorAll("[data-name]")];
const choose = (box, all, at) => {
  all.forEach((each, place) => each.setAttribute("aria-selected", String(place === at)));
  box.setAttribute("aria-activedescendant", all[at].id);
};

/** Ask for members while a name is typed; an empty `chatId` asks nothing. */
export const useNaming = (id, chatId, { suggest, forget }) =>
  useEffect(() => {
    const box = document.getElementById(id);
    if (!box || !chatId) return undefined;
    let [timer, asked] = [undefined, null];
    const look = () => {
      const name = nameAt(box.value, box.selectionStart);
      clearTimeout(timer);
      if (name === asked) return;
      asked = name;
      box.removeAttribute("aria-activedescendant");
      if (name === null) forget();
      else timer = setTimeout(() => suggest(chatId, name), ASK_MS);
    };
    const key = (event) => {
      const all = offered();
      const [at, name] = [all.findIndex((each) => each.getAttribute("aria-selected") === "true"), nameAt(box.value, box.selectionStart)];
      if (!all.length || name === null || event.isComposing) return;
      if (event.key === "ArrowDown" || event.key === "ArrowUp") choose(box, all, (Math.max(at, 0) + (event.key === "ArrowDown" ? 1 : all.length - 1)) % all.length);
      else if (event.key === "Enter" && all[Math.max(at, 0)].dataset.name === name) return;
      else if ((event.key === "Enter" && !event.shiftKey) || event.key === "Tab") insertName(id, all[Math.max(at, 0)].dataset.name);
      else if (event.key === "Escape") forget();
      else return;
      event.preventDefault();
      event.stopImmediatePropagation();
    };
    const away = () => setTimeout(() => document.activeElement !== box && ((asked = null), forget()), 200);
    // before the box itself hears of Enter
    box.addEventListener("keydown", key, true);
    box.addEventListener("input", look);
    box.addEventListener("filled", look);
    box.addEventListener("blur", away);
    return () => {
      clearTimeout(timer);
      // members of one chat are not offered in another
      if (asked !== null) forget();
      box.removeEventListener("keydown", key, true);
      box.removeEventListener("input", look);
      box.removeEventListener("filled", look);
      box.removeEventListener("blur", away);
    };
  }, [id, chatId]);
