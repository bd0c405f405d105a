// What the simulated world answers over HTTP: the case's controls and cameras, the push service, the virtual case's page.
import { fileURLToPath } from 'node:url';
import express, { type ErrorRequestHandler, type Express, type Response } from 'express';
import { type CaseApiOptions, caseApi } from './case/case-api.ts';
import { pushService } from './push/push-service.ts';
import { PICTURES_FOLDER } from './shelf/sprites.ts';

export interface WorldAppOptions extends CaseApiOptions {
  /** Origin of the customer's page, for the "tap here" of the virtual case. */
  readonly publicUrl: string;
}

const PAGE_FOLDER = fileURLToPath(new URL('./virtual/', import.meta.url));
/** The page loads nothing from elsewhere and nobody frames it. */
const PAGE_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export function worldApp({ publicUrl, ...options }: WorldAppOptions): Express {
  const app = express().disable('x-powered-by');
  app.use(pushService());
  app.use('/sim/cases/:id', caseApi(options));
  app.get('/sim/public-url', (_request, response) => void response.json({ publicUrl }));
  app.use('/pictures', express.static(PICTURES_FOLDER, { index: false }));
  app.use('/virtual', express.static(PAGE_FOLDER, { index: false }));
  app.get('/case/:id/virtual', (request, response) => {
    if (request.params.id !== options.caseId) return refuse(response, 404, 'case.unknown', 'There is no such case.');
    response.set('content-security-policy', PAGE_POLICY).sendFile('index.html', { root: PAGE_FOLDER });
  });
  app.use((_request, response) => refuse(response, 404, 'sim.not-found', 'There is nothing here.'));
  app.use(badRequest);
  return app;
}

/** A body that is no JSON or too long, a path that is no text: one shape of answer, and no stack trace. */
const badRequest: ErrorRequestHandler = (error: { status?: unknown }, _request, response, next) => {
  if (response.headersSent) return next(error);
  const status = typeof error.status === 'number' && error.status >= 400 && error.status < 500 ? error.status : 500;
  if (status === 500) refuse(response, 500, 'sim.broken', 'The simulator failed.');
  else refuse(response, status, 'sim.bad-request', 'The request is malformed.');
};

function refuse(response: Response, status: number, code: string, message: string): void {
  response.status(status).json({ error: { code, message } });
}
