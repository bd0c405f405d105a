// Reads the bodies of strangers' requests as the table of routes says, before any flow hears of them.
import type { IncomingMessage } from 'node:http';
import { UPLOAD_HEADERS } from '@tapcase/domain';
import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import * as v from 'valibot';
import { answerError } from './http-error.ts';
import { boundReading } from './reading.ts';
import { BODY_BYTES_MAX, type Body } from './routes.ts';

/** Of a body for an operator's own flow: more than anybody writes by hand, and nothing to a stack. */
const OWN_DEPTH_MAX = 20;

const MIB = 1024 * 1024;
/**
 * Of the process, each kind for itself: pictures keep no phone waiting, and an own flow that never answers nobody of the shop's.
 * A phone's body has some hundred bytes and a picture some 200 kB, so an address has room for thousands and for forty at once.
 */
const ofPhones = boundReading({ bytesMax: 32 * MIB, addressBytesMax: 2 * MIB });
const ofOwn = boundReading({ bytesMax: 32 * MIB, addressBytesMax: 2 * MIB });
const ofPictures = boundReading({ bytesMax: 128 * MIB, addressBytesMax: 8 * MIB });

// What is counted by its length may not become more of it: neither phones nor cases squeeze what they send.
const json = express.json({ limit: BODY_BYTES_MAX, inflate: false });

/** What a request may carry, and its `request.body` where it is read here. Nothing else goes on. */
export function readersOf(body: Body | undefined): RequestHandler[] {
  switch (body?.kind) {
    case 'json':
      return [bounded(BODY_BYTES_MAX), ofType(body.types), inUtf8, ofPhones, json, ofShape(body.schema)];
    case 'bytes':
      return [
        ...[bounded(body.max), ofType(body.types), looksSigned, ofPictures],
        ...[express.raw({ limit: body.max, type: () => true, inflate: false }), asBytes],
      ];
    case 'unread':
      return [bounded(BODY_BYTES_MAX), ofType(body.types), ofPhones];
    default:
      return [bounded(0)];
  }
}

/** A body without a length could be endless. */
function bounded(bytesMax: number): RequestHandler {
  return (request, response, next) => {
    const isEndless = request.headers['transfer-encoding'] !== undefined;
    if (isEndless || bytesOf(request) > bytesMax) answerError(response, 413, 'api.too-large');
    else next();
  };
}

/** Without a body its type says nothing. */
function ofType(types: readonly string[]): RequestHandler {
  return (request, response, next) => {
    if (bytesOf(request) > 0 && !request.is([...types])) answerError(response, 415, 'request.wrong-type');
    else next();
  };
}

const inUtf8: RequestHandler = (request, response, next) => {
  if (isUtf8(request)) next();
  else answerError(response, 415, 'request.wrong-type');
};

/** In UTF-7 and others a text that is flat here unfolds for whoever reads it by its own letters. However often one is named. */
function isUtf8({ headers }: IncomingMessage): boolean {
  const named = [...(headers['content-type'] ?? '').matchAll(/charset\s*=\s*"?([^\s;"]*)/gi)];
  return named.every(([, charset]) => /^utf-?8$/i.test(charset!));
}

function bytesOf({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? 0);
}

/** Whether there is something to check once the bytes are here; that it is right only the bytes tell (record/picture.ts). */
const looksSigned: RequestHandler = ({ headers }, response, next) => {
  const { [UPLOAD_HEADERS.at]: at, [UPLOAD_HEADERS.mac]: mac } = headers;
  if (/^\d{1,12}$/.test(String(at)) && /^[0-9a-f]{64}$/.test(String(mac))) next();
  else answerError(response, 403, 'picture.bad-signature');
};

/** No body is an empty one: a node that wants bytes has some. `_body` is body-parser's word for "was read": else Node-RED makes a text of it. */
const asBytes: RequestHandler = (request, _response, next) => {
  if (!Buffer.isBuffer(request.body)) Object.assign(request, { body: Buffer.alloc(0), _body: true });
  next();
};

/** No body is an empty one: whether fields are missing the schema knows. */
function ofShape(schema: v.GenericSchema): RequestHandler {
  return (request, response, next) => {
    const read = v.safeParse(schema, request.body ?? {});
    if (!read.success) return answerError(response, 400, 'request.invalid');
    request.body = read.output;
    next();
  };
}

const ownShape: RequestHandler = (request, response, next) => {
  const bytes = bytesOf(request);
  const isForm = Boolean(request.is('urlencoded'));
  if (bytes === 0 || (!isForm && !request.is(['json', '+json']))) return next();
  // What is squeezed may be any depth once it is not.
  if (request.headers['content-encoding'] !== undefined) return answerError(response, 415, 'request.wrong-type');
  if (!isUtf8(request)) return answerError(response, 415, 'request.wrong-type');
  peek(request, bytes).then((body) => {
    if (isForm) return isDeepForm(body) ? answerError(response, 400, 'request.invalid') : next();
    const value = parsed(body);
    if (value === undefined) return answerError(response, 400, 'request.not-json');
    if (isDeeper(value, OWN_DEPTH_MAX)) return answerError(response, 400, 'request.invalid');
    next();
  }, next);
};

/**
 * For an operator's own flow: as it came, unless it is large or deep. Not taken from the stream: a node may be told to hand on
 * the bytes as they came, to check a signature over them.
 */
export const ownBody: readonly RequestHandler[] = [bounded(BODY_BYTES_MAX), ofOwn, ownShape];

/** `a[b][c]=1` becomes an object in an object; the brackets may be escaped. */
function isDeepForm(body: Buffer): boolean {
  return body
    .toString('latin1')
    .split('&')
    .some((field) => (field.split('=')[0]!.match(/\[|%5b/gi)?.length ?? 0) >= OWN_DEPTH_MAX);
}

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
export function isDeeper(value: unknown, levels: number): boolean {
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
export const unreadable: ErrorRequestHandler = ({ status = 400, type }: ReadError, _request, response, _next) => {
  if (type === 'entity.parse.failed') return answerError(response, 400, 'request.not-json');
  if (status === 413) return answerError(response, 413, 'api.too-large');
  answerError(response, status < 500 ? status : 400, 'api.bad-request');
};
