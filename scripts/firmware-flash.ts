// npm run firmware:flash: copies what firmware:build made to a board on USB, by MicroPython's own tool mpremote.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Fault } from '@tapcase/domain';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const HELP = `npm run firmware:flash -- [--port /dev/ttyACM0] [--secrets FILE] [--images DIR] [--dry-run]

Copies the application into slot a, then boot.py, main.py and their kind, then the provisioning, and resets the board.
What is in /flash besides (reports, numbers, calibration) stays.

  --port PORT       the board's serial port (otherwise the first that mpremote finds)
  --secrets FILE    becomes /flash/secrets.json; without it the board keeps its own
  --images DIR      what firmware:build wrote with --out (firmware-images)
  --dry-run         prints the commands and does nothing
  --help            this text
`;
const EXIT_BAD = 2;

/** firmware/app/config.py, MICROPYTHON_MIN: what is older reads a torn `{"type":` as `{}`, and its application does not start. */
const CHECK = `
import sys
if tuple(sys.implementation.version[:2]) < (1, 26):
    raise SystemExit("this board needs MicroPython 1.26 or later: flash that first (firmware/README.md)")
`.trim();
/** What runs has started a watchdog that nobody feeds any more: without main.py the next start leaves it alone. */
const STOP = `
import os
try:
    os.remove("/main.py")
except OSError:
    pass
`.trim();
/** A board on its own USB is there again a moment after a reset. */
const RESET_MS = 4_000;

/** Slot a as new, slot b no more: a board that is flashed by hand starts what was put on it by hand. */
const CLEAR = `
import os
for folder in ("/a", "/b", "/flash"):
    try:
        os.mkdir(folder)
    except OSError:
        pass
for folder in ("/a", "/b"):
    for name in os.listdir(folder):
        os.remove(folder + "/" + name)
try:
    os.remove("/flash/slots.json")
except OSError:
    pass
`.trim();

// Not process.exit: what a pipe has not taken yet would be lost.
try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Fault ? `firmware: ${error.message} (${error.code})` : error);
  process.exitCode = EXIT_BAD;
}

function main(args: readonly string[]): number {
  const words = parsed(args);
  if (words.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const usb = join(resolve(words.images ?? join(ROOT, 'firmware-images')), 'usb');
  if (!existsSync(join(usb, 'a', 'manifest.json'))) {
    throw new Fault('firmware.not-built', `${usb} has no image: run npm run firmware:build first`);
  }
  const commands = commandsFor(usb, words.port, words.secrets);
  for (const command of commands) {
    process.stdout.write(`mpremote ${command.map(quoted).join(' ')}\n`);
    if (words['dry-run'] !== true) mpremote(command);
    if (words['dry-run'] !== true && command.at(-1) === 'reset') sleep(RESET_MS);
  }
  return 0;
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = { port: text, secrets: text, images: text, 'dry-run': flag, help: flag };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw new Fault('firmware.usage', `${(error as Error).message}; --help explains`);
  }
}

/** main.py goes first and comes last: a board that was unplugged in the middle does not start half an application. */
function commandsFor(usb: string, port = 'auto', secrets?: string): readonly (readonly string[])[] {
  const board = ['connect', port] as const;
  const filesIn = (folder: string) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ name }) => join(folder, name))
      .sort();
  const isMain = (path: string) => path.endsWith('main.py');
  const root = filesIn(usb).toSorted((a, b) => Number(isMain(a)) - Number(isMain(b)));
  return [
    [...board, 'exec', CHECK],
    [...board, 'exec', STOP],
    [...board, 'reset'],
    [...board, 'exec', CLEAR],
    [...board, 'fs', 'cp', ...filesIn(join(usb, 'a')), ':/a/'],
    ...(secrets === undefined ? [] : [[...board, 'fs', 'cp', provisioning(secrets), ':/flash/secrets.json']]),
    [...board, 'fs', 'cp', ...root, ':/'],
    [...board, 'reset'],
  ];
}

/** The path again, when a controller could start with what is in it. */
function provisioning(file: string): string {
  try {
    const { case: caseId, key } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    if (typeof caseId === 'string' && typeof key === 'string') return resolve(file);
  } catch (cause) {
    throw new Fault('firmware.bad-secrets', `${file}: ${(cause as Error).message}`, {}, cause);
  }
  throw new Fault('firmware.bad-secrets', `${file} holds no case and key`);
}

function mpremote(args: readonly string[]): void {
  const { status, error } = spawnSync('mpremote', args, { stdio: 'inherit' });
  if ((error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    throw new Fault(
      'firmware.no-mpremote',
      'mpremote is not installed: "pipx install mpremote" (or "pip install --user mpremote"), then again',
    );
  }
  if (error !== undefined || status !== 0) {
    const what = error?.message ?? `mpremote ended with ${status}`;
    throw new Fault('firmware.not-flashed', `${what}; is the board plugged in, and no other program at its port?`);
  }
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function quoted(word: string): string {
  return /^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
