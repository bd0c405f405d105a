// Why a customer gets nothing: the tabs that phones ask, as they stand in their files, asked over HTTP by one who is refused.
import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLedger } from '@tapcase/ledger';
import { readFlowFiles } from '../../host/flows/disk.ts';
import { joinFlows } from '../../host/flows/tabs.ts';
import customerNode from '../../nodes/node-red-contrib-tapcase/src/customer/customer/customer.ts';
import mailNode from '../../nodes/node-red-contrib-tapcase/src/customer/mail/mail.ts';
import replyNode from '../../nodes/node-red-contrib-tapcase/src/customer/reply/reply.ts';
import viewNode from '../../nodes/node-red-contrib-tapcase/src/customer/view/view.ts';
import webPush from '../../nodes/node-red-contrib-tapcase/src/customer/web-push/web-push.ts';
import deskNode from '../../nodes/node-red-contrib-tapcase/src/desk/desk/desk.ts';
import debtNode from '../../nodes/node-red-contrib-tapcase/src/money/debt/debt.ts';
import catalogNode from '../../nodes/node-red-contrib-tapcase/src/shop/catalog/catalog.ts';
import ledgerNode from '../../nodes/node-red-contrib-tapcase/src/shop/ledger/ledger.ts';
import shopNode from '../../nodes/node-red-contrib-tapcase/src/shop/shop/shop.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import { helper, type NodeModule, withRuntime } from '../nodes/harness.ts';
import { signedIn } from '../signed-in.ts';

const require = createRequire(import.meta.url);
const CORE = joinFlows(readFlowFiles(join(import.meta.dirname, '..', '..', 'flows', 'core')));
const SESSION_KEY = '07'.repeat(32);
const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };

const OURS: readonly NodeModule[] = [
  ...[catalogNode, ledgerNode, shopNode],
  ...[customerNode, debtNode, deskNode, mailNode, replyNode, viewNode, webPush],
];
/** What OURS and Node-RED's own nodes below register; Stripe's are never reached by who is refused. */
const TYPES = new Set(
  [
    'tapcase-customer',
    'tapcase-view',
    'tapcase-reply',
    'tapcase-mail',
    'web-push',
    'tapcase-debt',
    'tapcase-desk',
  ].concat(['tab', 'catch', 'http in', 'http response', 'link in', 'link out']),
);

type Answer = readonly [status: number, code: string | undefined];
type Ask = (path: string, body?: object, cookie?: string) => Promise<Answer>;

describe('who is refused', () => {
  withRuntime();

  onTab('sign-in', (ask) => {
    it('because the code is wrong is told so; whoever asks again too soon is told nothing', async () => {
      const email = `${randomBytes(4).toString('hex')}@example.com`;
      assert.deepEqual(await ask('/api/sign-in', { email, code: '000000' }), [401, 'sign-in.wrong-code']);
      for (const _ of ['first', 'too soon']) {
        assert.deepEqual(await ask('/api/sign-in/code', { email, language: 'en' }), [204, undefined]);
      }
    });

    it('is not whoever asks who is signed in', async () => {
      assert.deepEqual(await ask('/api/me'), [200, undefined]);
    });

    it('because nobody is signed in who wants to store a card is told so', async () => {
      assert.deepEqual(await ask('/api/cards', {}), [401, 'session.missing']);
    });
  });

  onTab('show', (ask) => {
    it('because nobody is signed in is told so, wherever a customer is wanted', async () => {
      for (const path of ['/api/visits', '/api/visits/visit1', '/api/visits/visit1/live']) {
        assert.deepEqual(await ask(path), [401, 'session.missing'], path);
      }
      assert.deepEqual(await ask('/api/push', {}), [401, 'session.missing']);
    });

    it('where a visitor may ask too is told what went wrong, not that nobody is signed in', async () => {
      assert.deepEqual(await ask('/api/cases/123'), [200, undefined]);
      assert.deepEqual(await ask('/api/cases/999'), [404, 'case.unknown']);
    });

    it('because there is no such visit, staff are told so', async () => {
      assert.deepEqual(await ask('/api/staff/visits/none/why'), [404, 'visit.unknown']);
    });
  });

  describe('because the ledger is away, staff too,', () => {
    for (const [tab, path] of [
      ['show', '/api/staff/visits/visit1/why'],
      ['reviews', '/api/staff/reviews.jsonl'],
    ] as const) {
      it(`is told to come back: ${path}`, async () => {
        const folder = mkdtempSync(join(tmpdir(), 'refusals-'));
        // A folder is no ledger.
        const server = createServer(await load(tab, folder));
        await new Promise<void>((resolve) => {
          server.listen(0, '127.0.0.1', resolve);
        });
        const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`);
        const { error } = (await response.json()) as { error: { code: string } };
        assert.deepEqual([response.status, error.code], [503, 'ledger.cannot-open']);
        assert.ok(Number(response.headers.get('retry-after')) > 0);
        server.close();
        rmSync(folder, { recursive: true, force: true });
      });
    }
  });

  onTab('debt', (ask, ana) => {
    it('because nobody is signed in, or nothing is owed, is told so', async () => {
      assert.deepEqual(await ask('/api/visits/visit1/pay', {}), [401, 'session.missing']);
      assert.deepEqual(await ask('/api/visits/visit1/pay', {}, ana()), [409, 'debt.none']);
    });
  });
});

/** A tab alone: its links to others lead nowhere. */
function onTab(tab: string, stories: (ask: Ask, ana: () => string) => void): void {
  describe(`on the tab ${tab}`, () => {
    let folder: string;
    let server: Server;
    let cookie: string;

    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'refusals-'));
      const file = join(folder, 'ledger.db');
      cookie = await oneVisit(file);
      server = createServer(await load(tab, file));
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
    });
    afterEach(async () => {
      delete process.env.TEST_VAPID_PUBLIC_KEY;
      server.closeAllConnections();
      await new Promise((resolve) => {
        server.close(resolve);
      });
      rmSync(folder, { recursive: true, force: true });
    });

    /** A body makes it a POST. */
    stories(
      async (path, body, shown = '') => {
        const { port } = server.address() as AddressInfo;
        const headers = { 'content-type': 'application/json', cookie: shown };
        const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
        const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers, ...post });
        const text = await response.text();
        const answer = text === '' ? {} : (JSON.parse(text) as { error?: { code: string } });
        return [response.status, answer.error?.code];
      },
      () => cookie,
    );

    it('is answered in one place', () => {
      const replies = CORE.filter(({ z, type }) => z === tab && type === 'tapcase-reply');
      assert.deepEqual(
        replies.map(({ code }) => code),
        [''],
      );
    });
  });
}

/** Of Ana, who is signed in: her cookie. */
async function oneVisit(file: string): Promise<string> {
  const ledger = await openLedger({ file });
  await ledger.customerByEmail('ana@example.com', { id: 'ana', language: 'en', atMs: 1 });
  const visit = { id: 'visit1', caseId: '123', customerId: 'ana', requestId: 'request-1', language: 'en' } as const;
  await ledger.openVisit({ ...visit, catalog: DEMO, card: CARD, holdMinor: 2500, atMs: 1 });
  const cookie = await signedIn(ledger, 'ana');
  await ledger.close();
  return cookie;
}

/** The routes of the tab's HTTP nodes. */
async function load(tab: string, file: string): Promise<RequestListener> {
  const keys = createECDH('prime256v1');
  process.env.TEST_VAPID_PUBLIC_KEY = keys.generateKeys().toString('base64url');
  const row = { name: 'Lobby', holdMinor: 1_000, visionWaitMs: 0, offlineAfterMs: 90_000 };
  const publicUrl = 'http://shop.example';
  const push = { pushSubject: 'mailto:a@shop.example', pushPublicKeyEnv: 'TEST_VAPID_PUBLIC_KEY', pushAllowHosts: '' };
  const cases = [{ id: '123', ...row }];
  const configNodes = [
    { id: 'config.ledger', type: 'tapcase-ledger', file },
    { id: 'the-catalog', type: 'tapcase-catalog', ...DEMO },
    { id: 'config.shop', type: 'tapcase-shop', catalog: 'the-catalog', publicUrl, cases, mailHost: '', ...push },
  ];
  const secrets = {
    'config.shop': { sessionKey: SESSION_KEY, pushPrivateKey: keys.getPrivateKey().toString('base64url') },
  };
  const nodes = CORE.filter(({ id, z, type }) => (type === 'tab' ? id : z) === tab && TYPES.has(type));
  const core = ['common/25-catch', 'common/60-link', 'network/21-httpin'];
  const modules = core.map((name) => require(`@node-red/nodes/core/${name}.js`) as NodeModule);
  // The helper's runtime serves no HTTP nodes; their routes stand here.
  let routes: RequestListener | undefined;
  const listen: NodeModule = (RED) => {
    routes = RED.httpNode as unknown as RequestListener;
  };
  await helper.load([...modules, ...OURS, listen], [...nodes, ...configNodes], secrets, () => {});
  return routes!;
}
