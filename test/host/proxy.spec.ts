// Behind a proxy: the whole cloud, that believes the proxy about whom it speaks for, and what one phone uses up is not another's.
import assert from 'node:assert/strict';
import { freePort } from '../free-port.ts';
import { type RunningRole, startRole } from '../tls/roles.ts';

/** Nobody carries mail here: what limits come before that, whoever is told so has passed. */
const PASSED = 'mail.unreachable';
/** Wishes for a code that one network may have in ten minutes (docs/security.md). */
const CODES_MAX = 60;

describe('sign-ins behind a proxy', () => {
  let cloud: RunningRole;
  let shop: string;
  before(async () => {
    const port = await freePort();
    shop = `http://127.0.0.1:${port}`;
    cloud = await startRole('cloud', { PORT: String(port), PUBLIC_URL: shop, TRUST_PROXY: 'loopback' });
  });
  after(() => cloud.stop());

  const post = (path: string, phone: string, body: object) =>
    fetch(`${shop}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': phone },
      body: JSON.stringify(body),
    });
  const ask = async (phone: string, email: string) => {
    const answer = await post('/api/sign-in/code', phone, { email, language: 'en' });
    return ((await answer.json()) as { error: { code: string } }).error.code;
  };

  it('of thirty strangers that are wrong keep nobody else from signing in', async () => {
    const guesses = Array.from({ length: 30 }, (_, i) =>
      post('/api/sign-in', `203.0.113.${i}`, { email: 'ann@example.com', code: '000000' }),
    );
    assert.deepEqual([...new Set((await Promise.all(guesses)).map(({ status }) => status))], [401]);
    assert.equal(await ask('198.51.100.1', 'ann@example.com'), PASSED);
  });

  it('of one phone that asks without end are its own limit, and no other phone’s', async () => {
    const mine: string[] = [];
    for (let i = 0; i <= CODES_MAX; i += 1) mine.push(await ask('192.0.2.1', `somebody-${i}@example.com`));
    assert.deepEqual([new Set(mine.slice(0, -1)), mine.at(-1)], [new Set([PASSED]), 'sign-in.too-many']);
    assert.equal(await ask('192.0.2.2', 'bob@example.com'), PASSED);
  });
});
