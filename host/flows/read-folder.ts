// A folder of flow files before anything is started: whole, or the sentence why not. Nothing of Node-RED is loaded for it.
import { Fault } from '@tapcase/domain';
import { finishWrite, readFolders } from './disk.ts';
import { readShopFlows, type ShopFlows } from './read.ts';

/**
 * The flows of a folder, read once before anything is started. Throws what `readShopFlows` throws, with the folder's name: a process
 * whose core cannot be read says so and ends.
 */
export function readFlows(folder: string): ShopFlows {
  try {
    finishWrite(folder);
    return readShopFlows(readFolders(folder));
  } catch (thrown) {
    if (!(thrown instanceof Fault)) throw thrown;
    const message = `The flows cannot be read, so nothing was started: ${thrown.message} (${folder}).`;
    throw new Fault(thrown.code, message, thrown.details, thrown.cause);
  }
}
