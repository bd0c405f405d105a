// npm run firmware:build: compiles the controller's application, signs it, and lays out what USB and the cloud hand over.
import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Fault } from '@tapcase/domain';
import { compileApp, type Image } from './firmware/compile.ts';
import { newKey, nextNumber, publicHex, type Release, readKey, writeRelease } from './firmware/release.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const FIRMWARE = join(ROOT, 'firmware');
const HELP = `npm run firmware:build -- --key FILE [--version X] [--number N] [--min-number N] [--out DIR] [--py]
npm run firmware:build -- --new-key FILE

Compiles firmware/app, signs it, and writes
  DIR/N/    manifest, signature and files: put DIR where the cloud's FIRMWARE_DIR is
  DIR/usb/  everything that npm run firmware:flash copies to a new board

  --key FILE        the secret half of the update key; the public half stands in each controller's secrets.json
  --new-key FILE    makes a key pair and prints the public half; FILE must not be in this repository
  --version X       what the controllers then report (otherwise what firmware/app/config.py says)
  --number N        rising over all releases (otherwise one above the highest in DIR)
  --min-number N    controllers below this take another release first
  --out DIR         firmware-images
  --py              sources instead of .mpy, for a chip whose MicroPython has another .mpy version
  --help            this text
`;
const NUMBER_MAX = 999_999_999;
const VERSION = /^[0-9A-Za-z.+-]{1,20}$/;
const EXIT_BAD = 2;

// Not process.exit: what a pipe has not taken yet would be lost.
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Fault ? `firmware: ${error.message} (${error.code})` : error);
  return EXIT_BAD;
});

async function main(args: readonly string[]): Promise<number> {
  const words = parsed(args);
  if (words.help === true || (words.key === undefined && words['new-key'] === undefined)) {
    process.stdout.write(HELP);
    return words.help === true ? 0 : EXIT_BAD;
  }
  if (words['new-key'] !== undefined) {
    outsideOfRepository(words['new-key']);
    const key = newKey(words['new-key']);
    process.stdout.write(`${words['new-key']} holds the secret half: keep it off the cloud and off every device.\n`);
    process.stdout.write(`"update_key": "${publicHex(key)}"\n`);
    return 0;
  }
  const privateKey = readKey(words.key!);
  if (words.version !== undefined && !VERSION.test(words.version))
    throw usage('--version wants up to 20 of 0-9 a-z . + -');
  const out = resolve(words.out ?? join(ROOT, 'firmware-images'));
  const image = await compileApp(join(FIRMWARE, 'app'), { version: words.version, py: words.py === true });
  const number = whole(words.number, '--number') ?? nextNumber(out);
  const minNumber = whole(words['min-number'], '--min-number');
  const at = Math.floor(Date.now() / 1000);
  const release = writeRelease(out, image, { number, minNumber, privateKey, at });
  const usb = writeUsb(out, image, release);
  process.stdout.write(summary(image, number, release, usb, publicHex(privateKey)));
  return 0;
}

function parsed(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  const options = {
    ...{ key: text, 'new-key': text, version: text, number: text, 'min-number': text, out: text },
    ...{ py: flag, help: flag },
  };
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    throw usage((error as Error).message);
  }
}

function whole(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > NUMBER_MAX) throw usage(`${name} wants a whole number from 1 to ${NUMBER_MAX}`);
  return value;
}

/** What is in the repository is pushed some day. */
function outsideOfRepository(file: string): void {
  const path = relative(ROOT, resolve(file));
  if (!path.startsWith('..') && !isAbsolute(path)) throw usage('--new-key wants a file outside of this repository');
}

/** The files that are soldered, so to speak, and slot a as the manifest describes it. */
function writeUsb(out: string, image: Image, { manifest }: Release): string {
  const usb = join(out, 'usb');
  rmSync(usb, { recursive: true, force: true });
  mkdirSync(join(usb, 'a'), { recursive: true });
  for (const name of readdirSync(FIRMWARE).filter((file) => file.endsWith('.py'))) {
    copyFileSync(join(FIRMWARE, name), join(usb, name));
  }
  for (const { path, data } of image.files) writeFileSync(join(usb, 'a', path), data);
  writeFileSync(join(usb, 'a', 'manifest.json'), manifest);
  return usb;
}

function summary(image: Image, number: number, release: Release, usb: string, key: string): string {
  const sizes = image.files.map(({ path, data }) => ({ path, bytes: data.length }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  const largest = sizes.toSorted((a, b) => b.bytes - a.bytes)[0]!;
  const rows: readonly (readonly [string, string])[] = [
    ['version', `${image.version}, number ${number}`],
    ['image', `${sizes.length} files, ${total} bytes; the largest is ${largest.path} with ${largest.bytes}`],
    ['manifest', `${release.manifest.length} bytes`],
    ['for the cloud', release.folder],
    ['for USB', usb],
    ['update_key', key],
  ];
  return rows.map(([name, value]) => `${name.padEnd(14)}${value}\n`).join('');
}

function usage(message: string): Fault {
  return new Fault('firmware.usage', `${message}; --help explains`);
}
