// gpio-out in a real Node-RED: the safe level before and after everything, the newest level wins, faults that say why.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onoffPins } from '../../nodes/node-red-contrib-detr/src/gpio/onoff-pins.ts';
import gpioOut, { gpioOut as gpioOutOf } from '../../nodes/node-red-contrib-detr/src/gpio-out/gpio-out.ts';
import { type FakePins, fakePins } from './fake-pins.ts';
import { type Bench, bench, helper, type NodeModule, withRuntime } from './harness.ts';

describe('gpio-out', () => {
  withRuntime();
  let pins: FakePins;
  beforeEach(() => {
    pins = fakePins();
  });
  const load = (config: object, module: NodeModule = gpioOutOf(pins)): Promise<Bench> =>
    bench({ node: { id: 'line', type: 'gpio-out', line: 'gpio:23', ...config }, outputs: 1, modules: [module] });

  it('is safe at the start, does what it is told, and is safe at the end', async () => {
    const { send } = await load({});
    const outcome = await send({ payload: 1, topic: 'lamp' });
    assert.equal(outcome.kind, 'output');
    assert.deepEqual(outcome.message.line, { level: 1 });
    assert.equal(outcome.message.topic, 'lamp');
    await helper.unload();
    assert.deepEqual(pins.outputs, ['23 opened 0', '23=1', '23=0', '23 closed']);
  });

  it('takes true and false', async () => {
    const { collect, node } = await load({});
    const outcomes = collect({ payload: true }, 2);
    node('line').receive({ payload: false });
    await outcomes;
    assert.deepEqual(pins.outputs.at(-1), '23=0');
  });

  it('is safe while high, and drives an active-low line the other way round', async () => {
    const { send } = await load({ safe: '1', activeLow: true });
    await send({ payload: 0 });
    await helper.unload();
    assert.deepEqual(pins.outputs, ['23 opened 0', '23=1', '23=0', '23 closed']);
  });

  it('refuses what is no level and leaves the line as it is', async () => {
    const { send } = await load({});
    for (const payload of ['on', 2, null, undefined, '1', {}]) {
      const outcome = await send({ payload });
      assert.equal(outcome.kind === 'fault' && outcome.code, 'message.incomplete');
    }
    assert.deepEqual(pins.outputs, ['23 opened 0']);
  });

  it('says that a pin was lost, and opens it anew at the next message', async () => {
    const { send } = await load({});
    await send({ payload: 1 });
    pins.breakWrites(true);
    const lost = await send({ payload: 0 });
    assert.equal(lost.kind === 'fault' && lost.code, 'gpio.lost');
    pins.breakWrites(false);
    assert.equal((await send({ payload: 1 })).kind, 'output');
    assert.deepEqual(pins.outputs.slice(-2), ['23 closed', '23 opened 1']);
  });

  it('says on a machine without GPIO what is missing, at each message', async () => {
    const { send } = await load({}, gpioOutOf(onoffPins({ root: '/nowhere' })));
    const outcome = await send({ payload: 1 });
    assert.equal(outcome.kind === 'fault' && outcome.code, 'gpio.unavailable');
  });

  it('passes messages on where no line is fitted', async () => {
    const { send } = await load({ line: 'none' });
    assert.equal((await send({ payload: 1 })).kind, 'output');
    assert.deepEqual(pins.outputs, []);
  });

  it('tells Catch when its line or its safe level is none', async () => {
    for (const config of [{ line: '' }, { line: 'gpio:99' }, { safe: '2' }]) {
      const { send } = await load(config);
      const outcome = await send({ payload: 1 });
      assert.equal(outcome.kind === 'fault' && outcome.code, 'config.invalid');
      await helper.unload();
    }
  });

  describe('on a simulated line', () => {
    let server: Server;
    let posted: string[];
    let answer: number;
    beforeEach(async () => {
      posted = [];
      answer = 204;
      server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          posted.push(`${request.method} ${body}`);
          response.writeHead(answer).end();
          server.emit('posted');
        });
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/lamp`;

    it('posts each level, the safe one first and last', async () => {
      const first = once(server, 'posted');
      const { send } = await load({ line: url() }, gpioOut);
      await first;
      await send({ payload: 1 });
      await helper.unload();
      assert.deepEqual(posted, ['POST 0', 'POST 1', 'POST 0']);
    });

    it('says that the server refuses', async () => {
      answer = 503;
      const { send } = await load({ line: url() }, gpioOut);
      const outcome = await send({ payload: 1 });
      assert.equal(outcome.kind === 'fault' && outcome.code, 'gpio.unreachable');
    });
  });
});
