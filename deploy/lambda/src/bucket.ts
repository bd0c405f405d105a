// What the functions ask of S3: strongly consistent reads, and writes that fail where somebody else was first.

export interface Listed {
  readonly key: string;
  readonly etag: string;
}

export interface Stored {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/** What must be there for a write to happen: nothing, or what was read. */
export type Expected = { readonly etag: string } | 'absent';

export interface Bucket {
  /** In order of their keys; throws `dataset.too-many` above `max`. */
  list(prefix: string, max: number): Promise<readonly Listed[]>;
  /** null: there is none. Throws `dataset.too-large` above `bytesMax`. */
  read(key: string, bytesMax: number): Promise<Stored | null>;
  /** False: what is there is not what was expected, and nothing was written. */
  write(key: string, bytes: Uint8Array, contentType: string, expected: Expected): Promise<boolean>;
}

export const EVIDENCE = 'evidence/';
export const PARTS = 'dataset/parts/';
export const IMAGES = 'dataset/images/';
export const RELEASES = 'dataset/releases/';
export const CURRENT = 'dataset/current.json';

/** Each time somebody else was first. Five of nine files of a visit may well arrive in one second. */
export const TRIES_MAX = 8;
