// Reads images as `<folder>/<number>/{manifest.json,manifest.sig,*.mpy}`; who was offered one stands beside it.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asFields } from '@tapcase/define-node';
import { CASE_ID, Fault } from '@tapcase/domain';
import { writeWhole } from '../../write-whole.ts';
import { CASES_MAX } from '../shop/contract.ts';
import { type FirmwareStore, type FirmwareStoreConfig, MANIFEST_FILE, type Offered, SIGNATURE_FILE } from './port.ts';

const NUMBER = /^[1-9]\d{0,8}$/;
/** A module of the application, as the controllers accept them (firmware/app/manifest.py). */
const MODULE = /^[a-z0-9_]{1,32}\.(mpy|py)$/;
/** The controllers accept no larger file. */
export const FILE_BYTES_MAX = 65_536;

export function firmwareFolder({ folder }: FirmwareStoreConfig): FirmwareStore {
  /** One after the other: two cases that ask at once must both stand in the file. */
  let writing: Promise<unknown> = Promise.resolve();

  const read: FirmwareStore['read'] = async (number, name) => {
    const isOurs = name === MANIFEST_FILE || name === SIGNATURE_FILE || MODULE.test(name);
    // Both become part of a path.
    if (!NUMBER.test(String(number)) || !isOurs) return undefined;
    const bytes = await readFile(join(folder, String(number), name)).catch(() => undefined);
    return bytes === undefined || bytes.length > FILE_BYTES_MAX ? undefined : bytes;
  };
  const release: FirmwareStore['release'] = async (version) => {
    const names = await readdir(folder).catch(() => []);
    const numbers = names.filter((name) => NUMBER.test(name)).map(Number);
    for (const number of numbers.toSorted((a, b) => b - a)) {
      const manifest = asFields(parsedJson(await read(number, MANIFEST_FILE)));
      if (manifest.version !== version) continue;
      const signature = asFields(parsedJson(await read(number, SIGNATURE_FILE)));
      if (manifest.number === number && signature.number === number) return { number, version };
      throw new Fault('firmware.bad-image', `release ${number} is not what its folder says`, { number });
    }
    throw new Fault('firmware.unknown-version', `no release ${version.slice(0, 20)} in the folder`, { version });
  };
  const offered: FirmwareStore['offered'] = async (number) =>
    readOffers(await readFile(offersOf(folder, number)).catch(() => undefined));
  const add = async (number: number, caseId: string, offer: Offered) => {
    const offers = await offered(number);
    if (offers.has(caseId) || offers.size >= CASES_MAX) return;
    const all = JSON.stringify(Object.fromEntries([...offers, [caseId, offer]]));
    await writeWhole(offersOf(folder, number), all).catch((cause: unknown) => {
      throw new Fault('firmware.unwritable', 'who was offered a release cannot be kept', {}, cause);
    });
  };
  const markOffered: FirmwareStore['markOffered'] = (number, caseId, offer) => {
    const done = writing.then(() => add(number, caseId, offer));
    writing = done.catch(() => undefined);
    return done;
  };
  return { release, read, offered, markOffered };
}

function offersOf(folder: string, number: number): string {
  return join(folder, `offered-${number}.json`);
}

/** What cannot be read has not been offered: the rollout then only knows less. */
function readOffers(bytes: Buffer | undefined): ReadonlyMap<string, Offered> {
  const offers = Object.entries(asFields(parsedJson(bytes))).flatMap(([caseId, raw]): [string, Offered][] => {
    const { atMs, hadFailed } = asFields(raw);
    if (!CASE_ID.test(caseId) || typeof atMs !== 'number' || !Number.isSafeInteger(atMs)) return [];
    return [[caseId, { atMs, hadFailed: hadFailed === true }]];
  });
  return new Map(offers.slice(0, CASES_MAX));
}

function parsedJson(bytes: Buffer | undefined): unknown {
  try {
    return JSON.parse(bytes?.toString('utf8') ?? 'null');
  } catch {
    return null;
  }
}
