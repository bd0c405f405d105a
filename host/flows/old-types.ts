// Node types of earlier releases, read as what they are called now: an operator's own tab survives an upgrade.
import { Fault } from '@tapcase/domain';
import type { FlowNode } from './node.ts';

interface Renamed {
  readonly now: string;
  /** What the old name meant, as properties of the new one. */
  readonly set?: Readonly<Record<string, unknown>>;
  /** For each output of the old one the output that it is now; without it they are the same. */
  readonly outputs?: readonly number[];
}

/** What it became depends on a property of it. */
interface Parted {
  readonly by: string;
  /** The first is meant where the property says nothing known. */
  readonly each: Readonly<Record<string, Renamed>>;
}

interface Gone {
  /** Ends the sentence "the type x": what to build instead. */
  readonly gone: string;
}

/** By the old name. A row stays for as long as somebody may come from a release that had it. */
export const OLD_TYPES: Readonly<Record<string, Renamed | Parted | Gone>> = {
  ledger: { now: 'tapcase-ledger' },
  shop: { now: 'tapcase-shop' },
  catalog: { now: 'tapcase-catalog' },
  'case-keys': { now: 'hmac-keys' },
  'door-record': { now: 'tapcase-record', set: { what: 'door' } },
  'vision-record': { now: 'tapcase-record', set: { what: 'vision' }, outputs: [1, 2] },
  'case-status': { now: 'tapcase-record', set: { what: 'status' }, outputs: [2, 0] },
  'case-check': { gone: 'is a part of tapcase-visit-open, which asks the case itself' },
  'visit-open': {
    gone: 'is now tapcase-visit-open, which asks the case itself and refuses by one output, with msg.refusal',
  },
  'visit-unlock': { gone: 'is now tapcase-visit-unlock, which takes every answer of stripe-hold' },
  'visit-refuse': { gone: 'is a part of tapcase-visit-unlock, which takes every answer of stripe-hold' },
  'settle-plan': { gone: 'is a part of stripe-capture, which climbs the whole ladder' },
  'settle-record': { now: 'tapcase-step', set: { what: 'answer' } },
  'settle-wait': { now: 'tapcase-step', set: { what: 'no-answer' }, outputs: [0, 1, 3] },
  'stripe-event': { now: 'tapcase-stripe-event', set: { what: 'event' }, outputs: [0, 1, 2, 2, 2, 2] },
  'customer-card': { now: 'tapcase-stripe-event', set: { what: 'card' } },
  'debt-pay': { now: 'tapcase-debt' },
  'visit-collect': { gone: 'is a part of weight-reconcile, which waits until door and cameras have spoken' },
  'picture-record': { now: 'tapcase-record', set: { what: 'picture' }, outputs: [2] },
  'device-state': { now: 'tapcase-edge' },
  'camera-source': { now: 'tapcase-camera' },
  camera: { now: 'tapcase-look' },
  'gpio-in': { now: 'tapcase-gpio-in' },
  'video-recorder': { now: 'tapcase-video-recorder' },
  'scene-diff': { now: 'tapcase-scene-diff', outputs: [0, 0, 0] },
  'technician-view': { now: 'tapcase-technician' },
  'command-check': {
    gone: 'is part of hmac-verify now: let it take commands once, and wire a switch on msg.command.type behind it',
  },
  'report-queue': { gone: 'is part of tapcase-send now: wire reports and acks to it' },
  'picture-queue': { gone: 'is part of tapcase-send now: wire the commands to keep pictures to it' },
  carrier: { gone: 'is part of tapcase-send now: the serial port is set at tapcase-edge' },
  snapshot: { gone: 'is part of tapcase-scene-diff now, which has an output "picture"' },
  'pi-health': {
    gone: 'is part of tapcase-technician now: its board has the health, and its output "unwell" warns',
  },
  'fault-count': { now: 'tapcase-fault' },
  'outbox-take': { now: 'tapcase-outbox', set: { step: 'take' } },
  'outbox-done': { now: 'tapcase-outbox', set: { step: 'done' } },
  // Before the shop had the rollout, `version` named a release; in a node it is that of its properties.
  'firmware-offer': { now: 'tapcase-firmware', set: { step: 'offer', version: undefined } },
  'firmware-file': { now: 'tapcase-firmware', set: { step: 'file' } },
  'money-order': { now: 'tapcase-order', set: { what: 'money' } },
  'review-decide': { now: 'tapcase-order', set: { what: 'review' } },
  'learning-forget': { now: 'tapcase-order', set: { what: 'forget' } },
  'desk-view': { now: 'tapcase-desk' },
  'reviews-view': { now: 'tapcase-desk' },
  'sensors-view': { now: 'tapcase-desk' },
  'visit-due': { now: 'tapcase-job', set: { what: 'due' } },
  'ledger-prune': { now: 'tapcase-job', set: { what: 'housekeeping' }, outputs: [3] },
  'picture-prune': { now: 'tapcase-job', set: { what: 'housekeeping' }, outputs: [3] },
  'hold-orphans': { now: 'tapcase-job', set: { what: 'books' }, outputs: [1, 0] },
  'money-audit': { now: 'tapcase-job', set: { what: 'books' }, outputs: [3, 2] },
  'case-learn': { now: 'tapcase-job', set: { what: 'learning' }, outputs: [3, 2] },
  'customer-check': { now: 'tapcase-customer', set: { step: 'who' } },
  'customer-code': { now: 'tapcase-customer', set: { step: 'code' } },
  'customer-sign-in': { now: 'tapcase-customer', set: { step: 'sign-in' } },
  'customer-sign-out': { now: 'tapcase-customer', set: { step: 'sign-out' } },
  'me-view': { now: 'tapcase-view', set: { what: 'me' } },
  'case-view': { now: 'tapcase-view', set: { what: 'case' } },
  'visit-view': { now: 'tapcase-view', set: { what: 'visit' } },
  'visits-view': { now: 'tapcase-view', set: { what: 'visits' } },
  'visit-why': { now: 'tapcase-view', set: { what: 'why' } },
  'picture-view': { now: 'tapcase-view', set: { what: 'pictures' } },
  'visit-live': { now: 'tapcase-view', set: { what: 'live' } },
  'push-send': { now: 'web-push', set: { step: 'send' } },
  'push-subscribe': { now: 'web-push', set: { step: 'subscribe' } },
  'mail-send': { now: 'tapcase-mail' },
  'api-fault': { now: 'tapcase-reply' },
  'stripe-card-setup': {
    by: 'step',
    each: {
      start: { now: 'stripe-page', set: { mode: 'card', step: 'start' } },
      finish: { now: 'stripe-page', set: { mode: 'card', step: 'look' }, outputs: [1, 0] },
    },
  },
  'stripe-pay-page': { now: 'stripe-page', set: { mode: 'pay' } },
  'stripe-settle': {
    gone: 'is a part of stripe-capture, which takes what a sale costs or lets the hold go; one step alone is a stripe-call',
  },
  'stripe-charge': { gone: 'is a part of stripe-capture; a charge alone is a stripe-call: POST /v1/payment_intents' },
  'stripe-look': {
    gone: 'is now stripe-call: GET /v1/payment_intents/..., whose output "refused" says that there is none',
  },
  'stripe-list': { gone: 'is now stripe-call, for all pages of /v1/payment_intents or /v1/events: msg.called.list' },
  sessions: { gone: 'is part of tapcase-shop now: set the session key there, and let the nodes refer to the shop' },
  vapid: { gone: 'is part of tapcase-shop now: set the keys of web push there, and let the nodes refer to the shop' },
  'picture-store': { gone: 'is part of tapcase-ledger now: set the folder of pictures there' },
  'firmware-store': { gone: 'is part of tapcase-shop now: set the folder of images there' },
  mailer: { gone: 'is part of tapcase-shop now: set the mail server there, and let the nodes refer to the shop' },
};

/** Throws `flows.old-type` with a sentence for a type that has no successor. */
export function asNow(node: FlowNode): FlowNode {
  const row = Object.hasOwn(OLD_TYPES, node.type) ? OLD_TYPES[node.type]! : undefined;
  if (row === undefined) return node;
  if ('gone' in row) throw new Fault('flows.old-type', `the type ${node.type} of the node ${node.id} ${row.gone}`);
  const { now, set = {}, outputs } = 'by' in row ? partOf(row, node) : row;
  const { wires } = node;
  if (outputs === undefined || !Array.isArray(wires)) return { ...node, ...set, type: now };
  const moved: unknown[][] = Array.from({ length: Math.max(...outputs) + 1 }, () => []);
  for (const [at, targets] of wires.entries()) {
    // Two of the old outputs may have become one.
    if (Array.isArray(targets)) moved[outputs[at] ?? at]?.push(...(targets as unknown[]));
  }
  return { ...node, ...set, type: now, wires: moved };
}

function partOf({ by, each }: Parted, node: FlowNode): Renamed {
  const which = String(node[by]);
  return Object.hasOwn(each, which) ? each[which]! : Object.values(each)[0]!;
}
