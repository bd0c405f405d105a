// The cloud's side of updates over the air: which case is offered which release, and its files in ranges.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault, type StatusReport, UPDATE_FAILED } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import { openLedger } from '@tapcase/ledger';
import { asNow } from '../../host/flows/old-types.ts';
import firmware from '../../nodes/node-red-contrib-tapcase/src/device/firmware/firmware.ts';
import catalogNode from '../../nodes/node-red-contrib-tapcase/src/shop/catalog/catalog.ts';
import { FILE_BYTES_MAX, firmwareFolder } from '../../nodes/node-red-contrib-tapcase/src/shop/firmware/folder.ts';
import ledgerNode from '../../nodes/node-red-contrib-tapcase/src/shop/ledger/ledger.ts';
import { parseConfig as parseShop } from '../../nodes/node-red-contrib-tapcase/src/shop/shop/contract.ts';
import shopNode, { createShop } from '../../nodes/node-red-contrib-tapcase/src/shop/shop/shop.ts';
import { writeRelease } from '../../scripts/firmware/release.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import { AT, answerOf, KEY, smallRelease, updateBench } from '../firmware/update-bench.ts';
import { type Bench, bench, helper, withRuntime } from './harness.ts';
import { assertFault, sent } from './visit-bench.ts';

const HOUR_MS = 3_600_000;
const CASES = ['123', '124', '125'];
const WRONG_ROLLOUTS = [
  { firmwarePercent: '101' },
  { firmwarePercent: '-1' },
  { firmwarePercent: '' },
  { firmwareHaltPercent: '0' },
  { firmwareCases: 'a b/c' },
  { firmwareVersion: 7 },
];
const APP = Buffer.from('VERSION = "1.4.0"\n');
const BIG = Buffer.from('# much\n'.repeat(1_500));

describe('firmware for controllers', () => {
  withRuntime();
  let folder: string;
  let images: string;
  let ledger: Ledger;
  let seq: number;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'firmware-'));
    images = join(folder, 'images');
    release(7);
    ledger = await openLedger({ file: join(folder, 'ledger.db') });
    seq = 0;
    for (const id of CASES) await hear(id);
  });
  afterEach(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });

  function release(number: number, version = '1.4.0'): void {
    const files = [
      { path: 'app.py', data: APP },
      { path: 'big.py', data: BIG },
    ];
    writeRelease(images, { version, files }, { number, privateKey: KEY, at: AT });
  }
  async function hear(caseId: string, part: object = {}, agoMs = 0): Promise<void> {
    seq += 1;
    const facts = { door: 'closed', mass: 0, vcc: 3.7, rssi: -93, fw: '1.3.0' } as const;
    const status = { type: 'status', seq, at: 1, ...facts, ...part } as StatusReport;
    assert.equal(await ledger.recordStatus(caseId, status, Date.now() - agoMs), undefined);
  }
  const load = async (
    stored: object,
    { where = images, rollout = {} }: { where?: string | undefined; rollout?: object } = {},
  ): Promise<Bench> => {
    await helper.unload();
    return bench({
      node: {
        id: 'n',
        type: 'tapcase-firmware',
        ledger: 'the-ledger',
        shop: 'the-shop',
        ...stored,
      },
      outputs: 1,
      modules: [ledgerNode, catalogNode, shopNode, firmware],
      configNodes: [
        { id: 'the-ledger', type: 'tapcase-ledger', file: join(folder, 'ledger.db') },
        { id: 'the-catalog', type: 'tapcase-catalog', ...DEMO },
        {
          id: 'the-shop',
          type: 'tapcase-shop',
          catalog: 'the-catalog',
          firmwareFolder: where,
          ...rollout,
          cases: CASES.map((id) => ({ id, name: id, holdMinor: 1_000, visionWaitMs: 0, offlineAfterMs: 90_000 })),
        },
      ],
    });
  };
  const TO_ALL = { firmwareVersion: '1.4.0', firmwarePercent: '100', firmwareCases: '', firmwareHaltPercent: '10' };
  /** The node, in a shop that offers a release to all, but for `rollout`. */
  const offerNode = (rollout: object = {}, { part = {}, where }: { part?: object; where?: string } = {}) =>
    load({ step: 'offer', ...part }, { where, rollout: { ...TO_ALL, ...rollout } });
  const fileNode = (part: object = {}, where?: string) => load({ step: 'file', ...part }, { where });
  const ask = (file: string, caseId = '123', range?: string) => ({
    req: { params: { case: caseId, file }, headers: range === undefined ? {} : { range } },
  });
  const get = (file: string, range?: string, number = '7') => ({
    req: { params: { case: '123', number, file }, headers: range === undefined ? {} : { range } },
  });
  const offered = async ({ send }: Bench, caseId = '123') =>
    JSON.parse(String(sent(await send(ask('manifest.sig', caseId)), 0).payload)).number as number;

  it('an offer: what it serves is what a controller takes', async () => {
    const offers = await offerNode();
    const offer = sent(await offers.send(ask('manifest.sig')), 0).payload as Buffer;
    const manifest = sent(await offers.send(ask('manifest')), 0).payload as Buffer;
    const vm = await updateBench();
    vm.flashed(smallRelease({ number: 1 }));
    vm.boot();
    const files = [
      { path: 'app.py', data: APP },
      { path: 'big.py', data: BIG },
    ];
    vm.answer = answerOf({ offer, manifest, files, number: 7 });
    assert.equal(await vm.look(), true);
    assert.equal(vm.boot(), '/b');
  });

  it('an offer: offers nothing without a version, outside of the share, and to named cases in any case', async () => {
    assert.equal(await offered(await offerNode({ firmwareVersion: '' })), 0);
    assert.equal(await offered(await offerNode({ firmwarePercent: '0' })), 0);
    const named = await offerNode({ firmwarePercent: '0', firmwareCases: '124, 123' });
    assert.equal(await offered(named, '123'), 7);
    assert.equal(await offered(named, '125'), 0);
    assertFault(await named.send(ask('manifest', '125')), 'firmware.unknown-file');
  });

  it('an offer: of one version the latest release counts', async () => {
    release(8);
    release(9, '1.5.0');
    assert.equal(await offered(await offerNode()), 8);
  });

  it('an offer: nobody else is offered what a case has given up, and the operator hears of it once', async () => {
    const offers = await offerNode();
    sent(await offers.send(ask('manifest', '123')), 0);
    assert.equal(await offered(offers, '124'), 7);
    await hear('123', { faults: [UPDATE_FAILED] });
    const both = await offers.collect(ask('manifest.sig', '124'), 2);
    assert.deepEqual(both.map((one) => (one.kind === 'fault' ? one.code : one.kind)).sort(), [
      'firmware.halted',
      'output',
    ]);
    assert.equal(await offered(offers, '124'), 0);
    // Once it has taken a better one, the fault is gone.
    await hear('123', { fw: '1.4.0' });
    assert.equal(await offered(offers, '124'), 7);
  });

  it('an offer: nobody else is offered what a case has fallen silent with, even after a restart of the cloud', async () => {
    const offeredAt = (agoMs: number) =>
      writeFileSync(join(images, 'offered-7.json'), JSON.stringify({ 123: { atMs: Date.now() - agoMs } }));
    await hear('123', {}, 2 * HOUR_MS);
    offeredAt(HOUR_MS / 2);
    assert.equal(await offered(await offerNode(), '124'), 7);
    offeredAt(HOUR_MS + 60_000);
    const outcomes = await (await offerNode()).collect(ask('manifest.sig', '124'), 2);
    assert.ok(outcomes.some((one) => one.kind === 'fault' && one.code === 'firmware.halted'));
  });

  it('an offer: who asks in the name of a case that is not alive does not make it count', async () => {
    await hear('125', {}, 2 * HOUR_MS);
    const offers = await offerNode();
    sent(await offers.send(ask('manifest', '125')), 0);
    sent(await offers.send(ask('manifest', '124')), 0);
    assert.deepEqual(Object.keys(JSON.parse(readFileSync(join(images, 'offered-7.json'), 'utf8'))), ['124']);
  });

  it('an offer: cases that ask at once all count, each once', async () => {
    const store = firmwareFolder({ folder: images });
    const at = { atMs: 1_000, hadFailed: false };
    await Promise.all(CASES.map((id) => store.markOffered(7, id, at)));
    await store.markOffered(7, '123', { atMs: 2_000, hadFailed: true });
    assert.deepEqual(await store.offered(7), new Map(CASES.map((id) => [id, at])));
  });

  it('an offer: refuses cases it does not know, and whatever else is asked', async () => {
    const offers = await offerNode();
    assertFault(await offers.send(ask('manifest', '999')), 'case.unknown');
    assertFault(await offers.send(ask('manifest.sig', '../..')), 'case.unknown');
    assertFault(await offers.send(ask('app.py')), 'firmware.unknown-file');
    assertFault(await offers.send({}), 'firmware.unknown-file');
  });

  it('an offer: says what is wrong with the images', async () => {
    assertFault(
      await (await offerNode({ firmwareVersion: '9.9.9' })).send(ask('manifest')),
      'firmware.unknown-version',
    );
    writeFileSync(join(images, '7', 'manifest.sig'), '{"number":6}');
    assertFault(await (await offerNode()).send(ask('manifest')), 'firmware.bad-image');
    assertFault(await (await offerNode({}, { where: '' })).send(ask('manifest')), 'firmware.no-folder');
    assertFault(await (await offerNode({}, { part: { shop: '' } })).send(ask('manifest')), 'config.missing-node');
  });

  it('an offer: a folder that cannot be written stops the offer: who was offered what must be known', async () => {
    writeFileSync(join(folder, 'file'), '');
    const store = firmwareFolder({ folder: join(folder, 'file') });
    await assert.rejects(store.markOffered(7, '123', { atMs: 1, hadFailed: false }), { code: 'firmware.unwritable' });
  });

  it('an offer: what stands in the record of offers and is no offer is left out', async () => {
    const store = firmwareFolder({ folder: images });
    for (const text of ['', '[1]', '{"123":1,"../x":{"atMs":1},"124":{"atMs":"1"}}']) {
      writeFileSync(join(images, 'offered-7.json'), text);
      assert.deepEqual(await store.offered(7), new Map());
    }
  });

  it('an offer: a rollout that was filled in wrongly stops the offers', async () => {
    for (const rollout of WRONG_ROLLOUTS) {
      assertFault(await (await offerNode(rollout)).send(ask('manifest')), 'shop.invalid');
    }
  });

  it('a rollout, a folder or an address that was filled in wrongly stops nobody from opening a case', () => {
    const row = { id: '123', name: 'Lobby', holdMinor: 1_000, visionWaitMs: 0, offlineAfterMs: 90_000 };
    for (const wrong of [...WRONG_ROLLOUTS, { publicUrl: 'shop.example' }, { firmwareFolder: '' }]) {
      const config = parseShop({ catalog: 'the-catalog', cases: [row], ...wrong });
      const shop = createShop(
        config,
        () => DEMO,
        () => '',
      );
      assert.ok(!(shop.case('123') instanceof Fault));
      const codes = [shop.rollout, shop.publicUrl, shop.firmware].map((part) => part instanceof Fault && part.code);
      const wanted = 'firmwareFolder' in wrong ? 'firmware.no-folder' : 'shop.invalid';
      assert.ok(codes.includes(wanted));
    }
  });

  it('an offer: of an earlier release, with a rollout of its own, offers nothing until the shop has one', async () => {
    const own = { version: '1.4.0', percent: '100', cases: '123', haltPercent: '10' };
    const offers = await load(asNow({ id: 'n', type: 'firmware-offer', ...own }));
    assert.equal(await offered(offers), 0);
  });

  it('a file: gives a range as a range, the whole where none is asked for', async () => {
    const files = await fileNode();
    const whole = sent(await files.send(get('big.py')), 0);
    assert.deepEqual([whole.statusCode, whole.payload], [200, BIG]);
    for (const [range, from, to] of [
      ['bytes=0-4095', 0, 4_096],
      ['bytes=4096-8191', 4_096, 8_192],
      ['bytes=8192-12287', 8_192, BIG.length],
      ['bytes=10499-', BIG.length - 1, BIG.length],
    ] as const) {
      const part = sent(await files.send(get('big.py', range)), 0);
      assert.equal(part.statusCode, 206);
      assert.deepEqual(part.payload, BIG.subarray(from, to));
      const headers = part.headers as Record<string, string>;
      assert.equal(headers['content-range'], `bytes ${from}-${to - 1}/${BIG.length}`);
    }
  });

  it('a file: a range that is not there, or that is none, is answered so', async () => {
    const files = await fileNode();
    for (const range of [
      'bytes=10500-',
      'bytes=5-4',
      'bytes=-5',
      'bytes=0-1,3-4',
      'lines=1-2',
      '',
      'bytes=9999999999999-',
    ]) {
      const { statusCode, headers } = sent(await files.send(get('big.py', range)), 0);
      assert.deepEqual(
        [statusCode, (headers as Record<string, string>)['content-range']],
        [416, `bytes */${BIG.length}`],
      );
    }
  });

  it('a file: hands over modules of a release and nothing else', async () => {
    const files = await fileNode();
    writeFileSync(join(images, 'secret.py'), 'x');
    writeFileSync(join(images, '7', 'huge.py'), Buffer.alloc(FILE_BYTES_MAX + 1));
    mkdirSync(join(images, '7', 'folder.py'));
    for (const file of ['../secret.py', 'none.py', 'App.py', 'app.pyc', '', 'offered-7.json', 'huge.py', 'folder.py']) {
      assertFault(await files.send(get(file)), 'firmware.unknown-file');
    }
    for (const number of ['', '0', '-7', '7.5', '..', '07x', '1e1']) {
      assertFault(await files.send(get('app.py', undefined, number)), 'firmware.unknown-file');
    }
    assertFault(await (await fileNode({}, '')).send(get('app.py')), 'firmware.no-folder');
    assertFault(await (await fileNode({ shop: '' })).send(get('app.py')), 'config.missing-node');
  });
});
