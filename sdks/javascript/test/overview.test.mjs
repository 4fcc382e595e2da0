// The examples of the API's overview, as printed there.
import assert from "node:assert/strict";
import { test } from "node:test";

import { clientOf, listing, ok } from "./helpers.mjs";

test("sync a CRM", async (t) => {
  const { client: fluenzr, calls } = await clientOf(t, () => ok({ id: "con_1" }));
  const myCRM = {
    getNewContacts: async () => [
      { email: "a@example.com", first_name: "A", last_name: "Un", company: "Acme" },
      { email: "b@example.com", first_name: "B", last_name: "Deux", company: "Bcme" },
    ],
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

  assert.deepEqual(calls.map((call) => call.body), [
    { email: "a@example.com", firstName: "A", lastName: "Un", company: "Acme" },
    { email: "b@example.com", firstName: "B", lastName: "Deux", company: "Bcme" },
  ]);
});

test("automate a campaign", async (t) => {
  const { client: fluenzr, calls } = await clientOf(t, () => ok({ id: "cmp_1" }));

  const campaign = await fluenzr.campaigns.create({
    name: 'Automated Q1 2025',
    emailAccountId: 'acc_123',
    // ...
  });

  await fluenzr.campaigns.addContacts(campaign.id, {
    groupId: 'grp_456'
  });

  await fluenzr.campaigns.start(campaign.id);

  assert.deepEqual(calls.map(({ method, path, body }) => [method, path, body]), [
    ["POST", "/v1/campaigns", { name: "Automated Q1 2025", emailAccountId: "acc_123" }],
    ["POST", "/v1/campaigns/cmp_1/contacts", { groupId: "grp_456" }],
    ["POST", "/v1/campaigns/cmp_1/start", undefined],
  ]);
});

test("export the figures of all campaigns, however many", async (t) => {
  const known = Array.from({ length: 130 }, (_, index) => ({ id: `cmp_${index}`, name: `Campaign ${index}` }));
  const { client: fluenzr } = await clientOf(t, (call) =>
    call.path.endsWith("/stats") ? ok({ openRate: 41.7, replyRate: 8.3 }) : listing(known, call),
  );
  const printed = [];
  const console = { log: (line) => printed.push(line) };

  const campaigns = await fluenzr.campaigns.list();

  for (const campaign of campaigns) {
    const stats = await fluenzr.campaigns.getStats(campaign.id);
    console.log(`${campaign.name}: ${stats.openRate}% opens, ${stats.replyRate}% replies`);
  }

  assert.equal(printed.length, 130);
  assert.equal(printed[129], "Campaign 129: 41.7% opens, 8.3% replies");
});
