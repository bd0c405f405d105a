// The cloud that strangers storm, alone in its process: no supervisor hides that it ended. Says what it holds when it is asked.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { startCloud } from '../../../host/roles.ts';

export interface Holds {
  readonly kind: 'holds';
  /** Of what is used, after everything that nobody needs is gone. */
  readonly heapMb: number;
  readonly residentMb: number;
  /** Open connections of every kind: phones', the broker's, Stripe's. */
  readonly sockets: number;
}

const MB = 1024 * 1024;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

process.on('message', (message: { kind?: string }) => {
  if (message.kind !== 'holds') return;
  // What the first round frees may have held something: the second takes that.
  collect();
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  process.send?.({ kind: 'holds', heapMb: heapUsed / MB, residentMb: rss / MB, sockets } satisfies Holds);
});
process.on('disconnect', () => process.exit(0));

await startCloud({ source: process.env, log: console.log });
process.send?.({ kind: 'ready' });
