// Stripe's stand-in for the settle benchmark, in a process of its own as Stripe is: node bench/stripe-double.ts KEY SECRET
import { startStripe } from '@tapcase/sim/stripe/start-stripe';

const [secretKey = '', webhookSecret = ''] = process.argv.slice(2);
const { port } = await startStripe({ port: 0, secretKey, webhookSecret });
process.send?.({ kind: 'ready', port });
process.on('disconnect', () => process.exit(0));
