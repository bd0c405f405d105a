// The staff's web server before Node-RED: where they sign in, its door, the page of reasons, and what staff's pages ask. Nothing of
// it is on the customers' listener.
import type { IncomingMessage } from 'node:http';
import { Fault, type Permission } from '@tapcase/domain';
import express, { type Express, type Request, type RequestHandler, type Router } from 'express';
import { appFiles } from './app-files.ts';
import { DEVICE_PAGES } from './desk.ts';
import { EDGE_PATH } from './edge-token.ts';
import { securityHeaders } from './headers.ts';
import { bareApp } from './http.ts';
import { answerError } from './http-error.ts';
import { DESK_PATH, EDITOR_PATH, PAGES, routesOf } from './routes.ts';
import { answerFault } from './staff/answers.ts';
import { isUnder, plainTarget, type StaffDoor, type StaffDoorOptions } from './staff-door.ts';
import { isTaken, takeRoutes } from './table.ts';

export interface StaffServerOptions {
  /** Origin that staff use. */
  readonly staffUrl: string;
  /** Built PWA: the page of reasons is one of its. */
  readonly pwaFolder: string;
  readonly picturesFolder: string;
  /** Where one signs in, and what everybody of the staff has: before the door. */
  readonly pages: Router;
  readonly door: StaffDoor;
  /** What of the editor and for the Pis is answered here; after the door. */
  readonly own: readonly Router[];
  /** As `ShopAppOptions` has it. */
  readonly trustProxy?: string;
}

export function staffServer(options: StaffServerOptions): Express {
  const { staffUrl, pwaFolder, picturesFolder, pages, door, own, trustProxy } = options;
  const pwa = appFiles(pwaFolder);
  const app = bareApp(trustProxy);
  app.use(pages);
  const headers = securityHeaders(staffUrl);
  app.use((request, response, next) => {
    const { path } = request;
    const chosen = isUnder(path, EDITOR_PATH)
      ? headers.editor
      : isUnder(path, DESK_PATH)
        ? headers.desk
        : headers.pages;
    chosen(request, response, next);
  });
  app.use(door.middleware);
  app.use(noOtherWayIn);
  for (const router of own) app.use(router);
  app.use(takeRoutes({ routes: routesOf('staff'), origin: staffUrl }));
  app.get([...PAGES.staff], pwa.page());
  app.use('/pictures', express.static(picturesFolder, { maxAge: '1h', index: false, redirect: false }));
  // Not its worker, which would stay between staff and this server.
  app.use((request, response, next) => {
    if (request.path.startsWith('/assets/') || request.path === '/icon.svg') pwa.files(request, response, next);
    else next();
  });
  app.use(onlyStaffs);
  return app;
}

/** What the cloud's paths need. What is not named is Node-RED's to find, and may be about money. */
export function staffNeeds(path: string, isPage: boolean): Permission | 'anybody' {
  // What flows keep in memory, of visits too.
  if (isUnder(path, `${EDITOR_PATH}/context`)) return 'money.see';
  if (isUnder(path, EDITOR_PATH)) return editorNeeds(path);
  if (isUnder(path, DESK_PATH)) {
    // The page itself is the same file for all; what is on it comes by the socket, and is chosen there (desk.ts).
    const isDevices = path === DESK_PATH || DEVICE_PAGES.some((page) => path === `${DESK_PATH}${page}`);
    return isPage && !isDevices ? 'money.see' : 'device.see';
  }
  if (path === EDGE_PATH) return 'device.see';
  if (path === '/api/staff/reviews.jsonl') return 'reviews.decide';
  if (path === '/' || path === '/icon.svg' || isUnder(path, '/pictures') || isUnder(path, '/assets')) return 'anybody';
  return 'money.see';
}

/** What the shop does for longer than for any other page: milliseconds of its one loop, by some two. Small letters. */
const HEAVY: Readonly<Record<string, number>> = {
  [`${EDITOR_PATH}/flows`]: 5,
  // A line in the log of who did what.
  [EDGE_PATH]: 10,
};
/** The dialogs of all nodes, put together anew each time: 64 ms. As JSON the same address is a list of names. */
const DIALOGS = `${EDITOR_PATH}/nodes`;
const DIALOGS_COST = 100;
/** A body is parsed before Node-RED asks who may send it: of one megabyte for 200 ms. */
const BYTES_A_COST = 4 * 1024;
/** Of a body that does not say how large it is; Node-RED reads 2 MB of it (settings.ts). */
const ENDLESS_COST = 500;

export function staffCosts(path: string, { headers }: IncomingMessage): number {
  const bytes = Number(headers['content-length'] ?? 0);
  const body = headers['transfer-encoding'] === undefined ? Math.floor(bytes / BYTES_A_COST) : ENDLESS_COST;
  const plain = path.replace(/\/$/, '');
  const isDialogs = plain === DIALOGS && headers.accept !== 'application/json';
  return (isDialogs ? DIALOGS_COST : (HEAVY[plain] ?? 1)) + body;
}

/** On a Pi nothing is about money. */
export function edgeNeeds(path: string): Permission {
  return isUnder(path, EDITOR_PATH) ? editorNeeds(path) : 'device.see';
}

function editorNeeds(path: string): Permission {
  // What is there goes into a tab of one's own; of what is not there the log has a line, with its whole name.
  return isUnder(path, `${EDITOR_PATH}/library`) ? 'flows.own' : 'flows.read';
}

/** Where and how the cloud's staff are asked who they are. */
export const cloudAsks: Pick<StaffDoorOptions, 'signInUrl' | 'ask'> = {
  signInUrl: ({ originalUrl }: Request) => {
    const next = plainTarget(originalUrl);
    return next === undefined ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
  },
  ask: (response) => answerFault(response, new Fault('staff.signed-out', 'nobody is signed in')),
};

/** Nobody signs in at the editor; and nobody reads the dashboard's memory past its socket. */
const noOtherWayIn: RequestHandler = (request, response, next) => {
  // As Express compares: in any letters, with a slash at the end or without.
  const path = request.path.toLowerCase().replace(/\/$/, '');
  const isClosed = path === `${EDITOR_PATH}/auth/token` || isUnder(path, `${DESK_PATH}/_debug`);
  if (isClosed) answerError(response, 404, 'api.unknown');
  else next();
};

/** The end of whatever Node-RED is not to hear of. What staff send to editor and desk is larger than a route's, and their own. */
export const onlyStaffs: RequestHandler = (request, response, next) => {
  if (isUnder(request.path, EDITOR_PATH) || isUnder(request.path, DESK_PATH) || isTaken(response)) next();
  else answerError(response, 404, 'api.unknown');
};
