// Customers who sign in, out, and in elsewhere, while a stranger tries to keep them out; and one who has doors unlocked and leaves
// them shut.
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openLedger } from '@tapcase/ledger';
import { until } from '../../patience.ts';
import type { ShopBench } from '../shop-bench.ts';

/** Another browser for each: what it was given it shows again. */
class Browser {
  readonly #url: string;
  readonly #cookies = new Map<string, string>();
  constructor(url: string, from?: Browser) {
    this.#url = url;
    for (const [name, value] of from?.cookies ?? []) this.#cookies.set(name, value);
  }
  get cookies(): ReadonlyMap<string, string> {
    return this.#cookies;
  }
  async call(path: string, body?: object): Promise<{ readonly status: number; readonly body: unknown }> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { 'content-type': 'application/json', cookie };
    const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const response = await fetch(`${this.#url}${path}`, { headers, ...post });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      this.#cookies.set(name!, value!);
    }
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
  }
}

export function sessions({ shop, customer, refusal }: ShopBench): void {
  const browser = (from?: Browser) => new Browser(shop().shop.shopUrl, from);
  const someone = () => `front-${randomBytes(4).toString('hex')}@example.com`;
  const codesFor = (email: string): string[] => {
    const log = readFileSync(shop().shop.logFile, 'utf8');
    return [...log.matchAll(new RegExp(`${email.replaceAll('.', '\\.')}: (\\d+)`, 'g'))].map(([, code]) => code!);
  };
  /** The code that is mailed because this browser asked. */
  const ask = async (from: Browser, email: string): Promise<string> => {
    const before = codesFor(email).length;
    assert.equal((await from.call('/api/sign-in/code', { email, language: 'en' })).status, 204);
    return until('the mail', () => codesFor(email)[before]);
  };
  const signIn = async (from: Browser, email: string, code: string) =>
    (await from.call('/api/sign-in', { email, code })).status;
  const newSession = async (email: string): Promise<Browser> => {
    const mine = browser();
    assert.equal(await signIn(mine, email, await ask(mine, email)), 200);
    return mine;
  };
  const isSignedIn = async (from: Browser) => (await from.call('/api/visits')).status === 200;

  it('sign in with their code whatever a stranger guesses and asks for meanwhile', async () => {
    const email = someone();
    const [mine, stranger] = [browser(), browser()];
    const code = await ask(mine, email);
    const wrong = code === '111111' ? '222222' : '111111';
    for (let i = 0; i < 6; i += 1) assert.equal(await signIn(browser(), email, wrong), 401);
    await ask(stranger, email);
    for (let i = 0; i < 6; i += 1) assert.equal(await signIn(stranger, email, wrong), 401);
    for (let i = 0; i < 9; i += 1) await ask(browser(), email);
    // Read over a shoulder it is good in the browser that asked, and in no other.
    assert.equal(await signIn(browser(), email, code), 401);
    assert.equal(await signIn(mine, email, code), 200);
    assert.equal(await signIn(mine, email, code), 401);
    // Another browser of theirs, after all that: a mail at once.
    assert.ok(await isSignedIn(await newSession(email)));
  });

  it('sign out, and the cookie they had opens nothing any more', async () => {
    const email = someone();
    const [mine, other] = [await newSession(email), await newSession(email)];
    const stolen = browser(mine);
    assert.ok(await isSignedIn(stolen));
    assert.equal((await mine.call('/api/sign-out', {})).status, 204);
    assert.equal(await isSignedIn(stolen), false);
    assert.equal(await isSignedIn(mine), false);
    assert.ok(await isSignedIn(other));
  });

  it('see where they are signed in, and end it there', async () => {
    const email = someone();
    const [mine, lost, lent] = [await newSession(email), await newSession(email), await newSession(email)];
    const list = async (from: Browser) => {
      const { body } = await from.call('/api/me/sessions');
      return (body as { sessions: readonly { readonly id: string; readonly isThis: boolean }[] }).sessions;
    };
    const lostId = (await list(lost)).find(({ isThis }) => isThis)!.id;
    const stranger = await newSession(someone());
    assert.equal((await stranger.call(`/api/me/sessions/${lostId}/end`, {})).status, 204);
    assert.equal((await list(mine)).length, 3);
    assert.equal((await mine.call(`/api/me/sessions/${lostId}/end`, {})).status, 204);
    assert.deepEqual([await isSignedIn(lost), await isSignedIn(lent), await isSignedIn(mine)], [false, true, true]);
    assert.equal((await mine.call('/api/me/sessions/others/end', {})).status, 204);
    assert.deepEqual([await isSignedIn(lent), await isSignedIn(mine)], [false, true]);
    assert.ok(await isSignedIn(stranger));
    assert.equal((await browser().call('/api/me/sessions')).status, 401);
  });

  describe('who left three doors shut', () => {
    const who = customer('visa#4000');
    const otherMailbox = customer('visa#4000');
    const otherCard = customer('visa#4001');

    it('is told to wait before a fourth is unlocked, from whichever mailbox the card comes', async () => {
      const ledger = await openLedger({ file: join(shop().stateFolder, 'ledger.sqlite') });
      const { id, card } = await ledger.customerByEmail(who().email, { id: 'none', language: 'en', atMs: Date.now() });
      for (const minutesAgo of [3, 2, 1]) {
        const at = { atMs: Date.now() - minutesAgo * 60_000, visionWaitMs: 0 };
        const visitId = `unopened${minutesAgo}`;
        // At another case, for this one may be anybody's in this moment; which one does not matter to the rule for all.
        const fixed = { language: 'en', holdMinor: 100, catalog: { currency: 'usd', products: [] } } as const;
        for (const number of [1, 2]) {
          const opening = { id: `${visitId}${number}`, caseId: `elsewhere${number}`, requestId: randomUUID() };
          await ledger.openVisit({ ...opening, customerId: id, card: card!, atMs: at.atMs, ...fixed });
          for (const event of ['hold_made', 'unlock_sent', 'door_timeout', 'settle_started'] as const) {
            await ledger.advanceVisit(opening.id, { event, ...at });
          }
          await ledger.advanceVisit(opening.id, { event: 'settled', ...at, set: { outcome: 'unused' } });
        }
      }
      await ledger.close();
      assert.equal(await refusal(who()), 'customer.unopened');
      assert.equal(await refusal(otherMailbox()), 'customer.unopened');
      const cards = await openLedger({ file: join(shop().stateFolder, 'ledger.sqlite') });
      const printOf = async ({ email }: { readonly email: string }) =>
        (await cards.customerByEmail(email, { id: 'none', language: 'en', atMs: Date.now() })).card?.fingerprint;
      assert.ok((await printOf(who())) !== undefined);
      assert.notEqual(await printOf(otherCard()), await printOf(who()));
      await cards.close();
    });
  });
}
