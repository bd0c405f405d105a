// Flows that use the Stripe nodes, as they are shipped, in a real Node-RED against the stand-in: pressed, and seen at their ends.
import { createRequire } from 'node:module';
import stripeAccount from '../../nodes/node-red-contrib-stripe/src/stripe-account/stripe-account.ts';
import stripeCall from '../../nodes/node-red-contrib-stripe/src/stripe-call/stripe-call.ts';
import stripePage from '../../nodes/node-red-contrib-stripe/src/stripe-page/stripe-page.ts';
import { within } from '../patience.ts';
import { helper, type Message, type NodeModule } from './harness.ts';
import { SECRET_KEY, WEBHOOK_SECRET } from './stripe-bench.ts';

const require = createRequire(import.meta.url);
const core = (file: string) => require(`@node-red/nodes/core/${file}.js`) as NodeModule;
const MODULES: readonly NodeModule[] = [
  core('common/20-inject'),
  core('common/25-catch'),
  core('function/10-function'),
  core('function/15-change'),
  core('sequence/17-split'),
  stripeAccount,
  stripeCall,
  stripePage,
];

export type FlowNode = Readonly<Record<string, unknown>> & { readonly id: string; readonly type: string };

/** Debug nodes become ends that can be listened at; every account leads to the stand-in. */
export async function loadFlow(port: number, nodes: readonly FlowNode[]): Promise<void> {
  const address = { protocol: 'http', host: '127.0.0.1', port: String(port) };
  const secrets = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET };
  const accounts = nodes.filter(({ type }) => type === 'stripe-account');
  const flow = nodes
    .filter(({ type }) => type !== 'comment')
    .map((node) => (node.type === 'stripe-account' ? { ...node, ...address } : node))
    .map((node) => (node.type === 'debug' ? { ...node, type: 'helper' } : node));
  const credentials = Object.fromEntries(accounts.map(({ id }) => [id, secrets]));
  await helper.load(MODULES, flow, credentials, () => {});
}

/** Presses one node, and resolves with the next message at the end. */
export function press(id: string, end: string, message: Message = {}): Promise<Message> {
  const arrived = new Promise<Message>((resolve) => {
    helper.getNode(end).once('input', resolve as never);
  });
  helper.getNode(id).receive(message);
  return within(`a message at ${end}`, arrived);
}
