// Node-RED knows people by a token in a header. Ours is made here for one request, after the door has asked who it is, and is no
// good after it; what a browser sends under that name never arrives.
import { randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { StaffRole } from '@tapcase/domain';
import type { Member } from './member.ts';

/** As Node-RED knows somebody: its user menu shows `username`, its storage is handed all of it with a Deploy. */
export interface EditorUser {
  readonly username: string;
  readonly permissions: string | readonly string[];
  readonly staff: EditorMember;
}

/** With the address that the request came from; null where it is not known. */
export type EditorMember = Member & { readonly address: string | null };

export interface EditorPass {
  /** Before anything else sees a request. */
  strip(request: IncomingMessage): void;
  /** `over`: closes with the request. */
  give(request: IncomingMessage & { readonly ip?: string | undefined }, member: Member, over: EventEmitter): void;
  /** For `settings.adminAuth`. */
  readonly adminAuth: Readonly<Record<string, unknown>>;
}

const HEADER = 'x-tapcase-pass';
/** Nobody guesses one while its request lasts. */
const TOKEN_BYTES = 32;

/**
 * In Node-RED's words (editor-api/lib/auth/permissions.js); which nodes of which tabs may change is asked again at a Deploy. What
 * nodes of ours answer to a dialog is `<type>.write`; the policy's replay looks and changes nothing.
 */
const EDITOR_RIGHTS: Readonly<Record<StaffRole, string | readonly string[]>> = {
  owner: '*',
  operator: [
    'read',
    ...['flows.write', 'inject.write', 'debug.write', 'settings.write', 'library.write', 'context.write'],
    'tapcase-policy.write',
  ],
  technician: 'read',
  // The door does not let them in.
  restocker: [],
};

export function editorPass(): EditorPass {
  const users = new Map<string, EditorUser>();
  return {
    strip: ({ headers }) => {
      delete headers[HEADER];
    },
    give: ({ headers, ip = null }, member, over) => {
      const token = randomBytes(TOKEN_BYTES).toString('base64url');
      users.set(token, {
        username: member.name,
        permissions: EDITOR_RIGHTS[member.role],
        staff: { ...member, address: ip },
      });
      over.once('close', () => users.delete(token));
      headers[HEADER] = token;
    },
    // Of no type: nobody signs in at Node-RED itself, and its own tokens of an earlier release are nobody's.
    adminAuth: {
      tokenHeader: HEADER,
      tokens: async (token: unknown) => (typeof token === 'string' ? (users.get(token) ?? null) : null),
    },
  };
}

/** Whoever a Deploy comes from, as Node-RED hands it to its storage. */
export function memberOf(user: unknown): EditorMember | undefined {
  return (user as Partial<EditorUser> | undefined)?.staff;
}
