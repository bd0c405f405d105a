// The link that makes the owner: at a start without one, and by hand where an owner lost everything that let them in. Whoever
// can read this process's terminal, or open its ledger, is the owner already.
import { Fault, INVITATION_MS } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { hashOf, newToken } from './secrets.ts';

interface Wanted {
  readonly ledger: Ledger;
  /** Of the staff's pages. */
  readonly origin: string;
  readonly nowMs: number;
}

const AT_START = 'the first start';
const BY_HAND = 'the terminal';

/** undefined: there is an owner. The links of earlier starts stay good, for another instance may have printed one. */
export async function firstOwnerLink(wanted: Wanted): Promise<string | undefined> {
  if (await wanted.ledger.hasOwner()) return undefined;
  const link = await make(wanted, { name: '', staffId: null, madeBy: AT_START, alone: false });
  return link instanceof Fault ? undefined : link;
}

/**
 * For the owner of this name, or the only one: what let them in before and their sessions end when it is used. Other links to an
 * owner's place end now. `staff.which-owner` where there are several; `staff.unknown`.
 */
export async function ownerLink(wanted: Wanted, name?: string): Promise<string | Fault> {
  const people = await wanted.ledger.staff();
  const owners = people.filter(({ role, disabledAtMs }) => role === 'owner' && disabledAtMs === null);
  if (name === undefined && owners.length > 1) {
    const names = owners.map((owner) => `"${owner.name}"`).join(', ');
    return new Fault('staff.which-owner', `There are several owners: ${names}. Say which.`);
  }
  const owner = name === undefined ? owners[0] : owners.find((each) => each.name === name);
  if (name !== undefined && owner === undefined) return new Fault('staff.unknown', `There is no owner "${name}".`);
  const person = { name: owner?.name ?? '', staffId: owner?.id ?? null };
  return make(wanted, { ...person, madeBy: BY_HAND, alone: true });
}

async function make(
  { ledger, origin, nowMs }: Wanted,
  link: { readonly name: string; readonly staffId: string | null; readonly madeBy: string; readonly alone: boolean },
): Promise<string | Fault> {
  const { alone, ...person } = link;
  const token = newToken();
  const row = { id: newToken().slice(0, 22), tokenHash: hashOf(token), role: 'owner' as const, email: null };
  const rest = { isFirstOwner: person.staffId === null, madeById: null, expiresAtMs: nowMs + INVITATION_MS };
  const by = { staffId: null, name: person.madeBy, role: null, detail: { role: 'owner' }, address: null };
  const act = { atMs: nowMs, act: 'link-made' as const, subject: person.name === '' ? null : person.name, ...by };
  const problem = await ledger.invite({ ...row, ...person, ...rest }, act, { alone });
  return problem ?? `${origin}/invite/${token}`;
}

/** For whoever looks at a terminal or a log. */
export function ownerLinkLines(url: string): readonly string[] {
  return ['This shop has no owner yet. Whoever opens this link first, within 72 hours, is its owner:', url];
}
