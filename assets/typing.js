// Who types: heard of, and forgotten after five seconds or when what was typed arrives. And saying that I do.
import { useEffect } from "react";

const FORGET_MS = 5000;
const SAY_AGAIN_MS = 3000;

const chats = new Map();
let told = () => {};

export const onTyping = (listener) => (told = listener);

/** The names of those who type in a chat; empty where a name is not known. */
export const typingIn = (chat) => [...(chats.get(chat)?.values() ?? [])].map(({ name }) => name);

export const heardTyping = ({ chat, person, name }) => {
  const there = chats.get(chat) ?? chats.set(chat, new Map()).get(chat);
  clearTimeout(there.get(person)?.timer);
  const timer = setTimeout(() => (there.delete(person), told()), FORGET_MS);
  timer.unref?.();
  there.set(person, { name, timer });
};

/** What somebody typed is here. */
export const spoke = (chat, person) => {
  clearTimeout(chats.get(chat)?.get(person)?.timer);
  chats.get(chat)?.delete(person);
};

/** Whether to say it: there is something typed, and it was not said a moment ago. */
export const worthSaying = (text, saidAt, now) => text.trim() !== "" && now - saidAt >= SAY_AGAIN_MS;

export const useTyping = (id, chatId, say) => {
  useEffect(() => {
    const box = document.getElementById(id);
    if (!box || !chatId) return undefined;
    let saidAt = 0;
    const typed = () => {
      // the first letter begins anew, whatever was said of the message before
      if (!worthSaying(box.value, box.value.length === 1 ? 0 : saidAt, Date.now())) return;
      saidAt = Date.now();
      say(chatId);
    };
    box.addEventListener("input", typed);
    return () => box.removeEventListener("input", typed);
  }, [id, chatId]);
};
