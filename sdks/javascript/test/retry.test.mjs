import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { test } from "node:test";

import { ApiError, ConnectionError, FluenzrClient, RateLimitError, ServerError } from "@fluenzr/sdk";

import { clientOf, fail, KEY, ok } from "./helpers.mjs";

/** Fails `times` times with `answer`, then succeeds. */
const failing = (times, answer) => (_call, count) => (count <= times ? answer : ok({ id: "con_1" }));

for (const status of [429, 500, 502, 503, 504]) {
  test(`${status} is tried again`, async (t) => {
    const { client, calls } = await clientOf(t, failing(2, fail(status, "X")));
    assert.deepEqual(await client.contacts.get("con_1"), { id: "con_1" });
    assert.equal(calls.length, 3);
  });
}

test("what the caller did wrong is not tried again", async (t) => {
  for (const status of [400, 401, 403, 404, 405, 409, 413, 415, 501]) {
    const { client, calls } = await clientOf(t, failing(1, fail(status, "X")));
    await assert.rejects(client.contacts.get("con_1"), { status });
    assert.equal(calls.length, 1);
  }
});

test("Retry-After in seconds is waited for", async (t) => {
  const { client, waits } = await clientOf(t, failing(1, fail(429, "X", "x", {}, { "Retry-After": "7" })));
  await client.contacts.get("con_1");
  assert.deepEqual(waits, [7000]);
});

test("Retry-After as a date is waited for; a past one means now", async (t) => {
  const date = new Date(Date.now() + 20_000).toUTCString();
  const answers = [date, new Date(0).toUTCString()].map((at) => fail(503, "X", "x", {}, { "Retry-After": at }));
  const { client, waits } = await clientOf(t, (_call, count) => answers[count - 1] ?? ok({}));
  await client.contacts.get("con_1");
  assert.ok(waits[0] > 15_000 && waits[0] <= 20_000, `${waits[0]}`);
  assert.equal(waits[1], 0);
});

test("an unreadable Retry-After falls back on backoff", async (t) => {
  const { client, waits } = await clientOf(t, failing(1, fail(503, "X", "x", {}, { "Retry-After": "-5" })));
  await client.contacts.get("con_1");
  assert.ok(waits[0] >= 0 && waits[0] <= 500);
});

test("a Retry-After of an hour is the caller's to wait", async (t) => {
  const { client, calls } = await clientOf(t, failing(9, fail(429, "X", "x", {}, { "Retry-After": "3600" })));
  await assert.rejects(client.contacts.get("con_1"), { name: "RateLimitError", retryAfter: 3600 });
  assert.equal(calls.length, 1);
});

test("backoff doubles, with full jitter, to 30 seconds at most", async (t) => {
  t.mock.method(Math, "random", () => 1);
  const { client, waits } = await clientOf(t, failing(99, fail(500, "X")), { maxRetries: 8 });
  await assert.rejects(client.contacts.get("con_1"), ServerError);
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
});

test("retries end after four, or as many as were asked for", async (t) => {
  const first = await clientOf(t, failing(99, fail(429, "RATE_LIMIT_EXCEEDED")));
  await assert.rejects(first.client.contacts.get("con_1"), RateLimitError);
  assert.equal(first.calls.length, 5);
  const second = await clientOf(t, failing(99, fail(429, "X")), { maxRetries: 0 });
  await assert.rejects(second.client.contacts.get("con_1"), ApiError);
  assert.equal(second.calls.length, 1);
});

test("a POST keeps its idempotency key over its attempts, and the next POST has another", async (t) => {
  const { client, calls } = await clientOf(t, failing(2, fail(503, "X")));
  await client.contacts.create({ email: "a@example.com" });
  await client.contacts.create({ email: "b@example.com" });
  const keys = calls.map((call) => call.headers["idempotency-key"]);
  assert.match(keys[0], /^[0-9a-f-]{36}$/);
  assert.deepEqual(keys.slice(0, 3), [keys[0], keys[0], keys[0]]);
  assert.notEqual(keys[3], keys[0]);
});

test("the idempotency key can be given, and is only for POST", async (t) => {
  const { client, calls } = await clientOf(t, () => ok({}));
  await client.groups.create({ name: "G" }, { idempotencyKey: "sync-42" });
  await client.groups.update("grp_1", { name: "H" }, { idempotencyKey: "sync-42" });
  assert.deepEqual(calls.map((call) => call.headers["idempotency-key"]), ["sync-42", undefined]);
  await assert.rejects(client.groups.create({ name: "G" }, { idempotencyKey: "a\nb" }), /idempotencyKey/);
});

test("without randomUUID, or any Web Crypto global, a POST still has a version 4 key", async (t) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, "crypto");
  t.after(() => (before ? Object.defineProperty(globalThis, "crypto", before) : delete globalThis.crypto));
  const { client, calls } = await clientOf(t, () => ok({}));
  const partial = { getRandomValues: (bytes) => webcrypto.getRandomValues(bytes) };
  for (const value of [partial, undefined]) {
    Object.defineProperty(globalThis, "crypto", { value, configurable: true });
    await client.groups.create({ name: "G" });
    const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    assert.match(calls.at(-1).headers["idempotency-key"], form);
  }
});

test("a refused connection is tried again, then a ConnectionError that says why", async () => {
  const waits = [];
  const sleep = async (milliseconds) => void waits.push(milliseconds);
  const client = new FluenzrClient({ apiKey: KEY, baseUrl: "http://127.0.0.1:1", sleep });
  await assert.rejects(client.contacts.get("con_1"), (error) => {
    return error instanceof ConnectionError && /Could not reach the server/.test(error.message);
  });
  assert.equal(waits.length, 4);
});

test("an attempt that takes too long is tried again", async (t) => {
  const slow = async (_call, count) => {
    if (count === 1) await new Promise((resolve) => setTimeout(resolve, 400).unref());
    return ok({ id: "con_1" });
  };
  const { client, calls } = await clientOf(t, slow, { timeout: 150 });
  assert.deepEqual(await client.contacts.get("con_1"), { id: "con_1" });
  assert.equal(calls.length, 2);
});

test("only timeouts: a ConnectionError that says so", async (t) => {
  const never = () => new Promise(() => {});
  const { client } = await clientOf(t, never, { timeout: 30, maxRetries: 1 });
  await assert.rejects(client.contacts.get("con_1"), { name: "ConnectionError", message: /within 30 ms/ });
});

test("a signal cancels a call under way, and it is not tried again", async (t) => {
  const controller = new AbortController();
  const { client, calls } = await clientOf(t, () => {
    controller.abort();
    return new Promise(() => {});
  });
  await assert.rejects(client.contacts.get("con_1", { signal: controller.signal }), { name: "AbortError" });
  assert.equal(calls.length, 1);
});

test("a signal cancels the wait between attempts, and a call not yet begun", async (t) => {
  const controller = new AbortController();
  const busy = fail(429, "X", "x", {}, { "Retry-After": "60" });
  const { client, calls } = await clientOf(t, () => busy, { sleep: undefined });
  const call = client.contacts.get("con_1", { signal: controller.signal });
  setTimeout(() => controller.abort(new Error("enough")), 100);
  await assert.rejects(call, /enough/);
  await assert.rejects(client.contacts.list({}, { signal: controller.signal }), /enough/);
  assert.equal(calls.length, 1);
});
