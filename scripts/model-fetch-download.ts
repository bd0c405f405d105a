// Downloads one file of a hub beside its place: goes on where it stopped, tries again within bounds, checks size and hash.
// Hub: Hugging Face's layout. The answer to the first request says what is behind its redirect: x-linked-size,
// x-linked-etag (of a large file the SHA-256, of a small one the git blob's SHA-1), x-repo-commit
// (huggingface_hub, file_download.py, get_hf_file_metadata).
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '@tapcase/domain';

export interface Remote {
  readonly url: string;
  /** Bytes; null where the server does not tell. */
  readonly size: number | null;
  readonly sha256: string | null;
  /** SHA-1 of git's blob, which the hub gives for small files. */
  readonly gitSha1: string | null;
  readonly commit: string | null;
}

export interface Download {
  /** Where the whole, checked file is: beside `path`, or `path` itself where it had been there already. */
  readonly part: string;
  readonly path: string;
}

export interface Bounds {
  readonly bytesMax: number;
  readonly say: (text: string) => void;
  /** What a test shortens. */
  readonly pauseMs?: number;
}

/** Tries in a row that brought no byte. */
const TRIES_MAX = 5;
/** With bytes each time: a line that breaks every few megabytes still gets there. */
const RESUMES_MAX = 100;
const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 15_000;
/** Nothing for so long is a dead connection. */
const SILENCE_MS_MAX = 30_000;
const HOPS_MAX = 5;

/** What a file is, without its bytes. `fetch.not-found`, `fetch.refused` or `fetch.unreachable`. */
export async function remoteOf(url: string): Promise<Remote> {
  const heads = await follow(url, 'HEAD', {});
  const [first, last] = [heads[0]!, heads.at(-1)!];
  await last.response.body?.cancel();
  if (last.response.status === 405 || last.response.status === 501) return { url, ...UNKNOWN };
  refuse(last.response, url);
  const header = (name: string) => first.response.headers.get(name) ?? last.response.headers.get(name);
  const etag = (header('x-linked-etag') ?? header('etag') ?? '').replace(/^W\//, '').replaceAll('"', '').toLowerCase();
  const size = Number(header('x-linked-size') ?? last.response.headers.get('content-length') ?? Number.NaN);
  return {
    url,
    size: Number.isSafeInteger(size) && size >= 0 ? size : null,
    sha256: /^[0-9a-f]{64}$/.test(etag) ? etag : null,
    gitSha1: /^[0-9a-f]{40}$/.test(etag) ? etag : null,
    commit: /^[0-9a-f]{40}$/.exec(header('x-repo-commit') ?? '')?.[0] ?? null,
  };
}

const UNKNOWN = { size: null, sha256: null, gitSha1: null, commit: null };

/** `fetch.wrong-hash`, `fetch.wrong-size`, `fetch.too-large`, and what `remoteOf` throws. Nothing is left but a part. */
export async function download(remote: Remote, path: string, bounds: Bounds): Promise<Download> {
  const { url, size, sha256, gitSha1 } = remote;
  if (size !== null && size > bounds.bytesMax) throw tooLarge(url, bounds.bytesMax);
  const known = sha256 ?? gitSha1;
  if (known !== null && (await sizeOf(path)) > 0 && (await misfitOf(path, remote)) === undefined) {
    bounds.say('  is there already');
    return { part: path, path };
  }
  // Named after what it will be: the part of another version is never gone on with.
  const part = `${path}.${known?.slice(0, 12) ?? 'new'}.part`;
  if (known === null) await rm(part, { force: true });
  const resumed = (await sizeOf(part)) > 0;
  await receive(remote, part, bounds);
  const misfit = await misfitOf(part, remote);
  if (misfit === undefined) return { part, path };
  await rm(part, { force: true });
  if (!resumed) throw misfit;
  // The beginning may have been spoilt, by a full card or another program: once more from there.
  return await download(remote, path, bounds);
}

/** Until the server has no more to give. */
async function receive(remote: Remote, part: string, bounds: Bounds): Promise<void> {
  let tries = 0;
  for (let resumes = 0; resumes < RESUMES_MAX; resumes += 1) {
    const had = await sizeOf(part);
    if (had > 0 && had === remote.size) return;
    try {
      await receiveOnce(remote, part, had, bounds.bytesMax);
      if (remote.size === null || (await sizeOf(part)) >= remote.size) return;
    } catch (thrown) {
      if (thrown instanceof Fault && thrown.code !== 'fetch.unreachable') throw thrown;
      if (isDiskFault(thrown)) throw thrown;
    }
    tries = (await sizeOf(part)) > had ? 0 : tries + 1;
    if (tries >= TRIES_MAX) break;
    bounds.say(`  the connection broke at ${await sizeOf(part)} bytes, trying again`);
    await sleep(Math.min((bounds.pauseMs ?? PAUSE_MS) * 2 ** tries, PAUSE_MS_MAX));
  }
  throw new Fault('fetch.unreachable', `${remote.url} broke off again and again; the same command goes on from there`);
}

async function receiveOnce({ url, size }: Remote, part: string, had: number, bytesMax: number): Promise<void> {
  const silence = new AbortController();
  const timer = setTimeout(() => silence.abort(), SILENCE_MS_MAX);
  try {
    const headers: Record<string, string> = had > 0 ? { range: `bytes=${had}-` } : {};
    const { response } = (await follow(url, 'GET', headers, silence.signal)).at(-1)!;
    if (response.status === 416) return await rm(part, { force: true });
    refuse(response, url);
    // A server that knows no ranges sends it all again, with 200.
    const goesOn = response.status === 206 && response.headers.get('content-range')?.startsWith(`bytes ${had}-`);
    const file = await open(part, goesOn ? 'a' : 'w');
    let length = goesOn ? had : 0;
    try {
      for await (const chunk of response.body ?? []) {
        timer.refresh();
        length += chunk.length;
        if (length > Math.min(bytesMax, size ?? bytesMax)) throw tooLarge(url, size ?? bytesMax);
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    clearTimeout(timer);
  }
}

interface Hop {
  readonly url: string;
  readonly response: Response;
}

/** Every answer on the way, the last one no redirect. By hand, because `fetch` hides the headers of the first. */
async function follow(
  url: string,
  method: string,
  headers: Record<string, string>,
  signal?: AbortSignal,
): Promise<Hop[]> {
  const hops: Hop[] = [];
  let next = url;
  for (let hop = 0; hop < HOPS_MAX; hop += 1) {
    const response = await request(next, method, headers, signal ?? AbortSignal.timeout(SILENCE_MS_MAX));
    hops.push({ url: next, response });
    const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null;
    if (location === null) return hops;
    await response.body?.cancel();
    const target = new URL(location, next);
    if (next.startsWith('https:') && target.protocol !== 'https:') {
      throw new Fault('fetch.refused', `${next} leads to ${target.protocol} without encryption`);
    }
    next = target.href;
  }
  throw new Fault('fetch.refused', `${url} leads from one address to the next`);
}

async function request(
  url: string,
  method: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  try {
    // As it is: a packed body would not have the size that the hub tells.
    return await fetch(url, {
      method,
      headers: { 'accept-encoding': 'identity', ...headers },
      redirect: 'manual',
      signal,
    });
  } catch (cause) {
    throw new Fault('fetch.unreachable', `${new URL(url).host} does not answer`, {}, cause);
  }
}

function refuse({ status, ok }: Response, url: string): void {
  if (ok) return;
  if (status === 404) throw new Fault('fetch.not-found', `there is no ${url}`);
  if (status === 401 || status === 403)
    throw new Fault('fetch.refused', `${url} wants a sign-in, or does not exist (${status})`);
  throw new Fault('fetch.unreachable', `${url} answered ${status}`);
}

/** What is wrong with the file; undefined when nothing is. */
async function misfitOf(path: string, { size, sha256, gitSha1, url }: Remote): Promise<Fault | undefined> {
  const length = await sizeOf(path);
  if (size !== null && length !== size) return new Fault('fetch.wrong-size', `${url}: ${length} bytes, not ${size}`);
  const [algorithm, expected] = sha256 !== null ? ['sha256', sha256] : ['sha1', gitSha1];
  if (expected === null) return undefined;
  const hash = createHash(algorithm);
  if (sha256 === null) hash.update(`blob ${length}\0`);
  for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
  const actual = hash.digest('hex');
  return actual === expected
    ? undefined
    : new Fault('fetch.wrong-hash', `${url} has the hash ${actual}, not ${expected}`);
}

/** 0 where there is no such file. */
async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}

function isDiskFault(thrown: unknown): boolean {
  return ['ENOSPC', 'EROFS', 'EACCES', 'EIO', 'EDQUOT'].includes((thrown as NodeJS.ErrnoException).code ?? '');
}

function tooLarge(url: string, bytesMax: number): Fault {
  return new Fault('fetch.too-large', `${url} has more than ${bytesMax} bytes`);
}
