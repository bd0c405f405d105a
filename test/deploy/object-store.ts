// What S3 keeps of a bucket, as far as the functions use it: objects with ETags, conditional writes, listings in order.
import { createHash } from 'node:crypto';
import type { Bucket, Listed } from '../../deploy/lambda/src/bucket.ts';

export interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/** As the headers say it. `ifMatch` on what is not there is a 404, otherwise a failed condition is a 412. */
export interface Condition {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
}

export class ObjectStore {
  readonly objects = new Map<string, StoredObject>();

  put(key: string, content: string | Uint8Array, { ifMatch, ifNoneMatch }: Condition = {}): StoredObject | 404 | 412 {
    const there = this.objects.get(key);
    if (ifNoneMatch === '*' && there !== undefined) return 412;
    if (ifMatch !== undefined && there === undefined) return 404;
    if (ifMatch !== undefined && there?.etag !== ifMatch) return 412;
    const bytes = Buffer.from(content);
    const stored = { bytes, etag: `"${createHash('md5').update(bytes).digest('hex')}"` };
    this.objects.set(key, stored);
    return stored;
  }

  list(prefix: string): Listed[] {
    return [...this.objects]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, { etag }]) => ({ key, etag }))
      .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  }

  text(key: string): string {
    const stored = this.objects.get(key);
    if (stored === undefined) throw new Error(`there is no ${key}`);
    return Buffer.from(stored.bytes).toString();
  }

  /** Everything under `prefix`, to compare. */
  state(prefix: string): Readonly<Record<string, string>> {
    return Object.fromEntries(this.list(prefix).map(({ key }) => [key, this.text(key)]));
  }
}

/** The functions' bucket without a network. `step` is awaited before each request, which then happens all at once. */
export function memoryBucket(store: ObjectStore, step: (what: string) => Promise<unknown> = async () => {}): Bucket {
  return {
    list: async (prefix) => {
      await step(`list ${prefix}`);
      return store.list(prefix);
    },
    read: async (key) => {
      await step(`read ${key}`);
      return store.objects.get(key) ?? null;
    },
    write: async (key, bytes, _contentType, expected) => {
      await step(`write ${key}`);
      const condition = expected === 'absent' ? { ifNoneMatch: '*' } : { ifMatch: expected.etag };
      return typeof store.put(key, bytes, condition) !== 'number';
    },
  };
}
