// What was typed and not sent, kept for each chat over reloads and shown in the list.
import { useEffect } from "react";
import { drop, keep, kept as keptAt } from "$/public/kept";
import { cancel, changing, edit, onTarget, quoteOf, targetOf } from "$/public/talk";

const PREFIX = "chat draft ";
let told = () => {};

export const onDrafts = (listener) => (told = listener);
export const draftOf = (chat) => keptAt(PREFIX + chat) ?? "";

export const keepDraft = (chat, text) => {
  if (text === draftOf(chat)) return;
  if (text.trim()) keep(PREFIX + chat, text);
  else drop(PREFIX + chat);
  told();
};

const TALLEST_PX = 6 * 22 + 20;
const fit = (box) => {
  box.style.height = "auto";
  box.style.height = `${Math.min(box.scrollHeight, TALLEST_PX)}px`;
};

const CHANGEABLE_MS = 48 * 3600 * 1000;

/** On glass Enter breaks the line, there is no other key for it, and no keyboard comes up before it is asked for. */
const touched = () => !matchMedia("(hover: hover)").matches;

/** The box messages are typed in: Enter says it, Shift+Enter breaks the line, what is left unsaid stays a draft. An
 * empty one changes my last message on ↑; Esc says it after all as something new. */
export const useComposer = (id, chatId, { post, change, myLast, hasFiles = () => false }) => {
  useEffect(() => {
    const box = document.getElementById(id);
    if (!box || !chatId) return undefined;
    const form = box.form;
    box.value = draftOf(chatId);
    form.dataset.empty = String(!box.value.trim());
    fit(box);
    if (!touched()) box.focus();
    box.enterKeyHint = touched() ? "enter" : "send";
    // not by a key: nobody is told that I type, but no name is offered for what is gone
    const filled = (text) => {
      box.value = text;
      typed();
      box.dispatchEvent(new Event("filled"));
    };
    const typed = () => {
      form.dataset.empty = String(!box.value.trim());
      if (targetOf(chatId).mode !== "edit") keepDraft(chatId, box.value);
      fit(box);
    };
    let shown = "";
    const turned = ({ chat, mode, text, kept = false }) => {
      const now = chat === chatId ? mode : "";
      if (shown === "edit" && kept) keepDraft(chatId, box.value);
      const other = now === "edit" || shown === "edit";
      shown = now;
      if (other) filled(now === "edit" ? text : draftOf(chatId));
      if (now) box.focus();
    };
    const unlisten = onTarget(turned);
    turned(targetOf(chatId));
    const send = (event) => {
      event.preventDefault();
      if (!box.value.trim() && !hasFiles(chatId)) return;
      const [target, text] = [targetOf(chatId), box.value.trim()];
      if (target.mode === "edit") {
        if (text === target.text) return cancel();
        changing(text);
        return change(chatId, target.seq, text, target.version);
      }
      post(chatId, text, quoteOf(target));
      cancel();
      filled("");
      box.focus();
    };
    const key = (event) => {
      // an input method uses Enter to choose a word
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing && !touched()) send(event);
      else if (event.key === "Escape" && targetOf(chatId).mode) cancel();
      else if (event.key === "ArrowUp" && !event.altKey && !event.shiftKey && !box.value && !targetOf(chatId).mode) {
        const mine = myLast(CHANGEABLE_MS);
        if (mine) event.preventDefault(), edit(mine);
      }
    };
    box.addEventListener("input", typed);
    box.addEventListener("keydown", key);
    form.addEventListener("submit", send);
    return () => {
      unlisten();
      box.removeEventListener("input", typed);
      box.removeEventListener("keydown", key);
      form.removeEventListener("submit", send);
    };
  }, [id, chatId]);
};
