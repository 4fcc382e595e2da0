// Against a running server. Makes contacts and groups of its own and deletes them again.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";

import {
  AuthenticationError,
  ConflictError,
  FluenzrClient,
  NotFoundError,
  ValidationError,
} from "@fluenzr/sdk";

const run = randomBytes(5).toString("hex");
const address = (name) => `${name}@${run}.example.com`;
let fluenzr;

before(() => {
  for (const name of ["FLUENZR_BASE_URL", "FLUENZR_API_KEY"]) {
    if (!process.env[name]) throw new Error(`The live tests need ${name} in the environment`);
  }
  fluenzr = new FluenzrClient();
});

after(async () => {
  if (!fluenzr) return;
  const mine = await fluenzr.contacts.list({ email: `@${run}.example.com` });
  for (const contact of mine) await fluenzr.contacts.delete(contact.id);
  for await (const group of fluenzr.groups.list({ name: run })) await fluenzr.groups.delete(group.id);
});

test("a contact is created, read, updated and deleted", async () => {
  const created = await fluenzr.contacts.create({
    email: ` ${address("Mary").toUpperCase()} `,
    firstName: "Mary",
    jobTitle: "CEO",
    tags: [`vip ${run}`],
    customFields: { [`plan_${run}`]: "pro" },
  });
  assert.match(created.id, /^con_/);
  assert.equal(created.email, address("mary"));
  assert.deepEqual(await fluenzr.contacts.get(created.id), created);
  const updated = await fluenzr.contacts.update(created.id, { jobTitle: null, lastName: "Ångström" });
  assert.deepEqual([updated.firstName, updated.lastName, updated.jobTitle], ["Mary", "Ångström", null]);
  assert.deepEqual(await fluenzr.contacts.delete(created.id), { id: created.id, deleted: true });
  await assert.rejects(fluenzr.contacts.get(created.id), NotFoundError);
});

test("groups: made, filled, listed, changed, emptied, deleted", async () => {
  const group = await fluenzr.groups.create({ name: `Leads ${run}`, color: "#3b82f6" });
  const contact = await fluenzr.contacts.create({ email: address("grouped") });
  const added = await fluenzr.groups.addContacts(group.id, [contact.id, "con_none"]);
  assert.deepEqual([added.added, added.errors[0].contactId], [1, "con_none"]);
  assert.deepEqual((await fluenzr.groups.listContacts(group.id)).map(({ id }) => id), [contact.id]);
  assert.equal((await fluenzr.groups.get(group.id)).contactCount, 1);
  assert.equal((await fluenzr.groups.update(group.id, { color: "#000000" })).name, `Leads ${run}`);
  assert.equal((await fluenzr.groups.removeContacts(group.id, { contactIds: [contact.id] })).removed, 1);
  const grouped = await fluenzr.contacts.addToGroups(contact.id, [group.id]);
  assert.deepEqual(grouped.groups, [{ id: group.id, name: `Leads ${run}` }]);
  assert.deepEqual((await fluenzr.contacts.removeFromGroups(contact.id, [group.id])).groups, []);
  assert.equal((await fluenzr.groups.delete(group.id)).deleted, true);
});

test("tags are added and removed", async () => {
  const contact = await fluenzr.contacts.create({ email: address("tagged") });
  const tagged = await fluenzr.contacts.addTags(contact.id, [`a ${run}`, `b ${run}`]);
  assert.deepEqual([...tagged.tags].sort(), [`a ${run}`, `b ${run}`]);
  assert.deepEqual((await fluenzr.contacts.removeTags(contact.id, { tags: [`a ${run}`] })).tags, [`b ${run}`]);
  assert.ok((await fluenzr.tags.list()).some(({ name }) => name === `b ${run}`));
});

test("250 contacts are made in bulk, and all are found again in three ways", async () => {
  const company = `Co ${run}`;
  const contacts = Array.from({ length: 250 }, (_, index) => ({ email: address(`bulk${index}`), company }));
  const result = await fluenzr.contacts.bulk({ contacts: [...contacts, { email: "not an address" }] });
  assert.deepEqual([result.created, result.updated, result.skipped], [250, 0, 0]);
  assert.deepEqual([result.errors.length, result.errors[0].index], [1, 250]);
  const again = await fluenzr.contacts.bulk({ contacts, onDuplicate: "update" });
  assert.equal(again.created, 0);

  const expected = contacts.map(({ email }) => email).sort();
  const emails = (found) => found.map(({ email }) => email).sort();
  const filter = { email: "bulk", q: company };
  const iterated = [];
  for await (const contact of fluenzr.contacts.list({ ...filter, sort: "email" })) iterated.push(contact);
  assert.deepEqual(emails(iterated), expected);
  assert.deepEqual(emails(await fluenzr.contacts.list(filter)), expected);
  assert.deepEqual(emails(await fluenzr.contacts.search({ query: company })), expected);

  const page = await fluenzr.contacts.list({ ...filter, page: 3, perPage: 100 });
  assert.deepEqual([page.length, page.meta.total, page.meta.totalPages], [50, 250, 3]);
  assert.equal(await page.nextPage(), null);
});

test("search takes filters", async () => {
  const field = `sector_${run}`;
  await fluenzr.contacts.create({ email: address("found"), customFields: { [field]: "Fintech" } });
  const found = await fluenzr.contacts.search({
    filters: { customFields: { [field]: "Fintech" }, status: "active" },
    sort: { field: "createdAt", order: "desc" },
  });
  assert.deepEqual(found.map(({ email }) => email), [address("found")]);
  assert.equal((await fluenzr.contacts.list({ customFields: { [field]: "Fintech" } })).length, 1);
});

test("errors are typed", async () => {
  const { contacts } = fluenzr;
  const wrong = await contacts.create({ email: "nobody" }).then(assert.fail, (error) => error);
  assert.ok(wrong instanceof ValidationError);
  assert.deepEqual([wrong.status, wrong.code, wrong.message], [400, "VALIDATION_ERROR", "Invalid email format"]);
  assert.ok(Array.isArray(wrong.details.email));
  assert.ok(wrong.requestId);
  await contacts.create({ email: address("twice") });
  const twice = await contacts.create({ email: address("TWICE") }).then(assert.fail, (error) => error);
  assert.ok(twice instanceof ConflictError);
  assert.equal(twice.message, "Email already exists");
  await assert.rejects(contacts.get("con_none"), NotFoundError);
  const stranger = new FluenzrClient({ apiKey: "flz_sk_00000000000000000000000000000000" });
  await assert.rejects(stranger.contacts.list({ page: 1 }), AuthenticationError);
});

test("the lists that ids come from", async () => {
  for (const list of [fluenzr.tags, fluenzr.pipelineStages, fluenzr.customFields, fluenzr.locations]) {
    const all = await list.list();
    assert.equal(all.meta.total, all.length);
  }
});

test("the overview's CRM sync, as printed", async () => {
  const myCRM = {
    getNewContacts: async () => [{ email: address("crm"), first_name: "C", last_name: "RM", company: "Acme" }],
  };

  const crmContacts = await myCRM.getNewContacts();

  for (const contact of crmContacts) {
    await fluenzr.contacts.create({
      email: contact.email,
      firstName: contact.first_name,
      lastName: contact.last_name,
      company: contact.company
    });
  }

  const [synced] = await fluenzr.contacts.list({ email: address("crm") });
  assert.deepEqual([synced.firstName, synced.lastName, synced.company], ["C", "RM", "Acme"]);
});
