import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { FluenzrError, InvalidSignatureError, verifyWebhook } from "@fluenzr/sdk";

const SECRET = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
const EVENT = { id: "evt_1", type: "email.opened", timestamp: "2025-01-15T10:30:00Z", data: { contactEmail: "é@x" } };
const BODY = JSON.stringify(EVENT);
const NOW = 1_736_937_000;
// Signed by the server's own code; the client for Python is tested with the same.
const SIGNED = JSON.parse(readFileSync(new URL("../../signed-webhooks.json", import.meta.url), "utf8"));

const hmac = (key, text) => createHmac("sha256", key).update(text);

function fluenzrHeaders({ body = BODY, secret = SECRET, at = NOW } = {}) {
  const signature = hmac(secret, `${at}.${body}`).digest("hex");
  return { "X-FluenzR-Timestamp": String(at), "X-FluenzR-Signature": `sha256=${signature}` };
}

function standardHeaders({ body = BODY, secret = SECRET, at = NOW, id = "msg_1" } = {}) {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signature = hmac(key, `${id}.${at}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": String(at), "webhook-signature": `v1,${signature}` };
}

const verify = (headers, { body = BODY, secret = SECRET, now = NOW, ...rest } = {}) =>
  verifyWebhook(body, headers, secret, { now, ...rest });

for (const [name, headersOf] of Object.entries({ fluenzrHeaders, standardHeaders })) {
  const signatureName = Object.keys(headersOf()).find((key) => key.toLowerCase().includes("signature"));

  test(`${name}: a good call gives its event`, async () => {
    assert.deepEqual(await verify(headersOf()), EVENT);
    assert.deepEqual(await verify(new Headers(headersOf())), EVENT);
    const lower = Object.entries(headersOf()).map(([key, value]) => [key.toLowerCase(), value]);
    assert.deepEqual(await verify(Object.fromEntries(lower)), EVENT);
    assert.deepEqual(await verify(headersOf(), { body: Buffer.from(BODY) }), EVENT);
  });

  test(`${name}: another body, secret or timestamp is refused`, async () => {
    await assert.rejects(verify(headersOf(), { body: `${BODY} ` }), InvalidSignatureError);
    const other = `whsec_${Buffer.from("another").toString("base64")}`;
    await assert.rejects(verify(headersOf({ secret: other })), InvalidSignatureError);
    const [timestampName] = Object.keys(headersOf()).filter((key) => /timestamp/i.test(key));
    await assert.rejects(verify({ ...headersOf(), [timestampName]: String(NOW + 1) }), InvalidSignatureError);
  });

  test(`${name}: a timestamp too old or too far ahead is refused`, async () => {
    await verify(headersOf({ at: NOW - 300 }));
    await assert.rejects(verify(headersOf({ at: NOW - 301 })), /timestamp/);
    await assert.rejects(verify(headersOf({ at: NOW + 301 })), /timestamp/);
    await assert.rejects(verify(headersOf({ at: "soon" })), /timestamp/);
    await assert.rejects(verify(headersOf(), { tolerance: Number.NaN }), InvalidSignatureError);
    await verify(headersOf({ at: NOW - 900 }), { tolerance: 1000, now: new Date(NOW * 1000) });
    await assert.rejects(verifyWebhook(BODY, headersOf(), SECRET), /timestamp/);
  });

  test(`${name}: one right signature among several is enough`, async () => {
    const headers = headersOf();
    const several = `v1a,zzz sha256=00 v1,AAAA ${headers[signatureName]}`;
    assert.deepEqual(await verify({ ...headers, [signatureName]: several }), EVENT);
  });

  test(`${name}: malformed signatures are refused`, async () => {
    const good = headersOf()[signatureName];
    for (const wrong of ["sha256=", "v1,", "sha256=zz", "v1,***", good.slice(0, -2), good.replace(/^[^=,]+/, "v0")]) {
      await assert.rejects(verify({ ...headersOf(), [signatureName]: wrong }), InvalidSignatureError);
    }
  });
}

const only = (headers, start) => Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith(start)));

for (const { name, secrets, headers } of SIGNED.calls) {
  test(`what the server signs is accepted with each valid secret: ${name}`, async () => {
    const { body, at: now } = SIGNED;
    for (const secret of secrets) {
      const given = { body, secret, now };
      assert.equal((await verify(headers, given)).data.contactEmail, "é@example.com");
      await assert.rejects(verify(headers, { ...given, body: `${body} ` }), /No signature matches/);
      await assert.rejects(verify(headers, { ...given, now: now + 301 }), /timestamp/);
      await assert.rejects(verify(headers, { ...given, secret: `${secret}x` }), /No signature matches/);
      await verify(only(headers, "webhook-"), given);
      // This header has room for the oldest one's.
      const alone = verify(only(headers, "X-"), given);
      await (secret === secrets.at(-1) ? alone : assert.rejects(alone, /No signature matches/));
    }
  });
}

test("a recent signature is enough beside an old one", async () => {
  const old = { at: NOW - 301 };
  for (const [good, other] of [
    [fluenzrHeaders(), standardHeaders(old)],
    [standardHeaders(), fluenzrHeaders(old)],
  ]) {
    assert.deepEqual(await verify({ ...good, ...other }), EVENT);
    const forged = Object.fromEntries(
      Object.entries(good).map(([name, value]) => [name, /signature/i.test(name) ? "v1,AAAA" : value]),
    );
    await assert.rejects(verify({ ...forged, ...other }), /No signature matches/);
  }
});

test("a secret of one's own works", async () => {
  assert.deepEqual(await verify(fluenzrHeaders({ secret: "hush" }), { secret: "hush" }), EVENT);
  // No base64, whatever it begins with.
  const secret = "whsec_not base64!";
  const signature = `v1,${hmac(secret, `msg_1.${NOW}.${BODY}`).digest("base64")}`;
  assert.deepEqual(await verify({ ...standardHeaders(), "webhook-signature": signature }, { secret }), EVENT);
});

test("no headers, no secret, a parsed body", async () => {
  await assert.rejects(verify({}), InvalidSignatureError);
  await assert.rejects(verify(fluenzrHeaders(), { secret: "" }), FluenzrError);
  await assert.rejects(verify(fluenzrHeaders(), { body: EVENT }), /raw request body/);
});

test("the example of the Standard Webhooks specification", async () => {
  const headers = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  };
  const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
  assert.deepEqual(await verifyWebhook('{"test": 2432232314}', headers, secret, { now: 1614265330 }), {
    test: 2432232314,
  });
});
