// Reads the evidence folder visit by visit, in order, and never more of it than a visit at a time. Links are not followed.
import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  cleanJpeg,
  type EvidenceFacts,
  type EvidenceMoment,
  FACTS_BYTES_TAKEN_MAX,
  Fault,
  PICTURE_BYTES_TAKEN_MAX,
  parseEvidenceFacts,
  parseEvidenceName,
} from '@tapcase/domain';

/** Told of each file that is passed over, by its place in the folder. */
export type Skip = (path: string, fault: Fault) => void;

export interface VisitFiles {
  readonly caseId: string;
  readonly visit: string;
  /** Pictures of which file and facts are both there, by name. */
  readonly pictures: readonly PicturePlace[];
}

export interface PicturePlace {
  readonly moment: EvidenceMoment;
  readonly camera: string;
  /** From the evidence folder: `<case>/<visit>/<moment>-<camera>`, without its ending. */
  readonly path: string;
}

/** Cases of a shop, visits of a case that are kept; beyond, a folder is no evidence folder. */
const ENTRIES_MAX = 100_000;

/** Throws `dataset.unreadable` where the folder itself cannot be read. */
export async function* visitsIn(folder: string, skip: Skip): AsyncGenerator<VisitFiles> {
  for (const caseId of await namesIn(folder, '', skip, 'must')) {
    for (const visit of await namesIn(folder, caseId, skip)) {
      const within = join(caseId, visit);
      const pictures = picturesOf(within, await namesIn(folder, within, skip), skip);
      if (pictures.length > 0) yield { caseId, visit, pictures };
    }
  }
}

async function namesIn(folder: string, within: string, skip: Skip, must?: 'must'): Promise<readonly string[]> {
  try {
    const entries = await readdir(join(folder, within), { withFileTypes: true });
    const isDeep = within.includes('/');
    const known = entries.filter((entry) => {
      const isFit = isDeep ? entry.isFile() : entry.isDirectory();
      if (!isFit)
        skip(join(within, entry.name), new Fault('dataset.bad-name', 'not what belongs in an evidence folder'));
      return isFit;
    });
    if (known.length > ENTRIES_MAX) skip(within, new Fault('dataset.too-many', `more than ${ENTRIES_MAX} entries`));
    return known
      .map(({ name }) => name)
      .sort()
      .slice(0, ENTRIES_MAX);
  } catch (error) {
    const fault = new Fault('dataset.unreadable', (error as Error).message);
    if (must !== undefined) throw fault;
    skip(within, fault);
    return [];
  }
}

function picturesOf(within: string, files: readonly string[], skip: Skip): readonly PicturePlace[] {
  const halves = new Map<string, { readonly place: PicturePlace; readonly kinds: Set<string> }>();
  for (const file of files) {
    const name = parseEvidenceName(`${within}/${file}`);
    if (name instanceof Fault) skip(join(within, file), name);
    else if (name.file.kind !== 'decision') {
      const { kind, moment, camera } = name.file;
      const path = join(within, `${moment}-${camera}`);
      const half = halves.get(path) ?? { place: { moment, camera, path }, kinds: new Set<string>() };
      half.kinds.add(kind);
      halves.set(path, half);
    }
  }
  return [...halves.values()].flatMap(({ place, kinds }) => {
    if (kinds.size === 2) return [place];
    // Perhaps on its way: the next run will find both.
    if (kinds.has('facts')) skip(`${place.path}.json`, new Fault('dataset.no-picture', 'its picture is not there'));
    else skip(`${place.path}.jpg`, new Fault('dataset.no-facts', 'nothing says what is in it'));
    return [];
  });
}

export async function readFacts(
  folder: string,
  { caseId, visit }: VisitFiles,
  { moment, camera, path }: PicturePlace,
): Promise<EvidenceFacts | Fault> {
  const bytes = await readBounded(join(folder, `${path}.json`), FACTS_BYTES_TAKEN_MAX);
  if (bytes instanceof Fault) return bytes;
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
    return parseEvidenceFacts(value, { caseId, visit, file: { kind: 'facts', moment, camera } });
  } catch {
    return new Fault('dataset.bad-facts', 'not JSON');
  }
}

/** The picture without what is not picture; `dataset.wrong-size` where the facts speak of another size. */
export async function readPicture(
  folder: string,
  { path }: PicturePlace,
  facts: EvidenceFacts,
): Promise<Uint8Array | Fault> {
  const bytes = await readBounded(join(folder, `${path}.jpg`), PICTURE_BYTES_TAKEN_MAX);
  if (bytes instanceof Fault) return bytes;
  const picture = cleanJpeg(bytes);
  if (picture instanceof Fault) return picture;
  const { width, height } = picture;
  if (width === facts.width && height === facts.height) return picture.bytes;
  return new Fault('dataset.wrong-size', `${width} x ${height}, and the facts say ${facts.width} x ${facts.height}`);
}

export async function readBounded(path: string, bytesMax: number): Promise<Uint8Array | Fault> {
  try {
    // A link may lead anywhere; a pipe would be waited for.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) return new Fault('dataset.unreadable', 'not a file');
      if (stat.size > bytesMax)
        return new Fault('dataset.too-large', `${stat.size} bytes, and ${bytesMax} are the most`);
      const bytes = Buffer.alloc(stat.size);
      const { bytesRead } = await file.read(bytes, 0, stat.size, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    return new Fault('dataset.unreadable', (error as Error).message);
  }
}
