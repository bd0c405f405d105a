// When a person of the demo may move the next hand: the Pi's card says which cameras have looked. People are slower than
// cameras; a demo on a busy machine is not, and would take a can before the picture in which it still stands.
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunningShop } from '../host/shop.ts';
import { seen } from './demo-patience.ts';

/** Of the demo's case (edge-flows/core/20-see.json). */
const CAMERAS = 2;

/** What tapcase-scene-diff keeps: visits whose cameras have not all answered, before and after. */
export interface KeptScenes {
  readonly scenes: {
    readonly open: readonly {
      readonly visit: string | null;
      readonly afterId: string | null;
      readonly before: { readonly answers: number };
    }[];
  };
}

/**
 * Resolves when no look at the shut case is under way: the shelf is known as it stood after the start, or after the last
 * visit. One that was announced and never unlocked the door is none.
 */
export async function camerasAtRest(shop: RunningShop): Promise<void> {
  await seen('the cameras to have seen the shelf', async () => {
    const kept = await readKept(shop);
    return kept?.scenes.open.every(({ afterId }) => afterId === null) ? true : undefined;
  });
}

/** Resolves when each camera has looked before this visit, or has said that it cannot. */
export async function camerasHaveLooked(shop: RunningShop, visitId: string): Promise<void> {
  await seen('the cameras to look before anything is taken', async () => {
    const scene = (await readKept(shop))?.scenes.open.find(({ visit }) => visit === visitId);
    return scene !== undefined && scene.before.answers >= CAMERAS ? true : undefined;
  });
}

/** Undefined before the first look; the file is renamed into place, so it is never half of one. */
export async function readKept({ logFile }: RunningShop): Promise<KeptScenes | undefined> {
  const file = join(dirname(logFile), 'pi', 'scenes.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as KeptScenes);
}
