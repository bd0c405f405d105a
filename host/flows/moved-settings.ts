// Config nodes of earlier releases that went into others: what an operator set in them, typed into them or refers to is carried over.
import type { FlowNode } from './node.ts';

interface Moved {
  /** The config node of the core that has it now. */
  readonly into: string;
  /** Property or credential as it was called to what it is called now. */
  readonly as: Readonly<Record<string, string>>;
  /** In a node of the shop the property that referred to it, and the one that refers to `into`. */
  readonly refersBy: readonly [was: string, now: string];
}

/** By the id that it had in the core. A row stays for as long as somebody may come from a release that had it. */
export const MOVED_SETTINGS: Readonly<Record<string, Moved>> = {
  'config.sessions': {
    into: 'config.shop',
    as: { sessionKeyEnv: 'sessionKeyEnv', publicUrl: 'publicUrl', sessionKey: 'sessionKey' },
    refersBy: ['sessions', 'shop'],
  },
  'config.vapid': {
    into: 'config.shop',
    as: {
      subject: 'pushSubject',
      publicKeyEnv: 'pushPublicKeyEnv',
      privateKeyEnv: 'pushPrivateKeyEnv',
      allowHosts: 'pushAllowHosts',
      privateKey: 'pushPrivateKey',
    },
    refersBy: ['vapid', 'shop'],
  },
  'config.mailer': {
    into: 'config.shop',
    as: {
      host: 'mailHost',
      port: 'mailPort',
      secure: 'mailSecure',
      user: 'mailUser',
      passwordEnv: 'mailPasswordEnv',
      from: 'mailFrom',
      password: 'mailPassword',
    },
    refersBy: ['mailer', 'shop'],
  },
  'config.firmware': {
    into: 'config.shop',
    as: { folder: 'firmwareFolder' },
    refersBy: ['store', 'shop'],
  },
  'config.pictures': {
    into: 'config.ledger',
    as: { folder: 'picturesFolder', megabytes: 'picturesMegabytes', days: 'picturesDays' },
    refersBy: ['store', 'ledger'],
  },
};

/** Node id to properties, or to credentials. */
type ById = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What is set where it is now counts; a name, and whatever else has no place there, stays where it was. */
export function withMovedSettings(settings: ById): ById {
  const after = new Map(Object.entries(settings));
  for (const [id, { into, as }] of Object.entries(MOVED_SETTINGS)) {
    const given = after.get(id);
    if (given === undefined) continue;
    const [moved, rest] = [true, false].map((is) =>
      Object.entries(given).filter(([name]) => Object.hasOwn(as, name) === is),
    ) as [[string, unknown][], [string, unknown][]];
    after.delete(id);
    if (rest.length > 0) after.set(id, Object.fromEntries(rest));
    if (moved.length === 0) continue;
    const carried = Object.fromEntries(moved.map(([name, value]) => [as[name]!, value]));
    after.set(into, { ...carried, ...after.get(into) });
  }
  return Object.fromEntries(after);
}

/** An own node that referred to one of them refers to the node that has it now, unless it refers to one already. */
export function referringNow(node: FlowNode): FlowNode {
  const next: Record<string, unknown> = { ...node };
  for (const [id, { into, refersBy }] of Object.entries(MOVED_SETTINGS)) {
    const [was, now] = refersBy;
    if (next[was] !== id) continue;
    delete next[was];
    if (next[now] === undefined || next[now] === '') next[now] = into;
  }
  return next as FlowNode;
}
