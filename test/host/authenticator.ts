// A passkey in a few lines, for tests without a browser: makes and uses an ES256 key as W3C WebAuthn sections 6.1 and 6.5 have it,
// and lies where a test says so.
import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';

export interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  /** The person did not unlock the key. */
  readonly unverified?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly type?: string;
  /** Signs with another key than the one it registered. */
  readonly key?: KeyObject;
}

export interface Authenticator {
  readonly id: string;
  create(options: CreateOptions, lies?: Lies): object;
  get(options: { readonly challenge: string }, lies?: Lies): object;
}

interface CreateOptions {
  readonly challenge: string;
  readonly user: { readonly id: string };
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const WITH_KEY = 0x40;

export function authenticator(origin: string): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const idBytes = randomBytes(16);
  const id = idBytes.toString('base64url');
  let counter = 0;
  let user = '';
  const clientData = (type: string, challenge: string, lies: Lies) =>
    Buffer.from(
      JSON.stringify({
        type: lies.type ?? type,
        challenge: lies.challenge ?? challenge,
        origin: lies.origin ?? origin,
        crossOrigin: false,
      }),
    );
  const authData = (flags: number, lies: Lies, rest = Buffer.alloc(0)) => {
    const head = Buffer.alloc(37);
    createHash('sha256')
      .update(lies.rpId ?? new URL(origin).hostname)
      .digest()
      .copy(head);
    head[32] = flags | PRESENT | (lies.unverified ? 0 : VERIFIED);
    counter += 1;
    head.writeUInt32BE(lies.counter ?? counter, 33);
    return Buffer.concat([head, rest]);
  };
  const answer = (response: object) => ({ id, rawId: id, type: 'public-key', response, clientExtensionResults: {} });
  return {
    id,
    create: (options, lies = {}) => {
      user = options.user.id;
      const { x, y } = publicKey.export({ format: 'jwk' });
      // COSE_Key: kty EC2, alg ES256, crv P-256, x, y (RFC 9053 section 7.1).
      const cose = map([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, Buffer.from(x!, 'base64url')],
        [-3, Buffer.from(y!, 'base64url')],
      ]);
      const length = Buffer.from([0, idBytes.length]);
      const data = authData(WITH_KEY, lies, Buffer.concat([Buffer.alloc(16), length, idBytes, cose]));
      const attestationObject = map([
        ['fmt', 'none'],
        ['attStmt', []],
        ['authData', data],
      ]);
      return answer({
        clientDataJSON: clientData('webauthn.create', options.challenge, lies).toString('base64url'),
        attestationObject: attestationObject.toString('base64url'),
        transports: ['internal'],
      });
    },
    get: (options, lies = {}) => {
      const client = clientData('webauthn.get', options.challenge, lies);
      const data = authData(0, lies);
      const signed = Buffer.concat([data, createHash('sha256').update(client).digest()]);
      return answer({
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: createSign('sha256')
          .update(signed)
          .sign(lies.key ?? privateKey)
          .toString('base64url'),
        userHandle: lies.userHandle ?? user,
      });
    },
  };
}

type Cbor = number | string | Buffer | readonly [];

/** RFC 8949, as much of it as a passkey needs; `[]` is an empty map. */
function map(entries: readonly (readonly [Cbor, Cbor])[]): Buffer {
  return Buffer.concat([head(5, entries.length), ...entries.flatMap(([key, value]) => [cbor(key), cbor(value)])]);
}

function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return Buffer.concat([head(3, value.length), Buffer.from(value)]);
  return Buffer.isBuffer(value) ? Buffer.concat([head(2, value.length), value]) : head(5, 0);
}

function head(major: number, length: number): Buffer {
  return length < 24 ? Buffer.from([(major << 5) | length]) : Buffer.from([(major << 5) | 24, length]);
}
