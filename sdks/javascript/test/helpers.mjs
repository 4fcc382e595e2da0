import { once } from "node:events";
import { createServer } from "node:http";

import { FluenzrClient } from "@fluenzr/sdk";

export const KEY = "flz_sk_0123456789abcdefghijklmnopqrstuv";

/** A local server that answers with what `answer(request)` gives: {status, headers, body}. Ends with the test. */
export async function serve(t, answer) {
  const calls = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const chunk of request) text += chunk;
    const url = new URL(request.url, "http://localhost");
    const call = { method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams) };
    calls.push({ ...call, headers: request.headers, body: text ? JSON.parse(text) : undefined });
    const { status = 200, headers = {}, body = {} } = (await answer(calls.at(-1), calls.length)) ?? {};
    const isText = typeof body === "string";
    response.writeHead(status, { "Content-Type": isText ? "text/html" : "application/json", ...headers });
    response.end(isText ? body : JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { calls, url: `http://127.0.0.1:${server.address().port}` };
}

/** A client of such a server that notes its waits in place of waiting. */
export async function clientOf(t, answer, options = {}) {
  const { calls, url } = await serve(t, answer);
  const waits = [];
  const sleep = async (milliseconds) => void waits.push(milliseconds);
  return { calls, waits, client: new FluenzrClient({ apiKey: KEY, baseUrl: url, sleep, ...options }) };
}

export const ok = (data, meta) => ({ body: { success: true, data, ...(meta && { meta }) } });

export const fail = (status, code, message = code, details = {}, headers = {}) => ({
  status,
  headers,
  body: { success: false, error: { code, message, details } },
});

/** Answers a list of `items` by page number and by cursor, as the server does. */
export function listing(items, { query, body }) {
  const asked = { page: 1, perPage: 20, ...query, ...body };
  const perPage = Number(asked.perPage);
  const start = asked.cursor ? Number(asked.cursor.slice(1)) : (Number(asked.page) - 1) * perPage;
  const end = start + perPage;
  const total = items.length;
  return ok(items.slice(start, end), {
    page: Number(asked.page),
    perPage,
    total,
    totalPages: Math.ceil(total / perPage),
    nextCursor: end < total ? `c${end}` : null,
  });
}

export const rows = (count) => Array.from({ length: count }, (_, index) => ({ id: `con_${index}` }));
