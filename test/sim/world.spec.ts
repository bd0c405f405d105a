// The simulated case over HTTP: what a demo, a test and the virtual page may do, and what they are told when they may not.
import assert from 'node:assert/strict';
import type { SimState } from '@tapcase/sim/case/types';
import sharp from 'sharp';
import { startWorldBench, type WorldBench } from './world-bench.ts';

describe('The simulated case over HTTP', () => {
  let world: WorldBench;
  beforeEach(async () => {
    world = await startWorldBench();
  });
  afterEach(() => world.close());

  const get = (path: string) => fetch(`${world.url}${path}`);
  const state = async () => (await get('/sim/cases/123')).json() as Promise<SimState>;
  async function post(action: string, body: unknown, type = 'application/json') {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(`${world.url}/sim/cases/123/${action}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: text,
    });
    const answer = (await response.json()) as SimState & { error?: { code: string } };
    return { status: response.status, code: answer.error?.code, answer };
  }

  it('opens only when unlocked, gives two colas, takes one back, and the scale follows', async () => {
    const full = (await state()).massGrams;
    assert.deepEqual(await post('door', { open: true }).then(({ status, code }) => [status, code]), [
      409,
      'sim.locked',
    ]);
    world.setFace({ locked: false });
    assert.equal((await post('door', { open: true })).answer.door, 'open');
    const taken = await post('take', { sku: 'cola', count: 2 });
    assert.equal(taken.status, 200);
    assert.equal(taken.answer.hand.length, 2);
    assert.ok(Math.abs(full - taken.answer.massGrams - 710) < 40);
    const [first] = taken.answer.hand;
    assert.equal((await post('put-back', { item: first!.item })).answer.hand.length, 1);
    await post('put-back', { sku: 'cola' });
    assert.equal((await state()).massGrams, full);
  });

  it('says why not: closed door, nothing left, not in the hand', async () => {
    world.setFace({ locked: false });
    assert.equal((await post('take', { sku: 'cola' })).code, 'sim.door-closed');
    await post('door', { open: true });
    assert.equal((await post('take', { sku: 'cola', count: 7 })).code, 'sim.none-left');
    assert.equal((await post('put-back', { sku: 'cola' })).code, 'sim.not-in-hand');
  });

  it('answers every malformed request in JSON and changes nothing', async () => {
    world.setFace({ locked: false });
    await post('door', { open: true });
    const before = await state();
    const bad: [string, unknown, string?][] = [
      ['door', {}],
      ['door', { open: 'yes' }],
      ['door', '{"open":tr'],
      ['door', 'null'],
      ['door', { open: false }, 'text/plain'],
      ['take', []],
      ['take', { sku: 7 }],
      ['take', { sku: 'cola', count: 0 }],
      ['take', { sku: 'cola', count: 1.5 }],
      ['take', { sku: 'cola', count: 37 }],
      ['take', { sku: 'cola', count: '1' }],
      ['cameras', {}],
      ['cameras', { covered: 1 }],
      ['conditions', {}],
      ['conditions', []],
      ['conditions', { plug: 'mains' }],
      ['conditions', { power: 'solar' }],
      ['conditions', { power: true }],
      ['conditions', { radio: 'off' }],
      ['conditions', { radio: false, boltStuck: 1 }],
      ['conditions', { temperatureC: '4' }],
      ['conditions', { temperatureC: null }],
      ['conditions', { temperatureC: 126 }],
      ['conditions', { batteryVolts: -1 }],
      ['conditions', '{"temperatureC":1e999}'],
      ['conditions', '{"__proto__":{"power":"none"}}'],
      ['brown-out', { deep: true }],
      ['board', { epoch: 1 }],
      ['ledger/copy', { file: '/etc/passwd' }],
      ['ledger/put-back', { copy: 1 }],
    ];
    for (const [action, body, type] of bad) {
      const { status, code } = await post(action, body, type);
      assert.deepEqual([status, code], [400, 'sim.bad-request'], `${action} ${JSON.stringify(body)}`);
    }
    assert.equal((await post('take', { sku: 'x'.repeat(3_000) })).status, 413);
    assert.deepEqual(await state(), before);
  });

  it('makes trouble: no power, no radio, a warm fridge, a stuck bolt; and takes it back', async () => {
    const well = (await state()).conditions;
    const trouble = { power: 'none', radio: false, temperatureC: 12.5, batteryVolts: 3.2, boltStuck: true } as const;
    const { status, answer } = await post('conditions', trouble);
    assert.equal(status, 200);
    assert.deepEqual(answer.conditions, { ...well, ...trouble });
    assert.equal(answer.dark, true);
    assert.deepEqual(await post('brown-out', {}).then(({ status, code }) => [status, code]), [409, 'sim.dark']);
    const back = await post('conditions', well);
    assert.deepEqual(back.answer.conditions, well);
    assert.equal(back.answer.dark, false);
    assert.equal((await post('brown-out', {})).status, 200);
    assert.equal(world.brownOuts(), 1);
    assert.equal((await post('board', {})).status, 200);
    assert.equal(world.swaps(), 1);
  });

  it('lets a person copy the cloud’s ledger and put the copy back, one after the other', async () => {
    const codeOf = ({ status, code }: { status: number; code: string | undefined }) => [status, code];
    assert.deepEqual(await post('ledger/put-back', {}).then(codeOf), [409, 'sim.no-copy']);
    assert.deepEqual((await post('ledger/copy', {})).answer.cloud, { copiedAtMs: null, isBusy: true });
    assert.deepEqual(await post('ledger/copy', {}).then(codeOf), [409, 'sim.cloud-busy']);
    world.ledgerIs(1_000);
    assert.deepEqual((await state()).cloud, { copiedAtMs: 1_000, isBusy: false });
    assert.equal((await post('ledger/put-back', {})).answer.cloud?.isBusy, true);
    assert.deepEqual(world.wishes(), ['copy', 'put-back']);
  });

  it('has no hands at a ledger that is not on this machine', async () => {
    const alone = await startWorldBench({ hasCloud: false });
    try {
      const at = `${alone.url}/sim/cases/123`;
      assert.equal(((await (await fetch(at)).json()) as SimState).cloud, null);
      const headers = { 'content-type': 'application/json' };
      const refused = await fetch(`${at}/ledger/copy`, { method: 'POST', headers, body: '{}' });
      const { error } = (await refused.json()) as { error: { code: string } };
      assert.deepEqual([refused.status, error.code, alone.wishes()], [409, 'sim.no-cloud', []]);
    } finally {
      await alone.close();
    }
  });

  it('knows no other case, camera or address', async () => {
    const unknown = [
      ['/sim/cases/999', 'case.unknown'],
      ['/sim/cases/999/camera/0', 'case.unknown'],
      ['/case/999/virtual', 'case.unknown'],
      ['/sim/cases/123/camera/2', 'sim.no-camera'],
      ['/sim/cases/123/camera/x', 'sim.no-camera'],
      ['/etc/passwd', 'sim.not-found'],
      ['/virtual/..%2fworld.ts', 'sim.not-found'],
    ];
    for (const [path, code] of unknown) {
      const response = await get(path!);
      assert.equal(response.status, 404, path);
      assert.equal(((await response.json()) as { error: { code: string } }).error.code, code, path);
    }
    assert.equal((await get('/sim/cases/%ff')).status, 400);
  });

  it('shows a picture of the shelf from each camera', async () => {
    for (const camera of [0, 1]) {
      const response = await get(`/sim/cases/123/camera/${camera}`);
      assert.equal(response.headers.get('content-type'), 'image/png');
      const png = Buffer.from(await response.arrayBuffer());
      // The width and height in a PNG's first chunk.
      assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [320, 240]);
    }
  });

  it('a covered camera sees black, and the shelf again when it is uncovered', async () => {
    const brightest = async () => {
      const picture = await get('/sim/cases/123/camera/0');
      const { channels } = await sharp(Buffer.from(await picture.arrayBuffer())).stats();
      return Math.max(...channels.map(({ max }) => max));
    };
    assert.equal((await post('cameras', { covered: true })).answer.covered, true);
    assert.equal(await brightest(), 0);
    assert.equal((await post('cameras', { covered: false })).answer.covered, false);
    assert.ok((await brightest()) > 100);
  });

  it('tells a stream the state at once, and again after each change that shows', async () => {
    const response = await get('/sim/cases/123/events');
    assert.equal(response.headers.get('content-type'), 'text/event-stream');
    const { events, cancel } = read(response, 'state');
    assert.equal(JSON.parse(await events()).locked, true);
    world.setFace({ locked: false });
    assert.equal(JSON.parse(await events()).locked, false);
    await post('door', { open: true });
    assert.equal(JSON.parse(await events()).door, 'open');
    await cancel();
  });

  it('passes on the signal line, and stays quiet while it does not change', async () => {
    const response = await get('/sim/cases/123/line');
    const { events, cancel } = read(response, 'line');
    assert.equal(await events(), '0');
    world.setFace({ buzzer: true });
    world.setFace({ line: 1 });
    assert.equal(await events(), '1');
    await cancel();
  });
});

/** The data of the next event of that kind, and how to hang up. */
function read(response: Response, kind: string) {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = '';
  const events = async () => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const event = text.slice(0, end);
        text = text.slice(end + 2);
        assert.ok(event.startsWith(`event: ${kind}\ndata: `), event);
        return event.slice(`event: ${kind}\ndata: `.length);
      }
      text += decoder.decode((await reader.read()).value, { stream: true });
    }
  };
  return { events, cancel: () => reader.cancel() };
}
