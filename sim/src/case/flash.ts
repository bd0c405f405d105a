// The folder that stands for the controller's flash: read into the VM at boot, written to as the firmware writes.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';

const MOUNT = '/flash';

/**
 * The firmware makes a file valid by renaming it into place, so that is when it reaches the disk: what the firmware
 * believes to be kept survives the plug, at any moment, and nothing else does.
 */
export function mountFlash({ FS }: Pick<MicroPython, 'FS'>, folder: string): void {
  mkdirSync(folder, { recursive: true });
  copyIn(FS, folder, MOUNT, '.json');
  const rename = FS.rename.bind(FS);
  FS.rename = (from, to) => {
    rename(from, to);
    const [, name] = /^\/flash\/([\w.-]+)$/.exec(to) ?? [];
    if (name !== undefined) writeWhole(join(folder, name), FS.readFile(to, { encoding: 'utf8' }));
  };
}

/** Every file of a folder with this ending, into the VM. */
export function copyIn(FS: MicroPython['FS'], folder: string, target: string, ending: string): void {
  if (!FS.analyzePath(target).exists) FS.mkdir(target);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder).filter((file) => file.endsWith(ending))) {
    FS.writeFile(`${target}/${name}`, readFileSync(join(folder, name)));
  }
}

function writeWhole(path: string, text: string): void {
  const fresh = `${path}.new`;
  writeFileSync(fresh, text);
  try {
    renameSync(fresh, path);
  } catch (thrown) {
    rmSync(fresh, { force: true });
    throw thrown;
  }
}
