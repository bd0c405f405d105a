// Somebody taps, and nothing opens for them: the case says why, or that it has begun anew, and within seconds their phone says it too,
// their money is let go and the case is free for the next one.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { VisitView } from '@tapcase/domain';
import { until } from '../../patience.ts';
import { type ShopBench, taking } from '../shop-bench.ts';
import { becomes, order, seconds } from './closed-case.ts';

export function turnedAway({ shop, world, customer, visit }: ShopBench): void {
  const who = customer();
  const file = () => join(shop().stateFolder, 'ledger.sqlite');
  after(() => world('conditions', { power: 'mains' }));

  const tap = () =>
    who().call('POST', `/api/cases/${shop().shop.caseId}/unlock`, { requestId: randomUUID(), language: 'en' });
  /** No phone may ask as often as a test looks. */
  const phaseOf = (id: string) => ask<{ phase: string }>(file(), 'select phase from visits where id = ?', id).phase;
  /** What the phone shows in the end, and what became of the money. */
  const ending = async (id: string) => {
    await until('the visit to end', () => phaseOf(id) === 'done');
    const { outcome, turnedAway: why, hold } = (await who().call('GET', `/api/visits/${id}`)).body as VisitView;
    const response = await fetch(`${shop().shop.stripeUrl}/sim/payment_intents?visit=${id}`);
    const { data } = (await response.json()) as { data: readonly { readonly status: string }[] };
    return [outcome, why, hold.state, data.map(({ status }) => status)];
  };
  const letGo = (why: VisitView['turnedAway']) => ['unused', why, 'released', ['canceled']];

  it('because it was locked out in this moment: they are told at once', async () => {
    order(file(), { type: 'lockout', on: true, reason: 'too warm', at: seconds() });
    await becomes(file(), 'closed');
    // As if the cloud had not heard of it yet; the next status is two seconds away.
    const id = await until('a tap that the cloud takes', async () => {
      forgetState(file());
      const { ok, body } = await tap();
      return ok && (body as VisitView).id;
    });
    assert.deepEqual(await ending(id), letGo('closed'));
    order(file(), { type: 'lockout', on: false, reason: '', at: seconds() });
    await becomes(file(), 'ready');
  });

  it('because its plug was pulled before it could: they are told when it is back, and the next one buys', async () => {
    await world('conditions', { power: 'none' });
    const { body } = await tap();
    const { id } = body as VisitView;
    await until('the unlock to be on its way', () => phaseOf(id) === 'unlocking');
    await world('conditions', { power: 'mains' });
    assert.deepEqual(await ending(id), letGo('restarted'));
    // What it said last may be that its power was going.
    await becomes(file(), 'ready');
    assert.equal((await visit(who(), taking('chips'))).outcome, 'charged');
  });
}

function ask<T>(file: string, statement: string, ...values: readonly string[]): T {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare(statement).get(...values) as T;
  } finally {
    database.close();
  }
}

function forgetState(file: string): void {
  const database = new DatabaseSync(file);
  try {
    database.exec(`pragma busy_timeout = 5000; update case_status set last_status = null`);
  } finally {
    database.close();
  }
}
