// Answers a request for a part of a file: controllers fetch firmware in ranges, over a modem that keeps no more.
import type { Answer } from '../../answer.ts';
import { headerOf } from '../../messages.ts';

/** `bytes=0-4095` or `bytes=4096-`: one range. Controllers send no other form. */
const ONE_RANGE = /^bytes=(\d{1,12})-(\d{0,12})$/;

/** 206 with the part, 200 with all of it where no part is asked for, or 416. */
export function rangeAnswer(raw: unknown, bytes: Buffer, contentType: string): Answer {
  const shared = { 'cache-control': 'no-store', 'accept-ranges': 'bytes', 'content-type': contentType };
  const wanted = headerOf(raw, 'range');
  if (wanted === undefined) return { statusCode: 200, payload: bytes, headers: shared };
  const [, first = '', last = ''] = ONE_RANGE.exec(wanted) ?? [];
  const start = first === '' ? bytes.length : Number(first);
  const end = Math.min(last === '' ? bytes.length : Number(last) + 1, bytes.length);
  if (start >= end) {
    const headers = { ...shared, 'content-type': 'text/plain', 'content-range': `bytes */${bytes.length}` };
    return { statusCode: 416, payload: 'no such range', headers };
  }
  const headers = { ...shared, 'content-range': `bytes ${start}-${end - 1}/${bytes.length}` };
  return { statusCode: 206, payload: bytes.subarray(start, end), headers };
}
