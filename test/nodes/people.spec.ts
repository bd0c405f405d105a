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
import { until } from '../patience.ts';
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
const FIREFOX = 'Mozilla/5.0 (Android 14; Mobile; rv:130.0) Gecko/130.0 Firefox/130.0';
/** As a signed token looked; whom it named. */
const OF_EARLIER_RELEASE = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from('{"sub":"c1"}').toString('base64url')}.${'A'.repeat(43)}`;
const SESSION_KEY = randomBytes(32).toString('hex');
const pair = createECDH('prime256v1');
const VAPID = {
  publicKey: pair.generateKeys().toString('base64url'),
  privateKey: pair.getPrivateKey().toString('base64url'),
};

/** What a browser shows when it comes back. */
interface Asked {
  readonly code: string;
  readonly cookies: object;
}
type Given = Record<string, { value: string; path: string; httpOnly: boolean; sameSite: string; secure: boolean }>;

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

  const asks = (email: string, cookies: object = {}, ip = '203.0.113.7') => ({
    req: { ...JSON_REQUEST, cookies, ip },
    payload: { email, language: 'en' },
  });
  /** Asks for a code and reads it out of the mail, as the customer does in this browser. */
  const codeFor = async (node: Bench, email: string, cookies: object = {}): Promise<Asked> => {
    const { mail, cookies: given } = out(await node.send(asks(email, cookies)), 0) as unknown as {
      mail: { text: string };
      cookies: Given;
    };
    return { code: /\b(\d{6,12})\b/.exec(mail.text)![1]!, cookies: { tapcase_code: given.tapcase_code!.value } };
  };
  const trying = ({ code, cookies }: Asked, email = 'ana@example.com') => ({
    req: { headers: { ...JSON_REQUEST.headers, 'user-agent': FIREFOX }, cookies },
    payload: { email, code },
  });
  /** Of somebody who signs in with a browser of their own: what that browser shows from then on. */
  const signIn = async (email = 'ana@example.com'): Promise<{ readonly tapcase_session: string }> => {
    const { helper } = await import('./harness.ts');
    const asked = await codeFor(await step('code'), email);
    await helper.unload();
    const { cookies } = out(await (await step('sign-in')).send(trying(asked, email)), 0) as unknown as {
      cookies: Given;
    };
    await helper.unload();
    return { tapcase_session: cookies.tapcase_session!.value };
  };

  it('tapcase-customer mails six digits, keeps only a keyed hash, and sends a browser one code at a time', async () => {
    const node = await step('code');
    const { mail, cookies } = out(await node.send(asks('Ana@Example.com')), 0) as unknown as {
      mail: { to: string; text: string };
      cookies: Given;
    };
    assert.equal(mail.to, 'ana@example.com');
    assert.match(mail.text, /\b\d{6}\b/);
    const { value, ...attributes } = cookies.tapcase_code!;
    assert.deepEqual(attributes, {
      ...{ path: '/', httpOnly: true, sameSite: 'strict', secure: true, maxAge: 600_000 },
    });
    out(await node.send(asks('ana@example.com', { tapcase_code: value })), 1);
    fault(await node.send(asks('no address')), 'request.invalid');
    const form = { headers: { 'content-type': 'application/x-www-form-urlencoded' } };
    fault(await node.send({ req: form, payload: { email: 'b@example.com', language: 'en' } }), 'request.not-json');
  });

  it('tapcase-customer takes the right code once, and five wrong ones at most', async () => {
    const { helper } = await import('./harness.ts');
    const asked = await codeFor(await step('code'), 'ana@example.com');
    await helper.unload();
    const node = await step('sign-in');
    const { refusal } = out(await node.send(trying({ ...asked, code: otherThan(asked.code) })), 1);
    assert.deepEqual(refusal, { code: 'sign-in.wrong-code', why: 'wrong' });
    const { customer: known, cookies } = out(await node.send(trying(asked)), 0) as unknown as {
      customer: Customer;
      cookies: Given;
    };
    assert.equal(known.email, 'ana@example.com');
    const cookie = cookies.tapcase_session!;
    assert.deepEqual([cookie.httpOnly, cookie.secure, cookie.sameSite], [true, true, 'lax']);
    out(await node.send(trying(asked)), 1);
    fault(await node.send(trying({ ...asked, code: '12' })), 'request.invalid');
  });

  it('tapcase-customer lets nobody spoil another’s sign-in: six guesses and ten codes asked for cost them nothing', async () => {
    const { helper } = await import('./harness.ts');
    const codes = await step('code');
    const mine = await codeFor(codes, 'ana@example.com');
    for (let i = 0; i < 10; i += 1) await codeFor(codes, 'ana@example.com');
    const strangers = await codeFor(codes, 'ana@example.com');
    await helper.unload();
    const node = await step('sign-in');
    for (const cookies of [{}, { tapcase_code: 'none' }, strangers.cookies]) {
      for (let i = 0; i < 6; i += 1) out(await node.send(trying({ code: otherThan(strangers.code), cookies })), 1);
      // Read over a shoulder it is of no use in another browser either.
      out(await node.send(trying({ code: mine.code, cookies })), 1);
    }
    out(await node.send(trying(mine)), 0);
  });

  it('tapcase-customer mails a code at once to an address that a stranger has just asked for ten times', async () => {
    const node = await step('code');
    for (let i = 0; i < 10; i += 1) await codeFor(node, 'ana@example.com');
    assert.match((await codeFor(node, 'ana@example.com')).code, /^\d{6}$/);
  });

  it('tapcase-customer mails long codes to an address that is besieged, and few', async () => {
    const { helper } = await import('./harness.ts');
    const codes = await step('code');
    const network = (i: number) => `198.51.${i}.1`;
    for (let i = 0; i < 30; i += 1) out(await codes.send(asks('ana@example.com', {}, network(i))), 0);
    const newest = await codeFor(codes, 'ana@example.com');
    assert.match(newest.code, /^0\d{11}$/);
    const { mail, cookies } = out(await codes.send(asks('ana@example.com')), 1) as unknown as {
      mail: unknown;
      cookies: Given;
    };
    assert.equal(mail, undefined);
    await helper.unload();
    const mine = { code: newest.code, cookies: { tapcase_code: cookies.tapcase_code!.value } };
    out(await (await step('sign-in')).send(trying(mine)), 0);
  });

  it('tapcase-customer mails one network sixty codes in ten minutes, and others go on', async () => {
    const node = await step('code');
    const from = (ip: string, i: number) => node.send(asks(`c${i}@example.com`, {}, ip));
    // One household has a network of its own, whatever ends its addresses have.
    for (let i = 0; i < 60; i += 1) out(await from(`2001:db8::${i.toString(16)}`, i), 0);
    fault(await from('2001:db8:0:0:ffff::1', 60), 'sign-in.too-many');
    out(await from('2001:db8:0:1::1', 60), 0);
    out(await from('::ffff:203.0.113.9', 61), 0);
  });

  it('tapcase-customer knows its own sessions and takes nobody else’s word', async () => {
    const { tapcase_session: secret } = await signIn();
    const node = await step('who');
    const { customer: known, session } = out(await node.send({ req: { cookies: { tapcase_session: secret } } }), 0);
    assert.equal((known as Customer).email, 'ana@example.com');
    assert.deepEqual(Object.keys(session as object), ['id']);
    assert.doesNotMatch(JSON.stringify(session), new RegExp(secret));
    const forged = `${secret.slice(0, -4)}AAAA`;
    for (const cookie of [forged, '', undefined, OF_EARLIER_RELEASE]) {
      const message = { req: { cookies: { tapcase_session: cookie } }, customer: { id: 'forged' }, session };
      const refused = out(await node.send(message), 1);
      assert.deepEqual([refused.customer, refused.session], [undefined, undefined]);
      assert.deepEqual(refused.refusal, { code: 'session.missing' });
    }
  });

  it('tapcase-customer takes the cookie back, and it opens nothing any more', async () => {
    const { helper } = await import('./harness.ts');
    const [cookies, elsewhere] = [await signIn(), await signIn('ben@example.com')];
    const node = await step('sign-out');
    for (const shown of [cookies, cookies, {}]) {
      const { cookies: cleared } = out(await node.send({ req: { cookies: shown } }), 0) as unknown as {
        cookies: Given;
      };
      assert.equal(cleared.tapcase_session!.value, null);
    }
    await helper.unload();
    const who = await step('who');
    out(await who.send({ req: { cookies } }), 1);
    out(await who.send({ req: { cookies: elsewhere } }), 0);
  });

  it('tapcase-customer ends other sessions, of nobody else; tapcase-view lists those there are', async () => {
    const { helper } = await import('./harness.ts');
    const [here, there, bens] = [await signIn(), await signIn(), await signIn('ben@example.com')];
    const who = await step('who');
    const [mine, theirs] = [
      out(await who.send({ req: { cookies: here } }), 0),
      out(await who.send({ req: { cookies: bens } }), 0),
    ];
    await helper.unload();
    const list = await view('sessions');
    const shown = async (message: Message) =>
      (out(await list.send(message), 0).payload as { sessions: { id: string; browser: string; isThis: boolean }[] })
        .sessions;
    const both = await shown(mine);
    assert.deepEqual(
      both.map(({ browser }) => browser),
      ['Firefox · Android', 'Firefox · Android'],
    );
    assert.deepEqual(
      both.filter(({ isThis }) => isThis).map(({ id }) => id),
      [(mine.session as { id: string }).id],
    );
    fault(await list.send({}), 'customer.unknown');
    await helper.unload();
    const end = await step('end');
    const ending = (message: Message, session: string) => end.send({ ...message, req: { params: { session } } });
    fault(await ending({}, 'others'), 'customer.unknown');
    // Somebody else's is not found, and nothing is said of it.
    for (const { id } of both) out(await ending(theirs, id), 0);
    out(await ending(mine, 'others'), 0);
    await helper.unload();
    const still = await step('who');
    out(await still.send({ req: { cookies: here } }), 0);
    out(await still.send({ req: { cookies: there } }), 1);
    out(await still.send({ req: { cookies: bens } }), 0);
    await helper.unload();
    const again = await step('end');
    out(await again.send({ ...mine, req: { params: { session: (mine.session as { id: string }).id } } }), 0);
    await helper.unload();
    out(await (await step('who')).send({ req: { cookies: here } }), 1);
  });

  it('tapcase-customer describes the page for a card, at a case of this shop and no other', async () => {
    const node = await step('card');
    const known = await customer();
    const { cardSetup } = out(await node.send({ ...body({ caseId: '123' }), customer: known }), 0);
    const page = 'https://shop.example/case/123';
    assert.deepEqual(cardSetup, {
      ...{ customerId: 'c1', email: 'c1@example.com', stripeCustomer: null, currency: 'usd', language: 'en' },
      successUrl: `https://shop.example/api/cards/return?back=${encodeURIComponent(page)}&session={CHECKOUT_SESSION_ID}`,
      cancelUrl: page,
    });
    for (const caseId of ['999', '../..', '123/../x']) {
      fault(await node.send({ ...body({ caseId }), customer: known }), 'case.unknown');
    }
    fault(await node.send({ ...body({}), customer: known }), 'request.invalid');
    fault(await node.send(body({ caseId: '123' })), 'customer.unknown');
  });

  it('tapcase-customer looks at no page that an address bar has made up', async () => {
    const node = await step('card-back');
    const known = { ...(await customer()), stripeCustomer: 'cus_1' };
    const back = (query: object, who: object | undefined = known) => node.send({ req: { query }, customer: who });
    const { cardSetup } = out(await back({ session: 'cs_test_1' }), 0);
    assert.deepEqual(cardSetup, { session: 'cs_test_1', stripeCustomer: 'cus_1' });
    for (const session of [undefined, '', 'none', ['cs_1', 'cs_2'], { a: 'cs_1' }, `cs_${'x'.repeat(2_000)}`]) {
      out(await back({ session }), 1);
    }
    out(await back({ session: 'cs_test_1' }, await customer('c2')), 1);
    fault(await back({ session: 'cs_test_1' }, {}), 'customer.unknown');
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
    // How long to wait: as the node that refused says, or what goes for its kind; and nothing where waiting is of no use.
    const retryAfter = async (message: object) =>
      (out(await node.send({ res, ...message }), 0).headers as Record<string, string>)['retry-after'];
    assert.equal(await retryAfter({ refusal: { code: 'customer.unopened', retryAfterSeconds: 42 } }), '42');
    assert.equal(await retryAfter({ refusal: { code: 'customer.unopened', retryAfterSeconds: 'x' } }), '60');
    for (const code of ['ledger.unavailable', 'ledger.cannot-open']) {
      assert.equal(out(await node.send({ res, error: { code } }), 0).statusCode, 503);
      assert.equal(await retryAfter({ error: { code } }), '5');
    }
    assert.equal(await retryAfter({ refusal: { code: 'case.unknown', retryAfterSeconds: 42 } }), undefined);
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
    const { fault: counted } = out(await node.send({ error: { code: 'frame.bad-mac', message: 'no' } }), 0);
    assert.deepEqual(counted, { code: 'frame.bad-mac', count: 1 });
    await node.send({ error: { message: 'x', code: '../../etc' } });
    assert.deepEqual(
      (await ledger.faultCounts()).map(({ code }) => code),
      ['frame.bad-mac', 'node.unknown'],
    );
  });

  it('tapcase-fault tells the first of a flood at once and the others together, and counts them all', async () => {
    const node = await load('tapcase-fault', faultCount, 1);
    const error = { code: 'frame.bad-mac', message: 'no', source: { id: 'door.verify' } };
    out(await node.send({ error }), 0);
    for (let again = 0; again < 50; again += 1) await node.done({ error });
    out(await node.send({ error: { ...error, source: { id: 'vision.verify' } } }), 0);
    // Of another case.
    out(await node.send({ error: { ...error, message: 'case 124' } }), 0);
    const [before] = await ledger.faultCounts();
    assert.ok(before!.count < 53, `${before!.count} were written down one by one`);
    await until('all of them to be counted', async () => (await ledger.faultCounts())[0]!.count === 53);
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
    let asked = 0;
    const codes = (): readonly [string, NodeModule, object, Message] => {
      asked += 1;
      return ['tapcase-customer', customerNode, { step: 'code' }, body({ email: `a${asked}@b.cd`, language: 'en' })];
    };
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
      [{ sessionKeyEnv: 'NOBODY_SET_THIS' }, { sessionKey: '' }, 'config.missing-secret', codes()],
      [{}, { sessionKey: 'short' }, 'config.weak-secret', codes()],
      [{ publicUrl: 'shop.example' }, {}, 'config.invalid', codes()],
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
    const parts = [codes(), me(), sends()];
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

function otherThan(code: string): string {
  return code === '111111' ? '222222' : '111111';
}

function fault(outcome: Outcome, code: string): void {
  assert.equal(outcome.kind === 'fault' ? outcome.code : `output ${JSON.stringify(outcome.message)}`, code);
}
