// A stand-in in a process of its own, to be killed: node stripe-process.ts FILE. Tells its port to whoever forked it.
import { startStripe } from '@tapcase/sim/stripe/start-stripe';
import { SECRET_KEY, WEBHOOK_SECRET } from './stripe-bench.ts';

const [stateFile = ''] = process.argv.slice(2);
const { port } = await startStripe({ port: 0, secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET, stateFile });
process.send?.(port);
process.on('disconnect', () => process.exit(0));
