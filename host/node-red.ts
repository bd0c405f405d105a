// Starts one Node-RED inside an Express app and says when its flows run, or in one sentence why they do not.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Fault } from '@tapcase/domain';
import express, { type ErrorRequestHandler, type Express, type NextFunction } from 'express';
import { DESK_PATH, EDITOR_PATH, type Settings, type SettingsDoor } from '../settings.ts';
import { type Happening, type Hooks, watchFlows } from './happenings.ts';
import { answerError, answerStarting } from './http-error.ts';
import { surviveOwnMistakes } from './own-mistakes.ts';

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

/** A socket is taken as it comes, or never. */
const UNTAKEN_MS_MAX = 10_000;

export interface RunningNodeRed {
  readonly server: Server;
  stop(): Promise<void>;
}

export interface NodeRedOptions {
  readonly app: Express;
  readonly settings: Settings;
  readonly door: SettingsDoor;
  readonly host: string;
  readonly port: number;
  /** Routes that come after Node-RED's own. */
  readonly after?: (app: Express) => void;
  readonly log: (line: string, isError: boolean) => void;
  /** Hears what happens in the flows; without it no message is looked at. */
  readonly happened?: (happening: Happening) => void;
}

/** Node-RED loads nodes from disk; on a slow card or a busy machine this takes a while, but never this long. */
const START_MS_MAX = 300_000;

/** Resolves once the flows run. One per process: Node-RED keeps its state in module globals. */
export async function startNodeRed({
  app,
  settings,
  door,
  host,
  port,
  after,
  log,
  happened,
}: NodeRedOptions): Promise<RunningNodeRed> {
  const RED = require('node-red') as Runtime;
  const server = createServer(app);
  const behind = serverBehind(app, server, door);
  RED.init(behind.server, settings);
  let isRunning = false;
  app.use((_request, response, next) => (isRunning ? next() : answerStarting(response)));
  // Else whoever asks has a session before anybody knows who it is.
  app.use(`${DESK_PATH}/socket.io`, door.desk.middleware);
  behind.app.use(String(settings.httpAdminRoot), RED.httpAdmin);
  behind.app.use(String(settings.httpNodeRoot), RED.httpNode);
  behind.open();
  after?.(app);
  app.use(unreadable);
  await listen(server, host, port);
  const started = flowsStarted(RED);
  const endSurvival = surviveOwnMistakes(log);
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
      endSurvival();
    },
  };
}

/** What Node-RED's own parsers could not read, and whatever else went wrong: without a word of how we are made. */
const unreadable: ErrorRequestHandler = (error: { readonly status?: number }, _request, response, _next) => {
  answerError(response, error.status !== undefined && error.status < 500 ? error.status : 500, 'api.bad-request');
};

interface Behind {
  /** For Node-RED: it is never listened to. */
  readonly server: Server;
  readonly app: Express;
  /** Once all of Node-RED's routes are in `app`. */
  open(): void;
}

/**
 * Node-RED puts a reader of whole bodies before everything else in the app that it is in, and its dashboard takes requests from
 * the server before any app: so both are of its own, and hear of what has passed ours.
 */
function serverBehind(front: Express, listening: Server, door: SettingsDoor): Behind {
  const app = express();
  app.disable('x-powered-by');
  const server = createServer(app);
  const onward = new WeakMap<IncomingMessage, NextFunction>();
  listening.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Nobody else listens to it any more: one that is reset would end the process.
    socket.on('error', () => socket.destroy());
    // Whoever takes it takes the limit off; one that nobody takes would stay for ever.
    if (socket instanceof Socket) socket.setTimeout(UNTAKEN_MS_MAX, () => socket.destroy());
    if (mayUpgrade(request, door)) server.emit('upgrade', request, socket, head);
    else socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n');
  });
  return {
    server,
    app,
    open: () => {
      front.use((request, response, next) => {
        onward.set(request, next);
        server.emit('request', request, response);
      });
      app.use((request) => onward.get(request)!());
      const failed: ErrorRequestHandler = (error, request, _response, _next) => onward.get(request)!(error);
      app.use(failed);
    },
  };
}

/** Staff's sockets are staff's; one of an operator's own flow is for whom that flow lets in. */
function mayUpgrade(request: IncomingMessage, { editor, desk }: SettingsDoor): boolean {
  const url = request.url ?? '';
  if (!URL.canParse(url, 'http://shop')) return false;
  // Some read the address as it came, others what it comes down to.
  const leadsTo = (root: string) => [url, new URL(url, 'http://shop').pathname].some((path) => path.startsWith(root));
  if (leadsTo(EDITOR_PATH)) return editor.lets(request);
  return leadsTo(DESK_PATH) ? desk.isStaff(request) : true;
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
