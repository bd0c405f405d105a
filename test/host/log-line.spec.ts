// The log for machines: what a line holds, what none may hold, and how a request and a visit tie lines together.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import type { Hooks } from '../../host/happenings.ts';
import { logContext, within } from '../../host/log-context.ts';
import { type JsonLine, jsonLine, scrubbed } from '../../host/log-line.ts';
import { logMessages } from '../../host/message-log.ts';
import { onAnswer, requestIds } from '../../host/request-id.ts';

const read = (line: string) => JSON.parse(line) as JsonLine;

describe('a line of the log for machines', () => {
  it('says when, how bad, which process, which node, which fault, and what', () => {
    const { at, ...line } = read(
      jsonLine('cloud', 'warning: [Count by code] frame.bad-mac at hear.verify: not signed'),
    );
    assert.ok(Math.abs(Date.parse(at) - Date.now()) < 3_600_000);
    assert.deepEqual(line, {
      level: 'warning',
      process: 'cloud',
      node: 'Count by code',
      code: 'frame.bad-mac',
      message: 'frame.bad-mac at hear.verify: not signed',
    });
    assert.deepEqual(Object.keys(read(jsonLine('world', 'controller: (does) locked'))), [
      'at',
      'level',
      'process',
      'message',
    ]);
  });

  it('is one line, however many the text has, and is not wrapped twice', () => {
    const line = jsonLine('cloud', 'error: (start.own-mistake): Error: no\n    at somewhere (file.ts:1:1)');
    assert.equal(line.split('\n').length, 1);
    assert.deepEqual([read(line).level, read(line).code], ['error', 'start.own-mistake']);
    assert.equal(jsonLine('cloud', line), line);
    // Whatever only looks like one is a text.
    assert.equal(read(jsonLine('world', '{"at":"x"}')).process, 'world');
  });

  it('has the request and the visit that it is about', () => {
    const line = read(jsonLine('cloud', 'hello', { requestId: 'ab12', visit: 'v1' }));
    assert.deepEqual([line.requestId, line.visit], ['ab12', 'v1']);
  });

  it('holds nobody’s address or sign-in code, no card, endpoint, password or key', () => {
    const nowMs = Date.now();
    const cases: readonly (readonly [string, string])[] = [
      ['Sign-in code for anna@example.com: 123456', 'Sign-in code for …@…: …'],
      ['550 no such user <anna.b+c@mail.example.co.uk>', '550 no such user <…@…>'],
      ['the card 4242 4242 4242 4242 was refused', 'the card … was refused'],
      ['the card 4000-0566-5566-5556', 'the card …'],
      ['push to https://fcm.googleapis.com/fcm/send/abc:def?x=1 failed', 'push to https://fcm.googleapis.com/… failed'],
      ['rtsp://admin:secret@10.0.0.7:554/stream is silent', 'rtsp://10.0.0.7:554/… is silent'],
      ['postgres://shop:pw@db:5432/shop refused', 'postgres://db:5432/… refused'],
      ['the mail’s link https://shop.example?code=123', 'the mail’s link https://shop.example/…'],
      [`the key ${'ab'.repeat(32)}`, 'the key …'],
      [`http://localhost:8085/invite/${'aB3_'.repeat(8)}`, 'http://localhost:8085/…'],
      // And keeps what tells no more than where to look.
      ['listening on http://127.0.0.1:8080/', 'listening on http://127.0.0.1:8080/'],
      [
        `at ${nowMs} ms, visit abcdef123456, pi_3MtwBwLkdIwHu7ix28a3tqPa`,
        `at ${nowMs} ms, visit abcdef123456, pi_3MtwBwLkdIwHu7ix28a3tqPa`,
      ],
      ['200000 ms', '200000 ms'],
      ['Connected to broker: 123-pi@mqtt://127.0.0.1:8084', 'Connected to broker: 123-pi@mqtt://127.0.0.1:8084'],
    ];
    for (const [text, wanted] of cases) assert.equal(scrubbed(text), wanted);
  });
});

describe('the name of a request', () => {
  it('is in the answer, on the request, in each line that is logged for it, and not what came along', async () => {
    const app = express();
    const seen: unknown[] = [];
    const lines: string[] = [];
    onAnswer((line) => lines.push(jsonLine('cloud', line, logContext())));
    app.use(requestIds());
    app.get('/a', (request, response) => {
      setImmediate(() => {
        seen.push((request as unknown as { requestId: string }).requestId, logContext().requestId);
        response.end();
      });
    });
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const answers = [];
      for (const path of ['/a?code=123456', '/a'])
        answers.push(await fetch(`http://127.0.0.1:${port}${path}`, { headers: { 'x-request-id': 'mine' } }));
      const ids = answers.map(({ headers }) => headers.get('x-request-id')!);
      assert.match(ids[0]!, /^[0-9a-f]{12}$/);
      assert.notEqual(ids[0], ids[1]);
      assert.deepEqual(seen, [ids[0], ids[0], ids[1], ids[1]]);
      server.close();
      await once(server, 'close');
      assert.deepEqual(
        lines.map(read).map(({ requestId }) => requestId),
        ids,
      );
      for (const line of lines) assert.match(read(line).message, /^GET \/a 200 \d+ ms$/);
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

describe('a visit in the log for machines', () => {
  type Hook = (event: object) => void;

  /** A message that comes to a node, and what is logged then. */
  function flows() {
    let hook: Hook | undefined;
    const lines: JsonLine[] = [];
    const hooks: Hooks = {
      add: (_, added) => {
        hook = added as Hook;
      },
      remove: () => {},
    };
    logMessages(hooks, (line) => lines.push(read(jsonLine('cloud', line, logContext()))));
    const receive = (msg: object, act: () => void = () => {}) =>
      within({}, () => {
        hook!({ msg });
        act();
      });
    return { receive, lines, log: (text: string) => lines.push(read(jsonLine('cloud', text, logContext()))) };
  }

  it('carries the request of its tap to its receipt, also where the case speaks and nobody asks', () => {
    const { receive, lines } = flows();
    receive({ req: { requestId: 'tap' }, visit: { id: 'v1', phase: 'held' } });
    receive({ visit: { id: 'v1', phase: 'open' } });
    receive({ req: { requestId: 'look' }, visit: { id: 'v1', phase: 'open' } });
    receive({ req: { requestId: 'look' }, visit: { id: 'v1', phase: 'closed' } });
    receive({ visit: { id: 'v1', phase: 'done', outcome: 'charged' } });
    assert.deepEqual(
      lines.map(({ visit, message }) => [visit, message]),
      ['held', 'open', 'closed', 'done: charged'].map((phase) => ['v1', `the visit is ${phase}`]),
    );
    assert.deepEqual([lines[0]!.requestId, lines[1]!.requestId, lines[3]!.requestId], ['tap', 'tap', 'tap']);
  });

  it('is named in whatever is logged while its message is dealt with', () => {
    const { receive, lines, log } = flows();
    receive({ look: { visit: 'v2' } }, () => log('a camera is covered'));
    receive({ report: { id: 'v3' } }, () => log('a report'));
    receive({ payload: 'nothing' }, () => log('nothing'));
    assert.deepEqual(
      lines.map(({ visit }) => visit),
      ['v2', 'v3', undefined],
    );
  });

  it('is not led astray by what an operator’s own node sends', () => {
    const { receive, lines, log } = flows();
    for (const visit of [null, 3, { id: {} }, { id: 'x'.repeat(99), phase: 'open' }, { id: 'a b', phase: '\n' }])
      receive({ visit, req: 'none' }, () => log('on'));
    assert.ok(lines.every(({ visit, message }) => visit === undefined && message === 'on'));
  });
});
