import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { inspect } from "node:util";

import { FluenzrClient, FluenzrError, NotFoundError } from "@fluenzr/sdk";

import { clientOf, KEY, ok } from "./helpers.mjs";

function withEnvironment(t, values) {
  for (const [name, value] of Object.entries(values)) {
    const before = process.env[name];
    t.after(() => (before === undefined ? delete process.env[name] : (process.env[name] = before)));
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
}

/** The URL that a call of a client with this base URL goes to. */
async function urlWith(baseUrl) {
  let seen;
  const fetch = async (url) => {
    seen = url;
    return Response.json(ok({}).body);
  };
  await new FluenzrClient({ apiKey: KEY, baseUrl, fetch }).contacts.get("con_1");
  return seen;
}

test("a missing key is named", (t) => {
  withEnvironment(t, { FLUENZR_API_KEY: undefined });
  assert.throws(() => new FluenzrClient(), { name: "FluenzrError", message: /FLUENZR_API_KEY/ });
});

test("key and base URL come from the environment", async (t) => {
  withEnvironment(t, { FLUENZR_API_KEY: KEY, FLUENZR_BASE_URL: "http://env.example/" });
  let seen;
  const fetch = async (...call) => {
    seen = call;
    return Response.json(ok([]).body);
  };
  await new FluenzrClient({ fetch }).tags.list({ page: 1 });
  assert.equal(seen[0], "http://env.example/v1/tags?page=1");
  assert.equal(seen[1].headers.Authorization, `Bearer ${KEY}`);
});

test("the base URL gets /v1 once, and no double slash", async (t) => {
  withEnvironment(t, { FLUENZR_BASE_URL: undefined });
  assert.equal(await urlWith("https://crm.example"), "https://crm.example/v1/contacts/con_1");
  assert.equal(await urlWith("https://crm.example/"), "https://crm.example/v1/contacts/con_1");
  assert.equal(await urlWith("https://crm.example/v1/"), "https://crm.example/v1/contacts/con_1");
  assert.equal(await urlWith("https://crm.example/sub"), "https://crm.example/sub/v1/contacts/con_1");
  assert.equal(await urlWith(undefined), "https://api.fluenzr.co/v1/contacts/con_1");
});

test("unusable options are refused", () => {
  for (const wrong of [{ baseUrl: "crm" }, { baseUrl: "ftp://crm" }, { timeout: 0 }, { maxRetries: -1 }]) {
    assert.throws(() => new FluenzrClient({ apiKey: KEY, ...wrong }), FluenzrError);
  }
});

test("a key that no header can hold is refused without being shown", () => {
  const wrong = `${KEY}\nX: y`;
  assert.throws(() => new FluenzrClient({ apiKey: wrong }), (error) => !inspect(error).includes(KEY));
});

test("the key shows neither in the client nor in errors", async (t) => {
  const echo = ({ headers }) => ({ status: 404, body: { error: { code: "X", message: headers.authorization } } });
  const { client } = await clientOf(t, echo);
  assert.ok(!JSON.stringify(client).includes(KEY));
  assert.ok(!inspect(client, { depth: 9, showHidden: true }).includes(KEY));
  await assert.rejects(client.contacts.get("con_1"), (error) => {
    assert.ok(error instanceof NotFoundError);
    return !inspect(error).includes(KEY) && !JSON.stringify(error).includes(KEY);
  });
  const fetch = async (_url, init) => {
    throw Object.assign(new Error(init.headers.Authorization), { init });
  };
  const broken = new FluenzrClient({ apiKey: KEY, fetch, maxRetries: 0 });
  await assert.rejects(broken.contacts.get("con_1"), (error) => !inspect(error, { depth: 9 }).includes(KEY));
});

test("an id is encoded, and one that leads elsewhere is refused", async (t) => {
  const { client, calls } = await clientOf(t, () => ok({}));
  await client.contacts.get("a/b?c");
  assert.equal(calls[0].path, "/v1/contacts/a%2Fb%3Fc");
  for (const id of ["", "..", undefined]) await assert.rejects(client.contacts.delete(id), FluenzrError);
  assert.equal(calls.length, 1);
});

test("every method calls its documented path", async (t) => {
  const isList = ({ method, path }) => method === "GET" || path.endsWith("/search");
  const { client, calls } = await clientOf(t, (call) => ok(isList(call) ? [] : {}));
  const { contacts, groups, campaigns, webhooks } = client;
  const expected = [
    [() => contacts.update("c", {}), "PUT /v1/contacts/c"],
    [() => contacts.delete("c"), "DELETE /v1/contacts/c"],
    [() => contacts.bulk({ contacts: [] }), "POST /v1/contacts/bulk"],
    [() => contacts.search({}), "POST /v1/contacts/search"],
    [() => contacts.addToGroups("c", ["g"]), "POST /v1/contacts/c/groups", { groupIds: ["g"] }],
    [() => contacts.removeFromGroups("c", { groupIds: ["g"] }), "DELETE /v1/contacts/c/groups", { groupIds: ["g"] }],
    [() => contacts.addTags("c", ["t"]), "POST /v1/contacts/c/tags", { tags: ["t"] }],
    [() => contacts.removeTags("c", ["t"]), "DELETE /v1/contacts/c/tags", { tags: ["t"] }],
    [() => groups.list(), "GET /v1/groups"],
    [() => groups.get("g"), "GET /v1/groups/g"],
    [() => groups.create({ name: "G" }), "POST /v1/groups", { name: "G" }],
    [() => groups.update("g", { name: "G" }), "PUT /v1/groups/g"],
    [() => groups.delete("g"), "DELETE /v1/groups/g"],
    [() => groups.addContacts("g", ["c"]), "POST /v1/groups/g/contacts", { contactIds: ["c"] }],
    [() => groups.removeContacts("g", ["c"]), "DELETE /v1/groups/g/contacts", { contactIds: ["c"] }],
    [() => groups.listContacts("g"), "GET /v1/groups/g/contacts"],
    [() => campaigns.get("m"), "GET /v1/campaigns/m"],
    [() => campaigns.update("m", { name: "M" }), "PUT /v1/campaigns/m"],
    [
      () => campaigns.create({ name: "M", emailAccountId: "a", moreEmailAccountIds: ["b"] }),
      "POST /v1/campaigns",
      { name: "M", emailAccountId: "a", moreEmailAccountIds: ["b"] },
    ],
    [() => campaigns.update("m", { moreEmailAccountIds: [] }), "PUT /v1/campaigns/m", { moreEmailAccountIds: [] }],
    [() => campaigns.pause("m"), "POST /v1/campaigns/m/pause"],
    [() => campaigns.resume("m"), "POST /v1/campaigns/m/resume"],
    [() => campaigns.archive("m"), "POST /v1/campaigns/m/archive"],
    [() => campaigns.removeContacts("m", ["c"]), "DELETE /v1/campaigns/m/contacts", { contactIds: ["c"] }],
    [() => campaigns.listContacts("m"), "GET /v1/campaigns/m/contacts"],
    [() => campaigns.getEmailStats("m"), "GET /v1/campaigns/m/stats/emails"],
    [() => campaigns.getTimeline("m", { interval: "day" }), "GET /v1/campaigns/m/stats/timeline"],
    [() => campaigns.getActivity("m"), "GET /v1/campaigns/m/activity"],
    [() => campaigns.why("m"), "GET /v1/campaigns/m/why"],
    [() => webhooks.list(), "GET /v1/webhooks"],
    [() => webhooks.get("w"), "GET /v1/webhooks/w"],
    [() => webhooks.create({ url: "https://x.example", events: [] }), "POST /v1/webhooks"],
    [() => webhooks.update("w", { events: [] }), "PUT /v1/webhooks/w"],
    [() => webhooks.delete("w"), "DELETE /v1/webhooks/w"],
    [() => webhooks.test("w"), "POST /v1/webhooks/w/test"],
    [() => webhooks.logs("w"), "GET /v1/webhooks/w/logs"],
    [() => webhooks.retry("w", "l"), "POST /v1/webhooks/w/logs/l/retry"],
    [() => webhooks.rotateSecret("w"), "POST /v1/webhooks/w/rotate-secret", {}],
    [() => webhooks.rotateSecret("w", { overlapHours: 48 }), "POST /v1/webhooks/w/rotate-secret", { overlapHours: 48 }],
    [() => webhooks.replay("w", { from: "2025-01-15" }), "POST /v1/webhooks/w/replay", { from: "2025-01-15" }],
    [() => client.pipelineStages.list(), "GET /v1/pipeline-stages"],
    [() => client.customFields.list(), "GET /v1/custom-fields"],
    [() => client.emailAccounts.list(), "GET /v1/email-accounts"],
    [() => client.locations.list(), "GET /v1/locations"],
  ];
  for (const [call, line, body] of expected) {
    await call();
    const { method, path, body: sent } = calls.at(-1);
    assert.equal(`${method} ${path}`, line);
    if (body) assert.deepEqual(sent, body);
  }
});

test("filters go into the query, custom fields in brackets, what is undefined nowhere", async (t) => {
  const { client, calls } = await clientOf(t, () => ok([]));
  await client.contacts.list({ email: "é+1@x", tag: undefined, customFields: { sector: "SaaS" }, perPage: 5 });
  assert.deepEqual(calls[0].query, { email: "é+1@x", "customFields[sector]": "SaaS", perPage: "5" });
});

test("CommonJS gets the same names", () => {
  const required = createRequire(import.meta.url)("@fluenzr/sdk");
  assert.equal(typeof required.verifyWebhook, "function");
  assert.ok(new required.FluenzrClient({ apiKey: KEY }).contacts);
  assert.notEqual(required.FluenzrClient, FluenzrClient);
});
