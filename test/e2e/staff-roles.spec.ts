// The named staff before a cloud: what each role reaches of editor, dashboards and pages, whose name orders and Deploys carry, and
// what is left open of a session that has ended. The cloud runs alone, with the project's flows.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StaffRole } from '@tapcase/domain';
import { type Ledger, openLedger } from '@tapcase/ledger';
import type { FlowNode } from '../../host/flows/node.ts';
import { type Running, start } from '../../prove/process.ts';
import { freePorts, planShop } from '../../prove/shop.ts';
import { type StaffSession, signInAs } from '../../scripts/demo-staff.ts';
import { owe } from '../nodes/owe.ts';
import { visitsIn } from '../nodes/visit-bench.ts';
import { closed, until, within } from '../patience.ts';
import { openDesk } from './desk-socket.ts';
import { ROOT } from './shop-bench.ts';

const ROLES = ['owner', 'operator', 'technician', 'restocker'] as const;

describe('the staff, before a cloud', () => {
  let folder: string;
  let cloud: Running;
  let staffUrl: string;
  let ledger: Ledger;
  let paidVisit: string;
  const lines: string[] = [];
  const sessions = {} as Record<StaffRole, StaffSession>;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-roles-'));
    const [shop, staff] = (await freePorts(2)) as [number, number];
    const ports = { shop, broker: 1, stripe: 1, push: 1 };
    const { environment, ledgerFile } = planShop({ folder, caseIds: ['123'], ports, databaseUrl: '' }, ROOT);
    ledger = await openLedger({ file: ledgerFile });
    const visits = visitsIn(ledger);
    paidVisit = (await owe(ledger, await visits.visitIn('closed', { grams: 2_000 }))).id;
    const env = { ...environment, STAFF_PORT: String(staff), TRUST_PROXY: 'loopback' };
    cloud = start({ script: join(ROOT, 'start.ts'), args: ['cloud'], env, onLine: (line) => lines.push(line) });
    assert.equal(await within('the cloud to be ready', cloud.ready), true, lines.join('\n'));
    staffUrl = `http://localhost:${staff}`;
    for (const role of ROLES) sessions[role] = await signInAs(role, folder);
  });
  after(async () => {
    await cloud?.kill();
    await ledger?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = (path: string, who: { readonly headers: object } | undefined, init: RequestInit = {}) =>
    fetch(`${staffUrl}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...who?.headers, ...(init.headers as object) },
    });
  const post = (path: string, who: StaffSession | undefined, body: unknown, headers: object = {}) =>
    ask(path, who, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const acts = async (act: string) => (await ledger.acts({ limit: 50 })).filter((each) => each.act === act);

  it('tells the first owner’s link to whoever started it, and no password to anybody', () => {
    assert.match(lines.join('\n'), /This shop has no owner yet\.[^\n]*\nhttp:\S+\/invite\/[\w-]{43}/);
  });

  const REACHED: readonly (readonly [string, ...number[]])[] = [
    // who: owner, operator, technician, restocker, nobody
    ['/editor/flows', 200, 200, 200, 403, 401],
    ['/editor/settings', 200, 200, 200, 403, 401],
    ['/editor/context/global', 200, 200, 403, 403, 401],
    ['/editor/library/local/flows/', 200, 200, 403, 403, 401],
    ['/dashboard/money', 200, 200, 403, 403, 302],
    ['/dashboard/reviews', 200, 200, 403, 403, 302],
    ['/dashboard/an-own-page', 200, 200, 403, 403, 302],
    ['/dashboard/sensors', 200, 200, 200, 403, 302],
    ['/dashboard/_setup', 200, 200, 200, 403, 401],
    ['/dashboard/_debug/datastore/desk.latest-table', 404, 404, 404, 403, 401],
    ['/dashboard/_DEBUG/datastore/desk.latest-table', 404, 404, 404, 403, 401],
    ['/editor//flows', 404, 404, 404, 404, 404],
    ['/editor%2fflows', 404, 404, 404, 404, 404],
    ['/dashboard/socket.io/?EIO=4&transport=polling', 200, 200, 200, 403, 401],
    ['/why/abcdef', 200, 200, 403, 403, 302],
    ['/api/staff/visits/abcdef/why', 404, 404, 403, 403, 401],
    ['/API/Staff/visits/abcdef/why', 404, 404, 403, 403, 401],
    ['/api/staff/reviews.jsonl', 200, 200, 403, 403, 401],
    ['/staff/api/team', 200, 403, 403, 403, 401],
    ['/staff/api/restock', 200, 200, 403, 200, 401],
  ];
  for (const [path, ...statuses] of REACHED) {
    it(`GET ${path}: ${statuses.join(', ')}`, async () => {
      const isPage = statuses.at(-1) === 302;
      const headers = isPage ? { accept: 'text/html' } : { accept: 'application/json' };
      const told = [];
      for (const who of [...ROLES.map((role) => sessions[role]), undefined]) {
        told.push((await ask(path, who, { headers })).status);
      }
      assert.deepEqual(told, statuses);
    });
  }

  describe('the editor', () => {
    const flows = async () => {
      const answer = await ask('/editor/flows', sessions.owner, { headers: { 'node-red-api-version': 'v2' } });
      return (await answer.json()) as { rev: string; flows: FlowNode[] };
    };
    const deploy = async (who: StaffSession, change: (nodes: FlowNode[]) => FlowNode[], language = 'en', more = {}) => {
      const running = await flows();
      const headers = {
        'node-red-api-version': 'v2',
        'node-red-deployment-type': 'nodes',
        'accept-language': language,
      };
      const body = { flows: change(running.flows), rev: running.rev, ...more };
      const answer = await post('/editor/flows', who, body, headers);
      return { status: answer.status, text: await answer.text() };
    };
    const edited = (id: string, change: object) => (nodes: FlowNode[]) =>
      nodes.map((node) => (node.id === id ? { ...node, ...change } : node));
    const ownTab: FlowNode[] = [
      { id: 'mine', type: 'tab', label: 'Evening', disabled: false, info: '', env: [] },
      { id: 'mine.say', type: 'debug', z: 'mine', name: 'Say it', active: false, x: 100, y: 100, wires: [] },
    ];

    it('shows the person, and asks nobody for a password', async () => {
      for (const [role, permissions] of [
        ['owner', '*'],
        ['technician', 'read'],
      ] as const) {
        const answer = await ask('/editor/settings', sessions[role]);
        const { user } = (await answer.json()) as { user: object };
        assert.deepEqual(user, { username: sessions[role].name, permissions });
      }
      const forged = { 'x-tapcase-pass': 'guess', authorization: 'Bearer guess' };
      assert.equal((await ask('/editor/settings', undefined, { headers: forged })).status, 401);
      const token = { grant_type: 'password', client_id: 'node-red-editor', username: 'owner', password: 'x' };
      assert.equal((await post('/editor/auth/token', sessions.owner, token)).status, 404);
    });

    it('a technician reads and changes nothing', async () => {
      for (const [path, body, status] of [
        ['/editor/flows', { flows: [] }, 401],
        ['/editor/flow', { label: 'x', nodes: [] }, 401],
        ['/editor/inject/desk.tick', {}, 401],
        ['/editor/settings/user', {}, 401],
        ['/editor/library/local/flows/x', {}, 403],
        ['/editor/tapcase-policy/replay', {}, 401],
      ] as const) {
        assert.equal((await post(path, sessions.technician, body)).status, status, path);
      }
      for (const [path, status] of [
        ['/editor/flow/desk', 401],
        ['/editor/nodes/node-red', 401],
        ['/editor/context/global/x', 403],
      ] as const) {
        assert.equal((await ask(path, sessions.technician, { method: 'DELETE' })).status, status, path);
      }
    });

    it('an operator deploys tabs of their own, and what is sold; it is written down, without what it says', async () => {
      assert.equal((await deploy(sessions.operator, (nodes) => [...nodes, ...ownTab])).status, 200);
      const catalog = (await flows()).flows.find(({ type }) => type === 'tapcase-catalog')!;
      const products = (catalog.products as { priceMinor: number }[]).map((each) => ({ ...each, priceMinor: 777 }));
      assert.equal((await deploy(sessions.operator, edited(catalog.id, { products }))).status, 200);
      const [second, first] = await acts('flows-deployed');
      assert.deepEqual(
        [first?.name, first?.role, first?.address, first?.detail],
        ['Otto', 'operator', '127.0.0.1', { changes: ['tab "Evening": new, new Say it'] }],
      );
      assert.match(JSON.stringify(second?.detail), /tapcase-catalog\): products/);
      assert.doesNotMatch(JSON.stringify(second), /777/);
    });

    it('whoever starts all flows again is written down, from which address, and cannot do so for ever', async () => {
      const reload = (who: StaffSession) => post('/editor/flows', who, {}, { 'node-red-deployment-type': 'reload' });
      const before = (await acts('flows-deployed')).length;
      assert.equal((await reload(sessions.technician)).status, 401);
      const statuses: number[] = [];
      for (let again = 0; again < 7; again += 1) statuses.push((await reload(sessions.operator)).status);
      assert.deepEqual([new Set(statuses.slice(0, -1)), statuses.at(-1)], [new Set([204]), 429]);
      const told = (await acts('flows-deployed')).slice(0, -before);
      assert.equal(told.length, 6);
      assert.deepEqual(
        [told[0]?.name, told[0]?.detail, told[0]?.address],
        ['Otto', { changes: ['all flows started again, as they lie on the disk'] }, '127.0.0.1'],
      );
    });

    it('an operator deploys nothing of the shop itself, locked or not', async () => {
      const renamed = edited('desk.do', { name: 'Anybody may' });
      const locked = await deploy(sessions.operator, renamed);
      assert.deepEqual([locked.status, /flows\.core-locked/.test(locked.text)], [400, true], locked.text);
      const unlocking = await deploy(sessions.operator, edited('desk', { locked: false }));
      assert.deepEqual([unlocking.status, /flows\.not-yours/.test(unlocking.text)], [400, true], unlocking.text);

      assert.equal((await deploy(sessions.owner, edited('desk', { locked: false }))).status, 200);
      const refused = await deploy(sessions.operator, renamed);
      assert.equal(refused.status, 400);
      assert.match(
        refused.text,
        /^Not deployed.*Your role may not change this: core\/85-staff-desk\.json.*not-yours\)$/,
      );
      assert.match((await deploy(sessions.operator, renamed, 'es')).text, /^No se ha desplegado.*Su papel no permite/);
      assert.equal((await deploy(sessions.owner, edited('desk', { locked: true }))).status, 200);
    });

    it('nor an account, an address, a key or what only an owner types in', async () => {
      for (const [type, change] of [
        ['mqtt-broker', { broker: 'elsewhere.example' }],
        ['tapcase-ledger', { file: '/tmp/other' }],
        ['ui-base', { includeClientData: false }],
        ['mqtt-broker', { credentials: { user: 'x', password: 'y' } }],
      ] as const) {
        const { id } = (await flows()).flows.find((node) => node.type === type)!;
        const refused = await deploy(sessions.operator, edited(id, change));
        assert.deepEqual(
          [refused.status, /flows\.not-yours/.test(refused.text)],
          [400, true],
          `${type} ${refused.text}`,
        );
      }
      const whole = await deploy(sessions.operator, (nodes) => nodes, 'en', { credentials: { $: 'x' } });
      assert.equal(whole.status, 403, whole.text);
      const flow = await ask('/editor/flow/desk', sessions.operator, { method: 'DELETE' });
      assert.ok(flow.status >= 400, String(flow.status));
    });

    it('an operator presses the shop’s buttons, and sends nothing of their own by them', async () => {
      const props = { __user_inject_props__: [{ p: 'order', v: '{}', vt: 'json' }] };
      assert.equal((await post('/editor/inject/desk.tick', sessions.operator, {})).status, 200);
      assert.equal((await post('/editor/inject/desk.tick', sessions.operator, props)).status, 403);
    });

    it('throws at no address, whatever is asked of it: a name that every object has, no language or an odd one', async () => {
      const none = ['constructor', '__proto__', 'toString'];
      const odd = [
        '',
        '?lng',
        '?lng=en&lng=es',
        '?lng[a]=b',
        '?lng[toString]=x',
        ...none.map((name) => `?lng=${name}`),
      ];
      const [whole, rest] = [['flows', 'settings', 'settings/user', 'plugins', 'icons', 'diagnostics'], [] as string[]];
      for (const name of ['x', '%00', '%E0', ...none]) {
        rest.push(`nodes/${name}`, `nodes/node-red/${name}`, `nodes/${name}/x`, `plugins/${name}`, `plugins/${name}/x`);
        rest.push(`icons/${name}/x.svg`, `resources/${name}/x`, `locales/${name}`, `flow/${name}`, `udp-ports/${name}`);
        rest.push(`credentials/${name}/x`, `library/local/${name}/x`, `library/${name}/flows`, `debug/view/${name}`);
      }
      const messages = ['nodes/messages', 'nodes/messagesx', 'nodes/node-red/inject/messages', 'plugins/messages'];
      const from = lines.length;
      for (const path of [
        ...whole,
        ...messages,
        'locales/editor',
        ...rest,
        'settings/user/keys',
        'settings/user/keys/x',
      ]) {
        for (const query of rest.includes(path) ? [''] : odd) {
          for (const headers of [{ accept: 'application/json' }, { accept: '*/*', 'accept-language': 'constructor' }]) {
            const { status } = await ask(`/editor/${path}${query}`, sessions.technician, { headers });
            assert.ok(status < 500, `${status} ${path}${query}`);
            if (messages.includes(path)) assert.equal(status, 400, path + query);
          }
        }
      }
      assert.equal((await ask('/editor/nodes/messages?lng=es-419', sessions.technician)).status, 200);
      for (const way of ['settings/user/keys', 'projects/x']) {
        assert.equal((await ask(`/editor/${way}`, sessions.owner)).status, 404, way);
      }
      // Its line is the last one.
      await ask('/editor/library/local/flows/the-last', sessions.owner);
      await until('the line', () => lines.some((line) => line.includes('the-last')));
      // What the shop's jobs say meanwhile of a Stripe that nobody has started is not the editor's.
      const said = lines.slice(from).filter((line) => !line.includes('the-last') && !line.includes('[Count by code]'));
      assert.deepEqual(
        said.filter((line) => /error|warning|^\s+at /i.test(line)),
        [],
      );
    });

    it('its socket knows its person by their session', async () => {
      const url = `${staffUrl.replace('http', 'ws')}/editor/comms`;
      for (const [role, isLetIn] of [
        ['technician', true],
        ['restocker', false],
      ] as const) {
        const socket = new WebSocket(url, { headers: sessions[role].headers } as never);
        const opened = await within('an answer', Promise.race([once(socket, 'open'), once(socket, 'error')]));
        assert.equal((opened[0] as Event).type, isLetIn ? 'open' : 'error');
        if (!isLetIn) continue;
        // Whoever Node-RED does not know is told so instead.
        socket.send(JSON.stringify({ subscribe: 'notification/#' }));
        const [{ data }] = (await within('a word', once(socket, 'message'))) as [MessageEvent];
        assert.doesNotMatch(String(data), /fail/);
        socket.close();
      }
    });

    it('shows who may not see money no word of a node that may tell an amount', async () => {
      const url = `${staffUrl.replace('http', 'ws')}/editor/comms`;
      const told = async (role: StaffRole) => {
        const socket = new WebSocket(url, { headers: sessions[role].headers } as never);
        const heard: { topic: string; data: { text?: string } }[] = [];
        socket.addEventListener('message', ({ data }) => {
          const all: unknown = JSON.parse(String(data));
          if (Array.isArray(all)) heard.push(...all);
        });
        await within('the editor', once(socket, 'open'));
        socket.send(JSON.stringify({ subscribe: 'status/#' }));
        const [job] = (await flows()).flows.filter(({ type }) => type === 'tapcase-job');
        // Every job says when it runs next.
        const said = await until('a status', () => heard.find(({ topic }) => topic === `status/${job!.id}`));
        socket.close();
        return said.data.text;
      };
      assert.notEqual(await told('operator'), '');
      assert.equal(await told('technician'), '');
    });

    it('its "log out" ends the session', async () => {
      const session = await signInAs('operator', folder);
      const answer = await post('/editor/auth/revoke', session, { token: '' });
      assert.deepEqual([answer.status, await answer.json()], [200, { redirect: '/sign-in' }]);
      assert.match(answer.headers.get('set-cookie') ?? '', /^tapcase_staff=; .*Max-Age=0/);
      assert.equal((await ask('/editor/flows', session)).status, 401);
    });
  });

  describe('the dashboard', () => {
    const order = (kind: string, amount: string) => ({ kind, visit: paidVisit, amount, reason: 'it was warm' });
    const forged = { _client: { staff: { id: 'owner-1', name: 'Olga', role: 'owner' } } };

    it('shows a technician the devices, and not a row about money', async () => {
      const desk = await openDesk(staffUrl, sessions.technician.headers);
      const { pages, widgets } = await desk.config();
      assert.deepEqual(Object.keys(pages), ['config.desk-sensors']);
      assert.ok('learn.scales-table' in widgets || 'fleet.cases-table' in widgets, Object.keys(widgets).join());
      assert.ok(!('desk.latest-table' in widgets));
      desk.send('widget-load', 'desk.latest-table', {});
      // The tables are told every ten seconds, and each time somebody asks.
      await post('/editor/inject/desk.tick', sessions.owner, {});
      desk.send('widget-load', 'fleet.cases-table', {});
      await until('the case', () => desk.heard.some(([event]) => event.endsWith(':fleet.cases-table')));
      assert.deepEqual(
        desk.heard.map(([event]) => event).filter((event) => /desk\.|reviews\./.test(event)),
        [],
      );
      desk.close();
    });

    it('a technician cannot refund, decide or forget, whatever their browser sends', async () => {
      const desk = await openDesk(staffUrl, sessions.technician.headers);
      await desk.config();
      const order = { kind: 'refund', visit: paidVisit, amount: '1.00', reason: 'it was warm' };
      for (const event of ['widget-action', 'widget-send', 'widget-change']) {
        desk.send(event, 'desk.form', { payload: order, ...forged });
        desk.send(event, 'desk.do', { order: { id: 'desk-12345', ...order, visitId: paidVisit }, ...forged });
      }
      // The one form on their page is refused by the node itself.
      desk.send('widget-action', 'learn.form', { payload: { case: '123', product: '' }, ...forged });
      await until('the refusal', () => lines.some((line) => line.includes('staff.not-allowed')));
      assert.deepEqual(await ledger.adjustments(paidVisit), []);
      assert.deepEqual(await ledger.forgotten('123'), []);
      assert.deepEqual(await acts('refund'), []);
      const before = lines.filter((line) => line.includes('staff.not-allowed')).length;
      desk.send('widget-action', 'learn.button', { payload: '', ...forged });
      await until('the refusal', () => lines.filter((line) => line.includes('staff.not-allowed')).length > before);
      assert.deepEqual(await acts('learning-run'), []);
      desk.close();
    });

    it('an operator refunds, under their own name', async () => {
      const desk = await openDesk(staffUrl, { ...sessions.operator.headers, 'x-forwarded-for': '198.51.100.7' });
      await desk.config();
      desk.send('widget-action', 'desk.form', { payload: order('refund', '1.00'), ...forged });
      await until('the refund', async () => (await ledger.adjustments(paidVisit)).length === 1);
      const [adjustment] = await ledger.adjustments(paidVisit);
      assert.deepEqual([adjustment?.by, adjustment?.amountMinor], ['Otto', 100]);
      const [act] = await acts('refund');
      assert.deepEqual(
        [act?.name, act?.staffId, act?.role, act?.address, act?.subject, act?.detail],
        [
          'Otto',
          sessions.operator.id,
          'operator',
          // A proxy that is trusted named it.
          '198.51.100.7',
          paidVisit,
          { amountMinor: 100, currency: 'usd', reason: 'it was warm' },
        ],
      );
      desk.close();
    });

    it('lets a restocker and a stranger not in', async () => {
      for (const headers of [sessions.restocker.headers, {}]) {
        await assert.rejects(openDesk(staffUrl, headers));
      }
    });
  });

  describe('whoever may only look', () => {
    const deep = `${'['.repeat(6_000)}${']'.repeat(6_000)}`;
    const isAlive = async () => assert.equal((await ask('/editor/settings', sessions.owner)).status, 200);

    for (const word of [
      'null',
      '[]',
      `{"auth":${deep}}`,
      `{"subscribe":${deep}}`,
      '{"subscribe":{"toString":1}}',
      '{"topic":"multiplayer/connect","data":null}',
      '{"topic":"multiplayer/connect"}',
      `{"topic":"multiplayer/location","data":{"a":${deep}}}`,
    ]) {
      it(`loses the editor’s socket, and nobody else anything, by ${word.slice(0, 50)}`, async () => {
        const url = `${staffUrl.replace('http', 'ws')}/editor/comms`;
        const socket = new WebSocket(url, { headers: sessions.technician.headers } as never);
        await within('the socket', once(socket, 'open'));
        const closed = once(socket, 'close');
        socket.send(word);
        await within('its end', closed);
        await isAlive();
      });
    }

    for (const event of [
      '["widget-load",{"a":1}]',
      '["widget-load",[1]]',
      '["widget-send",{"toString":1},{"a":1}]',
      '["widget-action"]',
      `["widget-action","learn.form",{"payload":${deep}}]`,
      `["widget-change","learn.form",${deep}]`,
    ]) {
      it(`loses the desk’s socket, and nobody else anything, by ${event.slice(0, 50)}`, async () => {
        const desk = await openDesk(staffUrl, sessions.technician.headers);
        await desk.config();
        desk.sendText(`42${event}`);
        await within('its end', desk.closed);
        await isAlive();
      });
    }

    it('and sends more than a page does, loses the desk’s socket, and the next until a while has passed', async () => {
      const session = await signInAs('technician', folder, 'Tom');
      const one = await openDesk(staffUrl, session.headers);
      await one.config();
      const told = () => lines.filter((line) => line.includes('a dashboard was closed')).length;
      const before = told();
      for (let at = 0; at < 2_000; at += 1) one.send('widget-load', 'fleet.cases-table', {});
      await within('its end', one.closed);
      await until('a line of it', () => told() > before);
      const answers = one.heard.filter(([event]) => event.endsWith(':fleet.cases-table')).length;
      assert.ok(answers < 1_000, String(answers));
      const next = await openDesk(staffUrl, session.headers);
      // Asking again and again to be let in is no way around.
      for (let at = 0; at < 50; at += 1) next.sendText('40');
      await within('its end', next.closed);
      // Another one's desk is described meanwhile.
      const other = await openDesk(staffUrl, sessions.operator.headers);
      await other.config();
      other.close();
      assert.equal(told() - before, 1);
    });

    it('and says more than an editor does, loses its socket', async () => {
      const url = `${staffUrl.replace('http', 'ws')}/editor/comms`;
      const open = async () => {
        const socket = new WebSocket(url, { headers: sessions.technician.headers } as never);
        await within('the socket', once(socket, 'open'));
        return { socket, closed: once(socket, 'close') };
      };
      const twice = await open();
      const here = (name: string) => JSON.stringify({ topic: 'multiplayer/connect', data: { session: name } });
      // Node-RED would remember both, and answer each with all there are.
      twice.socket.send(here('a1'));
      twice.socket.send(here('a2'));
      assert.equal(((await within('its end', twice.closed))[0] as CloseEvent).code, 1008);
      const much = await open();
      for (let at = 0; at < 1_000; at += 1) much.socket.send('{"subscribe":"notification/#"}');
      assert.equal(((await within('its end', much.closed))[0] as CloseEvent).code, 1008);
      await isAlive();
    });

    it('sends nothing large: Node-RED would read it before it asks who may', async () => {
      const large = { flows: Array.from({ length: 40_000 }, () => ({})) };
      assert.equal((await post('/editor/flows', sessions.technician, large)).status, 413);
      assert.equal((await post('/editor/flows', sessions.technician, { flows: [] })).status, 401);
    });

    it('and asks for what is much work again and again, waits for a while; others do not', async () => {
      const session = await signInAs('technician', folder, 'Tim');
      const statuses = new Set<number>();
      for (let at = 0; at < 40; at += 1) {
        const answer = await ask('/editor/nodes', session, { headers: { accept: 'text/html' } });
        statuses.add(answer.status);
        if (answer.status === 429) assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
        await answer.arrayBuffer();
      }
      assert.deepEqual([...statuses], [200, 429]);
      await isAlive();
    });

    it('since somebody made them that: a desk that polls gives no order in their old name', async () => {
      const session = await signInAs('operator', folder);
      const poll = (sid = '') => `/dashboard/socket.io/?EIO=4&transport=polling${sid === '' ? '' : `&sid=${sid}`}`;
      const opened = await (await ask(poll(), session)).text();
      const { sid } = JSON.parse(opened.slice(1)) as { sid: string };
      const say = (text: string) => ask(poll(sid), session, { method: 'POST', body: text });
      assert.equal((await say('40')).status, 200);
      await until('the desk', async () => (await (await ask(poll(sid), session)).text()).includes('ui-config'));
      const act = { staffId: null, name: 'a test', role: null, address: null, atMs: Date.now() };
      await ledger.changeStaff(
        session.id,
        { role: 'technician' },
        { ...act, act: 'role-changed', subject: 'x', detail: {} },
      );
      await until(
        'the new role',
        async () => (await ask('/dashboard/money', session, { headers: { accept: 'text/html' } })).status === 403,
      );
      const before = (await ledger.adjustments(paidVisit)).length;
      await say(
        `42${JSON.stringify(['widget-action', 'desk.form', { payload: { kind: 'refund', visit: paidVisit, amount: '1.00', reason: 'I was one' } }])}`,
      );
      await until('its end', async () => (await ask(poll(sid), session)).status === 400);
      assert.equal((await ledger.adjustments(paidVisit)).length, before);
    });
  });

  it('a session that has ended: what was open is closed within seconds, and the next click is refused', async () => {
    const session = await signInAs('owner', folder);
    const desk = await openDesk(staffUrl, session.headers);
    await desk.config();
    const comms = new WebSocket(`${staffUrl.replace('http', 'ws')}/editor/comms`, {
      headers: session.headers,
    } as never);
    const ended = once(comms, 'close');
    await within('the editor', once(comms, 'open'));
    assert.equal(await ledger.endSession('staff', session.id, session.sessionId), true);
    await within('the dashboard to be closed', desk.closed);
    await within('the editor to be closed', ended);
    // What another process has ended is heard of when it is asked again.
    await until('a refusal', async () => (await ask('/editor/flows', session)).status === 401);
    assert.equal((await ask('/dashboard/money', sessions.owner)).status, 200);
  });

  for (const path of ['/editor/comms', '/dashboard/socket.io/?EIO=4&transport=websocket']) {
    it(`a socket that asks without end and never reads is let go, and its person is answered elsewhere (${path})`, async () => {
      const session = await signInAs('technician', folder);
      const { port, host } = new URL(staffUrl);
      const socket = connect(Number(port), 'localhost');
      const isOver = closed(socket);
      const headers = Object.entries(session.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(
        `GET ${path} HTTP/1.1\r\nhost: ${host}\r\n${headers.join('')}connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${'a'.repeat(22)}==\r\n\r\n`,
      );
      const [head] = (await within('the socket', once(socket, 'data'))) as [Buffer];
      assert.match(String(head), /^HTTP\/1.1 101 /);
      socket.pause();
      const ping = Buffer.concat([Buffer.from([0x89, 0x80 | 125, 0, 0, 0, 0]), Buffer.alloc(125)]);
      const pings = Buffer.concat(Array(500).fill(ping));
      const goOn = () => {
        while (!socket.destroyed && socket.write(pings));
      };
      socket.on('drain', goOn);
      goOn();
      await within('its end', isOver);
      assert.equal((await ask('/dashboard/sensors', session)).status, 200);
    });
  }

  describe('at its end', () => {
    it('a cloud whose editor is open stops in order', async () => {
      const comms = new WebSocket(`${staffUrl.replace('http', 'ws')}/editor/comms`, {
        headers: sessions.owner.headers,
      } as never);
      await within('the socket', once(comms, 'open'));
      const over = once(comms, 'close');
      cloud.child.kill('SIGTERM');
      await within('the end', Promise.all([cloud.ended, over]));
      // It is killed where it does not end by itself, and then says nothing of its flows.
      assert.ok(
        lines.some((line) => line.includes('Stopped flows')),
        lines.slice(-5).join('\n'),
      );
    });
  });
});
