// Keeps a picture that a Pi has signed, of a visit that its case had, once.
import { createHash, timingSafeEqual } from 'node:crypto';
import { asFields, incomplete, part, shows } from '@tapcase/define-node';
import {
  Fault,
  orThrow,
  type PictureUpload,
  parseUpload,
  UPLOAD_HEADERS,
  UPLOAD_SKEW_SECONDS_MAX,
  uploadPath,
  uploadText,
} from '@tapcase/domain';
import { type CaseKeys, hmacSha256 } from '@tapcase/node-red-contrib-hmac';
import { answerWith } from '../../answer.ts';
import { headerOf, paramOf } from '../../messages.ts';
import type { LedgerPort } from '../../shop/ledger/contract.ts';
import type { RecordConfig, RecordOutput } from './contract.ts';
import { checkContent } from './picture-content.ts';

interface SignedUpload {
  readonly upload: PictureUpload;
  /** Unix seconds. */
  readonly atSeconds: number;
  readonly mac: Buffer;
  readonly bytes: Uint8Array;
}

export const picture = part<RecordConfig, SignedUpload, RecordOutput>({
  parseMessage,
  build: (config, node) => {
    const ledger = node.use<LedgerPort>(config.ledger, 'tapcase-ledger');
    const keys = node.use<CaseKeys>(config.keys, 'hmac-keys');
    const store = orThrow(ledger.pictures);
    return async (signed) => {
      const { upload, bytes } = signed;
      // Who it is before all else: to anybody else this says nothing of which visits there are.
      const refusal =
        checkSignature(signed, orThrow(keys.keys(upload.caseId, 'pi')), Math.floor(node.now() / 1000)) ??
        checkContent(upload, bytes);
      if (refusal !== undefined) throw refusal;
      const visit = await ledger.visit(upload.visit);
      if (visit?.caseId !== upload.caseId) throw new Fault('visit.unknown', 'this case had no such visit');
      const kept = await store.keep(upload, bytes, node.now());
      return { to: 'kept', add: answerWith(kept === 'kept' ? 201 : 200, { kept: true }), status: shows(upload.visit) };
    };
  },
});

function checkSignature(
  { upload, atSeconds, mac, bytes }: SignedUpload,
  keys: readonly Uint8Array[],
  nowSeconds: number,
): Fault | undefined {
  const hash = createHash('sha256').update(bytes).digest('hex');
  const text = uploadText(uploadPath(upload), atSeconds, hash);
  // Every key is tried, so that the time taken does not tell which one it was.
  const matches = keys.filter((key) => timingSafeEqual(hmacSha256(key, text), mac));
  if (matches.length === 0) return new Fault('picture.bad-signature', 'not signed by the Pi of this case');
  if (Math.abs(nowSeconds - atSeconds) <= UPLOAD_SKEW_SECONDS_MAX) return undefined;
  return new Fault('picture.clock-skew', `signed ${nowSeconds - atSeconds} s ago`);
}

/** `picture.bad-name`, `picture.bad-signature` without a readable one, `message.incomplete` without raw bytes. */
function parseMessage(raw: unknown): SignedUpload | Fault {
  const upload = parseUpload(paramOf(raw, 'case'), paramOf(raw, 'visit'), paramOf(raw, 'name'));
  if (upload instanceof Fault) return upload;
  const at = headerOf(raw, UPLOAD_HEADERS.at) ?? '';
  const mac = headerOf(raw, UPLOAD_HEADERS.mac) ?? '';
  if (!/^\d{1,12}$/.test(at) || !/^[0-9a-f]{64}$/.test(mac)) {
    return new Fault('picture.bad-signature', 'the upload is not signed');
  }
  const { payload } = asFields(raw);
  if (!(payload instanceof Uint8Array)) return incomplete('payload');
  return { upload, atSeconds: Number(at), mac: Buffer.from(mac, 'hex'), bytes: payload };
}
