// Passkeys in this browser: asks its person to make or use one. The one file that knows the library.
import { startAuthentication, startRegistration, WebAuthnError } from '@simplewebauthn/browser';
import { ApiFault } from '../api.ts';

type RequestOptions = Parameters<typeof startAuthentication>[0]['optionsJSON'];
type CreationOptions = Parameters<typeof startRegistration>[0]['optionsJSON'];

/** `passkey.cancelled`, `passkey.known` (this device has one already), `passkey.failed`. */
export function usePasskey(options: object): Promise<object | ApiFault> {
  return startAuthentication({ optionsJSON: options as RequestOptions }).catch(asFault);
}

export function makePasskey(options: object): Promise<object | ApiFault> {
  return startRegistration({ optionsJSON: options as CreationOptions }).catch(asFault);
}

export const hasPasskeys = (): boolean => 'PublicKeyCredential' in globalThis;

function asFault(thrown: unknown): ApiFault {
  const name = thrown instanceof Error ? thrown.name : '';
  const known = thrown instanceof WebAuthnError && thrown.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED';
  if (known) return new ApiFault('passkey.known', 0);
  const cancelled = name === 'NotAllowedError' || name === 'AbortError';
  return new ApiFault(cancelled ? 'passkey.cancelled' : 'passkey.failed', 0);
}
