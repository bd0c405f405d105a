// The folder that stands for the controller's flash: read into the VM at boot, written to as the firmware writes.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { FileStream, MicroPython } from './micropython.ts';

const MOUNT = '/flash';
/** Relative to the mount: letters, digits, `_`, `-` and dots, never dots alone, in at most three folders. */
const NAME = /^(?:(?!\.+(?:\/|$))[\w.-]{1,64}(?:\/|$)){1,4}$/;
/** Of ours, while it is written; no name of the firmware's ends so. */
const UNFINISHED = '~';

/**
 * As true as LittleFS on the chip: what the firmware has closed is there after the plug was pulled, a rename and a removal
 * are one step each, and of a file that was still open nothing new is there. A record that was appended to a log costs the
 * disk only that record.
 */
export function mountFlash({ FS }: Pick<MicroPython, 'FS'>, folder: string, mount = MOUNT): void {
  mkdirSync(folder, { recursive: true });
  copyFolder(FS, folder, mount);
  const onDisk = (path: string): string | undefined => {
    if (!path.startsWith(`${mount}/`)) return undefined;
    const name = path.slice(mount.length + 1);
    if (!NAME.test(name)) throw new FS.ErrnoError(EINVAL);
    return join(folder, name);
  };
  keepWrites(FS, onDisk);
  keepNames(FS, onDisk);
}

/** Every file of a folder with this ending, into a folder of the VM that has none of these names. */
export function copyIn(FS: MicroPython['FS'], folder: string, target: string, ending: string): void {
  if (!FS.analyzePath(target).exists) FS.mkdir(target);
  if (!existsSync(folder)) return;
  const { node } = FS.lookupPath(target);
  for (const name of readdirSync(folder).filter((file) => file.endsWith(ending))) {
    const bytes = Uint8Array.from(readOnce(join(folder, name)));
    // As FS.writeFile in the end does, a fortieth of its time: each VM begins with a hundred files.
    Object.assign(node.node_ops.mknod(node, name, FILE_MODE, 0), { contents: bytes, usedBytes: bytes.length });
  }
}

/** A plain file that everybody may read. */
const FILE_MODE = 0o100644;
const read = new Map<string, { readonly changedMs: number; readonly bytes: Uint8Array }>();

/** The firmware is the same for the hundreds of VMs of a process; whoever edits it finds his own at the next start. */
function readOnce(path: string): Uint8Array {
  const { mtimeMs: changedMs } = statSync(path);
  const known = read.get(path);
  if (known?.changedMs === changedMs) return known.bytes;
  const bytes = readFileSync(path);
  read.set(path, { changedMs, bytes });
  return bytes;
}

function copyFolder(FS: MicroPython['FS'], folder: string, target: string): void {
  if (!FS.analyzePath(target).exists) FS.mkdir(target);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (!NAME.test(entry.name)) continue;
    const from = join(folder, entry.name);
    const to = `${target}/${entry.name}`;
    if (entry.isDirectory()) copyFolder(FS, from, to);
    else if (entry.isFile()) FS.writeFile(to, readFileSync(from));
  }
}

type OnDisk = (path: string) => string | undefined;

/** What was written since a file was opened reaches the disk when it is closed. */
function keepWrites(FS: MicroPython['FS'], onDisk: OnDisk): void {
  /** The lowest byte of an open file that was written; below it the disk has the same. */
  const changedFrom = new WeakMap<FileStream, number>();
  const { open, write, close } = bound(FS);
  FS.open = (path, flags, ...rest) => {
    const isThere = FS.analyzePath(path).exists;
    const stream = open(path, flags, ...rest);
    if (onDisk(stream.path) !== undefined && (stream.flags & WRITING) !== 0) {
      changedFrom.set(stream, isThere && (Number(flags) & TRUNCATE) === 0 ? Infinity : 0);
    }
    return stream;
  };
  FS.write = (stream, ...rest) => {
    const count = write(stream, ...rest);
    const from = changedFrom.get(stream);
    // The position is behind what was written; in a file opened to be appended to, that was its end.
    if (from !== undefined) changedFrom.set(stream, Math.min(from, stream.position - count));
    return count;
  };
  FS.close = (stream) => {
    const { contents, usedBytes } = stream.node;
    const from = changedFrom.get(stream) ?? Infinity;
    const file = from === Infinity ? undefined : onDisk(stream.path);
    close(stream);
    if (file !== undefined) keepFrom(file, from, contents?.subarray(0, usedBytes) ?? new Uint8Array());
  };
}

/** Renaming, removing and folders, each at once. */
function keepNames(FS: MicroPython['FS'], onDisk: OnDisk): void {
  const { rename, unlink, mkdir, rmdir } = bound(FS);
  FS.rename = (from, to) => {
    rename(from, to);
    const [source, target] = [onDisk(from), onDisk(to)];
    if (source !== undefined && target !== undefined) renameSync(source, target);
    else if (source !== undefined) rmSync(source, { recursive: true });
    else if (target !== undefined) writeWhole(target, FS.readFile(to, { encoding: 'binary' }));
  };
  FS.unlink = (path) => {
    unlink(path);
    const file = onDisk(path);
    if (file !== undefined) rmSync(file, { force: true });
  };
  FS.mkdir = (path, ...rest) => {
    mkdir(path, ...rest);
    const file = onDisk(path);
    if (file !== undefined) mkdirSync(file, { recursive: true });
  };
  FS.rmdir = (path) => {
    rmdir(path);
    const file = onDisk(path);
    if (file !== undefined) rmSync(file, { recursive: true, force: true });
  };
}

/** Flags of open(2), as the VM's C library has them: O_WRONLY or O_RDWR, O_TRUNC. */
const WRITING = 0o3;
const TRUNCATE = 0o1000;
/** The VM's C library numbers its errors as WASI does. */
const EINVAL = 28;

/** The methods as they are now, before they are replaced. */
function bound(FS: MicroPython['FS']) {
  return {
    open: FS.open.bind(FS),
    write: FS.write.bind(FS),
    close: FS.close.bind(FS),
    rename: FS.rename.bind(FS),
    unlink: FS.unlink.bind(FS),
    mkdir: FS.mkdir.bind(FS),
    rmdir: FS.rmdir.bind(FS),
  };
}

function keepFrom(path: string, from: number, bytes: Uint8Array): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === from) appendFileSync(path, bytes.subarray(from));
  else writeWhole(path, bytes);
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const fresh = `${path}${UNFINISHED}`;
  writeFileSync(fresh, bytes);
  renameSync(fresh, path);
}
