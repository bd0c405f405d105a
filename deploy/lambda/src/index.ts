// The two Lambda functions: `refresh` for each object that arrives under evidence/, `merge` once an hour.
import { createHmac } from 'node:crypto';
import { Fault, type Split } from '@tapcase/domain';
import type { Bucket } from './bucket.ts';
import { visitsOf } from './events.ts';
import { type Merged, type MergeOptions, mergeParts } from './merge.ts';
import { refreshVisit } from './refresh.ts';
import { s3Bucket } from './s3-bucket.ts';

interface Setting {
  readonly bucketName: string;
  readonly bucket: Bucket;
  readonly pseudonym: (caseId: string) => string;
  readonly options: MergeOptions;
}

let setting: Setting | undefined;

/** Throws `dataset.unfinished` where any visit could not be done: Lambda sends the event again, and what is done stays. */
export async function refresh(event: unknown): Promise<Readonly<Record<'written' | 'unchanged' | 'ignored', number>>> {
  setting ??= readSetting();
  const { visits, ignored } = visitsOf(event, setting.bucketName);
  const counts = { written: 0, unchanged: 0, ignored };
  let failed: unknown;
  for (const place of visits) {
    try {
      counts[await refreshVisit(setting.bucket, place, setting.pseudonym)] += 1;
    } catch (error) {
      failed = error;
      console.error(JSON.stringify({ visit: place.visit, fault: codeOf(error), message: (error as Error).message }));
    }
  }
  console.log(JSON.stringify(counts));
  if (failed !== undefined) {
    throw new Fault('dataset.unfinished', 'not every visit could be brought up to date', counts, failed);
  }
  return counts;
}

export async function merge(): Promise<Merged> {
  setting ??= readSetting();
  const merged = await mergeParts(setting.bucket, setting.options);
  console.log(JSON.stringify(merged));
  return merged;
}

/** `lambda.bad-environment` says which variable. The key is never shown. */
function readSetting(): Setting {
  const { BUCKET = '', DATASET_KEY = '', SPLIT = '0.1', SEED = '7', DECIDED_ONLY = 'false' } = process.env;
  if (BUCKET === '') throw bad('BUCKET wants the name of a bucket');
  if (!/^[0-9a-f]{64}$/.test(DATASET_KEY)) throw bad('DATASET_KEY wants 64 hex digits');
  const split: Split = { fraction: Number(SPLIT), seed: Number(SEED) };
  if (SPLIT.trim() === '' || !(split.fraction >= 0 && split.fraction <= 0.9)) throw bad('SPLIT wants 0 to 0.9');
  if (!/^\d{1,9}$/.test(SEED)) throw bad('SEED wants a whole number');
  if (DECIDED_ONLY !== 'true' && DECIDED_ONLY !== 'false') throw bad('DECIDED_ONLY wants true or false');
  const key = Buffer.from(DATASET_KEY, 'hex');
  return {
    bucketName: BUCKET,
    bucket: s3Bucket(BUCKET),
    // As npm run dataset:export makes it: with the same key a case has the same name in both datasets.
    pseudonym: (caseId) => `c${createHmac('sha256', key).update(caseId).digest('hex').slice(0, 12)}`,
    options: { split, decidedOnly: DECIDED_ONLY === 'true' },
  };
}

function codeOf(error: unknown): string {
  return error instanceof Fault ? error.code : error instanceof Error ? error.name : 'unknown';
}

function bad(message: string): Fault {
  return new Fault('lambda.bad-environment', message);
}
