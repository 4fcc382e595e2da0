import assert from "node:assert/strict";
import { test } from "node:test";

import { MAX_AWAITED_ITEMS, Page } from "@fluenzr/sdk";

import { clientOf, listing, ok, rows } from "./helpers.mjs";

const ids = (items) => items.map((item) => item.id);

test("awaiting a list without a page gives everything, by cursor, in hundreds", async (t) => {
  const { client, calls } = await clientOf(t, (call) => listing(rows(250), call));
  const all = await client.contacts.list({ status: "active" });
  assert.deepEqual(ids(all), ids(rows(250)));
  assert.deepEqual(all.meta, { page: 1, perPage: 250, total: 250, totalPages: 1, nextCursor: null });
  assert.equal(await all.nextPage(), null);
  assert.deepEqual(calls.map((call) => call.query), [
    { status: "active", perPage: "100" },
    { status: "active", perPage: "100", cursor: "c100" },
    { status: "active", perPage: "100", cursor: "c200" },
  ]);
});

test("awaiting a list with a page gives that page, and the way on", async (t) => {
  const { client, calls } = await clientOf(t, (call) => listing(rows(50), call));
  const page = await client.contacts.list({ page: 2 });
  assert.ok(page instanceof Page && Array.isArray(page));
  assert.deepEqual([page.length, page[0].id, page.meta.total, page.meta.totalPages], [20, "con_20", 50, 3]);
  const last = await page.nextPage();
  assert.deepEqual([last.length, last[0].id, last.meta.nextCursor], [10, "con_40", null]);
  assert.equal(await last.nextPage(), null);
  assert.equal(calls.length, 2);
});

test("a cursor or a perPage alone is one page too", async (t) => {
  const { client, calls } = await clientOf(t, (call) => listing(rows(50), call));
  assert.equal((await client.contacts.list({ perPage: 5 })).length, 5);
  assert.equal((await client.contacts.list({ cursor: "c45" }))[0].id, "con_45");
  assert.equal(calls.length, 2);
});

test("a page is an array whose map gives a plain one", async (t) => {
  const { client } = await clientOf(t, (call) => listing(rows(3), call));
  const page = await client.contacts.list({ page: 1 });
  assert.equal(page.map((item) => item.id).constructor, Array);
  assert.equal(JSON.stringify(page), JSON.stringify(rows(3)));
  assert.deepEqual([...page], rows(3));
});

test("for await goes over all pages and asks only for those it needs", async (t) => {
  const { client, calls } = await clientOf(t, (call) => listing(rows(250), call));
  const seen = [];
  for await (const contact of client.contacts.list()) seen.push(contact.id);
  assert.deepEqual(seen, ids(rows(250)));
  assert.equal(calls.length, 3);
  for await (const _ of client.contacts.list()) break;
  assert.equal(calls.length, 4);
});

test("for await starts at the page given", async (t) => {
  const { client } = await clientOf(t, (call) => listing(rows(50), call));
  const seen = [];
  for await (const contact of client.contacts.list({ page: 2 })) seen.push(contact.id);
  assert.deepEqual(seen, ids(rows(50)).slice(20));
});

test("pages() gives the pages", async (t) => {
  const { client } = await clientOf(t, (call) => listing(rows(25), call));
  const sizes = [];
  for await (const page of client.contacts.list({ perPage: 10 }).pages()) sizes.push(page.length);
  assert.deepEqual(sizes, [10, 10, 5]);
});

test("a list is not fetched before it is used, nor twice when awaited twice", async (t) => {
  const { client, calls } = await clientOf(t, (call) => listing(rows(5), call));
  const list = client.tags.list();
  assert.equal(calls.length, 0);
  assert.equal(await list, await list);
  assert.equal(calls.length, 1);
});

test("search pages in its body", async (t) => {
  const { client, calls } = await clientOf(t, (call) => listing(rows(150), call));
  assert.equal((await client.contacts.search({ query: "x" })).length, 150);
  assert.deepEqual(calls.map((call) => call.body), [
    { query: "x", perPage: 100 },
    { query: "x", perPage: 100, cursor: "c100" },
  ]);
  assert.ok(calls.every((call) => call.headers["idempotency-key"] === undefined));
});

test("too many items to await are refused after one call; for await still takes them", async (t) => {
  const many = rows(MAX_AWAITED_ITEMS + 1);
  const { client, calls } = await clientOf(t, (call) => listing(many, call));
  await assert.rejects(client.contacts.list(), { name: "FluenzrError", message: /10001 items.*for await/ });
  assert.equal(calls.length, 1);
  let count = 0;
  for await (const _ of client.contacts.list()) count++;
  assert.equal(count, many.length);
});

test("exactly the bound can be awaited", async (t) => {
  const { client } = await clientOf(t, (call) => listing(rows(MAX_AWAITED_ITEMS), call));
  assert.equal((await client.contacts.list()).length, MAX_AWAITED_ITEMS);
});

test("an empty list", async (t) => {
  const { client } = await clientOf(t, (call) => listing([], call));
  const all = await client.groups.list();
  assert.deepEqual([all.length, all.meta.total, all.meta.totalPages], [0, 0, 0]);
  for await (const _ of client.groups.list()) assert.fail();
});

test("a server without cursors is paged by number", async (t) => {
  const { client, calls } = await clientOf(t, (call) => {
    const answer = listing(rows(250), call);
    delete answer.body.meta.nextCursor;
    return answer;
  });
  assert.equal((await client.contacts.list()).length, 250);
  assert.deepEqual(calls.map((call) => call.query.page), [undefined, "2", "3"]);
});

test("a server that repeats its cursor does not hold the client for ever", async (t) => {
  const meta = { page: 1, perPage: 1, total: 9, totalPages: 9, nextCursor: "same" };
  const { client } = await clientOf(t, () => ok(rows(1), meta));
  await assert.rejects(client.contacts.list(), /same cursor twice/);
});
