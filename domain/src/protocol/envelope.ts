// Seals and opens the signed frame that every MQTT message of a case travels in: `<payload>|<64 hex>`.
import { Fault } from '../fault.ts';

/** HMAC-SHA256: key and data in, 32 bytes out. The domain has no crypto of its own. */
export type Hmac = (key: Uint8Array, data: Uint8Array) => Uint8Array;

/** The SIM7080G refuses AT+SMPUB above 1,024 bytes (AT manual ch. 17), so no frame may be longer. */
export const FRAME_BYTES_MAX = 1024;
const MAC_HEX_LENGTH = 64;
const SEPARATOR = 0x7c; // "|"

export interface SealInput {
  readonly topic: string;
  /** A JSON value; serialised compactly, key order kept. */
  readonly payload: object;
  readonly key: Uint8Array;
  readonly hmac: Hmac;
}

export interface OpenInput {
  readonly topic: string;
  readonly frame: Uint8Array;
  /** The device's key, and its previous one while keys rotate. */
  readonly keys: readonly Uint8Array[];
  readonly hmac: Hmac;
}

/** The frame's bytes, or `frame.too-long`. */
export function sealFrame({ topic, payload, key, hmac }: SealInput): Uint8Array | Fault {
  const body = encode(JSON.stringify(payload));
  const length = body.length + 1 + MAC_HEX_LENGTH;
  if (length > FRAME_BYTES_MAX) {
    return new Fault('frame.too-long', `frame of ${length} bytes, limit ${FRAME_BYTES_MAX}`, { topic, length });
  }
  return concat(body, new Uint8Array([SEPARATOR]), encode(toHex(mac(topic, body, key, hmac))));
}

/**
 * The payload's JSON value when the MAC is right, else a Fault:
 * `frame.too-long`, `frame.malformed` (no separator, bad hex), `frame.bad-mac`, `frame.not-utf8`, `frame.not-json`.
 * The MAC is checked before a byte of the payload is parsed.
 */
export function openFrame({ topic, frame, keys, hmac }: OpenInput): unknown | Fault {
  if (frame.length > FRAME_BYTES_MAX) {
    return new Fault('frame.too-long', `frame of ${frame.length} bytes, limit ${FRAME_BYTES_MAX}`, { topic });
  }
  const at = frame.length - MAC_HEX_LENGTH - 1;
  if (at < 0 || frame[at] !== SEPARATOR) return new Fault('frame.malformed', 'no separator before the MAC', { topic });
  const given = fromHex(frame.subarray(at + 1));
  if (given === undefined) return new Fault('frame.malformed', 'the MAC is not 64 lower-case hex digits', { topic });
  const body = frame.subarray(0, at);
  // Every key is tried, so the time taken does not tell which one matched.
  const matches = keys.map((key) => equalInConstantTime(mac(topic, body, key, hmac), given));
  if (!matches.includes(true)) return new Fault('frame.bad-mac', 'the MAC does not match', { topic });
  const text = decodeUtf8(body);
  if (text === undefined) return new Fault('frame.not-utf8', 'the payload is not UTF-8', { topic });
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return new Fault('frame.not-json', 'the payload is not JSON', { topic });
  }
}

/** The MAC covers the topic too, so a frame cannot be replayed on another topic. */
function mac(topic: string, body: Uint8Array, key: Uint8Array, hmac: Hmac): Uint8Array {
  return hmac(key, concat(encode(`${topic}\n`), body));
}

function equalInConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i += 1) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

function encode(text: string): Uint8Array {
  return utf8Encoder.encode(text);
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return utf8Decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function fromHex(digits: Uint8Array): Uint8Array | undefined {
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i += 1) {
    const high = hexValue(digits[2 * i]!);
    const low = hexValue(digits[2 * i + 1]!);
    if (high === undefined || low === undefined) return undefined;
    bytes[i] = high * 16 + low;
  }
  return bytes;
}

function hexValue(digit: number): number | undefined {
  if (digit >= 0x30 && digit <= 0x39) return digit - 0x30;
  if (digit >= 0x61 && digit <= 0x66) return digit - 0x61 + 10;
  return undefined;
}

// TextEncoder and TextDecoder belong to every JavaScript host, yet to no ECMAScript lib; declared here, not imported.
declare const TextEncoder: new () => { encode(text: string): Uint8Array };
declare const TextDecoder: new (
  label: string,
  options: { fatal: boolean; ignoreBOM: boolean },
) => { decode(bytes: Uint8Array): string };
const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
