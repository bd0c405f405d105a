// Decides which addresses we post pushes to. Without this a subscription would be a way to have us call any machine.
import { Fault, isLoopback } from '@tapcase/domain';

/** Chrome and its kin, Firefox, Safari, Edge: where browsers' push services live. */
const KNOWN_HOSTS: ReadonlySet<string> = new Set(['fcm.googleapis.com', 'updates.push.services.mozilla.com']);
const KNOWN_SUFFIXES = ['.push.apple.com', '.notify.windows.com'];

/** Chrome's are about 190 characters, Windows' up to 600. */
const ENDPOINT_LENGTH_MAX = 1_000;

/** undefined when allowed, else `push.bad-endpoint`. Of those in `allowHosts` this machine may also be reached over http. */
export function checkEndpoint(endpoint: string, allowHosts: readonly string[]): Fault | undefined {
  const refuse = (why: string) => new Fault('push.bad-endpoint', `the push address ${why}`);
  if (endpoint.length > ENDPOINT_LENGTH_MAX || !URL.canParse(endpoint)) return refuse('is none');
  // `host` holds the port unless it is the scheme's own.
  const { protocol, host, hostname, port, username, password } = new URL(endpoint);
  if (username !== '' || password !== '') return refuse('carries a password');
  if (allowHosts.includes(host)) {
    const isPrivate = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
    return isPrivate ? undefined : refuse('is not https');
  }
  if (protocol !== 'https:' || port !== '') return refuse('is not https on its own port');
  const known = KNOWN_HOSTS.has(hostname) || KNOWN_SUFFIXES.some((suffix) => hostname.endsWith(suffix));
  return known ? undefined : refuse('is of no push service we know');
}
