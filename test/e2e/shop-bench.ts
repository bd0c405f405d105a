// A running shop for the stories of this folder, and customers who buy in it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StaffRole, VisitView } from '@tapcase/domain';
import type { DemoShop } from '../../scripts/demo-shop.ts';
import { type StaffSession, signInAs } from '../../scripts/demo-staff.ts';
import { type AtTheCase, type Customer, caseOf, newCustomer, visit } from '../../scripts/demo-visit.ts';
import { within } from '../patience.ts';
import { type PatientOptions, restored, startPatientShop } from '../patient-shop.ts';

export const ROOT = join(import.meta.dirname, '..', '..');

export interface ShopBench {
  shop(): DemoShop;
  /** Does something to the simulated case. */
  world(action: string, body: object): Promise<unknown>;
  /** Headers of somebody of the staff who has signed in; the same for all the tests of a describe. */
  staff(role: StaffRole): () => StaffSession['headers'];
  /** Somebody who has signed in and stored a card; the same one for all the tests of a describe. */
  customer(card?: string): () => Customer;
  /** One visit of theirs, from tap to receipt; fails where the door stays shut. */
  visit(customer: Customer, acts: AtTheCase): Promise<Bought>;
  /** Why the door stays shut when they tap. */
  refusal(customer: Customer): Promise<string>;
}

export interface Bought {
  readonly id: string;
  readonly outcome: VisitView['outcome'];
  readonly items: readonly { readonly sku: string; readonly count: number }[];
  /** What Stripe's stand-in has received for it. */
  readonly receivedMinor: number | undefined;
}

/** A describe of its own that leaves the shop as it found it, whatever went wrong in it. */
export function story(title: string, bench: ShopBench, tell: (bench: ShopBench) => void): void {
  describe(title, () => {
    tell(bench);
    after(() => restored(bench.shop()));
  });
}

/** Call inside a describe: the shop is there in every test, and in every `before` that comes after. */
export function withPatientShop(options: PatientOptions = {}): ShopBench {
  let running: DemoShop;
  before(async () => {
    running = await startPatientShop(options);
  });
  after(() => running?.stop());
  const shop = () => running.shop;

  return {
    shop: () => running,
    world: (action, body) => caseOf(shop())(action, body),
    staff: (role) => {
      let session: StaffSession;
      before(async () => {
        session = await signInAs(role, running.stateFolder);
      });
      return () => session.headers;
    },
    customer: (card) => {
      let customer: Customer;
      before(async () => {
        customer = await newCustomer(shop(), card);
      });
      return () => customer;
    },
    visit: async (customer, acts) => {
      const visited = await within('the receipt', visit(shop(), customer, acts));
      assert.equal(visited.kind, 'visited', `the door stayed shut: ${JSON.stringify(visited)}`);
      const { id, outcome, lines } = (visited as Extract<typeof visited, { kind: 'visited' }>).visit;
      const items = lines.map(({ sku, count }) => ({ sku, count }));
      return { id, outcome, items, receivedMinor: await receivedFor(running, id) };
    },
    refusal: async (customer) => {
      const never: AtTheCase = () => assert.fail('the door has opened');
      const visited = await within('an answer to the tap', visit(shop(), customer, never));
      return (visited as Extract<typeof visited, { kind: 'refused' }>).code;
    },
  };
}

/** What somebody does who takes some of a kind, and nothing else. */
export function taking(sku: string, count = 1): AtTheCase {
  return async ({ atCase, mayTake }) => {
    await atCase('door', { open: true });
    await mayTake();
    await atCase('take', { sku, count });
    await atCase('door', { open: false });
  };
}

export interface DemoResult {
  readonly outcome: string;
  readonly items: readonly { sku: string; count: number }[];
  readonly total: number;
  readonly currency: string;
  readonly phases: readonly { name: string; atMs: number }[];
  readonly stripe: { intent: string; status: string; amountReceived: number } | null;
  readonly pushDelivered: boolean;
  readonly why: { readonly customer: string; readonly email: string; readonly staff: string } | null;
}

/** npm run demo, as a process of its own, in this shop. */
export async function demo({ stateFolder }: DemoShop, ...args: string[]): Promise<DemoResult> {
  const command = ['scripts/demo.ts', '--json', '--state', stateFolder, ...args];
  const { stdout } = await within('the demo', promisify(execFile)(process.execPath, command, { cwd: ROOT }));
  return JSON.parse(stdout) as DemoResult;
}

/** The number of the process that runs a role at this moment; it is the first of its group. */
export function processOf({ stateFolder }: DemoShop, role: 'cloud' | 'edge'): number {
  const { processes } = JSON.parse(readFileSync(join(stateFolder, 'running.json'), 'utf8')) as DemoShop['shop'];
  return processes[role]!;
}

async function receivedFor({ shop }: DemoShop, visitId: string): Promise<number | undefined> {
  const response = await fetch(`${shop.stripeUrl}/sim/payment_intents?visit=${visitId}`);
  const { data } = (await response.json()) as { data: readonly { readonly amount_received: number }[] };
  return data[0]?.amount_received;
}
