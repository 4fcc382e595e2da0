/**
 * Web Crypto where it is a global (browsers, Node 19 and later), else Node 18's own.
 * The module's name is a variable, so that bundlers for browsers do not look for it.
 */
export async function webCrypto(): Promise<Crypto> {
  if (globalThis.crypto) return globalThis.crypto;
  const nodeCrypto = "node:crypto";
  const loaded = (await import(/* webpackIgnore: true */ /* @vite-ignore */ nodeCrypto)) as { webcrypto: Crypto };
  return loaded.webcrypto;
}

/** A random UUID; browsers offer `randomUUID` on https pages only. */
export async function randomId(): Promise<string> {
  const crypto = await webCrypto();
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
