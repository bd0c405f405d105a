// One node of a visit in a real Node-RED, its ledger a file that the test reads and writes beside it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Card,
  type Catalog,
  type DoorReport,
  type IntentFacts,
  orThrow,
  type StaffRole,
  type Unnumbered,
  type VisionReport,
  type Visit,
} from '@tapcase/domain';
import type { Customer, Ledger } from '@tapcase/ledger';
import { openLedger } from '@tapcase/ledger';
import catalogNode from '../../nodes/node-red-contrib-tapcase/src/shop/catalog/catalog.ts';
import ledgerNode from '../../nodes/node-red-contrib-tapcase/src/shop/ledger/ledger.ts';
import shopNode from '../../nodes/node-red-contrib-tapcase/src/shop/shop/shop.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import { type Bench, bench, type NodeModule, type Outcome, withStoppedClock } from './harness.ts';

export const CASE = '123';
export const INTENT = 'pi_1';
export const HOLD_MINOR = 1000;
export const VISION_WAIT_MS = 5_000;
export const OFFLINE_AFTER_MS = 180_000;
export const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };

/** As the host writes it on what a person of the staff sends from a page. */
export const clientOf = (role: StaffRole, name = 'Olga') => ({
  _client: { staff: { id: `${role}-1`, name, role, address: '192.0.2.7' } },
});
export const OWNER = clientOf('owner');

/** The hold as Stripe has it. */
export const HELD: IntentFacts = {
  intent: INTENT,
  purpose: 'hold',
  status: 'requires_capture',
  amountMinor: HOLD_MINOR,
  capturableMinor: HOLD_MINOR,
  captureMaxMinor: HOLD_MINOR,
  canIncrement: false,
  receivedMinor: 0,
  captureBeforeMs: null,
};

/** What a Stripe node adds to a message. */
export function stripeResult(part: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    intent: INTENT,
    status: 'requires_capture',
    customer: CARD.stripeCustomer,
    amountMinor: HOLD_MINOR,
    capturableMinor: HOLD_MINOR,
    captureMaxMinor: HOLD_MINOR,
    canIncrement: false,
    amountReceivedMinor: 0,
    ...part,
  };
}

export interface NodeUnderTest {
  readonly type: string;
  readonly module: NodeModule;
  readonly outputs: number;
  /** An operator's own flow on a tab of its own. */
  readonly own?: OwnFlow;
  /** A node before it that gets the messages. */
  readonly ahead?: { readonly type: string; readonly module: NodeModule };
  /** What else it refers to, and the modules of that. */
  readonly beside?: {
    readonly modules: readonly NodeModule[];
    readonly configNodes: readonly object[];
    readonly credentials?: object;
  };
  /** What else its dialog stores. */
  readonly [property: string]: unknown;
}

export interface OwnFlow {
  readonly modules: readonly NodeModule[];
  readonly nodes: readonly object[];
}

type Reached = 'requested' | 'held' | 'unlocking' | 'unlocked' | 'open' | 'closed' | 'timeout';
const WAY: readonly Reached[] = ['requested', 'held', 'unlocking', 'unlocked', 'open', 'closed'];

export interface VisitOptions {
  /** How long ago it came there. */
  readonly agoMs?: number;
  /** What the close weighed. */
  readonly grams?: number;
  readonly catalog?: Catalog;
  /** The hold, where Stripe knows of one. */
  readonly intent?: string;
  /** Whose; the one customer's unless said otherwise. */
  readonly customerId?: string;
  readonly card?: Card;
}

export interface VisitBench extends Bench {
  readonly ledger: Ledger;
  /** The ledger's database. */
  readonly file: string;
  /** A customer with a card. */
  customer(id?: string): Promise<Customer>;
  /** A visit that has come this far. */
  visitIn(phase: Reached, options?: VisitOptions): Promise<Visit>;
  door(visit: Visit, report: DoorPart, agoMs?: number): Promise<Visit>;
  vision(visit: Visit, part?: Partial<VisionReport>): Promise<Visit>;
  /** The frame as hmac-verify hands it on. */
  frame(channel: 'door' | 'vision' | 'status', payload: object): { readonly frame: object };
  nextSeq(): number;
  /** The case says that it is there. */
  hear(agoMs?: number): Promise<void>;
}
type DoorPart =
  Unnumbered<DoorReport> extends infer R ? (R extends { at: number } ? Omit<R, 'at' | 'id'> : never) : never;

/** Call inside a describe that has called `withRuntime`. The time of day stands still. */
export function withVisits(node: NodeUnderTest): () => VisitBench {
  withStoppedClock();
  let running: VisitBench;
  let folder: string;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-'));
    const file = join(folder, 'ledger.db');
    const ledger = await openLedger({ file });
    running = { ...(await start(node, file)), ...visitsIn(ledger), file };
  });
  afterEach(async () => {
    await running.ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return () => running;
}

/** The node with no ledger and no shop chosen: it lives, and says so on every message. */
export async function assertMissingConfig(
  { module, outputs, beside: _beside, ahead: _ahead, ...stored }: NodeUnderTest,
  message: object,
): Promise<void> {
  const { helper } = await import('./harness.ts');
  await helper.unload();
  const { send } = await bench({ node: { id: 'n', ...stored, ledger: '', shop: '' }, outputs, modules: [module] });
  assertFault(await send(message), 'config.missing-node');
}

export function assertFault(outcome: Outcome, code: string): void {
  assert.equal(outcome.kind, 'fault', JSON.stringify(outcome));
  assert.equal(outcome.kind === 'fault' && outcome.code, code);
}

/** The message that came out of output `port`. */
export function sent(outcome: Outcome, port: number): Record<string, unknown> {
  assert.equal(outcome.kind, 'output', outcome.kind === 'fault' ? outcome.code : '');
  assert.equal(outcome.kind === 'output' && outcome.port, port);
  return outcome.message;
}

export function sentVisit(outcome: Outcome, port: number): Visit {
  return sent(outcome, port).visit as Visit;
}

function start(
  { module, outputs, beside, ahead, own = { modules: [], nodes: [] }, ...stored }: NodeUnderTest,
  file: string,
): Promise<Bench> {
  const refs = { ledger: 'the-ledger', shop: 'the-shop' };
  const before = ahead === undefined ? [] : [ahead.module];
  return bench({
    node: { id: 'n', ...stored, ...refs },
    ...(ahead === undefined ? {} : { ahead: { id: 'ahead', type: ahead.type, ...refs } }),
    outputs,
    modules: [ledgerNode, catalogNode, shopNode, ...(beside?.modules ?? []), ...before, module, ...own.modules],
    // An id that equals its node's type looks like a node that depends on itself.
    configNodes: [
      ...own.nodes,
      { id: 'the-ledger', type: 'tapcase-ledger', file },
      { id: 'the-catalog', type: 'tapcase-catalog', ...DEMO },
      {
        id: 'the-shop',
        type: 'tapcase-shop',
        catalog: 'the-catalog',
        publicUrl: 'https://shop.example/',
        cases: [
          {
            id: CASE,
            name: 'Lobby',
            holdMinor: HOLD_MINOR,
            visionWaitMs: VISION_WAIT_MS,
            offlineAfterMs: OFFLINE_AFTER_MS,
          },
        ],
      },
      ...(beside?.configNodes ?? []),
    ],
    ...(beside?.credentials === undefined ? {} : { credentials: beside.credentials }),
  });
}

/** Visits in a ledger, without any node. */
export function visitsIn(ledger: Ledger): Omit<VisitBench, keyof Bench | 'file'> {
  let seq = 0;
  const nextSeq = () => {
    seq += 1;
    return seq;
  };
  const customer = async (id = 'customer-1'): Promise<Customer> => {
    await ledger.customerByEmail(`${id}@example.com`, { id, language: 'en', atMs: Date.now() });
    // One of Stripe's customers is one of ours.
    const stripeCustomer = id === 'customer-1' ? CARD.stripeCustomer : `cus_${id}`;
    await ledger.setCard(id, { ...CARD, stripeCustomer }, Date.now());
    return (await ledger.customer(id))!;
  };
  const door = async (visit: Visit, part: DoorPart, agoMs = 0): Promise<Visit> => {
    const at = Date.now() - agoMs;
    const report = { id: visit.id, seq: nextSeq(), at: Math.floor(at / 1000), ...part } as DoorReport;
    const recorded = await ledger.recordReport(
      visit.caseId,
      { channel: 'door', report },
      {
        atMs: at,
        visionWaitMs: VISION_WAIT_MS,
      },
    );
    assert.ok(recorded.kind === 'new' && recorded.visit !== null);
    return recorded.visit;
  };
  const vision = async (visit: Visit, part: Partial<VisionReport> = {}): Promise<Visit> => {
    const report = visionReport(visit.id, nextSeq(), part);
    const at = { atMs: Date.now(), visionWaitMs: VISION_WAIT_MS };
    await ledger.recordReport(visit.caseId, { channel: 'vision', report }, at);
    return (await ledger.visit(visit.id))!;
  };
  const visitIn: VisitBench['visitIn'] = async (
    phase,
    { agoMs = 0, grams = 0, catalog = DEMO, intent = INTENT, customerId, card } = {},
  ) => {
    const way = phase === 'timeout' ? WAY.slice(0, 4) : WAY.slice(0, WAY.indexOf(phase) + 1);
    let visit = await openVisit(
      ledger,
      { ...(await customer(customerId)), ...(card && { card }) },
      { catalog, atMs: Date.now() - agoMs },
    );
    for (const step of way.slice(1)) visit = await advanceTo(step, visit);
    return phase === 'timeout' ? door(visit, { type: 'timeout', mass: 0 }, agoMs) : visit;

    async function advanceTo(step: Reached, from: Visit): Promise<Visit> {
      const atMs = Date.now() - agoMs;
      const change = { atMs, visionWaitMs: VISION_WAIT_MS };
      // A crash between the two: the hold is made, and nobody was let in.
      if (step === 'held' && phase === 'held') {
        return orThrow(await ledger.advanceVisit(from.id, { event: 'hold_made', set: { intent }, ...change }));
      }
      if (step === 'held')
        return orThrow(await ledger.holdMade(from.id, { ...HELD, intent }, { ...change, effects: [] }));
      if (step === 'unlocking') return from;
      if (step === 'unlocked') return door(from, { type: 'unlocked', mass: 0 }, agoMs);
      if (step === 'open') return door(from, { type: 'opened' }, agoMs);
      return door(from, { type: 'closed', mass: -grams, dmass: grams, sigma: 2.1 }, agoMs);
    }
  };
  const frame: VisitBench['frame'] = (channel, payload) => ({
    frame: { caseId: CASE, device: 'controller', channel, topic: `case/${CASE}/${channel}`, payload },
  });
  const hear = async (agoMs = 0): Promise<void> => {
    const status = { type: 'hello', seq: nextSeq(), at: 0, nonce: '0123456789abcdef', fw: '1' } as const;
    assert.equal(await ledger.recordStatus(CASE, status, Date.now() - agoMs), undefined);
  };
  return { ledger, customer, visitIn, door, vision, frame, nextSeq, hear };
}

export function visionReport(id: string, seq: number, part: Partial<VisionReport> = {}): VisionReport {
  const at = Math.floor(Date.now() / 1000);
  const nothing = { before: {}, after: {}, ms: 90 };
  return { type: 'report', id, seq, at, model: '0123456789ab', ...nothing, ...part };
}

/** A camera that saw these go, and says nothing of what stayed. */
export function sawGo(taken: Readonly<Record<string, number>>) {
  const none = Object.fromEntries(Object.keys(taken).map((label) => [label, 0]));
  return { before: { 0: taken }, after: { 0: none }, partial: true };
}

let opened = 0;

async function openVisit(
  ledger: Ledger,
  { id, card }: Customer,
  { catalog, atMs }: { readonly catalog: Catalog; readonly atMs: number },
): Promise<Visit> {
  opened += 1;
  const result = await ledger.openVisit({
    id: `visit${String(opened).padStart(4, '0')}`,
    caseId: CASE,
    customerId: id,
    requestId: `request-${opened}`,
    language: 'en',
    catalog,
    card: card!,
    holdMinor: HOLD_MINOR,
    atMs,
  });
  assert.equal(result.kind, 'opened');
  return (result as { visit: Visit }).visit;
}
