import { FluenzrError } from "./errors.js";
import type { Sleep } from "./retry.js";

const DEFAULT_BASE_URL = "https://api.fluenzr.co/v1";
/** A timer set for longer would fire at once. */
const MAX_TIMEOUT = 2 ** 31 - 1;

export interface ClientOptions {
  /** `flz_sk_…`; in Node, `FLUENZR_API_KEY` where not given. */
  apiKey?: string | undefined;
  /** Where the API is, with or without `/v1`; in Node, `FLUENZR_BASE_URL` where not given. */
  baseUrl?: string | undefined;
  /** Milliseconds for one attempt, its whole answer included. 30,000 unless given. */
  timeout?: number | undefined;
  /** How often a failed call is tried again. 4 unless given; 0 for never. */
  maxRetries?: number | undefined;
  /** In place of the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** In place of waiting between attempts, for tests. */
  sleep?: Sleep | undefined;
}

/** What every method takes last. */
export interface RequestOptions {
  /** Cancels the call, its retries and the waits between them; it then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** For a POST: the same key never acts twice. A random one unless given. */
  idempotencyKey?: string | undefined;
}

export function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name] || undefined;
}

/** The key to use. An unusable one is refused here, as `fetch` would print it in its own error. */
export function resolveApiKey(given: string | undefined): string {
  const key = (given ?? environment("FLUENZR_API_KEY"))?.trim();
  if (!key) {
    throw new FluenzrError("No API key: pass apiKey to FluenzrClient, or set FLUENZR_API_KEY in the environment.");
  }
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw new FluenzrError("The API key holds spaces or characters that no key has.");
  }
  return key;
}

/** The base URL, ending in `/v1` and no slash. */
export function resolveBaseUrl(given: string | undefined): string {
  const text = (given ?? environment("FLUENZR_BASE_URL") ?? DEFAULT_BASE_URL).trim();
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new FluenzrError(`baseUrl is not a URL: ${text}`);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    throw new FluenzrError(`baseUrl must begin with https:// or http://: ${text}`);
  }
  const path = url.pathname.replace(/\/+$/, "");
  return url.origin + (path.endsWith("/v1") ? path : `${path}/v1`);
}

export function resolveTimeout(given = 30_000): number {
  if (!(given > 0)) throw new FluenzrError("timeout must be a number of milliseconds above 0.");
  return Math.min(given, MAX_TIMEOUT);
}

export function resolveMaxRetries(given = 4): number {
  if (!Number.isInteger(given) || given < 0) throw new FluenzrError("maxRetries must be a whole number from 0.");
  return given;
}
