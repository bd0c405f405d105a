// The ledger of a shop on one machine is copied while it sells, and put back while the cloud is away.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from '@tapcase/ledger';
import { ledgerHand } from '../../host/ledger-hand.ts';
import { until } from '../patience.ts';

const NOW_MS = Date.now();

describe('hands at the ledger of a shop on one machine', () => {
  let folder: string;
  let file: string;
  let told: { copiedAtMs: number | null; isBusy: boolean }[];
  let said: string[];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-hand-'));
    file = join(folder, 'ledger.sqlite');
    [told, said] = [[], []];
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const hand = (around: (work: () => void) => Promise<boolean>) =>
    ledgerHand({
      file,
      around,
      tell: ({ copiedAtMs, isBusy }) => told.push({ copiedAtMs, isBusy }),
      say: (line) => said.push(line),
    });
  const done = async (count: number) => until('an answer', () => told.length === count);
  const customer = { id: 'customer1', language: 'en', atMs: NOW_MS } as const;

  it('copies it while somebody writes, and puts the copy back while nobody does', async () => {
    let ledger = await openLedger({ file });
    const wish = hand(async (work) => {
      await ledger.close();
      work();
      ledger = await openLedger({ file });
      return true;
    });
    await ledger.customerByEmail('ann@example.com', customer);
    wish({ kind: 'ledger', wish: 'copy' });
    // A second one while the first is under way is no wish.
    wish({ kind: 'ledger', wish: 'copy' });
    await done(1);
    assert.ok(told[0]!.copiedAtMs! > 0 && !told[0]!.isBusy);
    await ledger.customerByEmail('ben@example.com', { ...customer, id: 'customer2' });
    wish({ kind: 'ledger', wish: 'put-back' });
    await done(2);
    assert.equal((await ledger.customer('customer1'))?.id, 'customer1');
    assert.equal(await ledger.customer('customer2'), undefined);
    assert.match(said.join(), /put back to its copy/);
    await ledger.close();
  });

  it('says what is wrong where there is no copy or no ledger, and does nothing at any other word', async () => {
    const wish = hand(async (work) => {
      work();
      return true;
    });
    for (const other of [null, 7, { kind: 'ready' }, { kind: 'ledger' }, { kind: 'ledger', wish: 'toString' }])
      wish(other);
    wish({ kind: 'ledger', wish: 'put-back' });
    await done(1);
    assert.match(said.join(), /there is no copy/);
    wish({ kind: 'ledger', wish: 'copy' });
    await done(2);
    assert.equal(said.length, 2);
    assert.deepEqual(told.at(-1), { copiedAtMs: null, isBusy: false });
    hand(async () => false)({ kind: 'ledger', wish: 'put-back' });
    await done(3);
    assert.match(said.at(-1)!, /nothing was put back/);
  });
});
