// tapcase-gpio-in in a real Node-RED: each change of the line once, where it stands at the start, through outages and back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onoffPins } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/gpio/onoff-pins.ts';
import { parseConfig } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/gpio-in/contract.ts';
import gpioIn, { gpioIn as gpioInOf } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/gpio-in/gpio-in.ts';
import { fakePins } from './fake-pins.ts';
import { bench, helper, type Message, type NodeModule, withRuntime } from './harness.ts';

describe('tapcase-gpio-in', () => {
  withRuntime();
  let line: Line;
  beforeEach(async () => {
    line = await startLine();
  });
  afterEach(() => line.close());
  const load = async (config: object = {}, module: NodeModule = gpioIn) => {
    await bench({
      // Each level counts, however soon the next one comes.
      node: { id: 'line', type: 'tapcase-gpio-in', line: line.url, debounceMs: '0', ...config },
      outputs: 3,
      modules: [module],
    });
    const heard: string[] = [];
    let wake = () => {};
    const listen = (id: string, name: (message: Message) => string) =>
      helper.getNode(id).on('input', ((message: Message) => {
        heard.push(name(message));
        wake();
      }) as never);
    listen('out0', ({ payload, line }) => `high ${payload} ${(line as { found: string }).found}`);
    listen('out1', ({ payload, line }) => `low ${payload} ${(line as { found: string }).found}`);
    listen('out2', ({ payload, line }) => `standing ${payload} ${(line as { found: string }).found}`);
    listen('caught', ({ error }) => (error as { code: string }).code);
    return {
      heard,
      hears: async (count: number) => {
        while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve));
        return heard;
      },
    };
  };

  it('tells each change once, and apart from them where the line stood when it was first heard', async () => {
    const { hears } = await load();
    const stream = await line.connected();
    for (const level of [0, 1, 1, 0]) stream.say(level);
    assert.deepEqual(await hears(3), ['standing 0 start', 'high 1 change', 'low 0 change']);
  });

  it('tells after a restart in the middle of a visit that the line is high', async () => {
    const { hears } = await load();
    (await line.connected()).say(1);
    assert.deepEqual(await hears(1), ['standing 1 start']);
  });

  it('tells what changed while the stream was cut, when it is back', async () => {
    const { hears } = await load();
    const first = await line.connected();
    for (const level of [0, 1]) first.say(level);
    await hears(2);
    first.cut();
    (await line.connected()).say(0);
    assert.deepEqual(await hears(3), ['standing 0 start', 'high 1 change', 'low 0 change']);
  });

  it('understands what is cut in the middle and ends its lines as Windows does, and takes nothing else for a level', async () => {
    const { hears } = await load();
    const { write } = await line.connected();
    write(': hello\n\nevent: line\nda');
    write('ta: 0\n\nevent: line\r\ndata: 1\r\n\r\n');
    write('event: line\ndata: 2\n\nevent: line\ndata: 10\n\nevent: line\ndata: \n\n');
    write('event: line\ndata: 0\n\n');
    assert.deepEqual(await hears(3), ['standing 0 start', 'high 1 change', 'low 0 change']);
  });

  it('tells Catch once that the line is away, and works on when it is back', async () => {
    line.refuse(3);
    const { hears } = await load();
    const stream = await line.connected();
    for (const level of [0, 1]) stream.say(level);
    assert.deepEqual(await hears(3), ['gpio.unreachable', 'standing 0 start', 'high 1 change']);
  });

  it('says after an outage that the line is back and stands as before', async () => {
    const { hears } = await load();
    const first = await line.connected();
    first.say(1);
    await hears(1);
    line.refuse(2);
    first.cut();
    (await line.connected()).say(1);
    assert.deepEqual(await hears(3), ['standing 1 start', 'gpio.unreachable', 'standing 1 back']);
  });

  it('turns an active-low line round', async () => {
    const { hears } = await load({ activeLow: true });
    const stream = await line.connected();
    for (const level of [1, 0]) stream.say(level);
    assert.deepEqual(await hears(2), ['standing 0 start', 'high 1 change']);
  });

  it('hangs up when it is stopped', async () => {
    await load();
    const { ended } = await line.connected();
    await helper.unload();
    await ended;
  });

  it('hears the edges of a pin', async () => {
    const pins = fakePins();
    const { hears } = await load({ line: 'gpio:18', pull: 'down' }, gpioInOf(pins));
    await hears(1);
    pins.edge(18, 1);
    pins.edge(18, 0);
    assert.deepEqual(await hears(3), ['standing 0 start', 'high 1 change', 'low 0 change']);
  });

  it('says again that somebody is still moving for as long as the sensor is high', async () => {
    const pins = fakePins();
    const { hears } = await load({ line: 'gpio:17', stillSeconds: '1' }, gpioInOf(pins));
    await hears(1);
    pins.edge(17, 1);
    assert.deepEqual(await hears(3), ['standing 0 start', 'high 1 change', 'standing 1 still']);
  });

  it('tells Catch once that a pin was lost, opens it again, and says how it stands', async () => {
    const pins = fakePins();
    const { hears } = await load({ line: 'gpio:18' }, gpioInOf(pins));
    await hears(1);
    pins.refuse(2);
    pins.lose(18, Object.assign(new Error('gone'), { code: 'ENODEV' }));
    assert.deepEqual(await hears(3), ['standing 0 start', 'gpio.unavailable', 'standing 0 back']);
  });

  it('tells Catch on a machine without GPIO, and lives on', async () => {
    const { hears } = await load({ line: 'gpio:18' }, gpioInOf(onoffPins({ root: '/nowhere' })));
    assert.deepEqual(await hears(1), ['gpio.unavailable']);
  });

  it('is quiet where the line is not fitted', async () => {
    const { heard } = await load({ line: 'none' });
    helper.getNode('line').receive({});
    await new Promise(setImmediate);
    assert.deepEqual(heard, []);
  });

  it('tells Catch when it has no address, and lives on', async () => {
    const { send } = await bench({
      node: { id: 'line', type: 'tapcase-gpio-in', line: '' },
      outputs: 3,
      modules: [gpioIn],
    });
    const outcome = await send({});
    assert.equal(outcome.kind === 'fault' && outcome.code, 'config.invalid');
  });

  for (const [name, config] of [
    ['a pin that no Pi has', { line: 'gpio:58' }],
    ['a name instead of an address', { line: 'pir' }],
    ['a debounce of more than a second', { line: 'gpio:18', debounceMs: '1001' }],
    ['a debounce that is no number', { line: 'gpio:18', debounceMs: '-1' }],
    ['a repetition of more than an hour', { line: 'gpio:18', stillSeconds: '3601' }],
    ['an unknown pull', { line: 'gpio:18', pull: 'sideways' }],
  ] as const) {
    it(`refuses ${name}`, () => {
      const fault = parseConfig(config);
      assert.equal('code' in fault && fault.code, 'config.invalid');
    });
  }
});

interface Stream {
  say(level: number): void;
  write(text: string): void;
  cut(): void;
  readonly ended: Promise<unknown>;
}
interface Line {
  readonly url: string;
  /** The next connection that is taken. */
  connected(): Promise<Stream>;
  /** Answers 503 so many times. */
  refuse(times: number): void;
  close(): void;
}

async function startLine(): Promise<Line> {
  let refusals = 0;
  const streams: ServerResponse[] = [];
  const server: Server = createServer((_, response) => {
    if (refusals > 0) {
      refusals -= 1;
      response.writeHead(503).end();
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    streams.push(response);
    server.emit('stream');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/line`,
    connected: async () => {
      if (streams.length === 0) await once(server, 'stream');
      const response = streams.shift()!;
      return {
        say: (level) => response.write(`event: line\ndata: ${level}\n\n`),
        write: (text) => response.write(text),
        cut: () => response.destroy(),
        ended: once(response, 'close'),
      };
    },
    refuse: (times) => {
      refusals = times;
    },
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
