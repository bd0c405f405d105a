// The cloud's side of pictures: where they are kept and let go, and what the nodes around it say when something is missing.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault, type PictureUpload, parsePictureFacts, parseUpload, uploadPath } from '@tapcase/domain';
import fc from 'fast-check';
import caseKeys from '../../nodes/node-red-contrib-hmac/src/hmac-keys/hmac-keys.ts';
import { deriveDeviceKey } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import viewNode from '../../nodes/node-red-contrib-tapcase/src/customer/view/view.ts';
import deskNode from '../../nodes/node-red-contrib-tapcase/src/desk/desk/desk.ts';
import { pictureRows } from '../../nodes/node-red-contrib-tapcase/src/desk/desk/pictures.ts';
import jobNode from '../../nodes/node-red-contrib-tapcase/src/desk/job/job.ts';
import ledgerNode from '../../nodes/node-red-contrib-tapcase/src/shop/ledger/ledger.ts';
import { pictureFolder } from '../../nodes/node-red-contrib-tapcase/src/shop/pictures/folder.ts';
import { FILES_OF_VISIT_MAX } from '../../nodes/node-red-contrib-tapcase/src/shop/pictures/port.ts';
import record from '../../nodes/node-red-contrib-tapcase/src/visit/record/record.ts';
import { bench, helper, type NodeModule, type Outcome, withRuntime } from './harness.ts';
import { assertFault, sent } from './visit-bench.ts';

const DAY_MS = 86_400_000;
const MASTER = '07'.repeat(32);
const PICTURE: PictureUpload = { caseId: '123', visit: 'abc123', moment: 'before', camera: '0', kind: 'jpg' };
const JPEG = Buffer.from([0xff, 0xd8, 0xff, 0xe0]);

describe('where pictures are kept', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'evidence-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const store = (part: object = {}) => pictureFolder({ folder, bytesMax: 1_000_000, ageMsMax: 30 * DAY_MS, ...part });
  const now = Date.now();

  it('a picture is there whole, once, under its case and visit', async () => {
    assert.equal(await store().keep(PICTURE, JPEG, now), 'kept');
    assert.equal(await store().keep(PICTURE, JPEG, now), 'same');
    assert.deepEqual(readdirSync(join(folder, '123', 'abc123')), ['before-0.jpg']);
    assert.deepEqual(await store().read(PICTURE), JPEG);
    assert.deepEqual(await store().list('123', 'abc123'), [PICTURE]);
    assert.equal(await store().read({ ...PICTURE, camera: '1' }), undefined);
    assert.deepEqual(await store().list('123', 'other1'), []);
    assert.deepEqual(await store().list('..', 'abc123'), []);
  });

  it('what is evidence is not replaced', async () => {
    await store().keep(PICTURE, JPEG, now);
    await assertRejects(store().keep(PICTURE, Buffer.from('other'), now), 'picture.differs');
    assert.deepEqual(await store().read(PICTURE), JPEG);
  });

  it('a visit has no more than before and after of sixteen cameras, each with its facts', async () => {
    mkdirSync(join(folder, '123', 'abc123'), { recursive: true });
    for (let i = 0; i < FILES_OF_VISIT_MAX - 1; i += 1) {
      const path = join(folder, '123', 'abc123', `after-${i}.jpg`);
      writeFileSync(path, '');
      // The file system has the machine's clock, the store is told the time.
      utimesSync(path, now / 1000, now / 1000);
    }
    assert.equal(await store().keep(PICTURE, JPEG, now), 'kept');
    await assertRejects(store().keep({ ...PICTURE, camera: '1' }, JPEG, now), 'picture.too-many');
    assert.equal(await store().keep({ ...PICTURE, visit: 'def456' }, JPEG, now), 'kept');
  });

  it('a disk that cannot be written is said, and leaves no half of a file', async () => {
    writeFileSync(join(folder, '123'), 'a file where the folder should be');
    await assertRejects(store().keep(PICTURE, JPEG, now), 'picture.unwritable');
    assert.deepEqual(readdirSync(folder), ['123']);
  });

  it('what is older than 30 days goes with its empty folder, and nothing that is not ours', async () => {
    const old = { ...PICTURE, visit: 'oldone' };
    for (const picture of [old, PICTURE]) await store().keep(picture, JPEG, now);
    writeFileSync(join(folder, 'notes.txt'), '');
    writeFileSync(join(folder, '123', 'abc123', 'notes.txt'), '');
    const past = (now - 30 * DAY_MS - 1000) / 1000;
    utimesSync(join(folder, '123', 'oldone', 'before-0.jpg'), past, past);
    utimesSync(join(folder, '123', 'abc123', 'notes.txt'), past, past);
    assert.equal(await store().prune(now), 1);
    assert.ok(!existsSync(join(folder, '123', 'oldone')));
    assert.deepEqual(readdirSync(join(folder, '123', 'abc123')).sort(), ['before-0.jpg', 'notes.txt']);
    assert.ok(existsSync(join(folder, 'notes.txt')));
    assert.equal(await store().prune(now), 0);
  });

  it('the oldest go where a new one no longer fits', async () => {
    const small = store({ bytesMax: 10 });
    for (const [index, camera] of ['0', '1', '2'].entries()) {
      await small.keep({ ...PICTURE, camera }, JPEG, now);
      const at = now / 1000 - 100 + index;
      utimesSync(join(folder, '123', 'abc123', `before-${camera}.jpg`), at, at);
    }
    assert.deepEqual(readdirSync(join(folder, '123', 'abc123')), ['before-1.jpg', 'before-2.jpg']);
  });
});

describe('the nodes of pictures', () => {
  withRuntime();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'evidence-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const load = (
    type: string,
    module: NodeModule,
    config: object = {},
    pictures: object = { picturesFolder: folder, picturesMegabytes: '10', picturesDays: '30' },
  ) =>
    bench({
      node: { id: 'n', type, ledger: 'the-ledger', keys: 'the-keys', ...config },
      outputs: 4,
      modules: [ledgerNode, caseKeys, module],
      configNodes: [
        { id: 'the-ledger', type: 'tapcase-ledger', file: join(folder, 'ledger.db'), ...pictures },
        { id: 'the-keys', type: 'hmac-keys', mode: 'master' },
      ],
      credentials: { 'the-keys': { masterKey: MASTER, previousMasterKey: '08'.repeat(32) } },
    });
  const HOUSEKEEPING = { what: 'housekeeping' };
  const prunedBy = (outcomes: readonly Outcome[]) =>
    outcomes.map((outcome) => (outcome.kind === 'fault' ? outcome.code : [outcome.message.of, outcome.message.pruned]));
  const request = (part: object = {}, headers: object = {}) => {
    const at = Math.floor(Date.now() / 1000);
    const hash = createHash('sha256').update(JPEG).digest('hex');
    const key = deriveDeviceKey(Buffer.from(MASTER, 'hex'), '123', 'pi');
    const mac = createHmac('sha256', key)
      .update(`PUT\n${uploadPath(PICTURE)}\n${at}\n${hash}`)
      .digest('hex');
    const params = { case: '123', visit: 'abc123', name: 'before-0.jpg' };
    return {
      req: { params, headers: { 'x-tapcase-at': String(at), 'x-tapcase-mac': mac, ...headers } },
      payload: JPEG,
      ...part,
    };
  };

  it('tapcase-record: a signed picture of a visit that is not there is refused, and nothing of it is kept', async () => {
    const { send } = await load('tapcase-record', record, { what: 'picture' });
    assertFault(await send(request()), 'visit.unknown');
    assert.ok(!existsSync(join(folder, '123')));
  });

  it('tapcase-record: refuses what is not signed, not bytes, or has no name', async () => {
    const { send } = await load('tapcase-record', record, { what: 'picture' });
    assertFault(await send(request({}, { 'x-tapcase-mac': undefined })), 'picture.bad-signature');
    assertFault(await send(request({}, { 'x-tapcase-at': 'now' })), 'picture.bad-signature');
    assertFault(await send(request({ payload: { json: 1 } })), 'message.incomplete');
    assertFault(await send({ payload: JPEG }), 'picture.bad-name');
  });

  it('tapcase-view: asks a customer to sign in, and a request to name a visit', async () => {
    const { send } = await load('tapcase-view', viewNode, { what: 'pictures', audience: 'customer' });
    assertFault(await send(request()), 'customer.unknown');
    assertFault(await send({ req: { params: {} } }), 'message.incomplete');
    await helper.unload();
    assertFault(
      await (await load('tapcase-view', viewNode, { what: 'pictures', audience: 'all' })).send(request()),
      'config.invalid',
    );
    await helper.unload();
    assertFault(
      await (await load('tapcase-view', viewNode, { what: 'pictures', audience: 'staff' })).send(request()),
      'visit.unknown',
    );
  });

  it('tapcase-job: says how many files went', async () => {
    const home = join(folder, '123', 'abc123');
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, 'before-0.jpg'), JPEG);
    utimesSync(join(home, 'before-0.jpg'), 1, 1);
    const { collect } = await load('tapcase-job', jobNode, HOUSEKEEPING);
    for (const pruned of [1, 0]) {
      const outcomes = await collect({}, 2);
      assert.deepEqual(prunedBy(outcomes), [
        ['rows', 0],
        ['pictures', pruned],
      ]);
      for (const outcome of outcomes) sent(outcome, 3);
    }
  });

  it('tapcase-desk: a basket is judged without pictures where none are kept, and not where their settings are wrong', async () => {
    const asked = { payload: { visit: 'abc123' } };
    const one = (pictures: object) => load('tapcase-desk', deskNode, { show: 'one' }, pictures);
    assertFault(await (await one({ picturesFolder: '' })).send(asked), 'review.unknown');
    await helper.unload();
    assertFault(await (await one({ picturesFolder: folder, picturesDays: '0' })).send(asked), 'config.invalid');
  });

  it('say on every message that no folder is given, or nothing is chosen', async () => {
    const nodes: [string, NodeModule, object][] = [
      ['tapcase-record', record, { what: 'picture' }],
      ['tapcase-view', viewNode, { what: 'pictures', audience: 'staff' }],
    ];
    const wrong = [
      [{ picturesFolder: '' }, 'picture.no-folder'],
      [{ picturesFolder: folder, picturesDays: '0' }, 'config.invalid'],
      [{ picturesFolder: folder, picturesMegabytes: 'many' }, 'config.invalid'],
    ] as const;
    for (const [pictures, code] of wrong) {
      for (const [type, module, config] of nodes) {
        assertFault(await (await load(type, module, config, pictures)).send(request()), code);
        await helper.unload();
      }
      // The ledger itself is none the worse: its rows are looked after.
      const { collect } = await load('tapcase-job', jobNode, HOUSEKEEPING, pictures);
      assert.deepEqual(prunedBy(await collect({}, 2)), [['rows', 0], code]);
      await helper.unload();
    }
    for (const [type, module, config] of [...nodes, ['tapcase-job', jobNode, HOUSEKEEPING] as const]) {
      assertFault(await (await load(type, module, { ...config, ledger: '' })).send(request()), 'config.missing-node');
      await helper.unload();
    }
  });
});

describe('the pictures of a review', () => {
  it('stand camera by camera, before beside after, and what is missing is blank', () => {
    const rows = pictureRows([
      { ...PICTURE, camera: '1' },
      PICTURE,
      { ...PICTURE, moment: 'after' },
      { ...PICTURE, kind: 'json' },
      { ...PICTURE, camera: '2', kind: 'json' },
    ]);
    const address = (name: string) => `/api/staff/visits/abc123/pictures/${name}`;
    assert.deepEqual(rows[0], { camera: 'Camera 0', before: address('before-0.jpg'), after: address('after-0.jpg') });
    assert.equal(rows[1]!.before, address('before-1.jpg'));
    assert.match(rows[1]!.after, /^data:image\/gif;base64,/);
    assert.equal(rows.length, 2);
    assert.deepEqual(pictureRows([]), []);
  });
});

describe('the name of a picture', () => {
  it('is a case, a visit, a moment and a camera, and never a path', () => {
    assert.deepEqual(parseUpload('123', 'abc123', 'before-0.jpg'), PICTURE);
    for (const [caseId, visit, name] of [
      ['..', 'abc123', 'before-0.jpg'],
      ['123', '../abc', 'before-0.jpg'],
      ['123', 'abc123-before', 'after-0.jpg'],
      ['123', 'abc123', 'before-../0.jpg'],
      ['123', 'abc123', 'before-0.jpg.new'],
      ['123', 'abc123', 'before-123456789.jpg'],
      ['123', 'abc123', ''],
    ] as const) {
      assert.ok(parseUpload(caseId, visit, name) instanceof Fault, `${caseId} ${visit} ${name}`);
    }
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (caseId, visit, name) => {
        const parsed = parseUpload(caseId, visit, name);
        assert.ok(
          parsed instanceof Fault ||
            /^\/api\/evidence\/[\w-]+\/[a-z0-9]+\/[\w-]+\.(jpg|json)$/.test(uploadPath(parsed)),
        );
      }),
    );
  });

  it('what is said beside a picture is read whole or refused, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.ok(parsePictureFacts(value) instanceof Fault);
      }),
    );
    const box = { label: 'cola', score: 0.5, x: 0, y: 0, w: 1, h: 1 };
    const facts = { visit: 'abc123', moment: 'after', camera: '0', atMs: 1, width: 9, height: 9, model: null };
    const said = (part: object) => parsePictureFacts({ ...facts, threshold: null, boxes: [box], ...part });
    assert.ok(!(said({}) instanceof Fault));
    for (const bad of [
      { boxes: Array.from({ length: 301 }, () => box) },
      { boxes: [{ ...box, label: 'x'.repeat(61) }] },
      { boxes: [{ ...box, w: Number.POSITIVE_INFINITY }] },
      { width: 0 },
      { atMs: -1 },
    ]) {
      assert.ok(said(bad) instanceof Fault, JSON.stringify(bad).slice(0, 60));
    }
  });
});

async function assertRejects(promise: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(promise, (thrown) => thrown instanceof Fault && thrown.code === code);
}
