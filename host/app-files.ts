// Serves the built PWA: each text file as the build has compressed it (pwa/compressed.ts), in the best way that the browser reads.
import { readdirSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import express, { type RequestHandler, type Response } from 'express';

export interface AppFiles {
  /** Files by their path. */
  readonly files: RequestHandler;
  /** The PWA finds its own way from the path. `status`: 200, or 404 where it will say so. */
  readonly page: (status?: number) => RequestHandler;
}

const PAGE = 'index.html';

export function appFiles(folder: string): AppFiles {
  const serve = express.static(folder, { index: false, redirect: false, setHeaders: cacheHeaders });
  const compressed = compressedIn(folder);
  const files: RequestHandler = (request, response, next) => {
    const name = request.path.slice(1);
    const encodings = compressed.get(name);
    if (encodings === undefined) return serve(request, response, next);
    response.vary('Accept-Encoding');
    // Each asked alone: who takes both names gzip first, and means nothing by it.
    const encoding = encodings.find((each) => request.acceptsEncodings(each) === each);
    if (encoding === undefined) return serve(request, response, next);
    // Set first, they stay: the file's own name would say that it is a packed one.
    response.type(extname(name)).set('Content-Encoding', encoding);
    const { url } = request;
    request.url = `/${name}${ENDINGS[encoding]}`;
    serve(request, response, (error) => {
      request.url = url;
      response.removeHeader('Content-Encoding');
      next(error);
    });
  };
  const page = (status = 200): RequestHandler => {
    return (_request, response) =>
      response.status(status).set('Cache-Control', 'no-cache').sendFile(resolve(folder, PAGE));
  };
  return { files, page };
}

type Encoding = 'br' | 'gzip';
const ENDINGS: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz' };

/** Read once: what a later build adds is served as it is, until the next start. */
function compressedIn(folder: string): ReadonlyMap<string, readonly Encoding[]> {
  const names = new Set(namesIn(folder));
  const encodingsOf = (name: string) =>
    (['br', 'gzip'] as const).filter((each) => names.has(`${name}${ENDINGS[each]}`));
  return new Map([...names].map((name) => [name, encodingsOf(name)] as const).filter(([, found]) => found.length > 0));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'));
  } catch {
    // Not built: there is nothing to serve either.
    return [];
  }
}

/** Vite puts a hash in the names under /assets; everything else may change with the next release. */
function cacheHeaders(response: Response, path: string): void {
  const hashed = path.includes(join('/', 'assets', '/'));
  response.setHeader('Cache-Control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
}
