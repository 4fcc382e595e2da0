import { ApiError, ConnectionError } from "./errors.js";

const BASE_DELAY = 500;
const MAX_DELAY = 30_000;
/** Asked to wait longer than this (milliseconds), a call fails instead: `retryAfter` tells the caller. */
const MAX_RETRY_AFTER = 300_000;
const RETRIED_STATUSES = new Set([429, 500, 502, 503, 504]);

export type Sleep = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** How long to wait before the next attempt, in milliseconds; null when there must be none. */
export function retryDelay(error: ApiError | ConnectionError, retriesDone: number): number | null {
  if (error instanceof ApiError) {
    if (!RETRIED_STATUSES.has(error.status)) return null;
    if (error.retryAfter !== null) {
      const asked = error.retryAfter * 1000;
      return asked <= MAX_RETRY_AFTER ? asked : null;
    }
  }
  // Full jitter: clients that failed together do not come back together.
  return Math.random() * Math.min(MAX_DELAY, BASE_DELAY * 2 ** retriesDone);
}

/** `Retry-After` in seconds, from seconds or an HTTP date; null when absent or unreadable. */
export function parseRetryAfter(header: string | null, now = Date.now()): number | null {
  const text = header?.trim();
  if (!text) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  const date = /[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, (date - now) / 1000);
}

/** Waits; rejects with the signal's reason as soon as it aborts. */
export const sleep: Sleep = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
