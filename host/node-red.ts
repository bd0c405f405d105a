// Starts one Node-RED inside an Express app and says when its flows run, or in one sentence why they do not.
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { Fault } from '@tapcase/domain';
import type { Express } from 'express';
import type { Settings } from '../settings.ts';
import { type Happening, type Hooks, watchFlows } from './happenings.ts';

const require = createRequire(import.meta.url);
// Node-RED is CommonJS; its published types lack the events and the flow state that are read here.
interface Runtime {
  init(server: Server, settings: Settings): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpAdmin: Express;
  readonly httpNode: Express;
  readonly hooks: Hooks;
  readonly events: {
    once(name: string, listener: () => void): void;
    on(name: string, listener: (event: RuntimeEvent) => void): void;
    off(name: string, listener: (event: RuntimeEvent) => void): void;
  };
}
interface RuntimeEvent {
  readonly id?: string;
  readonly payload?: { readonly state?: string; readonly error?: string; readonly types?: readonly string[] };
}

export interface RunningNodeRed {
  readonly server: Server;
  stop(): Promise<void>;
}

export interface NodeRedOptions {
  readonly app: Express;
  readonly settings: Settings;
  readonly host: string;
  readonly port: number;
  /** Routes that come after Node-RED's own. */
  readonly after?: (app: Express) => void;
  /** Hears what happens in the flows; without it no message is looked at. */
  readonly happened?: (happening: Happening) => void;
}

/** Node-RED loads nodes from disk; on a slow card or a busy machine this takes a while, but never this long. */
const START_MS_MAX = 300_000;

/** Resolves once the flows run. One per process: Node-RED keeps its state in module globals. */
export async function startNodeRed({
  app,
  settings,
  host,
  port,
  after,
  happened,
}: NodeRedOptions): Promise<RunningNodeRed> {
  const RED = require('node-red') as Runtime;
  const server = createServer(app);
  RED.init(server, settings);
  let isRunning = false;
  // Without the flows every path looks unknown, and a phone would take that for an answer.
  app.use((_request, response, next) => {
    if (isRunning) return next();
    const error = { code: 'shop.starting', message: 'The shop is starting. Please try again in a moment.' };
    response.status(503).set('Retry-After', '1').json({ error });
  });
  app.use(String(settings.httpAdminRoot), RED.httpAdmin);
  app.use(String(settings.httpNodeRoot), RED.httpNode);
  after?.(app);
  await listen(server, host, port);
  const started = flowsStarted(RED);
  const unwatch = happened === undefined ? undefined : watchFlows(RED.hooks, happened);
  await RED.start();
  await started;
  isRunning = true;
  return {
    server,
    stop: async () => {
      // Open event streams would keep the server alive for ever.
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await RED.stop();
      unwatch?.();
    },
  };
}

function flowsStarted(RED: Runtime): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Fault('start.flows-silent', `the flows did not start within ${START_MS_MAX / 1000} s`));
    }, START_MS_MAX);
    // Missing node types or modules arrive as a runtime state instead of an error.
    const onEvent = ({ id, payload }: RuntimeEvent) => {
      if (id !== 'runtime-state' || payload?.state !== 'stop') return;
      clearTimeout(timer);
      const why = [payload.error ?? 'stopped', ...(payload.types ?? [])].join(' ');
      reject(new Fault('start.flows-stopped', `the flows cannot run: ${why}`));
    };
    RED.events.on('runtime-event', onEvent);
    RED.events.once('flows:started', () => {
      clearTimeout(timer);
      RED.events.off('runtime-event', onEvent);
      resolve();
    });
  });
}

export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE') return reject(error);
      reject(new Fault('start.port-in-use', `Port ${port} is in use. Stop what uses it, or choose another.`, { port }));
    });
    server.listen(port, host, resolve);
  });
}
