// Decides whether a PostgreSQL address may be used: on another machine only over TLS with name and chain verified.
import { isLoopback } from './loopback.ts';

/**
 * The one word of `sslmode` that means the same to every version of every driver (postgresql.org/docs/current/libpq-ssl.html).
 * `require` encrypts to whoever answers; `no-verify` is a word of node-postgres for the same.
 */
const VERIFIED = 'verify-full';

/** Scheme, whose password, host, port, database, parameters: as a URL is divided (url.spec.whatwg.org, 4.4). Nothing else stands in one. */
const ADDRESS =
  /^postgres(?:ql)?:\/\/(?:[^/?#]*@)?(?<host>\[[^\]/?#]*\]|[^:/?#[\]]*)(?::\d*)?(?:\/[^?#]*)?(?:\?(?<parameters>[^#]*))?$/;
/** A URL's reader passes over some of these, and would read another word than we do. */
const BLANK = /\s|\p{Cc}/u;

/** What is wrong with it, without a word of it: it carries the password. undefined: it may be used. */
export function databaseProblem(address: string): string | undefined {
  const found = BLANK.test(address) ? undefined : ADDRESS.exec(address)?.groups;
  if (found === undefined) return 'is no address of a database';
  const parameters = (found.parameters ?? '').split('&').map((each) => each.split('=').map(decoded));
  const valuesOf = (wanted: string) => parameters.flatMap(([name, value = '']) => (name === wanted ? [value] : []));
  // A host among the parameters wins over the one in its place (pg-connection-string).
  const ways = valuesOf('host');
  const hosts = ways.length > 0 ? ways : [decoded(found.host ?? '')];
  if (hosts.includes('')) return 'names no host';
  if (hosts.every((host) => host.startsWith('/') || isLoopback(host))) return undefined;
  const modes = valuesOf('sslmode');
  if (modes.length === 1 && modes[0] === VERIFIED) return undefined;
  return `of another machine wants ?sslmode=${VERIFIED}, with &sslrootcert=FILE for an authority of your own`;
}

/** A folder with a socket stands percent-encoded where a host would. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
