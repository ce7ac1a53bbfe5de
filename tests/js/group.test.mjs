import assert from "node:assert/strict";
import { describe, test } from "node:test";

const { waitFor } = await import("$/public/group");

describe("reading a group anew", () => {
  test("is spread over longer, the more there are to do it, and never over more than four seconds", () => {
    assert.equal(waitFor(3, 1), 12);
    assert.equal(waitFor(1000, 1), 4000);
    assert.equal(waitFor(1000, 0.25), 1000);
    assert.equal(waitFor(5000, 1), 4000);
    assert.equal(waitFor(1000, 0), 0);
  });
});
