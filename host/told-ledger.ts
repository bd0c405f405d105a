// What staff do elsewhere than on their own pages, for the ledger's audit: at the editor, at a Pi.
import type { ServerResponse } from 'node:http';
import type { Ledger } from '@tapcase/ledger';
import type { EditorMember } from './editor-pass.ts';
import type { Member } from './member.ts';
import { recordAct } from './staff/asked.ts';
import { cookiesOf } from './staff/browser.ts';
import type { WhoIs } from './staff/who-is.ts';

/** From the editor, whose menu knows nothing of ours: the browser is led to where one signs in. */
export function signOutOf(ledger: Ledger, whoIs: WhoIs, origin: string) {
  return async (member: Member, response: ServerResponse, address: string | null): Promise<string> => {
    await ledger.endSession('staff', member.id, member.sessionId);
    whoIs.forget();
    cookiesOf(response, origin).endSession();
    const by = { person: { ...member, signedInAtMs: 0 }, address, atMs: Date.now() };
    await recordAct(ledger, by, 'signed-out', null);
    return '/sign-in';
  };
}

/** At a Pi, which has no ledger. */
export function recordSignOn(ledger: Ledger, member: Member, caseId: string, address: string | null): Promise<void> {
  const by = { person: { ...member, signedInAtMs: 0 }, address, atMs: Date.now() };
  return recordAct(ledger, by, 'signed-in', caseId, { way: 'edge' });
}

/** A Deploy that runs is not taken back because it could not be written down: then the log says it. */
export async function recordDeploy(
  ledger: Ledger,
  member: EditorMember | undefined,
  said: readonly string[],
  log: (line: string, isError: boolean) => void,
): Promise<void> {
  if (member === undefined) return;
  const by = { person: { ...member, signedInAtMs: 0 }, address: member.address, atMs: Date.now() };
  await recordAct(ledger, by, 'flows-deployed', said[0] ?? null, { changes: said }).catch((thrown: Error) => {
    log(`error: flows deployed by ${member.name} and not written down: ${thrown.message}`, true);
  });
}

/** All flows begin anew with what lies on the disk: for a moment nobody can buy, so it is written down who wished it. */
export async function recordReload(ledger: Ledger, member: Member, address: string | null): Promise<void> {
  const by = { person: { ...member, signedInAtMs: 0 }, address, atMs: Date.now() };
  await recordAct(ledger, by, 'flows-deployed', null, {
    changes: ['all flows started again, as they lie on the disk'],
  });
}
