// The changes that docs/operators.md offers, as they are imported: each does what its first line says, in a real Node-RED.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Catalog } from '@tapcase/domain';
import mailNode from '../../nodes/node-red-contrib-tapcase/src/customer/mail/mail.ts';
import whenNode from '../../nodes/node-red-contrib-tapcase/src/hooks/when/when.ts';
import price from '../../nodes/node-red-contrib-tapcase/src/visit/price/price.ts';
import visitOpen from '../../nodes/node-red-contrib-tapcase/src/visit/visit-open/visit-open.ts';
import { basketOf, DEMO, linesOf } from '../domain/demo-catalog.ts';
import { within } from '../patience.ts';
import { helper, type Message, type NodeModule, withRuntime } from './harness.ts';
import { OWN_MODULES } from './own-flow.ts';
import { PLAN } from './plan-node.ts';
import { CASE, type OwnFlow, sent, type VisitBench, withVisits } from './visit-bench.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const EXAMPLES = join(ROOT, 'nodes', 'node-red-contrib-tapcase', 'examples');
const require = createRequire(import.meta.url);
const requestNode = require('@node-red/nodes/core/network/21-httprequest.js') as NodeModule;
const DAY_MS = 86_400_000;
const COLA = 200;

type ExampleNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** Its nodes, in a shop whose ledger has another id, changed as an operator would. */
function example(name: string, change: (node: ExampleNode) => object = (node) => node): OwnFlow {
  const text = readFileSync(join(EXAMPLES, `${name}.json`), 'utf8')
    .replaceAll('config.ledger', 'the-ledger')
    .replaceAll('config.shop', 'the-shop');
  // Catch, debug and comment nodes belong to the editor's own.
  const nodes = (JSON.parse(text) as ExampleNode[]).filter(({ type }) => !['catch', 'debug', 'comment'].includes(type));
  return { modules: [...OWN_MODULES, whenNode, mailNode, requestNode], nodes: nodes.map(change) };
}

const settling = (own: OwnFlow) => {
  const ahead = { type: 'tapcase-price', module: price };
  return withVisits({ ...PLAN, ahead, own });
};

/** What a cola costs whose door was unlocked at the last time that it was this hour. */
async function costOfCola(bench: VisitBench, hour: number, catalog: Catalog = DEMO): Promise<number> {
  const then = new Date();
  then.setHours(hour, 30, 0, 0);
  const atMs = then.getTime() <= Date.now() ? then.getTime() : then.getTime() - DAY_MS;
  const visit = await bench.visitIn('closed', { grams: 1, agoMs: Date.now() - atMs, catalog });
  assert.equal((await bench.send({ visit, basket: basketOf(linesOf({ cola: 1 })) })).kind, 'output');
  return (await bench.ledger.visit(visit.id))!.totalMinor;
}

describe('docs/operators.md', () => {
  it('names every example that is an own flow, and no other', () => {
    const page = readFileSync(join(ROOT, 'docs', 'operators.md'), 'utf8');
    const named = [...page.matchAll(/^\|[^|]*\| `([a-z-]+)` \|/gm)].map(([, name]) => `${name}.json`);
    const hooks = readdirSync(EXAMPLES).filter((name) =>
      /"type": "tapcase-(when|decide)"/.test(readFileSync(join(EXAMPLES, name), 'utf8')),
    );
    assert.deepEqual(named.sort(), hooks.sort());
  });

  describe('10 % off after 20:00', () => {
    withRuntime();
    const visits = settling(example('evening-discount'));

    it('a cola costs 1.80 at half past eight in the evening, and 2.00 at noon', async () => {
      assert.equal(await costOfCola(visits(), 20), 180);
      assert.equal(await costOfCola(visits(), 12), COLA);
    });
  });

  describe('a free drink a day for colleagues', () => {
    withRuntime();
    const visits = settling(example('free-drink-for-colleagues'));

    it('the first cola of the day costs nothing, the second one its price', async () => {
      const noon = [await costOfCola(visits(), 12), await costOfCola(visits(), 12)];
      assert.deepEqual(noon, [0, COLA]);
    });
  });

  describe('a free drink for those of another company', () => {
    withRuntime();
    const visits = settling(
      example('free-drink-for-colleagues', (node) =>
        node.type === 'function'
          ? { ...node, func: String(node.func).replace('@example.com', '@elsewhere.com') }
          : node,
      ),
    );

    it('is no free drink for ours', async () => assert.equal(await costOfCola(visits(), 12), COLA));
  });

  describe('both in a row, as they were imported', () => {
    withRuntime();
    const [evening, drink] = [example('evening-discount'), example('free-drink-for-colleagues')];
    const nodes = (evening.nodes as ExampleNode[]).map((node) =>
      node.id === 'evening.rule' ? { ...node, wires: [['colleagues.rule']] } : node,
    );
    const second = (drink.nodes as ExampleNode[]).filter(({ type }) => type === 'function');
    const behind = second.map((node) => ({ ...node, z: 'evening', wires: [['evening.answer']] }));
    const visits = settling({ ...evening, nodes: [...nodes, ...behind] });

    it('the first cola of the evening costs nothing, the second one 1.80', async () => {
      const costs = [await costOfCola(visits(), 20), await costOfCola(visits(), 20)];
      assert.deepEqual(costs, [0, 180]);
    });
  });

  describe('closed on Sundays', () => {
    withRuntime();
    const own = example('closed-on-sundays');
    const visits = withVisits({ type: 'tapcase-visit-open', module: visitOpen, outputs: 3, own });

    for (const [day, back, port] of [
      ['Sunday', 0, 2],
      ['Saturday', 1, 0],
    ] as const) {
      it(`on a ${day} the door ${port === 0 ? 'opens' : 'stays shut, with a sentence'}`, async () => {
        const today = new Date();
        const atMs = Date.now() - (today.getDay() + back) * DAY_MS;
        Date.now = () => atMs;
        await visits().hear();
        const message = sent(
          await visits().send({
            customer: await visits().customer(),
            req: { params: { case: CASE }, headers: { 'content-type': 'application/json' } },
            payload: { requestId: 'tap-00000001', language: 'en' },
          }),
          port,
        );
        const say = (message.refusal as { say: { en: string } } | undefined)?.say.en;
        assert.equal(say, port === 0 ? undefined : 'We are closed on Sundays. See you on Monday!');
      });
    }
  });

  const flag = async (bench: VisitBench): Promise<string> => {
    const { id } = await bench.visitIn('closed', { grams: 1 });
    await bench.ledger.flagVisit(id, 'disputed_at_bank', {}, Date.now());
    return id;
  };

  describe('a message when a visit is flagged', () => {
    withRuntime();
    const server = createServer();
    before(async () => {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    });
    after(() => server.close());
    const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/flagged`;
    const visits = settling(
      example('message-when-flagged', (node) =>
        // The address is known when the flow is loaded, not yet when it is described.
        node.type !== 'http request'
          ? node
          : {
              ...node,
              get url() {
                return address();
              },
            },
      ),
    );

    it('comes by HTTP and names the visit', async () => {
      const come = within('the message', once(server, 'request'));
      const id = await flag(visits());
      const [request, response] = (await come) as [IncomingMessage, { end(): void }];
      let body = '';
      for await (const part of request) body += String(part);
      response.end();
      assert.match((JSON.parse(body) as { text: string }).text, new RegExp(`Visit ${id} at case ${CASE} wants a look`));
    });
  });

  describe('a mail when a visit is flagged', () => {
    withRuntime();
    const own = example('mail-when-flagged', (node) =>
      node.type === 'tapcase-mail' ? { ...node, wires: [['gone']] } : node,
    );
    const place = { z: 'flagged-mail', x: 0, y: 0 };
    const extra = [{ id: 'gone', type: 'helper', ...place, wires: [] }];
    const visits = settling({ ...own, nodes: [...own.nodes, ...extra] });

    it('goes to the owner and names the visit', async () => {
      const gone = new Promise<Message>((resolve) => helper.getNode('gone').once('input', resolve as never));
      const id = await flag(visits());
      const { mail } = await within('the mail', gone);
      const { to, text } = mail as { to: string; text: string };
      assert.equal(to, 'owner@example.com');
      assert.match(text, new RegExp(id));
    });
  });
});
