// Passwords of the staff: scrypt, whose cost is paid for right and wrong alike, by two at a time.
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { Fault } from '@tapcase/domain';

/**
 * OWASP's Password Storage Cheat Sheet gives N = 2^15, r = 8, p = 3 among its equals: 32 MiB and about a fifth of a second.
 * They stand in the hash, so that a later release can ask for more.
 */
const COST = { N: 2 ** 15, r: 8, p: 3 } as const;
const MEMORY_MAX = 64 * 1024 * 1024;
const SALT_BYTES = 16;
/** The first half proves the password, the second is the key of what it seals and is kept nowhere. */
const DERIVED_BYTES = 64;
/** Two of the four threads that Node has for such work, and 64 MiB. */
const AT_ONCE_MAX = 2;
/** Whoever comes then waits longer than they would like anyway. */
const WAITING_MAX = 20;

export interface Proved {
  /** Opens what was sealed with this password. */
  readonly key: Buffer;
}

/** A hash with its parameters, and the key. */
export async function hashPassword(password: string): Promise<Proved & { readonly hash: string }> {
  const salt = randomBytes(SALT_BYTES);
  const derived = await derive(password, salt, COST);
  const hash = `scrypt$${COST.N}$${COST.r}$${COST.p}$${salt.toString('base64url')}$${derived.subarray(0, 32).toString('base64url')}`;
  return { hash, key: derived.subarray(32) };
}

/** `hash` undefined: nobody's. It takes as long as somebody's. `staff.busy` where too many wait. */
export async function provePassword(password: string, hash: string | undefined): Promise<Proved | undefined> {
  const [, n, r, p, salt = '', expected = ''] =
    /^scrypt\$(\d+)\$(\d+)\$(\d+)\$([\w-]+)\$([\w-]{43})$/.exec(hash ?? '') ?? [];
  const cost = n === undefined ? COST : { N: Number(n), r: Number(r), p: Number(p) };
  const derived = await derive(password, Buffer.from(salt, 'base64url'), cost);
  const wanted = Buffer.alloc(32);
  wanted.set(Buffer.from(expected, 'base64url'));
  const isRight = timingSafeEqual(derived.subarray(0, 32), wanted) && n !== undefined;
  return isRight ? { key: derived.subarray(32) } : undefined;
}

let running = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, cost: ScryptOptions): Promise<Buffer> {
  if (waiting.length >= WAITING_MAX) throw new Fault('staff.busy', 'too many people sign in at this moment');
  if (running >= AT_ONCE_MAX) await new Promise<void>((resolve) => waiting.push(resolve));
  else running += 1;
  try {
    return await new Promise((resolve, reject) => {
      // The same letters typed on another machine may come in another form.
      scrypt(password.normalize('NFKC'), salt, DERIVED_BYTES, { ...cost, maxmem: MEMORY_MAX }, (error, derived) =>
        error === null ? resolve(derived) : reject(error),
      );
    });
  } finally {
    const next = waiting.shift();
    // Its place goes to whoever waits.
    if (next === undefined) running -= 1;
    else next();
  }
}
