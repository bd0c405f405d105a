// Codes from an app as the second factor beside a password (RFC 6238): the one file that knows the library.
import type { TotpSetupView } from '@tapcase/domain';
import { TOTP_STEP_SECONDS } from '@tapcase/domain';
import { Secret, TOTP } from 'otpauth';
import { encode } from 'uqr';

/** RFC 4226 section 4 recommends 160 bits. */
const SECRET_BYTES = 20;
/** RFC 6238 section 5.2: one step for clocks and fingers, before and after. */
const WINDOW_STEPS = 1;

/** Base32. */
export function newTotpSecret(): string {
  return new Secret({ size: SECRET_BYTES }).base32;
}

/** Which step's code this is; undefined for none of those that are good now. */
export function totpStep(secret: string, code: string, nowMs: number): number | undefined {
  const delta = totp(secret, '').validate({ token: code, timestamp: nowMs, window: WINDOW_STEPS });
  return delta === null ? undefined : Math.floor(nowMs / 1000 / TOTP_STEP_SECONDS) + delta;
}

export function totpSetup(secret: string, name: string): TotpSetupView {
  const uri = totp(secret, name).toString();
  const { data, size } = encode(uri, { ecc: 'M', border: 2 });
  const path = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : []))).join('');
  return { secret, uri, qr: { path, size } };
}

function totp(secret: string, label: string): TOTP {
  return new TOTP({ issuer: 'Tapcase', label, secret: Secret.fromBase32(secret), period: TOTP_STEP_SECONDS });
}
