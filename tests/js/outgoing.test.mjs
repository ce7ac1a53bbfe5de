import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const kept = new Map();
globalThis.localStorage = new Proxy(
  { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) },
  { ownKeys: () => [...kept.keys()], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) },
);
mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1e12 });

let pages = 0;
const fresh = () => import(`$/public/outgoing?${(pages += 1)}`);
let sent;
let send;

beforeEach(() => {
  kept.clear();
  const here = (sent = []); // pages of earlier tests go on sending to theirs
  send = (...message) => here.push(message);
});

test("what is said is sent at once, and waits until the server has it", async () => {
  const page = await fresh();
  page.connectOutgoing(true, send);
  page.post("x", "hello");
  const [chat, id, text] = sent[0];
  assert.deepEqual([chat, text, page.outgoing("x").length], ["x", "hello", 1]);
  page.discard(id);
  assert.deepEqual([page.outgoing("x").length, kept.size], [0, 0]);
});

test("what is said without a line is sent in order when there is one", async () => {
  const page = await fresh();
  page.connectOutgoing(false, send);
  ["one", "two", "three"].forEach((text) => page.post("x", text));
  assert.equal(sent.length, 0);
  page.connectOutgoing(true, send);
  for (let at = 0; at < 3; at += 1) page.discard(sent[at][1]);
  assert.deepEqual(sent.map(([, , text]) => text), ["one", "two", "three"]);
});

test("what was not sent is there again after a reload, under the same name", async () => {
  const before = await fresh();
  before.connectOutgoing(false, send);
  before.post("x", "hello");
  const [{ client_id }] = before.outgoing("x");
  const after = await fresh();
  after.connectOutgoing(true, send);
  assert.deepEqual(sent, [["x", client_id, "hello", 0, []]]);
});

test("without an answer it is sent again, and after four times it has failed", async () => {
  const page = await fresh();
  page.connectOutgoing(true, send);
  page.post("x", "hello");
  for (let second = 0; second < 60; second += 1) mock.timers.tick(1000);
  assert.equal(sent.length, 4);
  assert.equal(new Set(sent.map(([, id]) => id)).size, 1);
  assert.equal(page.outgoing("x")[0].state, "failed");
  page.retry(sent[0][1]);
  assert.equal(sent.length, 5);
});

test("told to slow down, it waits as long as it was told", async () => {
  const page = await fresh();
  page.connectOutgoing(true, send);
  page.post("x", "hello");
  page.refuse({ client_id: sent[0][1], code: "too_many", wait_s: 3 });
  mock.timers.tick(1000);
  mock.timers.tick(1000);
  assert.equal(sent.length, 1);
  for (let second = 0; second < 3; second += 1) mock.timers.tick(1000);
  assert.equal(sent.length, 2);
});

test("what is said later does not overtake what was put off", async () => {
  const page = await fresh();
  page.connectOutgoing(true, send);
  ["one", "two"].forEach((text) => page.post("x", text));
  page.post("y", "elsewhere");
  assert.deepEqual(sent.map(([, , text]) => text), ["one", "elsewhere"]);
  page.refuse({ client_id: sent[0][1], code: "too_many", wait_s: 2 });
  for (let second = 0; second < 3; second += 1) mock.timers.tick(1000);
  page.discard(sent[0][1]);
  assert.deepEqual(sent.map(([, , text]) => text), ["one", "elsewhere", "one", "two"]);
});

test("refused as it is, it fails and says why", async () => {
  const page = await fresh();
  page.connectOutgoing(true, send);
  page.post("x", "hello");
  page.refuse({ client_id: sent[0][1], code: "message_too_long" });
  assert.deepEqual([page.outgoing("x")[0].state, page.outgoing("x")[0].code], ["failed", "message_too_long"]);
});

test("an answer says what it answers, over a reload as well", async () => {
  const before = await fresh();
  before.connectOutgoing(false, send);
  before.post("x", "yes", { seq: 7, name: "Ben", text: "well?", erased: false });
  const after = await fresh();
  assert.equal(after.outgoing("x")[0].reply.text, "well?");
  after.connectOutgoing(true, send);
  assert.deepEqual(sent.map(([, , text, seq]) => [text, seq]), [["yes", 7]]);
});

test("what was to be answered is gone: it is said all the same, under the same name", async () => {
  for (const code of ["message_erased", "message_not_found", "not_said"]) {
    kept.clear();
    const page = await fresh();
    const here = [];
    page.connectOutgoing(true, (...message) => here.push(message));
    page.post("x", "yes", { seq: 7, name: "Ben", text: "well?", erased: false });
    page.refuse({ client_id: here[0][1], code });
    assert.deepEqual(here.map(([, , text, seq]) => [text, seq]), [["yes", 7], ["yes", 0]]);
    assert.equal(here[0][1], here[1][1]);
    assert.equal(page.outgoing("x")[0].reply, null);
  }
});

test("names are long, random and fit for an address", async () => {
  const { newId } = await fresh();
  const names = new Set(Array.from({ length: 1000 }, newId));
  assert.equal(names.size, 1000);
  for (const name of names) assert.match(name, /^[A-Za-z0-9_-]{22}$/);
});

test("what cannot be kept is sent all the same", async () => {
  const roomy = globalThis.localStorage;
  globalThis.localStorage = { getItem: () => null, removeItem: () => {}, setItem: () => { throw new Error("full"); } };
  const page = await fresh();
  page.connectOutgoing(true, send);
  page.post("x", "hello");
  assert.deepEqual([sent[0][2], page.outgoing("x").length], ["hello", 1]);
  page.discard(sent[0][1]);
  assert.equal(page.outgoing("x").length, 0);
  globalThis.localStorage = roomy;
});
