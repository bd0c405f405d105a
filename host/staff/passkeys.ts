// Passkeys (W3C WebAuthn level 3): what a browser is asked, and whether its answer proves what it says. The one file that knows
// the library.
import {
  type AuthenticationResponseJSON,
  type AuthenticatorTransport,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server';
import { CHALLENGE_MS, Fault } from '@tapcase/domain';
import type { PasskeyRow } from '@tapcase/ledger';

export type Asserted = AuthenticationResponseJSON;
export type Registered = RegistrationResponseJSON;

export interface Passkeys {
  /** Whether a browser lets this origin have any. */
  readonly work: boolean;
  /** Any passkey of this origin: the browser's person chooses. */
  signIn(): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** `known` are not made a second time. */
  register(
    person: { readonly id: string; readonly name: string },
    known: readonly PasskeyRow[],
  ): Promise<PublicKeyCredentialCreationOptionsJSON>;
  /** The new count. `staff.passkey-refused` for another challenge, origin, key, or a count that does not rise. */
  asserted(response: Asserted, challenge: string, passkey: PasskeyRow): Promise<number | Fault>;
  registered(
    response: Registered,
    challenge: string,
  ): Promise<Pick<PasskeyRow, 'id' | 'publicKey' | 'counter' | 'transports'> | Fault>;
}

/** Ed25519, ES256 and RS256 (COSE algorithms): what authenticators have. Newer ones are experimental in Node. */
const ALGORITHMS = [-8, -7, -257];
const TRANSPORTS: readonly string[] = ['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb'];

/** `origin`: of the staff's pages, as a browser sees it. */
export function passkeysOf(origin: string): Passkeys {
  const { hostname: rpID, protocol } = new URL(origin);
  const isLocal = rpID === 'localhost' || rpID.endsWith('.localhost');
  const isAddress = /^[\d.]+$|^\[/.test(rpID);
  return {
    work: !isAddress && (protocol === 'https:' || isLocal),
    signIn: () => generateAuthenticationOptions({ rpID, userVerification: 'required', timeout: CHALLENGE_MS }),
    register: ({ id, name }, known) =>
      generateRegistrationOptions({
        rpID,
        rpName: 'Tapcase',
        userID: new TextEncoder().encode(id),
        userName: name,
        userDisplayName: name,
        timeout: CHALLENGE_MS,
        attestationType: 'none',
        supportedAlgorithmIDs: ALGORITHMS,
        excludeCredentials: known.map((each) => ({ id: each.id, transports: transportsOf(each) })),
        // Whoever signs in types no name: the key knows whose it is, and its owner unlocks it.
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      }),
    asserted: async (response, expectedChallenge, passkey) => {
      const { userHandle } = response.response;
      const owner = Buffer.from(passkey.staffId).toString('base64url');
      if (userHandle !== undefined && userHandle !== owner) return refused('it is for somebody else');
      const publicKey = new Uint8Array(Buffer.from(passkey.publicKey, 'base64url'));
      const credential = { id: passkey.id, publicKey, counter: passkey.counter };
      const checked = await verifyAuthenticationResponse({
        ...{ response, expectedChallenge, expectedOrigin: origin, expectedRPID: rpID, credential },
        requireUserVerification: true,
      }).catch(refused);
      if (checked instanceof Fault) return checked;
      return checked.verified ? checked.authenticationInfo.newCounter : refused('its signature is wrong');
    },
    registered: async (response, expectedChallenge) => {
      const checked = await verifyRegistrationResponse({
        ...{ response, expectedChallenge, expectedOrigin: origin, expectedRPID: rpID },
        requireUserVerification: true,
        supportedAlgorithmIDs: ALGORITHMS,
      }).catch(refused);
      if (checked instanceof Fault) return checked;
      if (!checked.verified) return refused('its signature is wrong');
      const { id, publicKey, counter } = checked.registrationInfo.credential;
      const transports = (response.response.transports ?? []).filter((name) => TRANSPORTS.includes(name));
      return { id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports };
    },
  };
}

/** The library throws for whatever a stranger can send; which part was wrong is for the log of a developer alone. */
function refused(cause: unknown): Fault {
  return new Fault('staff.passkey-refused', 'this passkey does not open anything here', {}, cause);
}

function transportsOf({ transports }: PasskeyRow): AuthenticatorTransport[] {
  return transports.filter((name): name is AuthenticatorTransport => TRANSPORTS.includes(name));
}
