// Signs an image and writes it as a folder that the cloud serves: <number>/{manifest.json,manifest.sig,*.mpy}.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import { type Image, MPY_VERSION } from './compile.ts';

/** As firmware/app/manifest.py has them. */
const FORMAT = 1;
const PRODUCT = 'tapcase-controller';
/**
 * What the firmware takes that runs in the field. A release that may have more (firmware/app/config.py) is no help to the one
 * before it, which must take that release: raised only once nothing older is out there.
 */
const MANIFEST_BYTES_MAX = 8192;
const FILES_MAX = 64;
const NUMBER = /^[1-9]\d{0,8}$/;

export interface ReleaseOptions {
  /** Of all releases, also those of other versions: rising. A controller takes no number twice. */
  readonly number: number;
  /** Controllers that run a lower number must take another release first. */
  readonly minNumber?: number | undefined;
  readonly privateKey: KeyObject;
  /** Unix seconds. */
  readonly at: number;
}

export interface Release {
  readonly folder: string;
  readonly manifest: Buffer;
  readonly offer: Buffer;
}

/** Throws `firmware.number-taken` or `firmware.too-large`. */
export function writeRelease(out: string, image: Image, options: ReleaseOptions): Release {
  const folder = join(out, String(options.number));
  if (existsSync(folder)) throw new Fault('firmware.number-taken', `${folder} is there already`);
  const signed = signRelease(image, options);
  const [files, bytes] = [image.files.length, signed.manifest.length];
  if (files > FILES_MAX || bytes > MANIFEST_BYTES_MAX) {
    throw new Fault('firmware.too-large', `no case takes ${files} files in a manifest of ${bytes} bytes`);
  }
  // Under its own name only when it is whole: the cloud may be looking.
  const draft = join(out, `.${options.number}.new`);
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  for (const { path, data } of image.files) writeFileSync(join(draft, path), data);
  writeFileSync(join(draft, 'manifest.json'), signed.manifest);
  writeFileSync(join(draft, 'manifest.sig'), signed.offer);
  renameSync(draft, folder);
  return { folder, ...signed };
}

export function signRelease({ version, files }: Image, { number, minNumber, privateKey, at }: ReleaseOptions) {
  const manifest = Buffer.from(
    JSON.stringify({
      format: FORMAT,
      product: PRODUCT,
      version,
      number,
      ...(minNumber === undefined ? {} : { min_number: minNumber }),
      micropython: files.some(({ path }) => path.endsWith('.mpy')) ? MPY_VERSION : 0,
      at,
      files: files.map(({ path, data }) => ({
        path,
        size: data.length,
        sha256: createHash('sha256').update(data).digest('hex'),
      })),
    }),
  );
  const signature = sign(null, manifest, privateKey).toString('hex');
  return { manifest, offer: Buffer.from(JSON.stringify({ number, size: manifest.length, signature })) };
}

/** One above the highest there is. */
export function nextNumber(out: string): number {
  const taken = existsSync(out) ? readdirSync(out).filter((name) => NUMBER.test(name)) : [];
  return Math.max(0, ...taken.map(Number)) + 1;
}

/** A new key pair: the secret half into `file`, for its owner's eyes only. Throws `firmware.key-exists`. */
export function newKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    writeFileSync(file, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    throw new Fault('firmware.key-exists', `${file}: ${(cause as Error).message}`, {}, cause);
  }
  return privateKey;
}

/** Throws `firmware.bad-key`. */
export function readKey(file: string): KeyObject {
  try {
    const key = createPrivateKey(readFileSync(file));
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new Fault('firmware.bad-key', `${file}: ${(cause as Error).message}`, {}, cause);
  }
  throw new Fault('firmware.bad-key', `${file} holds no Ed25519 key`);
}

/** 64 hex digits: `update_key` of a controller's secrets.json. */
export function publicHex(key: KeyObject): string {
  return Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x!, 'base64url').toString('hex');
}
