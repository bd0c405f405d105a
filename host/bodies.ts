// Reads the bodies of strangers' requests as a table of routes says, before any flow hears of them.
import type { IncomingMessage } from 'node:http';
import express, { type ErrorRequestHandler, type RequestHandler, type Router } from 'express';
import * as v from 'valibot';
import { answerError } from './http-error.ts';
import { BODY_BYTES_MAX, type Body, type Route } from './routes.ts';

/** Of a body for an operator's own flow: more than anybody writes by hand, and nothing to a stack. */
const OWN_DEPTH_MAX = 20;

interface Taken {
  readonly routes: readonly Route[];
  /** Below these nothing is but the routes. */
  readonly roots: readonly string[];
}

/**
 * A request that is one of the routes goes on with `request.body` read; one below the roots that is none is answered here. Any
 * other is an operator's own or nobody's, and goes on as it came, unless it is deep JSON.
 */
export function readBodies({ routes, roots }: Taken): Router {
  const router = express.Router();
  for (const { method, path, body } of routes) router[method](path, ...readersOf(body), leave);
  if (roots.length > 0) router.use([...roots], (_request, response) => answerError(response, 404, 'api.unknown'));
  router.use(ownBody);
  router.use(unreadable);
  return router;
}

const json = express.json({ limit: BODY_BYTES_MAX });
const leave: RequestHandler = (_request, _response, next) => next('router');

function readersOf(body: Body | undefined): RequestHandler[] {
  switch (body?.kind) {
    case 'json':
      return [json, ofShape(body.schema)];
    case 'bytes':
      return [express.raw({ limit: body.max, type: () => true })];
    default:
      return [];
  }
}

/** No body is an empty one: whether fields are missing the schema knows. */
function ofShape(schema: v.GenericSchema): RequestHandler {
  return (request, response, next) => {
    const read = v.safeParse(schema, request.body ?? {});
    if (!read.success) return answerError(response, 400, 'request.invalid');
    request.body = read.output;
    next();
  };
}

/** Not taken from the stream: a node may be told to hand on the bytes as they came, to check a signature over them. */
const ownBody: RequestHandler = (request, response, next) => {
  const bytes = Number(request.headers['content-length'] ?? 0);
  if (request.headers['transfer-encoding'] !== undefined || bytes > BODY_BYTES_MAX) {
    return answerError(response, 413, 'api.too-large');
  }
  if (bytes === 0 || !request.is(['json', '+json'])) return next();
  // What is squeezed may be any depth once it is not.
  if (request.headers['content-encoding'] !== undefined) return answerError(response, 415, 'api.bad-request');
  peek(request, bytes).then((body) => {
    const value = parsed(body);
    if (value === undefined) return answerError(response, 400, 'request.not-json');
    if (isDeeper(value, OWN_DEPTH_MAX)) return answerError(response, 400, 'request.invalid');
    next();
  }, next);
};

/** The body, put back for whoever reads it next. Rejects where the request ends early. */
function peek(request: IncomingMessage, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let missing = bytes;
    const ended = () => finish(() => reject(new Error('the request ended early')));
    const take = () => {
      for (let chunk: Buffer | null = request.read(); chunk !== null; chunk = request.read()) {
        chunks.push(chunk);
        missing -= chunk.length;
        // Before the end is read, for then nothing can be put back.
        if (missing <= 0) break;
      }
      if (missing > 0) return;
      finish(() => {
        const body = Buffer.concat(chunks);
        request.unshift(body);
        resolve(body);
      });
    };
    const finish = (act: () => void) => {
      request.off('readable', take).off('end', ended).off('close', ended).off('error', ended);
      act();
    };
    request.on('readable', take).on('end', ended).on('close', ended).on('error', ended);
  });
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** No recursion: whether there may be one is the question. */
function isDeeper(value: unknown, levels: number): boolean {
  const nests = (each: unknown): each is object => typeof each === 'object' && each !== null;
  let level = [value].filter(nests);
  for (let depth = 1; level.length > 0; depth += 1) {
    if (depth > levels) return true;
    level = level.flatMap((each) => Object.values(each).filter(nests));
  }
  return false;
}

interface ReadError {
  readonly status?: number;
  readonly type?: string;
}

/** Of express.json and express.raw, by the number they put on the error. */
const unreadable: ErrorRequestHandler = ({ status = 400, type }: ReadError, _request, response, _next) => {
  if (type === 'entity.parse.failed') return answerError(response, 400, 'request.not-json');
  if (status === 413) return answerError(response, 413, 'api.too-large');
  answerError(response, status < 500 ? status : 400, 'api.bad-request');
};
