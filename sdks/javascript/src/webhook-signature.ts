import { webCrypto } from "./crypto.js";
import { FluenzrError, InvalidSignatureError } from "./errors.js";
import type { WebhookEvent } from "./types/webhooks.js";

/** `Headers`, or a plain object as Node's `request.headers`. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

export interface VerifyOptions {
  /** Seconds that the timestamp may differ from now. 300 unless given. */
  tolerance?: number | undefined;
  /** The present, as a Date or in epoch seconds; the clock's unless given. */
  now?: Date | number | undefined;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** One scheme's: any one of the signatures, made with the key over the prefix and the body. */
interface Claim {
  timestamp: string;
  prefix: string;
  key: Bytes;
  signatures: Bytes[];
}

const UTF8 = new TextEncoder();
const PREFIX = "whsec_";
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}={0,2}|[A-Za-z0-9+/]{3}=?)?$/;

/**
 * Checks that a webhook call comes from FluenzR, and gives its event.
 *
 * Give the raw body, exactly as received: parsing and serialising it again changes the bytes. One valid signature is
 * enough, of `X-FluenzR-Signature` or of the Standard Webhooks headers: so the old secret and the new one are both
 * accepted while it is being changed. Throws InvalidSignatureError.
 */
export async function verifyWebhook(
  body: string | Uint8Array,
  headers: WebhookHeaders,
  secret: string,
  options: VerifyOptions = {},
): Promise<WebhookEvent> {
  if (!secret) throw new FluenzrError("The webhook's secret is empty.");
  const bytes = rawBytes(body);
  const claims = recent(claimsOf((name) => header(headers, name), secret), options);
  const held = await Promise.all(claims.map((claim) => holds(claim, bytes)));
  if (!held.includes(true)) throw new InvalidSignatureError("No signature matches the body and the secret.");
  return eventOf(bytes);
}

function rawBytes(body: unknown): Bytes {
  if (typeof body === "string") return UTF8.encode(body);
  if (body instanceof Uint8Array) return new Uint8Array(body);
  throw new FluenzrError("body must be the raw request body, a string or Uint8Array, not a parsed object.");
}

function header(headers: WebhookHeaders, name: string): string | undefined {
  if (typeof headers.get === "function") return headers.get(name) ?? undefined;
  const entry = Object.entries(headers).find(([key]) => key.toLowerCase() === name);
  const value: unknown = entry?.[1];
  return Array.isArray(value) ? value.join(" ") : typeof value === "string" ? value : undefined;
}

/** Of each scheme whose headers are there. */
function claimsOf(get: (name: string) => string | undefined, secret: string): Claim[] {
  const claims: Claim[] = [];
  const [stamp, ours] = ["x-fluenzr-timestamp", "x-fluenzr-signature"].map(get);
  if (stamp && ours) {
    const signatures = marked(ours, "sha256=", fromHex);
    claims.push({ timestamp: stamp, prefix: `${stamp}.`, key: UTF8.encode(secret), signatures });
  }
  const [id, timestamp, standard] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(get);
  if (id && timestamp && standard) {
    const signatures = marked(standard, "v1,", fromBase64);
    claims.push({ timestamp, prefix: `${id}.${timestamp}.`, key: standardKey(secret), signatures });
  }
  if (!claims.length) throw new InvalidSignatureError("The call has no signature headers.");
  return claims;
}

/** Of `whsec_` and base64, padded or not, what it says; else the text itself. */
function standardKey(secret: string): Bytes {
  const key = secret.startsWith(PREFIX) ? fromBase64(secret.slice(PREFIX.length)) : null;
  return key?.length ? key : UTF8.encode(secret);
}

/** The signatures of the kind that is understood; during a change of secret there are several. */
function marked(text: string, mark: string, decode: (text: string) => Bytes | null): Bytes[] {
  const ours = text.split(/\s+/).filter((word) => word.startsWith(mark));
  return ours.flatMap((word) => decode(word.slice(mark.length)) ?? []);
}

function fromHex(text: string): Bytes | null {
  if (!/^([0-9a-f]{2})+$/i.test(text)) return null;
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function fromBase64(text: string): Bytes | null {
  if (!BASE64.test(text)) return null;
  return Uint8Array.from(atob(text.replace(/=+$/, "")), (letter) => letter.charCodeAt(0));
}

function recent(claims: Claim[], { tolerance = 300, now = new Date() }: VerifyOptions): Claim[] {
  const seconds = now instanceof Date ? now.getTime() / 1000 : now;
  // A NaN, whatever it comes from, is no more than anything.
  const found = claims.filter(({ timestamp }) => Math.abs(seconds - epochSeconds(timestamp)) <= tolerance);
  if (found.length) return found;
  const stamps = claims.map(({ timestamp }) => timestamp).join(", ");
  throw new InvalidSignatureError(`The timestamp is not within ${tolerance} seconds of now: ${stamps}`);
}

function epochSeconds(timestamp: string): number {
  return /^\d{1,15}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
}

/** Web Crypto's own comparison takes the same time whatever the signature. */
async function holds(claim: Claim, body: Bytes): Promise<boolean> {
  const { subtle } = await webCrypto();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await subtle.importKey("raw", claim.key, algorithm, false, ["verify"]);
  const prefix = UTF8.encode(claim.prefix);
  const signed = new Uint8Array(prefix.length + body.length);
  signed.set(prefix);
  signed.set(body, prefix.length);
  for (const signature of claim.signatures) {
    if (await subtle.verify("HMAC", key, signature, signed)) return true;
  }
  return false;
}

function eventOf(body: Bytes): WebhookEvent {
  let event: unknown;
  try {
    event = JSON.parse(new TextDecoder().decode(body));
  } catch {
    throw new FluenzrError("The signature is right, but the body is not JSON.");
  }
  return event as WebhookEvent;
}
