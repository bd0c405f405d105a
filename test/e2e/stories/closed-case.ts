// What a tap at a case costs that lets nobody in: nothing. The cloud's own signed commands close and open it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type CaseView, type Command, closedBy, type StatusReport, topicOf, type Unnumbered } from '@tapcase/domain';
import { until } from '../../patience.ts';
import { type ShopBench, taking } from '../shop-bench.ts';

const CASE = '123';
/** Of staff who come and fill the case: longer than any machine needs to tell it to the controller. */
const RESTOCK_SECONDS = 30;

export function closedCase({ shop, world, customer, visit, refusal }: ShopBench): void {
  const who = customer();
  const holds = async (): Promise<number> => {
    const response = await fetch(`${shop().shop.stripeUrl}/sim/payment_intents`);
    return ((await response.json()) as { data: object[] }).data.length;
  };
  const ledger = () => join(shop().stateFolder, 'ledger.sqlite');
  /** The case has said so, and a phone that asks is told so. */
  const isTold = async (state: CaseView['state']) => {
    await becomes(ledger(), state);
    const response = await fetch(`${shop().shop.shopUrl}/api/cases/${CASE}`);
    assert.equal(((await response.json()) as CaseView).state, state);
  };

  it('is told so and asked for no money while the case is locked out, and buys once it is not', async () => {
    await isTold('ready');
    order(ledger(), { type: 'lockout', on: true, reason: 'too warm', at: seconds() });
    await isTold('closed');
    const before = await holds();
    assert.equal(await refusal(who()), 'case.closed');
    assert.equal(await holds(), before);
    order(ledger(), { type: 'lockout', on: false, reason: '', at: seconds() });
    await isTold('ready');
    assert.equal((await visit(who(), taking('chips'))).outcome, 'charged');
    assert.equal(await holds(), before + 1);
  });

  it('is told so and asked for no money while staff fill it', async () => {
    const before = await holds();
    order(ledger(), { type: 'restock', id: 'staff001', at: seconds(), exp: seconds() + RESTOCK_SECONDS });
    await isTold('restocking');
    await world('door', { open: true });
    // No hand is faster than the door's contact, which takes its time.
    await until('the case to feel the open door', () => {
      const status = lastStatus(ledger());
      return status?.type === 'status' && status.door === 'open';
    });
    assert.equal(await refusal(who()), 'case.restocking');
    assert.equal(await holds(), before);
    await world('door', { open: false });
    await isTold('ready');
  });
}

/** No phone may ask as often as a test looks: it looks in the ledger. */
export function becomes(file: string, state: CaseView['state']): Promise<boolean> {
  return until(`the case to say that it is ${state}`, () => {
    const status = lastStatus(file);
    return status !== null && (closedBy(status) ?? 'ready') === state;
  });
}

export function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** What the case said last of how it is. */
function lastStatus(file: string): StatusReport | null {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    const row = database.prepare('select last_status from case_status where case_id = ?').get(CASE);
    return typeof row?.last_status === 'string' ? (JSON.parse(row.last_status) as StatusReport) : null;
  } finally {
    database.close();
  }
}

/** Puts a command into the outbox of a shop that runs, numbered as the ledger numbers its own. */
export function order(file: string, { type, ...rest }: Unnumbered<Command>): void {
  const database = new DatabaseSync(file);
  try {
    database.exec('pragma busy_timeout = 5000; begin immediate');
    const { highest } = database
      .prepare(`insert into device_seqs (case_id, channel, highest, bitmap) values (?, 'cmd', 1, '')
        on conflict (case_id, channel) do update set highest = highest + 1 returning highest`)
      .get(CASE) as { highest: number };
    const body = { topic: topicOf(CASE, 'cmd'), payload: { type, seq: highest, ...rest } };
    database
      .prepare(`insert into outbox (kind, body, created_at_ms, leased_until_ms) values ('frame', ?, ?, 0)`)
      .run(JSON.stringify(body), Date.now());
    database.exec('commit');
  } finally {
    database.close();
  }
}
