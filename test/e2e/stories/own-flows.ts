// An operator's own flows in the whole shop, put there and taken away through the editor's API as a Deploy does it: what
// they take off is charged less, and whatever they do wrong, the case goes on selling.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { VisitView } from '@tapcase/domain';
import { BODY_BYTES_MAX } from '../../../host/routes.ts';
import type { SimState } from '../../../sim/src/case/types.ts';
import { goldens } from '../../firmware/screens.ts';
import { until, within } from '../../patience.ts';
import { ROOT, type ShopBench, taking } from '../shop-bench.ts';

const WATER = 120;
const JUICE = 220;
const EXAMPLES = join(ROOT, 'nodes/node-red-contrib-tapcase/examples');
const TEN_PERCENT = `msg.payload = { adjustments: [{ label: { en: 'Ten off', es: 'Diez menos' }, percent: 10 }] };`;

type Node = Readonly<Record<string, unknown>> & { readonly id: string };

export function ownFlows({ shop, staff, customer, visit, refusal }: ShopBench): void {
  const who = customer();
  const operator = staff('operator');
  const starts = () => readFileSync(shop().shop.logFile, 'utf8').split('Started modified flows').length;
  const editor = (path: string) => `${shop().shop.staffUrl}/editor${path}`;

  /** Deploys the own flow that answers `question` with what `code` makes of `msg`; none at all without. */
  const deploy = (question = '', code = '') => put(code === '' ? [] : ownTab(question, code));

  async function put(own: readonly object[]): Promise<void> {
    const before = starts();
    const response = await post(own);
    if (response === undefined) return;
    assert.ok(response.ok, await response.text());
    // The answer comes when the old ones have stopped.
    await until('the flows to run', () => starts() > before);
  }

  /** undefined: there was nothing to take away. */
  async function post(own: readonly object[]): Promise<Response | undefined> {
    const headers = {
      ...operator(),
      'content-type': 'application/json',
      'node-red-api-version': 'v2',
      'node-red-deployment-type': 'flows',
    };
    const running = (await (await fetch(editor('/flows'), { headers })).json()) as { rev: string; flows: Node[] };
    const others = running.flows.filter(({ id }) => !id.startsWith('mine'));
    if (own.length === 0 && others.length === running.flows.length) return undefined;
    const body = JSON.stringify({ flows: [...others, ...own], rev: running.rev });
    return fetch(editor('/flows'), { method: 'POST', headers, body });
  }

  const buys = async (sku = 'water') => {
    const { id, receivedMinor } = await visit(who(), taking(sku));
    const view = (await who().call('GET', `/api/visits/${id}`)).body as VisitView;
    const { error } = view as unknown as { error?: object };
    assert.equal(error, undefined);
    return { receivedMinor, adjustments: view.adjustments };
  };

  after(() => deploy());

  it('10 % off is charged, printed on the receipt, and the same at the next visit', async () => {
    await deploy('cost', `${TEN_PERCENT} return msg;`);
    const adjustments = [{ label: { en: 'Ten off', es: 'Diez menos' }, minor: 12 }];
    assert.deepEqual(await buys(), { receivedMinor: WATER - 12, adjustments });
    assert.deepEqual(await buys(), { receivedMinor: WATER - 12, adjustments });
  });

  it('one that loops for ever is stopped, and the list price is charged', async () => {
    await deploy('cost', 'while (true) {}');
    assert.deepEqual(await buys(), { receivedMinor: WATER, adjustments: [] });
  });

  it('promises that it lets fail: the shop goes on, the log names the node, and its answer counts', async () => {
    const fails = [
      `Promise.reject(new Error('unheard'));`,
      `Promise.reject('no error at all');`,
      'Promise.reject();',
      `(async () => { await null; throw new Error('later'); })();`,
    ];
    await deploy('cost', `${fails.join(' ')} ${TEN_PERCENT} return msg;`);
    assert.equal((await buys()).receivedMinor, WATER - 12);
    const log = await until('the last of them in the log', () => {
      const text = readFileSync(shop().shop.logFile, 'utf8');
      return text.includes('(flows.unheard-promise): later') && text;
    });
    assert.match(log, /\[function mine\S*\] .*\(flows\.unheard-promise\): unheard/);
    assert.match(log, /\(flows\.unheard-promise\): no error at all/);
  });

  it('closed: phone and display have the sentence, nothing is held, and the door stays shut', async () => {
    await deploy(
      'open',
      `msg.payload = { allow: false, say: { en: 'Closed until nine', es: 'Abre a las nueve' } }; return msg;`,
    );
    const { worldUrl, caseId } = shop().shop;
    const shows = (screen: string) =>
      until(`the display to show ${screen}`, async () => {
        const state = (await (await fetch(`${worldUrl}/sim/cases/${caseId}`)).json()) as SimState;
        return state.oled === Buffer.from(goldens().get(screen)!).toString('base64') && state;
      });
    // Whoever was let in reads their receipt first.
    await shows('idle en');
    assert.equal(await refusal(who()), 'case.not-now');
    const state = await shows('sentence large en');
    assert.deepEqual([state.locked, state.door], [true, 'closed']);
  });

  it('elsewhere than below /own/: it is not deployed, and the shop answers on', async () => {
    const tab = { id: 'mine', type: 'tab', label: 'Mine', disabled: false, info: '', env: [] };
    const place = { z: 'mine', x: 100, y: 100, name: '', upload: false, swaggerDoc: '', wires: [[]] };
    for (const url of ['/api/me', '/api/*', '/api/cases/123/unlock', '/mine', '/(.*)', '/own/(', '/case/:id']) {
      const method = url.endsWith('unlock') ? 'post' : 'get';
      const refused = (await post([tab, { id: 'mine.in', type: 'http in', ...place, url, method }]))!;
      assert.equal(refused.status, 400);
      assert.match(await refused.text(), /^Not deployed.*\(flows\.own-path\)$/);
    }
    assert.equal((await who().call('GET', '/api/me')).status, 200);
  });

  it('below /own/: customers and strangers reach it, with what is not too large or deep; on the staff’s listener it is not', async () => {
    const place = { z: 'mine', x: 100, y: 100, name: '', upload: false, swaggerDoc: '' };
    await put([
      { id: 'mine', type: 'tab', label: 'Mine', disabled: false, info: '', env: [] },
      { id: 'mine.in', type: 'http in', ...place, url: '/own/tea/:cup', method: 'post', wires: [['mine.out']] },
      { id: 'mine.out', type: 'http response', ...place, statusCode: '418', headers: {}, wires: [] },
    ]);
    const { shopUrl, staffUrl } = shop().shop;
    const brewed = async (url: string, body: string, type = 'application/json') => {
      const { status } = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body });
      return status;
    };
    const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    assert.equal(await brewed(`${shopUrl}/own/tea/1`, deep(20)), 418);
    assert.equal(await brewed(`${shopUrl}/own/tea/1`, deep(6_000)), 400);
    const form = 'application/x-www-form-urlencoded';
    assert.equal(await brewed(`${shopUrl}/own/tea/1`, 'a[b][c]=1', form), 418);
    assert.equal(await brewed(`${shopUrl}/own/tea/1`, `a${'[b]'.repeat(21)}=1`, form), 400);
    assert.equal(await brewed(`${shopUrl}/own/tea`, '{}'), 404);
    const there = await fetch(`${staffUrl}/own/tea/1`, { method: 'POST', headers: operator() });
    assert.equal(there.status, 404);
  });

  it('a socket below /own/: open to customers, not on the staff’s listener', async () => {
    const place = { z: 'mine', x: 100, y: 100, name: '', server: 'mine.live', client: '' };
    await put([
      { id: 'mine', type: 'tab', label: 'Mine', disabled: false, info: '', env: [] },
      { id: 'mine.live', type: 'websocket-listener', path: '/own/live', wholemsg: 'false' },
      { id: 'mine.in', type: 'websocket in', ...place, wires: [['mine.out']] },
      { id: 'mine.out', type: 'websocket out', ...place, wires: [] },
    ]);
    const { shopUrl, staffUrl } = shop().shop;
    const opened = (url: string) => new WebSocket(`${url.replace('http', 'ws')}/own/live`);
    const socket = opened(shopUrl);
    socket.addEventListener('open', () => socket.send('tea?'));
    const [{ data }] = (await within('an echo', once(socket, 'message'))) as [MessageEvent];
    assert.equal(data, 'tea?');
    const closed = once(socket, 'close');
    socket.send('x'.repeat(BODY_BYTES_MAX + 1));
    assert.equal(((await within('its end', closed))[0] as CloseEvent).code, 1009);
    await within('a refusal', once(opened(staffUrl), 'error'));
  });

  it('two tabs of its own that wait for one request: it is counted, and the case sells on', async () => {
    const tabs = ['mine', 'mine-too'].flatMap((id) => [
      { id, type: 'tab', label: id, disabled: false, info: '', env: [] },
      {
        ...{ id: `${id}.in`, type: 'http in', z: id, x: 100, y: 100, name: '', method: 'get', url: '/own/mine' },
        ...{ upload: false, swaggerDoc: '', wires: [[]] },
      },
    ]);
    await put(tabs);
    await until('the fault to be counted', () => counted(join(shop().stateFolder, 'ledger.sqlite'), 'hook.same-path'));
    assert.deepEqual(await buys(), { receivedMinor: WATER, adjustments: [] });
  });

  it('the free drink a day for colleagues is on the house once, and the next one that day costs what it costs', async () => {
    const domain = who().email.replace(/^.*@/, '@');
    await put(example('free-drink-for-colleagues', '@example.com', domain));
    const day = new Date().toDateString();
    const label = { en: 'A drink on the house', es: 'Una bebida invitada' };
    assert.deepEqual(await buys('juice'), { receivedMinor: 0, adjustments: [{ label, minor: JUICE }] });
    const second = await buys('juice');
    // Around midnight there is another day, and another free drink.
    if (new Date().toDateString() === day) assert.deepEqual(second, { receivedMinor: JUICE, adjustments: [] });
  });

  describe('a message when a visit is flagged', () => {
    const heard: { id: string; text: string }[] = [];
    let server: Server;
    before((done) => {
      server = createServer((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => {
          body += String(chunk);
        });
        request.on('end', () => {
          heard.push(JSON.parse(body) as (typeof heard)[number]);
          response.end();
        });
      }).listen(0, '127.0.0.1', done);
    });
    after(() => server.close());

    it('arrives by HTTP where the operator wants it, with the visit', async () => {
      const { port } = server.address() as AddressInfo;
      await put([
        ...ownTab('charge', `msg.payload = { ruling: 'review' }; return msg;`),
        ...example('message-when-flagged', 'http://127.0.0.1:9/put-your-address-here', `http://127.0.0.1:${port}/`),
      ]);
      const { id, outcome, receivedMinor } = await visit(who(), taking('juice'));
      assert.deepEqual([outcome, receivedMinor], ['in_review', 0]);
      await until('the message to arrive', () => heard.length > 0);
      // It may come twice, with the same id.
      assert.equal(new Set(heard.map((each) => each.id)).size, 1);
      const { caseId, staffUrl } = shop().shop;
      assert.equal(heard[0]!.text, `Visit ${id} at case ${caseId} wants a look: ${staffUrl}/why/${id}`);
    });
  });

  it('taken away, the list price counts again', async () => {
    await deploy();
    assert.deepEqual(await buys(), { receivedMinor: WATER, adjustments: [] });
  });
}

function counted(file: string, code: string): boolean {
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return database.prepare('select 1 from fault_counts where code = ?').get(code) !== undefined;
  } finally {
    database.close();
  }
}

/** One of the palette's examples, as an operator imports it and puts their own into it; its ids are told from the shop's. */
function example(name: string, instead: string, own: string): object[] {
  const text = readFileSync(join(EXAMPLES, `${name}.json`), 'utf8');
  assert.ok(text.includes(instead), `${name} has no ${instead}`);
  const nodes = JSON.parse(text.replaceAll(instead, own)) as Node[];
  const ids = new Map(nodes.map(({ id }) => [id, `mine.${id}`]));
  return JSON.parse(JSON.stringify(nodes), (_key, value: unknown) => ids.get(value as string) ?? value) as object[];
}

function ownTab(question: string, func: string): object[] {
  const place = { z: 'mine', y: 100 };
  return [
    { id: 'mine', type: 'tab', label: 'Mine', disabled: false, info: '', env: [] },
    {
      id: 'mine.decide',
      type: 'tapcase-decide',
      ...place,
      x: 140,
      name: 'Mine',
      question,
      limitMs: 1_000,
      wires: [['mine.rule']],
    },
    {
      id: 'mine.rule',
      type: 'function',
      ...place,
      x: 340,
      name: 'Rule',
      func,
      outputs: 1,
      noerr: 0,
      initialize: '',
      finalize: '',
      libs: [],
      wires: [['mine.answer']],
    },
    { id: 'mine.answer', type: 'tapcase-answer', ...place, x: 540, name: '', wires: [] },
  ];
}
