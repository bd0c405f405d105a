// The Stripe nodes on a bench: a stand-in of Stripe, an account that leads to it, and a customer with a card.
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { chosen, defineNode } from '@tapcase/define-node';
import type { MoneyMessage, StripeAct } from '@tapcase/domain';
import { type RunningStripe, type StripeOptions, startStripe } from '@tapcase/sim/stripe/start-stripe';
import Stripe from 'stripe';
import type { StripeAccount } from '../../nodes/node-red-contrib-stripe/src/stripe-account/contract.ts';
import stripeAccount from '../../nodes/node-red-contrib-stripe/src/stripe-account/stripe-account.ts';
import { ACTS } from '../../nodes/node-red-contrib-stripe/src/stripe-capture/acts.ts';
import { type Bench, bench, helper, type NodeModule } from './harness.ts';

export const SECRET_KEY = 'sk_test_standin';
export const WEBHOOK_SECRET = 'whsec_standin';

export function startStandin(more: Partial<StripeOptions> = {}): Promise<RunningStripe> {
  return startStripe({ port: 0, secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET, ...more });
}

/** A node of the palette with an account; `account` overrides what the dialog would store. Stops the one before. */
export async function stripeBench(
  port: number,
  node: { readonly type: string; readonly outputs: number; readonly module: NodeModule } & Record<string, unknown>,
  account: Record<string, unknown> = {},
  credentials: Record<string, string> = { secretKey: SECRET_KEY, webhookSecret: WEBHOOK_SECRET },
): Promise<Bench> {
  const { outputs, module, ...config } = node;
  await helper.unload();
  const address = { protocol: 'http', host: '127.0.0.1', port: String(port) };
  return bench({
    node: { id: 'node', account: 'account', ...config },
    outputs,
    modules: [stripeAccount, module],
    configNodes: [{ id: 'account', type: 'stripe-account', live: false, ...address, ...account }],
    credentials: { account: credentials },
  });
}

/** One step of stripe-capture's as a node of its own, so that each can be tried for itself; for `stripeBench`. */
export function rung(act: StripeAct, ...outputs: readonly string[]) {
  const type = `rung-${act}`;
  const module = defineNode({
    type,
    outputs,
    defaults: { account: { value: '' } },
    parseConfig: (raw) => ({ account: chosen(raw, 'account') }),
    parseMessage: (raw) => raw as MoneyMessage,
    build: (config, node) => (message) => ACTS[act](node.use<StripeAccount>(config.account, 'stripe-account'), message),
  });
  return { type, outputs: outputs.length, module };
}

export function sdk(port: number): Stripe {
  return new Stripe(SECRET_KEY, { host: '127.0.0.1', port, protocol: 'http', maxNetworkRetries: 0, telemetry: false });
}

export async function cardHolder(port: number, magic = 'pm_card_visa') {
  const stripe = sdk(port);
  const { id } = await stripe.customers.create({ email: 'ana@example.com' });
  const { id: paymentMethod } = await stripe.paymentMethods.attach(magic, { customer: id });
  return { customer: id, paymentMethod };
}

export interface Scripted {
  readonly port: number;
  /** How often it was asked. */
  readonly asked: () => number;
  close(): Promise<void>;
}

/** A Stripe that always answers the same, for what the stand-in cannot be made to do. */
export async function scripted(answer: (response: ServerResponse) => void): Promise<Scripted> {
  let asked = 0;
  const server: Server = createServer((request, response) => {
    asked += 1;
    request.resume().on('end', () => answer(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked: () => asked,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function errorAnswer(status: number, error: object, headers: Record<string, string> = {}) {
  return (response: ServerResponse) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ error }));
  };
}
