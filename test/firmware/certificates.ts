// A certificate authority for tests, made on the spot: X.509 (RFC 5280) in DER by hand, signed with ECDSA over P-256.
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';

export interface Authority {
  /** What a device must trust. */
  readonly ca: string;
  /** A server's key and certificate: for localhost and 127.0.0.1, good from yesterday until tomorrow. */
  server(options?: CertificateOptions): { readonly key: string; readonly cert: string };
}

interface CertificateOptions {
  /** Another name than this machine's own. */
  readonly name?: string;
  /** Ended a day ago. */
  readonly expired?: boolean;
}

const DAY_MS = 86_400_000;
const ECDSA_SHA256 = der(0x30, oid('2a8648ce3d040302'));

export function makeAuthority(name: string): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issue = (subject: string, key: KeyObject, extensions: readonly Buffer[], untilMs = DAY_MS) =>
    pem(certificate({ issuer: name, subject, key, signedBy: privateKey, extensions, untilMs }));
  // basicConstraints, critical: this one may sign others.
  const isCa = der(0x30, oid('551d13'), der(0x01, [0xff]), der(0x04, der(0x30, der(0x01, [0xff]))));
  return {
    ca: issue(name, publicKey, [isCa]),
    server: ({ name: other, expired = false } = {}) => {
      const own = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const names =
        other === undefined
          ? [der(0x82, Buffer.from('localhost')), der(0x87, [127, 0, 0, 1])]
          : [der(0x82, Buffer.from(other))];
      const altNames = der(0x30, oid('551d11'), der(0x04, der(0x30, ...names)));
      return {
        key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
        cert: issue(other ?? 'localhost', own.publicKey, [altNames], expired ? -DAY_MS : DAY_MS),
      };
    },
  };
}

interface Request {
  readonly issuer: string;
  readonly subject: string;
  readonly key: KeyObject;
  readonly signedBy: KeyObject;
  readonly extensions: readonly Buffer[];
  /** Its end, from now. */
  readonly untilMs: number;
}

function certificate({ issuer, subject, key, signedBy, extensions, untilMs }: Request): Buffer {
  const version3 = der(0xa0, der(0x02, [2]));
  const serial = der(0x02, [1, ...randomBytes(8)]);
  const validity = der(0x30, time(Date.now() - 2 * DAY_MS), time(Date.now() + untilMs));
  const spki = key.export({ type: 'spki', format: 'der' });
  const tail = der(0xa3, der(0x30, ...extensions));
  const body = der(0x30, version3, serial, ECDSA_SHA256, called(issuer), validity, called(subject), spki, tail);
  return der(0x30, body, ECDSA_SHA256, der(0x03, [0], sign('sha256', body, signedBy)));
}

/** A name of one part, the common name. */
function called(name: string): Buffer {
  return der(0x30, der(0x31, der(0x30, oid('550403'), der(0x0c, Buffer.from(name)))));
}

/** UTCTime, YYMMDDhhmmssZ. */
function time(atMs: number): Buffer {
  const text = new Date(atMs).toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return der(0x17, Buffer.from(`${text}Z`));
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'));
}

function der(tag: number, ...parts: readonly (Uint8Array | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const { length } = body;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g)!;
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}
