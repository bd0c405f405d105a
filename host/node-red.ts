// Starts one Node-RED behind one or more web servers of ours and says when its flows run, or in one sentence why they do not.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Fault } from '@tapcase/domain';
import express, { type ErrorRequestHandler, type Express, type NextFunction } from 'express';
import type { Settings } from '../settings.ts';
import { boundBacklog } from './backlog.ts';
import { type Happening, type Hooks, watchFlows } from './happenings.ts';
import { answerError, answerStarting } from './http-error.ts';
import { surviveOwnMistakes } from './own-mistakes.ts';
import { PATIENCE, webServer } from './web-server.ts';

const require = createRequire(import.meta.url);
// Node-RED is CommonJS; its published types lack the events and the flow state that are read here.
interface Runtime {
  init(server: Server, settings: Settings): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  readonly httpAdmin: Express;
  readonly httpNode: Express;
  readonly nodes: { getNode(id: string): unknown };
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

/** A socket is taken as it comes, or never. */
const UNTAKEN_MS_MAX = 10_000;

export interface RunningNodeRed {
  stop(): Promise<void>;
}

/** One of our web servers. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  /** What comes before Node-RED; whatever it hands on, Node-RED hears of. */
  readonly app: Express;
  /** Whether editor and admin API are reached by it. */
  readonly hasEditor: boolean;
  /** Before Node-RED hears of a socket: how it is turned away, or that it is not. */
  readonly upgrade: (
    request: IncomingMessage,
  ) => Promise<'passes' | 'unauthorized' | 'forbidden' | 'not-found' | 'too-many'>;
  /** Routes that come after Node-RED's own. */
  readonly after?: (app: Express) => void;
}

export interface NodeRedOptions {
  readonly listeners: readonly Listener[];
  readonly settings: Settings;
  /** As `ShopAppOptions` has it: a flow reads the same address of a phone as we do. */
  readonly trustProxy?: string;
  readonly log: (line: string, isError: boolean) => void;
  /** Hears what happens in the flows; without it no message is looked at. */
  readonly happened?: (happening: Happening) => void;
  /** The flows run; `node` finds what runs by its id, null for what does not. */
  readonly started?: (node: (id: string) => unknown) => void;
}

/** Node-RED loads nodes from disk; on a slow card or a busy machine this takes a while, but never this long. */
const START_MS_MAX = 300_000;

/** Resolves once the flows run. One per process: Node-RED keeps its state in module globals. */
export async function startNodeRed({
  listeners,
  settings,
  trustProxy = '',
  log,
  happened,
  started,
}: NodeRedOptions): Promise<RunningNodeRed> {
  const RED = require('node-red') as Runtime;
  let isRunning = false;
  const behind = serverBehind(trustProxy);
  RED.init(behind.server, settings);
  behind.open(RED, settings);
  const servers = listeners.map((listener) => {
    const { app, after } = listener;
    // Whom the app believes about others' addresses.
    const believes = app.get('trust proxy fn') as (address: string, hops: number) => boolean;
    const server = webServer(app, PATIENCE, (address) => believes(address, 0));
    app.use((_request, response, next) => (isRunning ? next() : answerStarting(response)));
    const upgraded = behind.stand(listener, server);
    after?.(app);
    app.use(unreadable);
    return { server, upgraded };
  });
  await Promise.all(servers.map(({ server }, at) => listen(server, listeners[at]!.host, listeners[at]!.port)));
  const running = flowsStarted(RED);
  const endSurvival = surviveOwnMistakes(log);
  const unwatch = happened === undefined ? undefined : watchFlows(RED.hooks, happened);
  await RED.start();
  await running;
  isRunning = true;
  started?.((id) => RED.nodes.getNode(id));
  return {
    stop: async () => {
      await Promise.all(servers.map(closed));
      await RED.stop();
      unwatch?.();
      endSurvival();
    },
  };
}

interface Standing {
  readonly server: Server;
  /** Sockets that are HTTP no more. */
  readonly upgraded: ReadonlySet<Duplex>;
}

function closed({ server, upgraded }: Standing): Promise<unknown> {
  // Open event streams would keep the server alive for ever; so would the sockets of editor and desk, which it counts no more.
  server.closeAllConnections();
  for (const socket of upgraded) socket.destroy();
  return new Promise((resolve) => server.close(resolve));
}

/** What Node-RED's own parsers could not read, and whatever else went wrong: without a word of how we are made. */
const unreadable: ErrorRequestHandler = (error: { readonly status?: number }, _request, response, _next) => {
  answerError(response, error.status !== undefined && error.status < 500 ? error.status : 500, 'api.bad-request');
};

interface Behind {
  /** For Node-RED: it is never listened to. */
  readonly server: Server;
  /** All of Node-RED's routes, once it has them. */
  open(RED: Pick<Runtime, 'httpAdmin' | 'httpNode'>, settings: Settings): void;
  /** Node-RED hears of what passes the listener from here on, and of its sockets: those that are open are in the answer. */
  stand(listener: Listener, server: Server): ReadonlySet<Duplex>;
}

interface Passed {
  readonly next: NextFunction;
  readonly listener: Listener;
}

/**
 * Node-RED puts a reader of whole bodies before everything else in the app that it is in, and its dashboard takes requests from
 * the server before any app: so both are of its own, and hear of what has passed ours.
 */
function serverBehind(trustProxy: string): Behind {
  const app = express();
  if (trustProxy !== '') app.set('trust proxy', trustProxy);
  app.disable('x-powered-by');
  const server = createServer(app);
  /** Who took each request, and where it goes on when Node-RED does not want it. */
  const passed = new WeakMap<IncomingMessage, Passed>();
  return {
    server,
    open: ({ httpAdmin, httpNode }, { httpAdminRoot, httpNodeRoot }) => {
      app.use(String(httpAdminRoot), (request, response, next) => {
        if (passed.get(request)!.listener.hasEditor) httpAdmin(request, response, next);
        else next();
      });
      app.use(String(httpNodeRoot), httpNode);
      app.use((request) => passed.get(request)!.next());
      const failed: ErrorRequestHandler = (error, request, _response, _next) => passed.get(request)!.next(error);
      app.use(failed);
    },
    stand: (listener, listening) => {
      const upgraded = new Set<Duplex>();
      listener.app.use((request, response, next) => {
        passed.set(request, { next, listener });
        server.emit('request', request, response);
      });
      listening.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        // Nobody else listens to it any more: one that is reset would end the process.
        socket.on('error', () => socket.destroy());
        boundBacklog(socket);
        upgraded.add(socket);
        socket.on('close', () => upgraded.delete(socket));
        // Whoever takes it takes the limit off; one that nobody takes would stay for ever.
        if (socket instanceof Socket) socket.setTimeout(UNTAKEN_MS_MAX, () => socket.destroy());
        // As Express does with the others: by whom it trusts it knows whose address theirs is.
        Object.setPrototypeOf(request, listener.app.request);
        const hand = async () => {
          const answer = await listener.upgrade(request);
          if (socket.destroyed) return;
          if (answer === 'passes') server.emit('upgrade', request, socket, head);
          else socket.end(`HTTP/1.1 ${TURNED_AWAY[answer]}\r\nConnection: close\r\n\r\n`);
        };
        hand().catch(() => socket.destroy());
      });
      return upgraded;
    },
  };
}

const TURNED_AWAY = {
  unauthorized: '401 Unauthorized',
  forbidden: '403 Forbidden',
  'not-found': '404 Not Found',
  'too-many': '429 Too Many Requests',
} as const;

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
