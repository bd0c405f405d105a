// A stand-in for Amazon S3 over real HTTP: the part of its REST API that the functions use, with its XML, its errors, its
// checksums and its conditional writes (docs.aws.amazon.com/AmazonS3/latest/API). It can lose answers and be slow to agree.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';
import { ObjectStore } from './object-store.ts';

/** What goes wrong with a request: S3's own 503, its word that another write is under way, or an answer that is lost. */
export type Trouble = 'slow-down' | 'conflict' | 'lost-before' | 'lost-after';

export interface S3Double {
  readonly store: ObjectStore;
  readonly endpoint: string;
  /** `GET key`, `PUT key`, `LIST prefix`, in order of arrival. */
  readonly requests: string[];
  /** Asked of each request. */
  trouble: (request: string) => Trouble | undefined;
  stop(): Promise<void>;
}

/** Keys on a page of a listing; S3 has 1,000. */
const PAGE_KEYS = 3;

export async function startS3(bucket: string): Promise<S3Double> {
  const store = new ObjectStore();
  const requests: string[] = [];
  const server = createServer((request, response) => {
    answer(request, response).catch((error: Error) => fail(response, 500, 'InternalError', error.message));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const double: S3Double = {
    store,
    requests,
    endpoint: `http://127.0.0.1:${port}`,
    trouble: () => undefined,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return double;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', double.endpoint);
    const [, name = '', ...path] = url.pathname.split('/');
    const key = decodeURIComponent(path.join('/'));
    const isList = request.method === 'GET' && key === '';
    const what = isList ? `LIST ${url.searchParams.get('prefix')}` : `${request.method} ${key}`;
    requests.push(what);
    const body = await buffer(request);
    if (
      !/^AWS4-HMAC-SHA256 Credential=.+, SignedHeaders=.+, Signature=[0-9a-f]{64}$/.test(
        request.headers.authorization ?? '',
      )
    ) {
      return fail(response, 403, 'AccessDenied', 'Access Denied');
    }
    if (name !== bucket) return fail(response, 404, 'NoSuchBucket', 'The specified bucket does not exist');
    const trouble = double.trouble(what);
    if (trouble === 'slow-down') return fail(response, 503, 'SlowDown', 'Please reduce your request rate.');
    if (trouble === 'conflict') return fail(response, 409, 'ConditionalRequestConflict', 'Try again.');
    if (trouble === 'lost-before') return void request.socket.destroy();
    if (isList) list(response, url.searchParams);
    else if (request.method === 'GET') get(response, key);
    else if (request.method === 'PUT') put(request, response, key, body, trouble);
    else fail(response, 405, 'MethodNotAllowed', 'not part of this double');
  }

  function get(response: ServerResponse, key: string): void {
    const stored = store.objects.get(key);
    if (stored === undefined) return fail(response, 404, 'NoSuchKey', 'The specified key does not exist.');
    const headers = {
      etag: stored.etag,
      'content-length': stored.bytes.length,
      'x-amz-checksum-crc32': checksum(stored.bytes),
    };
    response.writeHead(200, headers).end(stored.bytes);
  }

  function put(request: IncomingMessage, response: ServerResponse, key: string, body: Buffer, trouble?: Trouble): void {
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch, 'x-amz-checksum-crc32': told } = request.headers;
    if (told !== checksum(body)) return fail(response, 400, 'BadDigest', 'The checksum does not match.');
    const stored = store.put(key, body, { ifMatch, ifNoneMatch });
    if (trouble === 'lost-after') return void request.socket.destroy();
    if (stored === 412) {
      return fail(response, 412, 'PreconditionFailed', 'At least one of the pre-conditions you specified did not hold');
    }
    if (stored === 404) return fail(response, 404, 'NoSuchKey', 'The specified key does not exist.');
    response.writeHead(200, { etag: stored.etag }).end();
  }

  function list(response: ServerResponse, query: URLSearchParams): void {
    if (query.get('list-type') !== '2') return fail(response, 501, 'NotImplemented', 'only ListObjectsV2');
    const after = query.get('continuation-token') ?? '';
    const all = store.list(query.get('prefix') ?? '').filter(({ key }) => key > after);
    const page = all.slice(0, PAGE_KEYS);
    const isTruncated = all.length > page.length;
    const contents = page.map(
      ({ key, etag }) => `<Contents><Key>${xml(key)}</Key><ETag>${xml(etag)}</ETag></Contents>`,
    );
    const next = isTruncated ? `<NextContinuationToken>${xml(page.at(-1)!.key)}</NextContinuationToken>` : '';
    const inner = `<IsTruncated>${isTruncated}</IsTruncated><KeyCount>${page.length}</KeyCount>${next}${contents.join('')}`;
    const text = `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inner}</ListBucketResult>`;
    response.writeHead(200, { 'content-type': 'application/xml' }).end(`${XML}${text}`);
  }
}

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n';

function fail(response: ServerResponse, status: number, code: string, message: string): void {
  const text = `${XML}<Error><Code>${code}</Code><Message>${xml(message)}</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(text);
}

function checksum(bytes: Uint8Array): string {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString('base64');
}

function xml(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
