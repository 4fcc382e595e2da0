import { randomId } from "./crypto.js";
import { type ApiError, apiError, ConnectionError, FluenzrError } from "./errors.js";
import {
  type ClientOptions,
  type RequestOptions,
  resolveApiKey,
  resolveBaseUrl,
  resolveMaxRetries,
  resolveTimeout,
} from "./options.js";
import { parseRetryAfter, retryDelay, type Sleep, sleep } from "./retry.js";
import type { PageMeta } from "./types/common.js";

export type Method = "GET" | "POST" | "PUT" | "DELETE";
export type Query = Readonly<Record<string, unknown>>;

export interface Call {
  method: Method;
  path: string;
  query?: Query | undefined;
  body?: unknown;
  /** A POST that changes nothing, so that it needs no idempotency key. */
  onlyReads?: boolean | undefined;
  options?: RequestOptions | undefined;
}

/** A successful answer. */
export interface Envelope<T> {
  data: T;
  meta?: Partial<PageMeta>;
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

/** Sends calls: the key, the retries, the timeouts and the envelope are its business. */
export class Transport {
  readonly #apiKey: string;
  readonly #baseUrl: string;
  readonly #timeout: number;
  readonly #maxRetries: number;
  readonly #fetch: typeof globalThis.fetch;
  readonly #sleep: Sleep;

  constructor(options: ClientOptions) {
    this.#apiKey = resolveApiKey(options.apiKey);
    this.#baseUrl = resolveBaseUrl(options.baseUrl);
    this.#timeout = resolveTimeout(options.timeout);
    this.#maxRetries = resolveMaxRetries(options.maxRetries);
    this.#sleep = options.sleep ?? sleep;
    const given = options.fetch;
    if (!given && typeof globalThis.fetch !== "function") {
      throw new FluenzrError("There is no global fetch here: pass one as the fetch option.");
    }
    // Called as a plain function: a browser's fetch refuses any other `this`.
    this.#fetch = given ? (input, init) => given(input, init) : (input, init) => globalThis.fetch(input, init);
  }

  /** Sends until an answer is final. Throws ApiError, ConnectionError or the signal's reason. */
  async request<T>(call: Call): Promise<Envelope<T>> {
    const url = this.#baseUrl + call.path + queryString(call.query);
    const init = await this.#init(call);
    const signal = call.options?.signal;
    for (let retries = 0; ; retries++) {
      signal?.throwIfAborted();
      const outcome = await this.#attempt<T>(url, init, signal);
      if (!(outcome instanceof FluenzrError)) return outcome;
      const delay = retries < this.#maxRetries ? retryDelay(outcome, retries) : null;
      if (delay === null) throw outcome;
      await this.#sleep(delay, signal);
    }
  }

  async #init(call: Call): Promise<RequestInit> {
    const headers: Record<string, string> = { Accept: "application/json", Authorization: `Bearer ${this.#apiKey}` };
    if (call.body !== undefined) headers["Content-Type"] = "application/json";
    if (call.method === "POST" && !call.onlyReads) headers["Idempotency-Key"] = await idempotencyKey(call.options);
    const body = call.body === undefined ? null : JSON.stringify(call.body);
    // A followed redirect could turn a POST into a GET; the API never redirects.
    return { method: call.method, headers, body, redirect: "manual" };
  }

  async #attempt<T>(
    url: string,
    init: RequestInit,
    signal: AbortSignal | undefined,
  ): Promise<Envelope<T> | ApiError | ConnectionError> {
    try {
      return read<T>(await this.#send(url, init, signal), (text) => this.#redacted(text));
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      return error instanceof ConnectionError ? error : new ConnectionError(this.#redacted(reasonOf(error)));
    }
  }

  async #send(url: string, init: RequestInit, signal: AbortSignal | undefined): Promise<Answer> {
    const controller = new AbortController();
    const cancel = (): void => controller.abort(signal?.reason);
    signal?.addEventListener("abort", cancel, { once: true });
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      controller.abort();
    }, this.#timeout);
    try {
      const response = await this.#fetch(url, { ...init, signal: controller.signal });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      if (timedOut) throw new ConnectionError(`No answer from the server within ${this.#timeout} ms`);
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", cancel);
    }
  }

  #redacted(text: string): string {
    return text.split(this.#apiKey).join("[API key]");
  }
}

async function idempotencyKey(options: RequestOptions | undefined): Promise<string> {
  const key = options?.idempotencyKey ?? (await randomId());
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new FluenzrError("idempotencyKey must be 1 to 255 visible ASCII characters.");
  }
  return key;
}

/** `?a=1&customFields[sector]=SaaS`, or nothing. What is undefined or null is left out. */
function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams();
  const add = (name: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    if (value instanceof Date) parameters.append(name, value.toISOString());
    else if (Array.isArray(value)) parameters.append(name, value.join(","));
    else if (typeof value === "object") for (const [key, item] of Object.entries(value)) add(`${name}[${key}]`, item);
    else parameters.append(name, String(value));
  };
  for (const [name, value] of Object.entries(query)) add(name, value);
  const text = parameters.toString();
  return text && `?${text}`;
}

/** The envelope of an answer, or the error that it stands for. */
function read<T>(answer: Answer, redacted: (text: string) => string): Envelope<T> | ApiError {
  const succeeded = answer.status >= 200 && answer.status < 300;
  const body = parsed(succeeded ? answer.text : redacted(answer.text));
  if (succeeded && isObject(body) && body.success === true && "data" in body) return body as unknown as Envelope<T>;
  const error = isObject(body) && isObject(body.error) ? body.error : {};
  const known = typeof error.code === "string" && typeof error.message === "string";
  return apiError({
    status: answer.status,
    code: known ? String(error.code) : "INVALID_RESPONSE",
    message: known ? String(error.message) : notTheApi(answer),
    details: isObject(error.details) ? error.details : {},
    requestId: answer.headers.get("X-Request-Id"),
    retryAfter: parseRetryAfter(answer.headers.get("Retry-After")),
  });
}

function notTheApi(answer: Answer): string {
  const kind = answer.headers.get("Content-Type") ?? "no content type";
  return `The answer (HTTP ${answer.status}, ${kind}) is not the FluenzR API's JSON: check baseUrl and any proxy`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

/** Only the words of what `fetch` threw: the thing itself might hold the request and so the key. */
function reasonOf(error: unknown): string {
  const messages: string[] = [];
  for (let cause = error; isObject(cause) && messages.length < 4; cause = cause.cause) {
    const { code, message } = cause;
    const words = [message, code].filter((word) => typeof word === "string" && word !== "");
    messages.push(words.length > 1 ? `${words[0]} (${words[1]})` : words.join(""));
  }
  return `Could not reach the server: ${messages.filter(Boolean).join(": ") || String(error)}`;
}
