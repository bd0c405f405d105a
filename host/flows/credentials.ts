// Credentials of flows: what was typed into the editor, laid over the references that a release brings. Only what was typed is kept.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import { withMovedSettings } from './moved-settings.ts';
import { CREDENTIALS_FILE } from './node.ts';

/** Node id to its credentials by name. */
export type Credentials = Readonly<Record<string, Readonly<Record<string, unknown>>>>;
/** As Node-RED keeps them (runtime/lib/nodes/credentials.js): 16 bytes of start value in hex, then AES-256-CTR in base64. */
export type Sealed = Readonly<Record<string, unknown>> & { readonly $?: string };

const ALGORITHM = 'aes-256-ctr';
const START_HEX = 32;

/** `${NAME}` for credentials that come from the environment, of both halves of a role's flows. */
export function readReferences(folder: string): Credentials {
  return merged(referencesIn(join(folder, 'core')), withMovedSettings(referencesIn(join(folder, 'own'))));
}

function referencesIn(folder: string): Credentials {
  const path = join(folder, CREDENTIALS_FILE);
  if (!existsSync(path)) return {};
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isTable(value) && Object.values(value).every(isTable)) return value as Credentials;
  } catch {}
  throw new Fault('flows.unreadable', `${path} is not a table of nodes and their credentials`);
}

/** Per node and key; `over` wins. */
export function merged(under: Credentials, over: Credentials): Credentials {
  const ids = new Set([...Object.keys(under), ...Object.keys(over)]);
  return Object.fromEntries([...ids].map((id) => [id, { ...under[id], ...over[id] }]));
}

/** What differs from a reference: a value that is the reference's own follows the next release. */
export function typedOnly(all: Credentials, references: Credentials): Credentials {
  const typed = Object.entries(all).map(([id, values]) => {
    const own = Object.entries(values).filter(([key, value]) => references[id]?.[key] !== value);
    return [id, Object.fromEntries(own)] as const;
  });
  return Object.fromEntries(typed.filter(([, values]) => Object.keys(values).length > 0));
}

/** Throws `flows.credential-secret` where they were sealed with another secret. */
export function unsealed(sealed: Sealed, secret: string): Credentials {
  if (sealed.$ === undefined) return sealed as Credentials;
  try {
    const start = Buffer.from(sealed.$.slice(0, START_HEX), 'hex');
    const decipher = createDecipheriv(ALGORITHM, keyOf(secret), start);
    const text = decipher.update(sealed.$.slice(START_HEX), 'base64', 'utf8') + decipher.final('utf8');
    const value: unknown = JSON.parse(text);
    if (isTable(value)) return value as Credentials;
  } catch {}
  // The cause would show a piece of what was decrypted.
  throw new Fault(
    'flows.credential-secret',
    'the credentials that were typed into the editor were kept with another CREDENTIAL_SECRET and cannot be read',
  );
}

/** Node-RED is never handed plain text: it would write it down as it is. */
export function sealed(credentials: Credentials, secret: string): Sealed {
  if (Object.keys(credentials).length === 0) return {};
  const start = randomBytes(START_HEX / 2);
  const cipher = createCipheriv(ALGORITHM, keyOf(secret), start);
  const text = cipher.update(JSON.stringify(credentials), 'utf8', 'base64') + cipher.final('base64');
  return { $: start.toString('hex') + text };
}

function keyOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

function isTable(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
