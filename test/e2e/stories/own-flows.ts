// An operator's own flows in the whole shop, put there and taken away through the editor's API as a Deploy does it: what
// they take off is charged less, and whatever they do wrong, the case goes on selling.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { VisitView } from '@tapcase/domain';
import { until } from '../../patience.ts';
import { type ShopBench, taking } from '../shop-bench.ts';
import { OWNER_PASSWORD } from './purchase.ts';

const WATER = 120;
const TEN_PERCENT = `msg.payload = { adjustments: [{ label: { en: 'Ten off', es: 'Diez menos' }, percent: 10 }] };`;

type Node = Readonly<Record<string, unknown>> & { readonly id: string };

export function ownFlows({ shop, customer, visit, refusal }: ShopBench): void {
  const who = customer();
  const starts = () => readFileSync(shop().shop.logFile, 'utf8').split('Started modified flows').length;
  const editor = (path: string) => `${shop().shop.shopUrl}/editor${path}`;

  async function token(): Promise<string> {
    const body = { client_id: 'node-red-editor', grant_type: 'password', scope: '*' };
    const response = await fetch(editor('/auth/token'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, username: 'owner', password: OWNER_PASSWORD }),
    });
    return ((await response.json()) as { access_token: string }).access_token;
  }

  /** Deploys the own flow that answers `question` with what `code` makes of `msg`; none at all without. */
  const deploy = (question = '', code = '') => put(code === '' ? [] : ownTab(question, code));

  async function put(own: readonly object[]): Promise<void> {
    const headers = {
      authorization: `Bearer ${await token()}`,
      'content-type': 'application/json',
      'node-red-api-version': 'v2',
      'node-red-deployment-type': 'flows',
    };
    const running = (await (await fetch(editor('/flows'), { headers })).json()) as { rev: string; flows: Node[] };
    const others = running.flows.filter(({ id, z }) => id !== 'mine' && z !== 'mine');
    if (own.length === 0 && others.length === running.flows.length) return;
    const flows = [...others, ...own];
    const body = JSON.stringify({ flows, rev: running.rev });
    const before = starts();
    const response = await fetch(editor('/flows'), { method: 'POST', headers, body });
    assert.ok(response.ok, await response.text());
    // The answer comes when the old ones have stopped.
    await until('the flows to run', () => starts() > before);
  }

  const buys = async () => {
    const { id, receivedMinor } = await visit(who(), taking('water'));
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

  it('closed: the phone has the sentence, and nothing is held', async () => {
    await deploy('open', `msg.payload = { allow: false, say: { en: 'Closed', es: 'Cerrado' } }; return msg;`);
    assert.equal(await refusal(who()), 'case.not-now');
  });

  it('on a path of the shop: the shop answers, and it is counted', async () => {
    await put([
      { id: 'mine', type: 'tab', label: 'Mine', disabled: false, info: '', env: [] },
      {
        id: 'mine.in',
        type: 'http in',
        z: 'mine',
        x: 100,
        y: 100,
        name: '',
        url: '/api/me',
        method: 'get',
        upload: false,
        swaggerDoc: '',
        wires: [[]],
      },
    ]);
    await until('the fault to be counted', () => counted(join(shop().stateFolder, 'ledger.sqlite'), 'hook.same-path'));
    assert.equal((await who().call('GET', '/api/me')).status, 200);
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
