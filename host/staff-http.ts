// The staff's web server before Node-RED: its door, the page of reasons, and what staff's pages ask. Nothing of it is on the
// customers' listener.
import express, { type Express, type RequestHandler } from 'express';
import { appFiles } from './app-files.ts';
import { securityHeaders } from './headers.ts';
import { bareApp } from './http.ts';
import { answerError } from './http-error.ts';
import { DESK_PATH, EDITOR_PATH, PAGES, routesOf } from './routes.ts';
import { isUnder, type StaffDoor } from './staff-door.ts';
import { isTaken, takeRoutes } from './table.ts';

export interface StaffAppOptions {
  /** Origin that staff use. */
  readonly staffUrl: string;
  /** Built PWA: the page of reasons is one of its. */
  readonly pwaFolder: string;
  readonly picturesFolder: string;
  readonly door: StaffDoor;
  /** Signing in, the team and their pages, to which the door does not apply: they are the way to it. */
  readonly identity: RequestHandler;
  /** As `ShopAppOptions` has it. */
  readonly trustProxy?: string;
}

export function staffApp({
  staffUrl,
  pwaFolder,
  picturesFolder,
  door,
  identity,
  trustProxy,
}: StaffAppOptions): Express {
  const pwa = appFiles(pwaFolder);
  const app = bareApp(trustProxy);
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
  app.use(identity);
  app.use(door.middleware);
  app.use(takeRoutes({ routes: routesOf('staff'), origin: staffUrl }));
  app.get([...PAGES.staff], pwa.page());
  app.use('/pictures', express.static(picturesFolder, { maxAge: '1h', index: false, redirect: false }));
  // Not its worker, which would stay between staff and this server.
  app.use((request, response, next) => {
    if (request.path.startsWith('/assets/')) pwa.files(request, response, next);
    else next();
  });
  app.use(onlyStaffs);
  return app;
}

/** The end of whatever Node-RED is not to hear of. What staff send to editor and desk is larger than a route's, and their own. */
export const onlyStaffs: RequestHandler = (request, response, next) => {
  if (isUnder(request.path, EDITOR_PATH) || isUnder(request.path, DESK_PATH) || isTaken(response)) next();
  else answerError(response, 404, 'api.unknown');
};
