// Campaigns against a running server, whose workspace has an e-mail account that reaches nowhere.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";

import { ConflictError, FluenzrClient, ValidationError } from "@fluenzr/sdk";

const run = randomBytes(5).toString("hex");
const workflow = {
  nodes: [
    { id: "start", type: "start" },
    { id: "hello", type: "email", data: { subject: "Hello {{firstName}}", body: "Hi" } },
    { id: "end", type: "end" },
  ],
  edges: [
    { from: "start", to: "hello" },
    { from: "hello", to: "end" },
  ],
};

test("the overview's two examples of campaigns", async () => {
  const fluenzr = new FluenzrClient();
  const [account] = await fluenzr.emailAccounts.list();
  assert.deepEqual([account.status, typeof account.sentToday], ["connected", "number"]);
  assert.ok(account.dailyLimit > 0);
  const group = await fluenzr.groups.create({ name: `Campaign ${run}` });
  const contact = await fluenzr.contacts.create({ email: `${run}@js.example.com`, groupIds: [group.id] });

  const campaign = await fluenzr.campaigns.create({
    name: `Automated ${run}`,
    emailAccountId: account.id,
    workflow,
    settings: { sendHoursStart: 0, sendHoursEnd: 24 },
  });
  assert.deepEqual(campaign.moreEmailAccountIds, []);
  await assert.rejects(fluenzr.campaigns.start(campaign.id), ValidationError);

  await fluenzr.campaigns.addContacts(campaign.id, { groupId: group.id });

  const started = await fluenzr.campaigns.start(campaign.id);
  assert.equal(started.status, "active");
  await assert.rejects(fluenzr.campaigns.start(campaign.id), ConflictError);

  const printed = [];
  const campaigns = await fluenzr.campaigns.list();
  for (const campaign of campaigns) {
    const stats = await fluenzr.campaigns.getStats(campaign.id);
    printed.push(`${campaign.name}: ${stats.openRate}% opens, ${stats.replyRate}% replies`);
  }
  assert.ok(printed.includes(`Automated ${run}: 0% opens, 0% replies`));

  assert.equal((await fluenzr.campaigns.pause(campaign.id)).status, "paused");
  const inside = await fluenzr.campaigns.listContacts(campaign.id);
  assert.deepEqual(inside.map(({ id }) => id), [contact.id]);
  const [email] = await fluenzr.campaigns.getEmailStats(campaign.id);
  assert.deepEqual([email.nodeId, email.emailNumber], ["hello", 1]);
  assert.deepEqual(await fluenzr.campaigns.getTimeline(campaign.id, { interval: "hour" }), []);
  assert.deepEqual([...(await fluenzr.campaigns.getActivity(campaign.id))], []);
  assert.equal((await fluenzr.campaigns.why(campaign.id)).gates[0].name, "campaign");
  assert.equal((await fluenzr.campaigns.archive(campaign.id)).status, "archived");
});
