// Tabs that show who is here, for stories in Python: one JSON line in, one out. Each tab has a `timeline.js` and a
// `presence.js` of its own.
import { createInterface } from "node:readline";

const tabs = new Map();
let made = 0;
const opened = async () => {
  const own = `tab${(made += 1)}`;
  return { timeline: await import(`$/public/timeline?${own}`), presence: await import(`$/public/presence?${own}`) };
};

const does = {
  /** Take in what was pushed to a tab with this chat open; says what it wants. */
  async hear({ tab, me, pushed, chat }) {
    if (!tabs.has(tab)) tabs.set(tab, await opened());
    const { timeline } = tabs.get(tab);
    for (const fields of pushed) timeline.absorb(fields, me);
    return timeline.wants(chat, Date.now() + (made += 1) * 10000);
  },
  /** What a tab shows: who is here in the list and in the open chat, and what stands under its name. */
  see({ tab, chat: { chat_id, person, seen_at }, now }) {
    const { timeline, presence } = tabs.get(tab);
    const listed = timeline.listOf(chat_id, "en").map((row) => [row.chat_id, row.here]);
    const status = person ? presence.seenOf(chat_id, person, seen_at, "en", now) : null;
    return { listed: Object.fromEntries(listed), here: Object.keys(presence.hereNow()).sort(), count: presence.howManyHere(chat_id), status };
  },
  close({ tab }) {
    tabs.delete(tab);
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { op, ...facts } = JSON.parse(line);
  process.stdout.write(`${JSON.stringify(await does[op](facts))}\n`);
}
