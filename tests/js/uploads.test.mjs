import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const kept = new Map();
globalThis.localStorage = new Proxy(
  { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) },
  { ownKeys: () => [...kept.keys()], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) },
);
const urls = new Set();
URL.createObjectURL = (file) => (urls.add(`blob:${file.name}`), `blob:${file.name}`);
URL.revokeObjectURL = (url) => urls.delete(url);
mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 });

let requests = [];
globalThis.XMLHttpRequest = class {
  upload = {};
  constructor() {
    requests.push(this);
  }
  open(method, url) {
    Object.assign(this, { method, url });
  }
  setRequestHeader() {}
  send(file) {
    this.file = file;
  }
  abort() {
    this.aborted = true;
  }
  answer(status, response) {
    Object.assign(this, { status, response });
    status ? this.onload() : this.onerror();
  }
};

const files = await import("$/public/files");
const queue = await import("$/public/outgoing");
const uploads = await import("$/public/uploads");
files.backendAt("http://chat.example:8000");

const file = (name, size = 1000, type = "image/png") => ({ name, size, type });
const view = (id) => ({ attachment_id: id, name: "cat.png", type: "image/png", size: 900, width: 40, height: 30, thumbnail: false });
let sent = [];
let chats = 0;
let chat;
beforeEach(() => {
  chat = `chat${(chats += 1)}`;
  [requests, sent] = [[], []];
  queue.connectOutgoing(true, (...message) => sent.push(message));
});
const going = () => queue.outgoing(chat);

test("a file goes up where the server is, as whoever is signed in", () => {
  uploads.add(chat, [file("кот & co.png")]);
  const [request] = requests;
  assert.equal(request.method, "POST");
  const url = new URL(request.url);
  assert.deepEqual([url.origin, url.pathname, url.searchParams.get("chat"), url.searchParams.get("name")], ["http://chat.example:8000", "/files", chat, "кот & co.png"]);
  assert.equal(request.withCredentials, true);
  request.answer(201, view("one"));
});

test("two at a time, the next when one is done", () => {
  uploads.add(chat, ["a", "b", "c", "d"].map((name) => file(name)));
  assert.equal(requests.length, 2);
  requests[0].answer(201, view("a"));
  assert.equal(requests.length, 3);
  requests.slice(1).forEach((request) => request.answer(201, view("x")));
  requests[3].answer(201, view("d"));
  assert.equal(uploads.take(chat).length, 4);
});

test("what is sent when it is up is sent at once, in order, with or without words", () => {
  uploads.add(chat, [file("a"), file("b")]);
  requests[1].answer(201, view("b"));
  requests[0].answer(201, view("a"));
  uploads.postWithFiles(chat, "");
  assert.deepEqual(sent[0].toSpliced(1, 1), [chat, "", 0, ["a", "b"]]);
  assert.equal(uploads.hasFiles(chat), false);
});

test("what is sent before it is up waits, and what is said later does not overtake it", () => {
  uploads.add(chat, [file("a")]);
  uploads.postWithFiles(chat, "look");
  queue.post(chat, "and more");
  assert.deepEqual(sent, []);
  assert.equal(going()[0].files[0].attachment_id, "");
  requests[0].answer(201, view("a"));
  assert.deepEqual(sent.map(([, , text, , ids]) => [text, ids]), [["look", ["a"]]]);
  queue.discard(sent[0][1]);
  assert.deepEqual(sent[1].slice(2), ["and more", 0, []]);
});

test("what broke off is tried again, and given up after four times; retrying begins anew", () => {
  uploads.add(chat, [file("a")]);
  uploads.postWithFiles(chat, "look");
  for (let at = 0; at < 4; at += 1) {
    requests[at].answer(0);
    for (let second = 0; second < 40; second += 1) mock.timers.tick(500);
  }
  assert.equal(requests.length, 4);
  assert.deepEqual([going()[0].state, going()[0].code], ["failed", "unsent"]);
  queue.retry(going()[0].client_id);
  requests[4].answer(201, view("a"));
  assert.deepEqual(sent.filter(([where]) => where === chat).map((message) => message.slice(2)), [["look", 0, ["a"]]]);
});

test("a busy server is given the time it asks for", () => {
  uploads.add(chat, [file("a")]);
  requests[0].answer(429, { code: "busy", params: { wait_s: 3 } });
  for (let step = 0; step < 4; step += 1) mock.timers.tick(500);
  assert.equal(requests.length, 1);
  for (let step = 0; step < 4; step += 1) mock.timers.tick(500);
  assert.equal(requests.length, 2);
  requests[1].answer(201, view("a"));
});

test("a full hour is not waited for", () => {
  uploads.add(chat, [file("a")]);
  uploads.postWithFiles(chat, "look");
  requests[0].answer(429, { code: "too_many", params: { wait_s: 1800 } });
  assert.deepEqual([going()[0].state, going()[0].code, going()[0].params], ["failed", "too_many", { wait_s: 1800 }]);
});

test("what the server does not want is not sent again", () => {
  uploads.add(chat, [file("a")]);
  requests[0].answer(422, { code: "broken_picture", params: {} });
  mock.timers.tick(60000);
  assert.equal(requests.length, 1);
  assert.equal(uploads.hasFiles(chat), false);
  assert.deepEqual(uploads.take(chat), []);
});

test("what is too large or empty is refused without a request, as the server's settings say", () => {
  uploads.setMost(1);
  uploads.add(chat, [file("large", 1024 * 1024 + 1), file("empty", 0)]);
  assert.deepEqual([requests.length, uploads.hasFiles(chat)], [0, false]);
  uploads.add(chat, [file("fits", 1024 * 1024)]);
  assert.equal(requests.length, 1);
  uploads.setMost(20);
  requests[0].answer(201, view("fits"));
});

test("the eleventh stays outside", () => {
  uploads.add(chat, Array.from({ length: 12 }, (_, at) => file(`${at}`)));
  for (let at = 0; at < 10; at += 1) requests[at].answer(201, view(`${at}`));
  assert.deepEqual([requests.length, uploads.take(chat).length], [10, 10]);
});

test("what is taken away is stopped, and its message too", () => {
  uploads.add(chat, [file("a.png")]);
  uploads.postWithFiles(chat, "look");
  queue.discard(going()[0].client_id);
  assert.deepEqual([requests[0].aborted, going(), urls.has("blob:a.png")], [true, [], false]);
});

test("a message whose files were not up when the page went says so; one whose were is sent", async () => {
  uploads.add(chat, [file("a"), file("b")]);
  uploads.postWithFiles(chat, "half");
  requests[0].answer(201, view("a"));
  const later = await import("$/public/outgoing?later");
  assert.deepEqual([later.outgoing(chat)[0].state, later.outgoing(chat)[0].code], ["failed", "upload_cut"]);
  requests[1].answer(201, view("b"));
  const last = await import("$/public/outgoing?last");
  const again = [];
  last.connectOutgoing(true, (...message) => again.push(message));
  assert.deepEqual(again.find(([where]) => where === chat)?.slice(2), ["half", 0, ["a", "b"]]);
});

test("how far it is stands in the bubble, and the picture of this tab stays in it", () => {
  uploads.add(chat, [file("a.png")]);
  uploads.postWithFiles(chat, "");
  requests[0].upload.onprogress({ loaded: 500, total: 1000 });
  const [drawn] = files.drawFiles(going()[0].files.map(uploads.goingOf), "ru").files;
  assert.deepEqual([drawn.progress, drawn.going, drawn.whole], [50, true, "blob:a.png"]);
  requests[0].answer(201, view("mine"));
  queue.discard(going()[0].client_id);
  assert.equal(files.drawFiles([view("mine")], "ru").pictures[0].shown, "blob:a.png");
  assert.ok(urls.has("blob:a.png"));
});
