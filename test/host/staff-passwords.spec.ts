// Passwords of the staff, as they are kept and proved; and what is sealed with them.
import assert from 'node:assert/strict';
import { hashPassword, provePassword } from '../../host/staff/passwords.ts';
import { keyFrom, newToken, seal, unseal } from '../../host/staff/secrets.ts';
import { newTotpSecret, totpStep } from '../../host/staff/totp.ts';
import { codeAt } from './staff-bench.ts';

const PASSWORD = 'seven grey kitchens';
const NOW = 1_763_678_400_000;
const STEP_MS = 30_000;

describe('a password as it is kept', () => {
  it('is proved by itself alone, and opens what it sealed', async () => {
    const made = await hashPassword(PASSWORD);
    assert.match(made.hash, /^scrypt\$32768\$8\$3\$[\w-]{22}\$[\w-]{43}$/);
    const sealed = seal('secret', made.key);
    assert.equal(unseal(sealed, (await provePassword(PASSWORD, made.hash))!.key), 'secret');
    for (const other of [`${PASSWORD} `, PASSWORD.toUpperCase(), '']) {
      assert.equal(await provePassword(other, made.hash), undefined, other);
    }
    for (const hash of [undefined, '', 'scrypt$1$1$1$x$y', made.hash.slice(0, -1)]) {
      assert.equal(await provePassword(PASSWORD, hash), undefined, hash);
    }
    assert.notEqual((await hashPassword(PASSWORD)).hash, made.hash);
  });

  it('is the same from a keyboard that composes its letters', async () => {
    const { hash } = await hashPassword('contrasen\u0303a larga');
    assert.notEqual(await provePassword('contraseña larga', hash), undefined);
  });

  it('is proved by two at a time, and refused where twenty wait', async () => {
    const all = await Promise.allSettled(Array.from({ length: 24 }, () => provePassword('x', undefined)));
    const refused = all.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    assert.deepEqual(
      refused.map(({ reason }) => reason.code),
      ['staff.busy', 'staff.busy'],
    );
    assert.equal(await provePassword('x', undefined), undefined);
  });
});

describe('what is sealed', () => {
  it('opens with its key alone, as it was', () => {
    const key = keyFrom(newToken());
    const sealed = seal('secret', key);
    assert.equal(unseal(sealed, key), 'secret');
    assert.notEqual(seal('secret', key), sealed);
    assert.equal(unseal(sealed, keyFrom(newToken())), undefined);
    for (const changed of ['', sealed.slice(1), `${sealed.startsWith('A') ? 'B' : 'A'}${sealed.slice(1)}`]) {
      assert.equal(unseal(changed, key), undefined);
    }
  });
});

describe('a code of an app', () => {
  it('is good for its step and the ones beside it', () => {
    const secret = newTotpSecret();
    const step = NOW / STEP_MS;
    const found = [-2, -1, 0, 1, 2].map((steps) => totpStep(secret, codeAt(secret, NOW + steps * STEP_MS), NOW));
    assert.deepEqual(found, [undefined, step - 1, step, step + 1, undefined]);
  });
});
