// What each example of each palette promises, and how that is seen: it is imported as it is, told where this machine's stand-ins
// are, and pressed.
import assert from 'node:assert/strict';
import { createECDH, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { RunningStripe } from '@tapcase/sim/stripe/start-stripe';
import Stripe from 'stripe';
import { cardHolder, SECRET_KEY, startStandin, WEBHOOK_SECRET } from '../nodes/stripe-bench.ts';
import { shelfPng, writeTinyModel } from '../nodes/tiny-detr.ts';
import { until, within } from '../patience.ts';
import { example, type FlowNode, type Vanilla } from './vanilla-node-red.ts';

export interface Trial {
  readonly promise: string;
  /** Palettes whose nodes it has beside those of its own. */
  readonly needs?: readonly string[];
  readonly tries: (vanilla: Vanilla, userDir: string) => Promise<void>;
}

const vapid = createECDH('prime256v1');
vapid.generateKeys();

/** What the first lines of the examples ask for. */
export const ENVIRONMENT: Readonly<Record<string, string>> = {
  STRIPE_SECRET_KEY: SECRET_KEY,
  STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
  SESSION_KEY: randomBytes(32).toString('hex'),
  CASE_MASTER_KEY: randomBytes(32).toString('hex'),
  DEVICE_KEY: randomBytes(32).toString('hex'),
  VAPID_PUBLIC_KEY: vapid.getPublicKey().toString('base64url'),
  VAPID_PRIVATE_KEY: vapid.getPrivateKey().toString('base64url'),
};

export const TRIALS: Readonly<Record<string, Readonly<Record<string, Trial>>>> = {
  'node-red-contrib-hmac': {
    'signed-frame': {
      promise: 'a report is signed and opened again; on another case’s topic it is refused',
      tries: async (vanilla) => {
        await vanilla.deploy(example('node-red-contrib-hmac', 'signed-frame'));
        await vanilla.press('frame.start');
        assert.match(await vanilla.printed('opened'), /caseId: '123'[\s\S]*type: 'hello'/);
        assert.match(await vanilla.printed('fault'), /frame\.bad-mac/);
      },
    },
  },

  'node-red-contrib-stripe': {
    'stripe-call': withStripe(
      'one customer of two presses, and what was paid since yesterday',
      async (vanilla, { here, stripe }) => {
        await vanilla.deploy(example('node-red-contrib-stripe', 'stripe-call', here));
        const known = stripe.books.customers.size;
        for (let times = 0; times < 2; times += 1) {
          await vanilla.press('call.make.start');
          assert.match(await vanilla.printed('customer'), /email: 'ana@example.com'/);
        }
        assert.equal(stripe.books.customers.size, known + 1);
        await vanilla.press('call.list.start');
        assert.match(await vanilla.printed('payments'), /\[\]/);
      },
    ),
    'stripe-capture': withStripe('5.00 held, 3.20 taken, 1.00 given back', async (vanilla, { here, stripe }) => {
      await vanilla.deploy(example('node-red-contrib-stripe', 'stripe-capture', here));
      for (let times = 0; times < 2; times += 1) {
        await vanilla.press('capture.start');
        assert.match(await vanilla.printed('taken'), /receivedMinor: 320,\s+owedMinor: 0/);
      }
      for (let times = 0; times < 2; times += 1) {
        await vanilla.press('capture.refund.start');
        assert.match(await vanilla.printed('given back'), /amountMinor: 100/);
      }
      assert.equal(stripe.books.paymentIntents.size, 1);
      assert.equal(stripe.books.refunds.size, 1);
    }),
    'stripe-page-pay': withStripe('a page for 6.00 that is open, then paid', async (vanilla, { here, stripe }) => {
      await vanilla.deploy(example('node-red-contrib-stripe', 'stripe-page-pay', here));
      await vanilla.press('pay.start');
      const [, session = ''] = /session: '(cs_\w+)'/.exec(await vanilla.printed('open')) ?? [];
      await vanilla.press('pay.again');
      assert.match(await vanilla.printed('seen'), /state: 'open'/);
      await fillIn(stripe, session);
      await vanilla.press('pay.again');
      assert.match(await vanilla.printed('seen'), /state: 'paid'/);
    }),
    'stripe-page-card': withStripe(
      'the browser comes back from Stripe’s page, and is shown the card',
      async (vanilla, { here, stripe }) => {
        const nodes = example('node-red-contrib-stripe', 'stripe-page-card', (node) =>
          replaced({ ...node, ...here(node) }, { 'http://localhost:1880': vanilla.url }),
        );
        await vanilla.deploy(nodes);
        const there = await fetch(`${vanilla.url}/own/save-card`, { redirect: 'manual' });
        assert.equal(there.status, 303);
        const [session = ''] = /cs_\w+/.exec(there.headers.get('location') ?? '') ?? [];
        assert.equal(
          await (await fetch(`${vanilla.url}/own/card-saved?session=${session}`)).text(),
          'No card was saved.',
        );
        await fillIn(stripe, session);
        const card = (await (await fetch(`${vanilla.url}/own/card-saved?session=${session}`)).json()) as {
          last4: string;
        };
        assert.equal(card.last4, '4242');
      },
    ),
    'stripe-webhook': withStripe(
      'what Stripe signed is shown once, anything else is answered 400',
      async (vanilla, { here }) => {
        await vanilla.deploy(example('node-red-contrib-stripe', 'stripe-webhook', here));
        const post = (secret: string) => {
          const payload = JSON.stringify({
            id: 'evt_1',
            object: 'event',
            type: 'payment_intent.canceled',
            created: 1_763_678_400,
            data: { object: { id: 'pi_1' } },
          });
          const signature = new Stripe('sk_test_signer').webhooks.generateTestHeaderString({ payload, secret });
          return fetch(`${vanilla.url}/own/stripe-events`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'stripe-signature': signature },
            body: payload,
          });
        };
        assert.equal((await post('whsec_somebody_else')).status, 400);
        assert.equal((await post(WEBHOOK_SECRET)).status, 200);
        assert.match(await vanilla.printed('event'), /id: 'evt_1',\s+type: 'payment_intent.canceled'/);
        assert.equal((await post(WEBHOOK_SECRET)).status, 200);
        assert.equal(vanilla.said().match(/\[debug:event\]/g)?.length, 1);
      },
    ),
  },

  'node-red-contrib-detr': {
    'detr-detect': {
      promise: 'says what is in a picture, where, and how sure the model is',
      tries: async (vanilla, userDir) => {
        writeTinyModel(join(userDir, 'model'));
        writeFileSync(join(userDir, 'shelf.jpg'), await shelfPng({ cola: 2 }));
        const nodes = example('node-red-contrib-detr', 'detr-detect', (node) =>
          node.type === 'detr-model'
            ? { folder: join(userDir, 'model') }
            : replaced(node, { 'shelf.jpg': join(userDir, 'shelf.jpg') }),
        );
        await vanilla.deploy(nodes);
        await vanilla.press('detr-detect-in');
        const result = await vanilla.printed('Result');
        assert.equal(result.match(/label: 'cola'/g)?.length, 2);
        assert.match(result, /score: 0\.\d+/);
      },
    },
  },

  'node-red-contrib-tapcase-edge': {
    look: {
      promise: 'a picture of a test camera, and what was recorded of a visit as files',
      tries: async (vanilla, userDir) => {
        const recordings = mkdtempSync(join(userDir, 'recordings-'));
        await vanilla.deploy(
          example('node-red-contrib-tapcase-edge', 'look', (node) =>
            node.folder === 'recordings' ? { folder: recordings } : {},
          ),
        );
        await vanilla.press('look.start');
        assert.match(await vanilla.printed('picture'), /encoded: <Buffer ff d8/);
        await vanilla.press('look.begin');
        await vanilla.press('look.end');
        const kept = await vanilla.printed('kept');
        assert.match(kept, /name: 'visit1',\s+action: 'kept'/);
        const [, file] = /files: \[\s+'([^']+\.mp4)'/.exec(kept) ?? [];
        assert.ok(file !== undefined && existsSync(join(recordings, file)), kept);
      },
    },
    'scene-diff': {
      promise: 'the report says that one of two colas went',
      tries: async (vanilla, userDir) => {
        await vanilla.deploy(
          example('node-red-contrib-tapcase-edge', 'scene-diff', (node) =>
            replaced(node, { 'scene-example': mkdtempSync(join(userDir, 'scene-')) }),
          ),
        );
        await vanilla.press('went.before');
        await vanilla.printed('picture');
        await vanilla.press('went.after');
        const report = await vanilla.printed('report');
        assert.match(report, /before: \{ '0': \{ cola: 2 \} \},\s+after: \{ '0': \{ cola: 1 \} \}/);
      },
    },
    'lines-and-parts': {
      promise: 'the board tells of this computer, and that it has no pins',
      tries: async (vanilla) => {
        await vanilla.deploy(example('node-red-contrib-tapcase-edge', 'lines-and-parts'));
        assert.match(await vanilla.printed('fault'), /gpio\.unavailable/);
        assert.match(await vanilla.printed('board'), /diskFreeMb|memory/i);
      },
    },
    send: {
      promise: 'a signed frame for MQTT, kept until the cloud has it',
      needs: ['node-red-contrib-hmac'],
      tries: async (vanilla, userDir) => {
        const folder = mkdtempSync(join(userDir, 'send-'));
        await vanilla.deploy(
          example('node-red-contrib-tapcase-edge', 'send', (node) => replaced(node, { 'send-example': folder })),
        );
        const onDisk = () =>
          readdirSync(folder).some((name) => readFileSync(join(folder, name), 'utf8').includes('"id":"visit01"'));
        await vanilla.press('send.start');
        assert.match(await vanilla.printed('for MQTT'), /case\/123\/vision/);
        assert.ok(onDisk());
        await vanilla.press('send.acked');
        await until('the report to be gone', () => !onDisk());
      },
    },
  },

  'node-red-contrib-tapcase': {
    'a-visit': {
      promise: 'what a cola costs and why, what staff see of it, and a Stripe that never answers',
      tries: async (vanilla) => {
        await vanilla.deploy(example('node-red-contrib-tapcase', 'a-visit'));
        await vanilla.press('visit.start');
        const owes = await vanilla.printed('what she owes');
        assert.match(owes, /lines: \[ \{ sku: 'cola', count: 1 \} \],\s+verdict: 'agreed'/);
        assert.match(owes, /en: 'Cameras and scale agree on 1 Cola.'[\s\S]*listMinor: 200/);
        assert.match(await vanilla.printed('her phone'), /caseName: 'Lobby'/);
        assert.match(await vanilla.printed('no debt yet'), /debt\.none/);
        await vanilla.press('staff.visits-in');
        assert.match(await vanilla.printed('rows'), /case: '123',\s+outcome: 'closed'/);
        await vanilla.press('staff.cases-in');
        assert.match(await vanilla.printed('rows'), /case: 'Lobby \(123\)'/);
        await vanilla.press('staff.take-in');
        assert.match(await vanilla.printed('to the case'), /case\/123\/(vision\/)?cmd/);
        assert.match(await vanilla.printed('marked'), /^\d+/);
        await vanilla.press('staff.books-in');
        assert.match(await vanilla.printed('report'), /looked: 0, found: 0/);
        await vanilla.press('staff.forget-in');
        assert.match(await vanilla.printed('forgotten'), /sku: 'cola', by: 'Olga'/);
        await vanilla.press('staff.refund-in');
        assert.match(await vanilla.printed('fault'), /code: 'order\.invalid', count: 1/);
        await vanilla.press('staff.ask-in');
        assert.match(await vanilla.printed('firmware'), /\{"number":0\}/);
        await vanilla.press('visit.phone-in');
        assert.match(await vanilla.printed('kept'), /^[0-9a-f-]{36}/);
        await vanilla.press('staff.disputed-in');
        assert.match(await vanilla.printed('change'), /dispute/);
        await vanilla.deploy(example('node-red-contrib-tapcase', 'a-visit'));
        await vanilla.press('visit.silent');
        assert.match(await vanilla.printed('waits'), /kind: 'hold'/);
      },
    },
    'sign-in': {
      promise: 'a code by mail, or in the log, brought back for a session, and out again',
      tries: async (vanilla) => {
        await vanilla.deploy(example('node-red-contrib-tapcase', 'sign-in'));
        const post = (path: string, body: object, cookie = '') =>
          fetch(`${vanilla.url}/own/example/${path}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', cookie },
            body: JSON.stringify(body),
          });
        const email = 'you@example.com';
        const asked = await post('code', { email, language: 'en' });
        assert.equal(asked.status, 204);
        const browser = asked.headers.getSetCookie()[0]!.split(';')[0]!;
        const [, code] = /sign-in code for you@example.com: (\d{6})/.exec(vanilla.said()) ?? [];
        const wrong = code === '111111' ? '222222' : '111111';
        const refused = await post('sign-in', { email, code: wrong }, browser);
        assert.match(await refused.text(), /sign-in\.wrong-code/);
        assert.match(await (await post('sign-in', { email, code })).text(), /sign-in\.wrong-code/);
        const signedIn = await post('sign-in', { email, code }, browser);
        assert.equal(signedIn.status, 200);
        const cookie = signedIn.headers.getSetCookie()[0]!.split(';')[0]!;
        const me = async (headers: Record<string, string>) =>
          (await fetch(`${vanilla.url}/own/example/me`, { headers })).text();
        assert.match(await me({ cookie }), /you@example\.com/);
        assert.doesNotMatch(await me({}), /you@example\.com/);
        const out = await post('sign-out', {}, cookie);
        assert.match(out.headers.getSetCookie()[0]!, /=;/);
        assert.doesNotMatch(await me({ cookie }), /you@example\.com/);
      },
    },
    'evening-discount': ownFlow('10 % come off in the evening', 'evening-discount', {
      change: { 'getHours() >= 20': 'getHours() >= 0' },
      tries: async (vanilla) => assert.match(await vanilla.printed('what she owes'), /Evening, 10 % off/),
    }),
    'free-drink-for-colleagues': ownFlow(
      'whoever signed in with an address of the company has a drink',
      'free-drink-for-colleagues',
      {
        change: {},
        tries: async (vanilla) => assert.match(await vanilla.printed('what she owes'), /A drink on the house/),
      },
    ),
    'closed-on-sundays': ownFlow('on the day nobody is let in, with a sentence', 'closed-on-sundays', {
      change: { 'getDay() === 0': 'getDay() >= 0' },
      tries: async (vanilla) =>
        assert.match(await vanilla.printed('refused'), /case\.not-now[\s\S]*We are closed on Sundays/),
    }),
    'message-when-flagged': {
      promise: 'a line by HTTP that names the visit',
      tries: async (vanilla) => {
        const server = createServer();
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        try {
          const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/flagged`;
          await flag(vanilla, 'message-when-flagged', { 'http://127.0.0.1:9/put-your-address-here': url });
          const come = within('the message', once(server, 'request'));
          await vanilla.press('staff.disputed-in');
          const [request, response] = (await come) as [AsyncIterable<Buffer>, { end(): void }];
          let body = '';
          for await (const part of request) body += String(part);
          response.end();
          assert.match(body, /Visit [a-z2-7]{12} at case 123 wants a look/);
        } finally {
          server.close();
        }
      },
    },
    'mail-when-flagged': {
      promise: 'a mail, or a line in the log, that names the visit',
      tries: async (vanilla) => {
        await flag(vanilla, 'mail-when-flagged', { 'config.shop': 'visit.shop' });
        await vanilla.press('staff.disputed-in');
        await vanilla.heard(/Visit [a-z2-7]{12} at case 123 wants a look: \/why\//);
      },
    },
  },
};

/** An operator's own flow beside the played visit: pressed, the visit goes as the flow says. */
function ownFlow(
  promise: string,
  name: string,
  { change, tries }: { change: Readonly<Record<string, string>>; tries: (vanilla: Vanilla) => Promise<void> },
): Trial {
  return {
    promise,
    tries: async (vanilla) => {
      await vanilla.deploy([
        ...example('node-red-contrib-tapcase', 'a-visit'),
        ...example('node-red-contrib-tapcase', name, (node) => replaced(node, change)),
      ]);
      await vanilla.press('visit.start');
      await tries(vanilla);
    },
  };
}

/** The played visit and beside it an own flow that waits for a flag, with its ledger chosen; a visit is there to be flagged. */
async function flag(vanilla: Vanilla, name: string, change: Readonly<Record<string, string>>): Promise<void> {
  const own = example('node-red-contrib-tapcase', name, (node) =>
    replaced(node, { ...change, 'config.ledger': 'visit.ledger' }),
  );
  await vanilla.deploy([...example('node-red-contrib-tapcase', 'a-visit'), ...own]);
  await vanilla.press('visit.start');
  await vanilla.printed('what she owes');
}

interface StripeTrial {
  readonly stripe: RunningStripe;
  /** Where the stand-in is, and a customer of its with a card. */
  readonly here: (node: FlowNode) => object;
}

function withStripe(promise: string, tries: (vanilla: Vanilla, trial: StripeTrial) => Promise<void>): Trial {
  return {
    promise,
    tries: async (vanilla) => {
      const stripe = await startStandin();
      try {
        const { customer, paymentMethod } = await cardHolder(stripe.port);
        const account = { host: '127.0.0.1', port: String(stripe.port), protocol: 'http' };
        const here = (node: FlowNode) =>
          node.type === 'stripe-account'
            ? account
            : replaced(node, { cus_REPLACE: customer, pm_REPLACE: paymentMethod });
        await tries(vanilla, { stripe, here });
      } finally {
        await stripe.close();
      }
    },
  };
}

/** What a person does on Stripe's page. */
async function fillIn(stripe: RunningStripe, session: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ card: 'visa' });
  const answer = await fetch(`${stripe.url}/sim/checkout/${session}`, { method: 'POST', headers, body });
  assert.ok(answer.ok, String(answer.status));
}

/** The node with these words in all its properties. */
function replaced(node: object, words: Readonly<Record<string, string>>): object {
  let text = JSON.stringify(node);
  for (const [word, by] of Object.entries(words)) text = text.replaceAll(word, by);
  return JSON.parse(text) as object;
}
