// Files on their way up: chosen, dropped or pasted, each with its progress, two at a time, tried again while it may help.
// They wait above the box until they are sent with a message; one that is sent before they are up waits for them.
import { useEffect, useSyncExternalStore } from "react";
import { addressOf, iconOf, keepLocal, sizeOf } from "$/public/files";
import { arrived, cut, post, withUploads } from "$/public/outgoing";
import { useLanguage } from "$/public/words";

export const MOST_FILES = 10;
const AT_ONCE = 2;
const TRIES = 4;
const AGAIN_MS = 2000;
const TOLD_MS = 100;
const PICTURES = ["image/jpeg", "image/png", "image/webp", "image/gif"];
const MB = 1024 * 1024;

let most = 20 * MB;
let items = [];
let notes = new Map();
let version = 0;
const listeners = new Set();
const changed = () => ((version += 1), listeners.forEach((listen) => listen()));

/** Hear of every change here. */
export const onUploads = (listen) => listeners.add(listen);
/** The largest file, as the server said. */
export const setMost = (mb) => (most = mb * MB);

const put = (id, facts) => {
  items = items.map((item) => (item.id === id ? { ...item, ...facts } : item));
  changed();
};
const find = (id) => items.find((item) => item.id === id);
const waiting = (chat) => items.filter((item) => item.chat === chat && !item.sent);

/** Whether there is something to be sent without words. */
export const hasFiles = (chat) => waiting(chat).some(({ state }) => state !== "failed");

/** Let files go up for a chat. What is too large, empty or one too many is refused at once. */
export const add = (chat, files) => {
  notes.delete(chat);
  for (const file of files) {
    if (waiting(chat).length >= MOST_FILES) {
      notes.set(chat, "too_many_files");
      break;
    }
    const id = crypto.randomUUID();
    const code = file.size > most ? "file_too_large" : file.size ? "" : "empty_file";
    const isPicture = PICTURES.includes(file.type);
    items = [...items, {
      id, chat, file, name: file.name, type: file.type || "application/octet-stream", size: file.size, url: isPicture && !code ? URL.createObjectURL(file) : "",
      width: 0, height: 0, progress: 0, state: code ? "failed" : "waiting", code, tries: 0, notBefore: 0, view: null, sent: false,
    }];
    if (isPicture && !code) measure(id);
  }
  changed();
  pump();
};

// how large a picture is, so that its place is kept while it goes up
const measure = (id) => {
  if (!globalThis.Image) return;
  const image = new Image();
  image.onload = () => find(id) && put(id, { width: image.naturalWidth, height: image.naturalHeight });
  image.src = find(id).url;
};

/** Neither up nor sent: it is stopped, and forgotten. */
export const remove = (id) => {
  const item = find(id);
  if (!item) return;
  item.request?.abort();
  // what is up already may still be seen in its bubble
  if (item.url && !item.view) URL.revokeObjectURL(item.url);
  items = items.filter((other) => other !== item);
  if (waiting(item.chat).length < MOST_FILES) notes.delete(item.chat);
  changed();
  pump();
};

export const again = (id) => {
  if (find(id)?.state === "failed") put(id, { state: "waiting", code: "", tries: 0, notBefore: 0, progress: 0 });
  pump();
};

const described = ({ id, name, type, size, width, height, view }) => ({
  ...(view ?? { attachment_id: "", name, type, size, width, height, thumbnail: false }), upload: id,
});

/** What goes with the message that is sent now. */
export const take = (chat) => {
  const going = waiting(chat).filter(({ state }) => state !== "failed");
  going.forEach(({ id }) => (items = items.map((item) => (item.id === id ? { ...item, sent: true } : item))));
  if (going.length) changed();
  return going.map(described);
};

/** Put a message on its way, with the files that wait. */
export const postWithFiles = (chat, text, reply = null) => post(chat, text, reply, take(chat));

/** How far the file of a message is. */
export const goingOf = (file) => {
  const item = find(file.upload);
  return item ? { ...file, url: item.url, width: file.width || item.width, height: file.height || item.height, progress: item.progress, going: item.state !== "done" } : file;
};

let timer;
const pump = () => {
  clearTimeout(timer);
  const due = items.filter(({ state }) => state === "waiting");
  const busy = items.filter(({ state }) => state === "sending").length;
  due.filter(({ notBefore }) => notBefore <= Date.now()).slice(0, AT_ONCE - busy).forEach(send);
  if (due.length) timer = setTimeout(pump, AGAIN_MS / 4);
};

const send = ({ id, chat, name, file, tries }) => {
  const address = addressOf("/files");
  if (!address) return;
  const request = new XMLHttpRequest();
  let toldAt = 0;
  request.open("POST", `${address}?chat=${encodeURIComponent(chat)}&name=${encodeURIComponent(name.toWellFormed?.() ?? name)}`);
  request.withCredentials = true;
  request.responseType = "json";
  request.setRequestHeader("Content-Type", "application/octet-stream");
  request.upload.onprogress = ({ loaded, total }) => {
    // drawn ten times a second at most
    if (Date.now() - toldAt < TOLD_MS || !find(id)) return;
    toldAt = Date.now();
    put(id, { progress: Math.min(99, (100 * loaded) / total) });
  };
  request.onload = () => answered(id, request.status, request.response);
  request.onerror = () => answered(id, 0, null);
  put(id, { state: "sending", tries: tries + 1, request, progress: 0 });
  request.send(file);
};

const answered = (id, status, answer) => {
  const item = find(id);
  if (!item) return;
  if (status === 201) {
    if (item.url) keepLocal(answer.attachment_id, item.url);
    put(id, { state: "done", progress: 100, view: answer, request: null, file: null });
    if (item.sent) arrived(id, answer);
  } else {
    const wait = answer?.params?.wait_s ?? 0;
    // a line that broke, a server that is busy: it may help to wait; not for an hour
    const maybe = (status === 0 || status >= 500 || status === 429) && wait < 60;
    if (maybe && item.tries < TRIES) put(id, { state: "waiting", notBefore: Date.now() + Math.max(wait * 1000, AGAIN_MS * item.tries), request: null });
    else {
      put(id, { state: "failed", code: answer?.code ?? "unsent", params: answer?.params ?? {}, request: null });
      if (item.sent) cut(id, answer?.code ?? "unsent", answer?.params);
    }
  }
  pump();
};

// what becomes of a message becomes of its files
withUploads({ again, forget: remove });

// what may be another time: the line, a full hour, a busy server
const RETRIED = ["unsent", "too_many", "busy", "file_cut", "internal_server_error"];

const facts = (item, lang) => ({
  key: item.id, name: item.name, size: sizeOf(item.size, lang), icon: iconOf(item.type), shown: item.url, progress: Math.round(item.progress),
  state: item.state, code: item.code, hopeless: !RETRIED.includes(item.code), params: item.code === "file_too_large" ? { most_mb: Math.floor(most / MB) } : (item.params ?? {}),
});

let rows = { key: "", value: [] };
/** What waits above the box of a chat. */
export const useUploads = (chat) => {
  const lang = useLanguage();
  useSyncExternalStore((listen) => (listeners.add(listen), () => listeners.delete(listen)), () => version, () => 0);
  const key = [version, chat, lang].join("\n");
  if (rows.key !== key) rows = { key, value: waiting(chat).map((item) => facts(item, lang)) };
  return rows.value;
};

/** Whether something waits there that can be sent. */
export const useSendable = (chat) => (useUploads(chat), hasFiles(chat));

/** Why not all that was chosen is there. */
export const useUploadNote = (chat) => (useUploads(chat), notes.get(chat) ?? "");

const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

/** Files come by the button, dropped anywhere on the conversation, and from the clipboard. */
export const usePicking = (inputId, boxId, paneId, chat) => {
  useEffect(() => {
    const [input, box, pane] = [inputId, boxId, paneId].map((id) => document.getElementById(id));
    if (!chat || !input || !box || !pane) return undefined;
    let inside = 0;
    const over = (on) => (pane.dataset.dropping = String(on));
    const chosen = () => {
      add(chat, [...input.files]);
      // the same file may be chosen again
      input.value = "";
      box.focus();
    };
    const enter = (event) => carries(event) && (event.preventDefault(), (inside += 1), over(true));
    const move = (event) => carries(event) && event.preventDefault();
    const leave = (event) => carries(event) && (inside = Math.max(0, inside - 1)) === 0 && over(false);
    const drop = (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      [inside] = [0];
      over(false);
      add(chat, [...event.dataTransfer.files]);
      box.focus();
    };
    const paste = (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      if (!files.length) return;
      event.preventDefault();
      add(chat, files);
    };
    const heard = [[input, "change", chosen], [pane, "dragenter", enter], [pane, "dragover", move], [pane, "dragleave", leave], [pane, "drop", drop], [box, "paste", paste]];
    heard.forEach(([where, name, does]) => where.addEventListener(name, does));
    return () => {
      over(false);
      heard.forEach(([where, name, does]) => where.removeEventListener(name, does));
    };
  }, [inputId, boxId, paneId, chat]);
};
