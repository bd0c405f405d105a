// Puts one signed file to the cloud over HTTPS, and says what to make of the answer.
import { createHash } from 'node:crypto';
import { asFields } from '@tapcase/define-node';
import { PICTURE_BYTES_MAX, type PictureUpload, UPLOAD_HEADERS, uploadPath, uploadText } from '@tapcase/domain';
import { hmacSha256 } from '@tapcase/node-red-contrib-hmac';

export interface Upload {
  readonly cloud: string;
  readonly picture: PictureUpload;
  readonly bytes: Uint8Array;
  readonly key: Uint8Array;
  readonly nowMs: number;
  /** Ends it early: a Deploy. */
  readonly signal: AbortSignal;
}

export type Uploaded =
  | { readonly kind: 'kept' }
  /** Nobody answered, or not now: worth another try. */
  | { readonly kind: 'later'; readonly why: string }
  /** No, whenever it is asked. */
  | { readonly kind: 'refused'; readonly why: string };

/** 300 kB over a line of 20 kbit/s. */
const ANSWER_MS_MAX = 120_000;
/** An answer is a line of JSON; what is longer is not ours. */
const ANSWER_BYTES_MAX = 4_096;
/** RFC 9110: 408 took too long, 421 and 425 wrong connection or too early; RFC 6585: 429 too many. */
const LATER: ReadonlySet<number> = new Set([408, 421, 425, 429]);
/** A Pi whose clock was not set yet: it will be. */
const CLOCK = 'picture.clock-skew';

export async function putPicture({ cloud, picture, bytes, key, nowMs, signal }: Upload): Promise<Uploaded> {
  if (bytes.length > PICTURE_BYTES_MAX) return { kind: 'refused', why: `${bytes.length} bytes` };
  const path = uploadPath(picture);
  const at = Math.floor(nowMs / 1000);
  const hash = createHash('sha256').update(bytes).digest('hex');
  const mac = Buffer.from(hmacSha256(key, uploadText(path, at, hash))).toString('hex');
  try {
    const response = await fetch(`${cloud}${path}`, {
      method: 'PUT',
      headers: {
        // The facts too travel as bytes: what is signed must arrive as it was, and JSON is parsed on its way.
        'content-type': picture.kind === 'jpg' ? 'image/jpeg' : 'application/octet-stream',
        [UPLOAD_HEADERS.at]: String(at),
        [UPLOAD_HEADERS.mac]: mac,
      },
      body: Uint8Array.from(bytes),
      // The signature is for this address; a picture goes nowhere else.
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]),
    });
    return judge(response.status, await codeIn(response));
  } catch (thrown) {
    const cause = asFields(thrown instanceof Error ? thrown.cause : undefined).code;
    return { kind: 'later', why: typeof cause === 'string' ? cause : 'no answer' };
  }
}

function judge(status: number, code: string): Uploaded {
  if (status >= 200 && status < 300) return { kind: 'kept' };
  const why = code === '' ? String(status) : `${status} ${code}`;
  const isLater = status >= 500 || status < 400 || LATER.has(status) || code === CLOCK;
  return { kind: isLater ? 'later' : 'refused', why };
}

async function codeIn(response: Response): Promise<string> {
  const length = Number(response.headers.get('content-length') ?? Number.POSITIVE_INFINITY);
  if (length > ANSWER_BYTES_MAX) {
    await response.body?.cancel();
    return '';
  }
  try {
    const { code } = asFields(asFields(await response.json()).error);
    return typeof code === 'string' ? code.slice(0, 71) : '';
  } catch {
    return '';
  }
}
