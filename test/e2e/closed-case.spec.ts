// What a tap at a case costs that lets nobody in: nothing. The cloud's own signed commands close and open it.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type CaseView, type Command, topicOf, type Unnumbered } from '@tapcase/domain';
import { type DemoShop, startOwnShop } from '../../scripts/demo-shop.ts';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '..', '..');
const CASE = '123';
const LOOK_MS = 100;
const PATIENCE_MS = 20_000;

describe('a tap at a case that lets nobody in', () => {
  let shop: DemoShop;
  before(async function () {
    this.timeout(90_000);
    shop = await startOwnShop();
  });
  after(async function () {
    this.timeout(20_000);
    await shop?.stop();
  });

  /** Signs in, adds a card and taps, as a customer who is new here; buys where the door opens. */
  const tap = async (): Promise<string> => {
    const command = ['scripts/demo.ts', '--json', '--take', 'chips=1', '--state', shop.stateFolder];
    const { stdout } = await run(process.execPath, command, { cwd: ROOT });
    return (JSON.parse(stdout) as { outcome: string }).outcome;
  };
  const holds = async (): Promise<number> => {
    const response = await fetch(`${shop.shop.stripeUrl}/sim/payment_intents`);
    return ((await response.json()) as { data: object[] }).data.length;
  };
  const becomes = async (state: CaseView['state']) => {
    let last: CaseView['state'] | undefined;
    for (const untilMs = Date.now() + PATIENCE_MS; Date.now() < untilMs; await delay(LOOK_MS)) {
      const response = await fetch(`${shop.shop.shopUrl}/api/cases/${CASE}`);
      last = ((await response.json()) as CaseView).state;
      if (last === state) return;
    }
    assert.fail(`the case is ${last}, not ${state}`);
  };
  const door = async (open: boolean) => {
    const response = await fetch(`${shop.shop.worldUrl}/sim/cases/${CASE}/door`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ open }),
    });
    assert.equal(response.status, 200);
  };
  const order = (command: Unnumbered<Command>) => send(join(shop.stateFolder, 'ledger.sqlite'), command);
  const seconds = () => Math.floor(Date.now() / 1000);

  it('is told so and asked for no money while the case is locked out, and buys once it is not', async () => {
    await becomes('ready');
    order({ type: 'lockout', on: true, reason: 'too warm', at: seconds() });
    await becomes('closed');
    assert.equal(await tap(), 'case.closed');
    assert.equal(await holds(), 0);
    order({ type: 'lockout', on: false, reason: '', at: seconds() });
    await becomes('ready');
    assert.equal(await tap(), 'charged');
    assert.equal(await holds(), 1);
  }).timeout(90_000);

  it('is told so and asked for no money while staff fill it', async () => {
    const before = await holds();
    order({ type: 'restock', id: 'staff001', at: seconds(), exp: seconds() + 10 });
    await becomes('restocking');
    await door(true);
    assert.equal(await tap(), 'case.restocking');
    assert.equal(await holds(), before);
    await door(false);
    await becomes('ready');
  }).timeout(90_000);
});

/** Puts a command into the outbox of a shop that runs, numbered as the ledger numbers its own. */
function send(file: string, { type, ...rest }: Unnumbered<Command>): void {
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
