// Keeps what each camera should see: one small file for each camera in a folder that all of a case share.
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asFields } from '@tapcase/define-node';
import {
  edgesOf,
  Fault,
  type ReferenceEdges,
  THUMBNAIL_HEIGHT,
  THUMBNAIL_WIDTH,
  type Thumbnail,
} from '@tapcase/domain';

/** A case has two cameras, a wall of cases some more; a folder with thousands of files is not ours. */
const REFERENCES_MAX = 32;
const FILE = /^camera-([A-Za-z0-9-]{1,8})\.json$/;
const CELLS = THUMBNAIL_WIDTH * THUMBNAIL_HEIGHT;

export interface References {
  /** Read again when the folder has changed. Files that are no references are left out. */
  read(): Promise<ReferenceEdges>;
  /** Throws `camera.no-reference`. */
  keep(camera: string, role: string, reference: Thumbnail, atMs: number): Promise<void>;
}

export function referencesIn(folder: string): References {
  let known: { readonly changedMs: number; readonly edges: ReferenceEdges } | undefined;
  return {
    read: async () => {
      const changedMs = (await stat(folder).catch(() => undefined))?.mtimeMs ?? 0;
      if (known?.changedMs !== changedMs) known = { changedMs, edges: await readAll(folder) };
      return known.edges;
    },
    keep: async (camera, role, { luma }, atMs) => {
      const path = join(folder, `camera-${camera}.json`);
      const text = JSON.stringify({ camera, role, taughtAtMs: atMs, luma: Buffer.from(luma).toString('base64') });
      try {
        await mkdir(folder, { recursive: true });
        // Whole or not at all, and a changed folder tells all other cameras.
        await writeFile(`${path}.new`, text);
        await rename(`${path}.new`, path);
      } catch (cause) {
        throw new Fault('camera.no-reference', 'the reference of the camera’s view cannot be kept', { folder }, cause);
      }
      known = undefined;
    },
  };
}

async function readAll(folder: string): Promise<ReferenceEdges> {
  const edges = new Map<string, Float32Array>();
  const names = (await readdir(folder).catch(() => [])).filter((name) => FILE.test(name));
  for (const name of names.sort().slice(0, REFERENCES_MAX)) {
    const thumbnail = await readOne(join(folder, name));
    if (thumbnail !== undefined) edges.set(FILE.exec(name)![1]!, edgesOf(thumbnail));
  }
  return edges;
}

async function readOne(path: string): Promise<Thumbnail | undefined> {
  try {
    const { luma } = asFields(JSON.parse(await readFile(path, 'utf8')));
    const bytes = typeof luma === 'string' ? new Uint8Array(Buffer.from(luma, 'base64')) : undefined;
    if (bytes?.length !== CELLS) return undefined;
    return { width: THUMBNAIL_WIDTH, height: THUMBNAIL_HEIGHT, luma: bytes };
  } catch {
    return undefined;
  }
}
