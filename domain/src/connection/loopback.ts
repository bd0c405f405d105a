// Decides what is this very machine. Told by the address itself: what a name resolves to is somebody else's word.

/** Four whole numbers and no more: `127.0.0.1.evil.example` is a name, and so is `127.1`, whatever a resolver makes of it. */
const IPV4_LOOPBACK = /^127(\.(0|[1-9]\d?|1\d\d|2[0-4]\d|25[0-5])){3}$/;
const NAMED: ReadonlySet<string> = new Set(['localhost', '::1', '0:0:0:0:0:0:0:1']);

/** `host` as it stands in an address, also in the brackets of IPv6. RFC 6761, 6.3: `localhost` is never asked of the DNS. */
export function isLoopback(host: string): boolean {
  const plain = (/^\[(.*)\]$/.exec(host)?.[1] ?? host).toLowerCase();
  return NAMED.has(plain) || IPV4_LOOPBACK.test(plain);
}
