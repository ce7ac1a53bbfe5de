// What was typed and not sent, kept for each chat over reloads and shown in the list.
import { useEffect } from "react";

const PREFIX = "chat draft ";
let told = () => {};

export const onDrafts = (listener) => (told = listener);
export const draftOf = (chat) => globalThis.localStorage?.getItem(PREFIX + chat) ?? "";

export const keepDraft = (chat, text) => {
  if (text === draftOf(chat)) return;
  if (text.trim()) globalThis.localStorage?.setItem(PREFIX + chat, text);
  else globalThis.localStorage?.removeItem(PREFIX + chat);
  told();
};

const TALLEST_PX = 6 * 22 + 20;
const fit = (box) => {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, TALLEST_PX)}px`;
};

/** The box messages are typed in: Enter says it, Shift+Enter breaks the line, what is left unsaid stays a draft. */
export const useComposer = (id, chatId, post, hasFiles = () => false) => {
  useEffect(() => {
    const box = document.getElementById(id);
    if (!box || !chatId) return undefined;
    const form = box.form;
    box.value = draftOf(chatId);
    form.dataset.empty = String(!box.value.trim());
    fit(box);
    if (matchMedia("(hover: hover)").matches) box.focus();
    const typed = () => {
      form.dataset.empty = String(!box.value.trim());
      keepDraft(chatId, box.value);
      fit(box);
    };
    const send = (event) => {
      event.preventDefault();
      if (!box.value.trim() && !hasFiles(chatId)) return;
      post(chatId, box.value.trim());
      box.value = "";
      typed();
      box.focus();
    };
    const key = (event) => {
      // an input method uses Enter to choose a word
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
    };
    box.addEventListener("input", typed);
    box.addEventListener("keydown", key);
    form.addEventListener("submit", send);
    return () => {
      box.removeEventListener("input", typed);
      box.removeEventListener("keydown", key);
      form.removeEventListener("submit", send);
    };
  }, [id, chatId, post, hasFiles]);
};
