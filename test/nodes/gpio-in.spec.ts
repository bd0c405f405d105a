// gpio-in in a real Node-RED: each change of the line once, through a server that goes away and comes back.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import gpioIn from '../../nodes/node-red-contrib-detr/src/gpio-in/gpio-in.ts';
import { bench, helper, type Message, withRuntime } from './harness.ts';

describe('gpio-in', () => {
  withRuntime();
  let line: Line;
  beforeEach(async () => {
    line = await startLine();
  });
  afterEach(() => line.close());
  const load = async (url = line.url) => {
    await bench({ node: { id: 'line', type: 'gpio-in', url }, outputs: 2, modules: [gpioIn] });
    const heard: string[] = [];
    let wake = () => {};
    const listen = (id: string, name: (message: Message) => string) =>
      helper.getNode(id).on('input', ((message: Message) => {
        heard.push(name(message));
        wake();
      }) as never);
    listen('out0', ({ payload }) => `high ${payload}`);
    listen('out1', ({ payload }) => `low ${payload}`);
    listen('caught', ({ error }) => (error as { code: string }).code);
    return {
      heard,
      hears: async (count: number) => {
        while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve));
        return heard;
      },
    };
  };

  it('tells each change once: where the line stands at the start is no change', async () => {
    const { hears } = await load();
    const stream = await line.connected();
    for (const level of [0, 1, 1, 0]) stream.say(level);
    assert.deepEqual(await hears(2), ['high 1', 'low 0']);
  });

  it('tells what changed while the stream was cut, when it is back', async () => {
    const { hears } = await load();
    const first = await line.connected();
    for (const level of [0, 1]) first.say(level);
    await hears(1);
    first.cut();
    (await line.connected()).say(0);
    assert.deepEqual(await hears(2), ['high 1', 'low 0']);
  });

  it('understands what is cut in the middle and ends its lines as Windows does, and takes nothing else for a level', async () => {
    const { hears } = await load();
    const { write } = await line.connected();
    write(': hello\n\nevent: line\nda');
    write('ta: 0\n\nevent: line\r\ndata: 1\r\n\r\n');
    write('event: line\ndata: 2\n\nevent: line\ndata: 10\n\nevent: line\ndata: \n\n');
    write('event: line\ndata: 0\n\n');
    assert.deepEqual(await hears(2), ['high 1', 'low 0']);
  });

  it('tells Catch once that the line is away, and works on when it is back', async () => {
    line.refuse(3);
    const { hears } = await load();
    const stream = await line.connected();
    for (const level of [0, 1]) stream.say(level);
    assert.deepEqual(await hears(2), ['gpio.unreachable', 'high 1']);
  });

  it('hangs up when it is stopped', async () => {
    await load();
    const { ended } = await line.connected();
    await helper.unload();
    await ended;
  });

  it('tells Catch when it has no address, and lives on', async () => {
    const { send } = await bench({ node: { id: 'line', type: 'gpio-in', url: '' }, outputs: 2, modules: [gpioIn] });
    const outcome = await send({});
    assert.equal(outcome.kind === 'fault' && outcome.code, 'config.invalid');
  });
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
