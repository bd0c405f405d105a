// The proof's broker, a process of its own so that it can be killed: node prove/broker.ts PORT CASES CLOUD DEVICES
import { accountsOf, startBroker } from '@tapcase/sim/broker/broker';

const [port = '', cases = '', cloud = '', device = ''] = process.argv.slice(2);
await startBroker({ port: Number(port), accounts: accountsOf(cases.split(','), { cloud, device: () => device }) });
process.send?.({ kind: 'ready' });
process.on('disconnect', () => process.exit(0));
