import assert from "node:assert/strict";
import { test } from "node:test";

import * as sdk from "@fluenzr/sdk";

import { clientOf, fail } from "./helpers.mjs";

const CLASSES = {
  400: "ValidationError",
  401: "AuthenticationError",
  403: "PermissionDeniedError",
  404: "NotFoundError",
  409: "ConflictError",
  413: "ApiError",
  429: "RateLimitError",
  500: "ServerError",
};

/** What a call rejects with when the server gives this answer. */
async function errorOf(t, answer) {
  const { client } = await clientOf(t, () => answer, { maxRetries: 0 });
  return client.contacts.get("con_1").then(assert.fail, (error) => error);
}

for (const [status, name] of Object.entries(CLASSES)) {
  test(`${status} is a ${name}`, async (t) => {
    const error = await errorOf(t, fail(Number(status), "CODE", "Why"));
    assert.equal(error.constructor, sdk[name]);
    assert.ok(error instanceof sdk.ApiError && error instanceof sdk.FluenzrError && error instanceof Error);
    assert.deepEqual([error.name, error.status, error.code, error.message], [name, Number(status), "CODE", "Why"]);
  });
}

test("details, request id and retryAfter are kept", async (t) => {
  const headers = { "X-Request-Id": "req1", "Retry-After": "12" };
  const error = await errorOf(t, fail(429, "RATE_LIMIT_EXCEEDED", "Slow down", { email: ["x"] }, headers));
  assert.deepEqual([error.details, error.requestId, error.retryAfter], [{ email: ["x"] }, "req1", 12]);
});

test("an answer that is not the API's says so, whatever its status", async (t) => {
  for (const status of [200, 404, 502]) {
    const error = await errorOf(t, { status, body: "<html>Hello</html>" });
    assert.ok(error instanceof sdk.ApiError);
    assert.equal(error.code, "INVALID_RESPONSE");
    assert.match(error.message, new RegExp(`HTTP ${status}, text/html.*not the FluenzR API's JSON`));
  }
  const bare = await errorOf(t, { body: { hello: 1 } });
  assert.equal(bare.code, "INVALID_RESPONSE");
});

test("a redirect is not followed", async (t) => {
  const error = await errorOf(t, { status: 302, headers: { Location: "/login" }, body: "" });
  assert.deepEqual([error.status, error.code], [302, "INVALID_RESPONSE"]);
});
