// Decides whether a PostgreSQL address may be used: on another machine only over TLS with name and chain verified.
import { isLoopback } from '@tapcase/domain';

/**
 * The one word of `sslmode` that means the same to every version of every driver (postgresql.org/docs/current/libpq-ssl.html).
 * `require` encrypts to whoever answers; `no-verify` is a word of node-postgres for the same.
 */
const VERIFIED = 'verify-full';

/** What is wrong with it, without a word of it: it carries the password. undefined: it may be used. */
export function databaseProblem(address: string): string | undefined {
  // As the driver reads an address that names no host before its path (pg-connection-string).
  const text = address.replace('@/', '@_/');
  if (!URL.canParse(text)) return 'is no address of a database';
  const url = new URL(text);
  const ways = url.searchParams.getAll('host');
  // A host among the parameters wins over the one in its place.
  const hosts = ways.length > 0 ? ways : [text === address ? decoded(url.hostname) : ''];
  if (hosts.includes('')) return 'names no host';
  if (hosts.every((host) => host.startsWith('/') || isLoopback(host))) return undefined;
  const modes = url.searchParams.getAll('sslmode');
  if (modes.length === 1 && modes[0] === VERIFIED) return undefined;
  return `of another machine wants ?sslmode=${VERIFIED}, with &sslrootcert=FILE for an authority of your own`;
}

/** A folder with a socket stands percent-encoded where a host would. */
function decoded(host: string): string {
  try {
    return decodeURIComponent(host);
  } catch {
    return host;
  }
}
