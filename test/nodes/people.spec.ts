// The nodes that know customers, each in a real Node-RED on a real ledger: who asks, with which card, and what they are told.
import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Customer, Ledger } from '@tapcase/ledger';
import { openLedger } from '@tapcase/ledger';
import customerNode from '../../nodes/node-red-contrib-tapcase/src/customer/customer/customer.ts';
import mailNode from '../../nodes/node-red-contrib-tapcase/src/customer/mail/mail.ts';
import replyNode from '../../nodes/node-red-contrib-tapcase/src/customer/reply/reply.ts';
import viewNode from '../../nodes/node-red-contrib-tapcase/src/customer/view/view.ts';
import webPush from '../../nodes/node-red-contrib-tapcase/src/customer/web-push/web-push.ts';
import faultCount from '../../nodes/node-red-contrib-tapcase/src/desk/fault/fault.ts';
import stripeEvent from '../../nodes/node-red-contrib-tapcase/src/money/stripe-event/stripe-event.ts';
import catalogNode from '../../nodes/node-red-contrib-tapcase/src/shop/catalog/catalog.ts';
import ledgerNode from '../../nodes/node-red-contrib-tapcase/src/shop/ledger/ledger.ts';
import shopNode from '../../nodes/node-red-contrib-tapcase/src/shop/shop/shop.ts';
import { DEMO } from '../domain/demo-catalog.ts';
import {
  type Bench,
  bench,
  type Message,
  type NodeModule,
  type Outcome,
  withRuntime,
  withStoppedClock,
} from './harness.ts';

const CARD = { stripeCustomer: 'cus_1', paymentMethod: 'pm_1', brand: 'visa', last4: '4242' };
const JSON_REQUEST = { headers: { 'content-type': 'application/json' } };
const SESSION_KEY = randomBytes(32).toString('hex');
const pair = createECDH('prime256v1');
const VAPID = {
  publicKey: pair.generateKeys().toString('base64url'),
  privateKey: pair.getPrivateKey().toString('base64url'),
};

describe('nodes that know customers', () => {
  withRuntime();
  withStoppedClock();
  let folder: string;
  let ledger: Ledger;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-'));
    ledger = await openLedger({ file: join(folder, 'ledger.db') });
    process.env.TEST_VAPID_PUBLIC_KEY = VAPID.publicKey;
  });
  afterEach(async () => {
    delete process.env.TEST_VAPID_PUBLIC_KEY;
    await ledger.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const load = (
    type: string,
    module: NodeModule,
    outputs: number,
    config: object = {},
    settings: object = {},
    secrets: object = {},
  ): Promise<Bench> =>
    bench({
      node: {
        id: 'n',
        type,
        ledger: 'the-ledger',
        shop: 'the-shop',
        ...config,
      },
      outputs,
      modules: [ledgerNode, catalogNode, shopNode, module],
      configNodes: [
        { id: 'the-ledger', type: 'tapcase-ledger', file: join(folder, 'ledger.db') },
        { id: 'the-catalog', type: 'tapcase-catalog', ...DEMO },
        {
          id: 'the-shop',
          type: 'tapcase-shop',
          catalog: 'the-catalog',
          cases: [{ id: '123', name: 'Lobby', holdMinor: 2500, visionWaitMs: 3000, offlineAfterMs: 90_000 }],
          publicUrl: 'https://shop.example',
          pushSubject: 'mailto:a@shop.example',
          pushPublicKeyEnv: 'TEST_VAPID_PUBLIC_KEY',
          pushPrivateKeyEnv: '',
          pushAllowHosts: '',
          mailHost: '',
          ...settings,
        },
        {
          id: 'shop-without-address',
          type: 'tapcase-shop',
          catalog: 'the-catalog',
          publicUrl: '${NOBODY_SET_THIS}',
          pushSubject: 'mailto:a@shop.example',
          pushPublicKeyEnv: 'TEST_VAPID_PUBLIC_KEY',
          cases: [],
        },
      ],
      credentials: {
        'the-shop': { sessionKey: SESSION_KEY, pushPrivateKey: VAPID.privateKey, ...secrets },
        'shop-without-address': { pushPrivateKey: VAPID.privateKey },
      },
    });

  const step = (name: string): Promise<Bench> => load('tapcase-customer', customerNode, 2, { step: name });
  const view = (what: string): Promise<Bench> => load('tapcase-view', viewNode, 1, { what });

  const customer = async (id = 'c1'): Promise<Customer> => {
    await ledger.customerByEmail(`${id}@example.com`, { id, language: 'en', atMs: 1 });
    return (await ledger.customer(id))!;
  };
  const body = (payload: object) => ({ req: JSON_REQUEST, payload });

  /** Asks for a code and reads it out of the mail, as the customer does. */
  const codeFor = async (email: string): Promise<string> => {
    const codes = await step('code');
    const { mail } = out(await codes.send(body({ email, language: 'en' })), 0) as { mail: { text: string } };
    return /\b(\d{6})\b/.exec(mail.text)![1]!;
  };

  it('tapcase-customer mails six digits, keeps only a keyed hash, and sends an address one code at a time', async () => {
    const node = await step('code');
    const { mail } = out(await node.send(body({ email: 'Ana@Example.com', language: 'es' })), 0) as {
      mail: { to: string; text: string };
    };
    assert.equal(mail.to, 'ana@example.com');
    assert.match(mail.text, /\b\d{6}\b/);
    out(await node.send(body({ email: 'ana@example.com', language: 'es' })), 1);
    fault(await node.send(body({ email: 'no address', language: 'es' })), 'request.invalid');
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    fault(await node.send({ req: form, payload: { email: 'b@example.com', language: 'en' } }), 'request.not-json');
  });

  it('tapcase-customer takes the right code once, and five wrong ones at most', async () => {
    const code = await codeFor('ana@example.com');
    const { helper } = await import('./harness.ts');
    await helper.unload();
    const node = await step('sign-in');
    const wrong = code === '000000' ? '111111' : '000000';
    const { refusal } = out(await node.send(body({ email: 'ana@example.com', code: wrong })), 1);
    assert.deepEqual(refusal, { code: 'sign-in.wrong-code', why: 'wrong' });
    const { customer: known, cookies } = out(
      await node.send(body({ email: 'ana@example.com', code })),
      0,
    ) as unknown as {
      customer: Customer;
      cookies: Record<string, { value: string; httpOnly: boolean; sameSite: string; secure: boolean }>;
    };
    assert.equal(known.email, 'ana@example.com');
    const cookie = cookies.tapcase_session!;
    assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.sameSite], [true, true, 'lax']);
    out(await node.send(body({ email: 'ana@example.com', code })), 1);
    fault(await node.send(body({ email: 'ana@example.com', code: '12' })), 'request.invalid');
  });

  it('tapcase-customer knows its own sessions and takes nobody else’s word', async () => {
    const code = await codeFor('ana@example.com');
    const { helper } = await import('./harness.ts');
    await helper.unload();
    const signIn = await step('sign-in');
    const { cookies } = out(await signIn.send(body({ email: 'ana@example.com', code })), 0) as unknown as {
      cookies: Record<string, { value: string }>;
    };
    await helper.unload();
    const node = await step('who');
    const token = cookies.tapcase_session!.value;
    const { customer: known } = out(await node.send({ req: { cookies: { tapcase_session: token } } }), 0);
    assert.equal((known as Customer).email, 'ana@example.com');
    const forged = `${token.slice(0, -4)}AAAA`;
    for (const cookie of [forged, '', undefined]) {
      const message = { req: { cookies: { tapcase_session: cookie } }, customer: { id: 'forged' } };
      const refused = out(await node.send(message), 1);
      assert.equal(refused.customer, undefined);
      assert.deepEqual(refused.refusal, { code: 'session.missing' });
    }
  });

  it('tapcase-customer takes the cookie back', async () => {
    const node = await step('sign-out');
    const { cookies } = out(await node.send({ req: {} }), 0) as { cookies: Record<string, { maxAge?: number } | null> };
    assert.ok(Object.hasOwn(cookies, 'tapcase_session'));
  });

  it('tapcase-stripe-event stores a card once, and never another Stripe customer’s', async () => {
    const known = await customer();
    const node = await load('tapcase-stripe-event', stripeEvent, 3, { what: 'card' });
    out(await node.send({ customer: known, card: CARD }), 0);
    out(await node.send({ customer: known, card: CARD }), 0);
    assert.deepEqual((await ledger.customer('c1'))!.card, CARD);
    fault(await node.send({ customer: known, card: { ...CARD, stripeCustomer: 'cus_2' } }), 'card.wrong-customer');
    fault(await node.send({ customer: known, card: { ...CARD, last4: 'abcd' } }), 'card.invalid');
    // The webhook knows only Stripe's customer.
    const { customer: found } = out(await node.send({ card: { ...CARD, paymentMethod: 'pm_2' } }), 0);
    assert.equal((found as Customer).id, 'c1');
    fault(await node.send({ card: { ...CARD, stripeCustomer: 'cus_9' } }), 'customer.unknown');
  });

  it('tapcase-view tells the phone what it may know of who is signed in, a case and a visit', async () => {
    const { helper } = await import('./harness.ts');
    const known = await customer();
    const me = await view('me');
    const mine = out(await me.send({ customer: known }), 0).payload as { customer: object; vapidPublicKey: string };
    assert.deepEqual(mine.customer, { email: 'c1@example.com', card: null });
    assert.equal(mine.vapidPublicKey, VAPID.publicKey);
    assert.equal((out(await me.send({}), 0).payload as { customer: unknown }).customer, null);
    await helper.unload();
    const cases = await view('case');
    const shown = out(await cases.send({ req: { params: { case: '123' } } }), 0).payload as {
      state: string;
      products: object[];
    };
    assert.equal(shown.state, 'offline');
    assert.equal(shown.products.length, DEMO.products.length);
    fault(await cases.send({ req: { params: { case: '999' } } }), 'case.unknown');
    const told = { type: 'status', door: 'closed', mass: 0, vcc: 3.7, rssi: -93, fw: '1' } as const;
    const states: (readonly [string, string])[] = [
      ['locked_out', 'closed'],
      ['restock', 'restocking'],
      ['locked', 'ready'],
    ];
    for (const [index, [state, toPhone]] of states.entries()) {
      const status = { ...told, seq: index + 1, at: Math.floor(Date.now() / 1000), state };
      assert.equal(await ledger.recordStatus('123', status, Date.now()), undefined);
      const { payload } = out(await cases.send({ req: { params: { case: '123' } } }), 0);
      assert.equal((payload as { state: string }).state, toPhone);
    }
    await helper.unload();
    await ledger.openVisit({
      id: 'visit1',
      caseId: '123',
      customerId: 'c1',
      requestId: 'request-1',
      language: 'en',
      catalog: DEMO,
      card: CARD,
      holdMinor: 2500,
      atMs: 1,
    });
    const visits = await view('visit');
    const ask = (who: Customer | undefined) => visits.send({ req: { params: { visit: 'visit1' } }, customer: who });
    assert.equal((out(await ask(known), 0).payload as { id: string }).id, 'visit1');
    // Somebody else's visit is not there.
    fault(await ask(await customer('c2')), 'visit.unknown');
    fault(await ask(undefined), 'customer.unknown');
  });

  it('tapcase-reply answers who waits, in words, and tells nothing of a mistake of ours', async () => {
    const node = await load('tapcase-reply', replyNode, 2, { code: '' });
    const res = { _res: { headersSent: false } };
    const known = out(await node.send({ res, error: { code: 'case.unknown', message: 'secret detail' } }), 0);
    assert.equal(known.statusCode, 404);
    for (const code of ['case.closed', 'case.restocking']) {
      const told = out(await node.send({ res, error: { code, message: '' } }), 0);
      assert.equal(told.statusCode, 503);
      const { error } = told.payload as { error: { code: string; message: string } };
      assert.equal(error.code, code);
      assert.match(error.message, /Nothing was charged\.$/);
    }
    const refused = { res, refusal: { code: 'session.missing' } };
    assert.equal(out(await node.send(refused), 0).statusCode, 401);
    // What broke afterwards is what is told.
    const broke = await node.send({ ...refused, error: { code: 'case.unknown', message: '' } });
    assert.equal(out(broke, 0).statusCode, 404);
    const ours = out(await node.send({ res, error: { message: 'TypeError at /srv/x' } }), 0);
    assert.equal(ours.statusCode, 500);
    assert.doesNotMatch(JSON.stringify(ours.payload), /TypeError|srv/);
    out(await node.send({ error: { code: 'case.unknown' } }), 1);
  });

  it('tapcase-reply refuses a code that is none', async () => {
    const node = await load('tapcase-reply', replyNode, 2, { code: 'Not A Code' });
    fault(await node.send({}), 'config.invalid');
  });

  it('tapcase-fault counts by code, and keeps what has none apart', async () => {
    const node = await load('tapcase-fault', faultCount, 1);
    await node.send({ error: { code: 'frame.bad-mac', message: 'no' } });
    const { fault: counted } = out(await node.send({ error: { code: 'frame.bad-mac', message: 'no' } }), 0);
    assert.deepEqual(counted, { code: 'frame.bad-mac', count: 2 });
    await node.send({ error: { message: 'x', code: '../../etc' } });
    assert.deepEqual(
      (await ledger.faultCounts()).map(({ code }) => code),
      ['frame.bad-mac', 'node.unknown'],
    );
  });

  it('web-push keeps addresses of known push services only', async () => {
    const known = await customer();
    const node = await load('web-push', webPush, 2, { step: 'subscribe' });
    const keys = {
      p256dh: createECDH('prime256v1').generateKeys().toString('base64url'),
      auth: randomBytes(16).toString('base64url'),
    };
    const ask = (endpoint: string) =>
      node.send({ ...body({ subscription: { endpoint, keys }, language: 'en' }), customer: known });
    out(await ask('https://fcm.googleapis.com/fcm/send/abc'), 0);
    for (const bad of ['http://fcm.googleapis.com/x', 'https://169.254.169.254/latest', 'https://evil.example/x']) {
      fault(await ask(bad), 'push.bad-endpoint');
    }
  });

  it('web-push sends nobody a receipt that leads nowhere', async () => {
    const push = { subscriptions: [], visit: { id: 'visit1', catalog: DEMO, endedAtMs: Date.now() } };
    const nowhere = await load('web-push', webPush, 2, { step: 'send', shop: 'shop-without-address' });
    fault(await nowhere.send({ push }), 'shop.invalid');
  });

  it('tapcase-mail prints the mail in the log of a demo, and speaks SMTP otherwise', async () => {
    const { helper } = await import('./harness.ts');
    const mail = { to: 'ana@example.com', subject: 'code', text: 'sign-in code 123456', summary: 'code 123456' };
    out(await (await load('tapcase-mail', mailNode, 1)).send({ mail }), 0);
    await helper.unload();
    const received: string[] = [];
    const smtp = createServer((socket) => {
      socket.write('220 hello\r\n');
      let inData = false;
      socket.on('data', (chunk) => {
        for (const line of chunk.toString().split('\r\n').filter(Boolean)) {
          if (inData) {
            received.push(line);
            if (line === '.') {
              inData = false;
              socket.write('250 kept\r\n');
            }
          } else if (line === 'DATA') {
            inData = true;
            socket.write('354 go on\r\n');
          } else if (line === 'QUIT') socket.end('221 bye\r\n');
          else socket.write('250 ok\r\n');
        }
      });
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
    const { port } = smtp.address() as AddressInfo;
    const node = await load(
      'tapcase-mail',
      mailNode,
      1,
      {},
      { mailHost: '127.0.0.1', mailPort: String(port), mailFrom: 'shop@shop.example' },
    );
    const outcome = await node.send({ mail });
    smtp.close();
    if (outcome.kind === 'output')
      assert.ok(
        received.some((line) => line.includes('123456')),
        received.join('\n'),
      );
    // Without STARTTLS a careful mailer refuses to speak: then it says so.
    else assert.match(outcome.code, /^mail\.(refused|unreachable)$/);
  });

  it('a wrong part of the shop stops who needs it, with its code, and no case', async () => {
    const { helper } = await import('./harness.ts');
    const known = await customer();
    const mail = { to: 'ana@example.com', subject: 'code', text: 'sign-in code 123456', summary: 'code 123456' };
    const who = (): readonly [string, NodeModule, object, Message] => [
      'tapcase-customer',
      customerNode,
      { step: 'who' },
      { req: { cookies: { tapcase_session: 'x' } } },
    ];
    const me = (): readonly [string, NodeModule, object, Message] => [
      'tapcase-view',
      viewNode,
      { what: 'me' },
      { customer: known },
    ];
    const sends = (): readonly [string, NodeModule, object, Message] => ['tapcase-mail', mailNode, {}, { mail }];
    const withUser = {
      mailHost: '127.0.0.1',
      mailPort: '1',
      mailFrom: 'a@b.cd',
      mailUser: 'shop',
      mailPasswordEnv: '',
    };
    const table: readonly (readonly [object, object, string, readonly [string, NodeModule, object, Message]])[] = [
      [{ sessionKeyEnv: 'NOBODY_SET_THIS' }, { sessionKey: '' }, 'config.missing-secret', who()],
      [{}, { sessionKey: 'short' }, 'config.weak-secret', who()],
      [{ publicUrl: 'shop.example' }, {}, 'config.invalid', who()],
      [{}, { pushPrivateKey: '' }, 'config.missing-secret', me()],
      [{ pushPublicKeyEnv: 'NOBODY_SET_THIS' }, {}, 'config.missing-secret', me()],
      [{}, { pushPrivateKey: 'A'.repeat(43) }, 'config.bad-vapid-keys', me()],
      [{ pushSubject: 'nobody' }, {}, 'config.invalid', me()],
      [{ pushAllowHosts: 'a b/c' }, {}, 'config.invalid', me()],
      [withUser, {}, 'config.missing-secret', sends()],
      [withUser, { mailPassword: 'wrong' }, 'mail.unreachable', sends()],
      [{ ...withUser, mailPort: '0' }, {}, 'config.invalid', sends()],
      [{ ...withUser, mailFrom: 'nobody' }, {}, 'config.invalid', sends()],
    ];
    const parts = [who(), me(), sends()];
    for (const [settings, secrets, code, [type, module, config, message]] of table) {
      const node = await load(type, module, 2, config, settings, secrets);
      fault(await node.send(message), code);
      await helper.unload();
      const cases = await load('tapcase-view', viewNode, 1, { what: 'case' }, settings, secrets);
      out(await cases.send({ req: { params: { case: '123' } } }), 0);
      await helper.unload();
      for (const [other, its, part, told] of parts.filter(([each]) => each !== type)) {
        const outcome = await (await load(other, its, 2, part, settings, secrets)).send(told);
        assert.equal(outcome.kind, 'output', `${other} with ${JSON.stringify(settings)}`);
        await helper.unload();
      }
    }
  });

  it('a wrong table of cases, or no catalog, stops the cases and nobody from signing in', async () => {
    const { helper } = await import('./harness.ts');
    const row = { id: '123', name: 'Lobby', holdMinor: 2500, visionWaitMs: 3000, offlineAfterMs: 90_000 };
    for (const [settings, code] of [
      [{ cases: [{ ...row, holdMinor: 0 }] }, 'shop.invalid'],
      [{ cases: [row, row] }, 'shop.duplicate-case'],
      [{ catalog: '' }, 'config.missing-node'],
    ] as const) {
      const cases = await load('tapcase-view', viewNode, 1, { what: 'case' }, settings);
      fault(await cases.send({ req: { params: { case: '123' } } }), code);
      await helper.unload();
      const codes = await load('tapcase-customer', customerNode, 2, { step: 'code' }, settings);
      out(await codes.send(body({ email: `${code}@example.com`, language: 'en' })), 0);
      await helper.unload();
    }
  });

  it('each says on every message that its ledger is not chosen', async () => {
    const { helper } = await import('./harness.ts');
    const nodes: readonly (readonly [string, NodeModule, number, object, object?])[] = [
      ['tapcase-customer', customerNode, 2, body({ email: 'a@b.cd', language: 'en' }), { step: 'code' }],
      ['tapcase-customer', customerNode, 2, {}, { step: 'who' }],
      ['tapcase-stripe-event', stripeEvent, 3, { customer: await customer(), card: CARD }, { what: 'card' }],
      ['tapcase-view', viewNode, 1, { req: { params: { case: '123' } } }, { what: 'case' }],
      ['tapcase-fault', faultCount, 1, { error: { code: 'a.b' } }],
    ];
    for (const [type, module, outputs, message, config] of nodes) {
      const node = await load(type, module, outputs, { ...config, ledger: '' });
      fault(await node.send(message), 'config.missing-node');
      await helper.unload();
    }
  });
});

function out(outcome: Outcome, port: number): Message {
  assert.equal(outcome.kind, 'output', outcome.kind === 'fault' ? outcome.code : '');
  assert.equal(outcome.kind === 'output' && outcome.port, port);
  return outcome.message;
}

function fault(outcome: Outcome, code: string): void {
  assert.equal(outcome.kind === 'fault' ? outcome.code : `output ${JSON.stringify(outcome.message)}`, code);
}
