// Which visits an S3 notification is about. Anything else in it is counted and left alone.
import { Fault, parseEvidenceName } from '@tapcase/domain';
import { EVIDENCE } from './bucket.ts';
import type { VisitPlace } from './stored-part.ts';

export interface Noticed {
  /** Each visit once, however many of its files the event names. */
  readonly visits: readonly VisitPlace[];
  readonly ignored: number;
}

/** S3 sends one record at a time today; its format allows more. */
const RECORDS_MAX = 1_000;

/** docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export function visitsOf(event: unknown, bucketName: string): Noticed {
  const { Records: records } = (event ?? {}) as { readonly Records?: unknown };
  const visits = new Map<string, VisitPlace>();
  let ignored = 0;
  for (const record of Array.isArray(records) ? records.slice(0, RECORDS_MAX) : []) {
    const place = placeOf(record, bucketName);
    if (place === undefined) ignored += 1;
    else visits.set(`${place.caseId}/${place.visit}`, place);
  }
  return { visits: [...visits.values()], ignored };
}

interface S3Record {
  readonly eventName?: unknown;
  readonly s3?: { readonly bucket?: { readonly name?: unknown }; readonly object?: { readonly key?: unknown } };
}

/** What the functions write themselves is not under `evidence/`: they never call each other in a circle. */
function placeOf(record: S3Record | null, bucketName: string): VisitPlace | undefined {
  const { eventName, s3 } = record ?? {};
  const key = s3?.object?.key;
  if (typeof eventName !== 'string' || !eventName.startsWith('ObjectCreated:')) return undefined;
  if (s3?.bucket?.name !== bucketName || typeof key !== 'string') return undefined;
  const plain = decoded(key);
  if (!plain.startsWith(EVIDENCE)) return undefined;
  const name = parseEvidenceName(plain.slice(EVIDENCE.length));
  return name instanceof Fault ? undefined : { caseId: name.caseId, visit: name.visit };
}

/** Keys come as in a form: a space is a plus. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '));
  } catch {
    return '';
  }
}
