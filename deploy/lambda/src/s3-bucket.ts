// The bucket on Amazon S3. The one file that knows the SDK, which is in Lambda's Node.js runtimes.
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { Fault } from '@tapcase/domain';
import type { Bucket, Expected, Listed, Stored } from './bucket.ts';

/** A request that takes longer is lost; the SDK asks again, three times in all. */
const REQUEST_MS_MAX = 20_000;
const CONNECT_MS_MAX = 3_000;

/** Region, credentials and, in tests, the endpoint come from the environment, as the SDK reads it. */
export function s3Bucket(name: string): Bucket {
  const client = new S3Client({
    maxAttempts: 3,
    // A bucket whose name has a dot, and a stand-in on a port, have no host name of their own.
    forcePathStyle: true,
    requestHandler: { requestTimeout: REQUEST_MS_MAX, connectionTimeout: CONNECT_MS_MAX },
  });
  return {
    list: (prefix, max) => list(client, name, prefix, max),
    read: (key, bytesMax) => read(client, name, key, bytesMax),
    write: (key, bytes, contentType, expected) => write(client, name, { key, bytes, contentType }, expected),
  };
}

async function list(client: S3Client, Bucket: string, Prefix: string, max: number): Promise<readonly Listed[]> {
  const found: Listed[] = [];
  let next: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({ Bucket, Prefix, ...(next === undefined ? {} : { ContinuationToken: next }) }),
    );
    for (const { Key, ETag } of page.Contents ?? []) found.push({ key: Key ?? '', etag: ETag ?? '' });
    if (found.length > max) throw new Fault('dataset.too-many', `more than ${max} objects under ${Prefix}`);
    next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
  } while (next !== undefined);
  return found;
}

async function read(client: S3Client, Bucket: string, Key: string, bytesMax: number): Promise<Stored | null> {
  try {
    const { Body, ETag = '', ContentLength = 0 } = await client.send(new GetObjectCommand({ Bucket, Key }));
    if (ContentLength > bytesMax) {
      // Unread it would hold its connection.
      (Body as { destroy?: () => void } | undefined)?.destroy?.();
      throw new Fault('dataset.too-large', `${ContentLength} bytes, and ${bytesMax} are the most`);
    }
    return { bytes: (await Body?.transformToByteArray()) ?? new Uint8Array(), etag: ETag };
  } catch (error) {
    if (nameOf(error) === 'NoSuchKey') return null;
    throw error;
  }
}

/**
 * docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html: 412 where the condition fails, 409 where another
 * write is under way, 404 where what was to be replaced is gone. In each case the caller looks again.
 */
const OTHERS_FIRST = new Set(['PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey']);

async function write(
  client: S3Client,
  Bucket: string,
  { key, bytes, contentType }: { readonly key: string; readonly bytes: Uint8Array; readonly contentType: string },
  expected: Expected,
): Promise<boolean> {
  const condition = expected === 'absent' ? { IfNoneMatch: '*' } : { IfMatch: expected.etag };
  try {
    await client.send(new PutObjectCommand({ Bucket, Key: key, Body: bytes, ContentType: contentType, ...condition }));
    return true;
  } catch (error) {
    if (OTHERS_FIRST.has(nameOf(error))) return false;
    throw error;
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : '';
}
