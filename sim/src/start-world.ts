// Puts the simulated world together: broker, Stripe, push service, one display case and the page to play with it.
import type { Server } from 'node:http';
import { accountsOf, startBroker } from './broker/broker.ts';
import { startController } from './case/controller.ts';
import type { Controller, ControllerOptions } from './case/types.ts';
import { cloudHands, type LedgerNews, type LedgerWish } from './cloud-hand.ts';
import { Cabinet } from './shelf/cabinet.ts';
import { createRenderer } from './shelf/renderer.ts';
import { type RunningStripe, startStripe } from './stripe/start-stripe.ts';
import { worldApp } from './world-app.ts';

export interface WorldOptions {
  readonly host: string;
  readonly port: number;
  readonly caseId: string;
  /** Origin of the customer's page, for the "tap here" of the virtual case. */
  readonly publicUrl: string;
  readonly controllerKey: Uint8Array;
  readonly passwords: { readonly cloud: string; readonly controller: string; readonly pi: string };
  readonly brokerPort: number;
  readonly flashFolder: string;
  /** Left out when a person's own Stripe account is used. */
  readonly stripe?: { readonly port: number; readonly secretKey: string; readonly webhookSecret: string };
  readonly limits?: ControllerOptions['limits'];
  /** Asks whoever has the cloud's ledger; without it the page has no hands there. */
  readonly askLedger?: (wish: LedgerWish) => void;
  readonly log?: (line: string) => void;
}

export interface World {
  readonly url: string;
  readonly brokerPort: number;
  readonly cabinet: Cabinet;
  readonly controller: Controller;
  readonly stripe: RunningStripe | undefined;
  /** How the cloud's ledger stands now. */
  ledgerNews(news: LedgerNews): void;
  close(): Promise<void>;
}

/** All of it, or nothing: what had started is stopped again when a later part fails. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const stops: Array<() => unknown> = [];
  const close = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    return { ...(await startParts(options, stops)), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

async function startParts(options: WorldOptions, stops: Array<() => unknown>): Promise<Omit<World, 'close'>> {
  const { caseId, host, passwords, publicUrl, log = () => {} } = options;
  const broker = await startBroker({
    port: options.brokerPort,
    accounts: accountsOf([caseId], { cloud: passwords.cloud, device: (_id, device) => passwords[device] }),
  });
  stops.push(() => broker.close());
  const stripe =
    options.stripe === undefined
      ? undefined
      : await startStripe({
          ...options.stripe,
          publicUrl: `http://localhost:${options.stripe.port}`,
          webhookUrl: `${publicUrl}/api/stripe/webhook`,
          onLog: (line) => log(`stripe: ${line}`),
        });
  if (stripe !== undefined) stops.push(() => stripe.close());
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  let started: Controller | undefined;
  const holds = (one: Controller) => one.face().locked && !one.conditions().boltStuck;
  const cabinet = new Cabinet({ seed: 1, locked: () => started === undefined || holds(started) });
  const controller = await startController({
    caseId,
    key: options.controllerKey,
    broker: { host: '127.0.0.1', port: broker.port, username: `${caseId}-controller`, password: passwords.controller },
    cabinet,
    flashFolder: options.flashFolder,
    onChange: changed,
    log: (line) => log(`controller: ${line}`),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
  });
  stops.push(() => controller.stop());
  started = controller;

  const cloud = options.askLedger === undefined ? undefined : cloudHands(options.askLedger, changed);
  const app = worldApp({
    caseId,
    publicUrl,
    cabinet,
    face: () => controller.face(),
    controls: controller,
    ...(cloud === undefined ? {} : { cloud }),
    renderer: await createRenderer(),
    changed,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const server = await new Promise<Server>((resolve, reject) => {
    const listening = app.listen(options.port, host, () => resolve(listening));
    listening.once('error', reject);
  });
  stops.push(() => {
    // Live streams never end by themselves.
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : options.port;
  return {
    url: `http://127.0.0.1:${port}`,
    brokerPort: broker.port,
    cabinet,
    controller,
    stripe,
    ledgerNews: (news) => cloud?.heard(news),
  };
}
