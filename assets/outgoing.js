// Messages on their way: kept over a reload, sent in order, sent again until the server has them. The server stores a
// message once for each `client_id`, so sending twice is harmless, from two tabs as well.
import { useEffect, useSyncExternalStore } from "react";
import { drop, keep, kept, keysOf } from "$/public/kept";

const PREFIX = "chat outgoing ";
const AGAIN_MS = 8000;
const TRIES = 4;

let queue = [];
let told = () => {};
let wire = { online: false, send: () => {} };
let timer;

for (const key of keysOf(PREFIX)) queue.push({ ...JSON.parse(kept(key)), tries: 0, sentAt: 0 });
// files that were not up yet went with the page
const missesFiles = ({ files = [] }) => files.some((file) => !file.attachment_id);
queue.filter(missesFiles).forEach((message) => Object.assign(message, { state: "failed", code: "upload_cut" }));
queue.sort((a, b) => a.at - b.at);

export const onOutgoing = (listener) => (told = listener);
export const outgoing = (chat) => queue.filter((message) => message.chat === chat);

const put = (message) => {
  const at = queue.findIndex((other) => other.client_id === message.client_id);
  queue = at < 0 ? [...queue, message] : queue.with(at, message);
  keep(PREFIX + message.client_id, JSON.stringify(message));
  told();
};

const change = (clientId, changes) => {
  const message = queue.find((other) => other.client_id === clientId);
  if (message) put({ ...message, ...changes });
};

export const newId = () => btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(16)))).replace(/\W/g, (c) => ({ "+": "-", "/": "_" })[c] ?? "");

/** Put a message on its way, in answer to another, with files that are up or going up. */
export const post = (chat, text, reply = null, files = []) => {
  put({ chat, client_id: newId(), text, reply, files, at: Date.now(), state: "waiting", tries: 0, sentAt: 0 });
  flush();
};

// who lets files go up: told of what becomes of messages, without being needed here
let uploads = { again: () => {}, forget: () => {} };
export const withUploads = (given) => (uploads = given);
const holding = (upload) => queue.find(({ files = [] }) => files.some((file) => file.upload === upload));

/** A file of a message is up: this is what the server calls it. */
export const arrived = (upload, view) => {
  const message = holding(upload);
  if (message) change(message.client_id, { files: message.files.map((file) => (file.upload === upload ? { ...file, ...view } : file)) });
  flush();
};

/** It will not be. */
export const cut = (upload, code, params) => {
  const message = holding(upload);
  if (message) change(message.client_id, { state: "failed", code, params });
};

/** It is no longer on its way: the server has it, or its author gave it up. */
export const discard = (clientId) => {
  const message = queue.find((other) => other.client_id === clientId);
  if (!message) return;
  (message.files ?? []).forEach(({ upload }) => uploads.forget(upload));
  queue = queue.filter((message) => message.client_id !== clientId);
  drop(PREFIX + clientId);
  told();
  flush();
};

// What was to be answered is gone; what was said still stands.
const UNANSWERABLE = ["message_not_found", "message_erased", "not_said"];

/** The server does not want it: for now (it says how long), or as it is. */
export const refuse = ({ client_id, code, wait_s }) => {
  if (wait_s) return change(client_id, { sentAt: Date.now() - AGAIN_MS + wait_s * 1000, tries: 0 });
  if (!UNANSWERABLE.includes(code)) return change(client_id, { state: "failed", code });
  change(client_id, { reply: null, sentAt: 0, tries: 0 });
  return flush();
};

export const retry = (clientId) => {
  const { files = [] } = queue.find((message) => message.client_id === clientId) ?? {};
  files.filter((file) => !file.attachment_id).forEach(({ upload }) => uploads.again(upload));
  change(clientId, { state: "waiting", tries: 0, sentAt: 0, code: "" });
  flush();
};

const flush = () => {
  clearTimeout(timer);
  // one at a time in each chat: what is said later never overtakes what the server put off
  const heads = new Map(queue.filter(({ state }) => state === "waiting").map((m) => [m.chat, m]).reverse());
  if (!wire.online || !heads.size) return;
  for (const message of heads.values()) {
    if (missesFiles(message) || Date.now() - message.sentAt < AGAIN_MS) continue;
    Object.assign(message, { tries: message.tries + 1, sentAt: Date.now() });
    if (message.tries > TRIES) change(message.client_id, { state: "failed", code: "unsent" });
    else wire.send(message.chat, message.client_id, message.text, message.reply?.seq ?? 0, (message.files ?? []).map((file) => file.attachment_id));
  }
  timer = setTimeout(flush, 1000);
};

/** Say whether there is a line and how to send on it. A new line sends at once what waits. */
export const connectOutgoing = (online, send) => {
  if (online && !wire.online) queue.forEach((message) => Object.assign(message, { sentAt: 0, tries: 0 }));
  wire = { online, send };
  flush();
};

export const useOutgoing = (online, send) => useEffect(() => connectOutgoing(online, send));

const onLine = (listen) => (["online", "offline"].forEach((name) => addEventListener(name, listen)), () => {});
/** Whether there is a line, as far as the browser and the last attempts to connect can tell. */
export const useOnline = (errors) => useSyncExternalStore(onLine, () => navigator.onLine, () => true) && !errors.length;
