// Decides whether a role may start with the addresses it was given: what leaves this machine goes to somebody proven, over TLS.
import { X509Certificate } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { databaseProblem, isLoopback } from '@tapcase/domain';

type Given = Readonly<Record<string, string>>;

/** All authorities that browsers know are a quarter of it; a file that is larger is something else. */
const CA_BYTES_MAX = 1_000_000;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/**
 * What is wrong, each a sentence that begins with its variable and shows no value. Not asked: cameras and lines of the Pi, which are
 * devices on a wire or in the case's own network, and speak no TLS.
 */
export function connectionProblems(given: Given): readonly string[] {
  const problems = {
    MQTT_CA_FILE: ofAuthorities,
    BROKER_URL: ofBroker,
    CLOUD_URL: ofCloud,
    DATABASE_URL: databaseProblem,
  };
  return [
    ...Object.entries(problems).flatMap(([name, problemOf]) => {
      const value = given[name] ?? '';
      const problem = value === '' ? undefined : problemOf(value);
      return problem === undefined ? [] : [`${name} ${problem}`];
    }),
    ...ofStripe(given),
  ];
}

/** Its pattern was checked: nothing but a host and a port stands behind the scheme. */
function ofBroker(url: string): string | undefined {
  const [, scheme, host = ''] = /^(mqtts?):\/\/(.*):\d+$/.exec(url) ?? [];
  if (scheme === 'mqtts' || isLoopback(host)) return undefined;
  return 'would send the password in the clear: wants mqtts:// for a broker on another machine';
}

function ofAuthorities(path: string): string | undefined {
  try {
    if (statSync(path).size > CA_BYTES_MAX) return `is larger than ${CA_BYTES_MAX} bytes: wants certificates in PEM`;
    const found = readFileSync(path, 'utf8').match(CERTIFICATE) ?? [];
    for (const pem of found) new X509Certificate(pem);
    return found.length > 0 ? undefined : 'holds no certificate: wants the PEM of the authority that signed the broker';
  } catch {
    return 'cannot be read: wants the PEM of the authority that signed the broker';
  }
}

function ofCloud(url: string): string | undefined {
  if (url === 'none') return undefined;
  const { protocol, hostname } = URL.canParse(url) ? new URL(url) : { protocol: '', hostname: '' };
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))) return undefined;
  return 'would send pictures in the clear: wants https:// for a cloud on another machine, or none';
}

/** The key goes with each call. */
function ofStripe({ STRIPE_PROTOCOL = '', STRIPE_HOST = '' }: Given): readonly string[] {
  if (STRIPE_PROTOCOL !== 'http' || STRIPE_HOST === '' || isLoopback(STRIPE_HOST)) return [];
  return ['STRIPE_PROTOCOL would send the key in the clear: wants https for a stand-in on another machine'];
}
