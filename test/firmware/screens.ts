// Every screen of the firmware, as the display's chip shows it: made for the golden images, and for a person to look at.
// As a program: `node test/firmware/screens.ts --remake` writes the golden images anew, `--png FOLDER` pictures of them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { feedbackBench } from './feedback-bench.ts';

const GOLDENS = new URL('./goldens/screens.json', import.meta.url);
const WIDTH = 128;
const HEIGHT = 64;
/** Long enough for a screen to be drawn and sent. */
const DRAWN_MS = 200;

export const MOMENTS =
  'boot idle unlocked open too_long weighing timeout forced locked_out restock fault updating power_lost safe_mode battery_low bare'.split(
    ' ',
  );
export const OUTCOMES = ['released', 'unused', 'refused', 'owed', 'in_review'];
export const LANGUAGES = ['en', 'es'] as const;
/** 24 letters, with all that Spanish has. */
export const LONG_NAME = 'Piña exótica y jamón ñü';

/** As many letters as a sentence may have. */
export const LONG_SENTENCE =
  'Hoy es el día del inventario: abrimos otra vez mañana a las ocho. Si necesita algo ahora, pregunte en la recepción, planta baja. ¡Muchas gracias por su visita!!';

type Item = readonly [string, number];
const SIX: readonly Item[] = [
  ['Cola', 2],
  ['Potato chips', 1],
  ['Agua con gas', 1],
  [LONG_NAME, 12],
  ['Limón', 3],
  ['Chocolate bar', 1],
];
/** As the cloud sends a basket that is longer than it sends. */
const AND_MORE: readonly Item[] = [...Array.from({ length: 8 }, (): Item => [LONG_NAME, 1]), ['y más', 7]];
const TWENTY: readonly Item[] = Array.from({ length: 20 }, (_, i): Item => [`Product ${i + 1}`, (i % 3) + 1]);

function show(outcome: string, lang: string, items: readonly Item[], total: number, currency: string): object {
  return { type: 'show', id: 'abc123', seq: 1, at: 0, outcome, items, total, currency, lang };
}

/** Receipts by name, and how long after they appear they are looked at. */
export const RECEIPTS: readonly (readonly [name: string, command: object, atMs: number])[] = [
  ['receipt one item en', show('charged', 'en', [['Cola', 1]], 200, 'usd'), 0],
  ['receipt one item es', show('charged', 'es', [['Limón', 1]], 150, 'eur'), 0],
  ['receipt three items jpy', show('charged', 'en', SIX.slice(0, 3), 1_250, 'jpy'), 0],
  ['receipt six items top', show('charged', 'en', SIX, 123_450, 'usd'), 0],
  ['receipt six items scrolling', show('charged', 'en', SIX, 123_450, 'usd'), 3_000],
  ['receipt six items end', show('charged', 'en', SIX, 123_450, 'usd'), 5_600],
  ['receipt six items es eur', show('charged', 'es', SIX, 123_450, 'eur'), 0],
  ['receipt twenty items end', show('charged', 'en', TWENTY, 4_000, 'usd'), 14_000],
  ['receipt and more end', show('charged', 'es', AND_MORE, 4_000, 'eur'), 12_000],
  ['receipt partly paid en', show('partly_paid', 'en', SIX.slice(0, 2), 530, 'usd'), 0],
  ['receipt partly paid es', show('partly_paid', 'es', SIX.slice(0, 2), 530, 'eur'), 0],
  ['receipt large amount', show('charged', 'en', [['W'.repeat(24), 1]], 123_456_789, 'krw'), 0],
  ['receipt amount too long', show('charged', 'en', [[LONG_NAME, 999]], Number.MAX_SAFE_INTEGER, 'krw'), 0],
];

/** Sentences of an own flow, and how long after they appear they are looked at. */
export const SENTENCES: readonly (readonly [name: string, text: string, atMs: number])[] = [
  ['sentence large en', 'Closed until nine', 0],
  ['sentence large es', 'Mañana más, ¡gracias!', 0],
  ['sentence small en', 'You have had your three free coffees today. See you tomorrow!', 0],
  ['sentence long top', LONG_SENTENCE, 0],
  ['sentence long end', LONG_SENTENCE, 6_500],
];

/** Each screen's name and its 1,024 bytes, drawn by the firmware and read from the chip. */
export async function allScreens(build?: string): Promise<Map<string, Uint8Array>> {
  const bench = await feedbackBench(build);
  const screens = new Map<string, Uint8Array>();
  const keep = async (name: string, ms: number) => {
    await bench.pass(ms + DRAWN_MS);
    screens.set(name, bench.display.visible());
  };
  // In a task, as the firmware does it: what is set outside of one wakes nobody in the oldest build.
  const say = (code: string) =>
    bench.run(`async def say():\n    ${code.replaceAll('\n', '\n    ')}\nasyncio.create_task(say())`);
  bench.run('feedback = wire()');
  for (const language of LANGUAGES) {
    for (const moment of MOMENTS) {
      say(`feedback.language = "${language}"\nfeedback.say("${moment}")`);
      await keep(`${moment} ${language}`, 0);
    }
    for (const outcome of OUTCOMES) {
      say(showing(show(outcome, language, [], 0, 'usd')));
      await keep(`${outcome} ${language}`, 0);
    }
  }
  for (const [name, command, atMs] of RECEIPTS) {
    say(showing(command));
    await keep(name, atMs);
  }
  for (const [name, text, atMs] of SENTENCES) {
    say('feedback.say("idle")');
    say(`feedback.tell(${JSON.stringify(text)})`);
    await keep(name, atMs);
  }
  return screens;
}

export function showing(command: object): string {
  return `feedback.show(json.loads(${JSON.stringify(JSON.stringify(command))}))`;
}

export function goldens(): ReadonlyMap<string, Uint8Array> {
  const kept = JSON.parse(readFileSync(GOLDENS, 'utf8')) as Record<string, string>;
  return new Map(Object.entries(kept).map(([name, packed]) => [name, inflateRawSync(Buffer.from(packed, 'base64'))]));
}

/** Two rows of pixels in each line of text, for a failure that a person can read. */
export function asText(screen: Uint8Array): string {
  const lit = (x: number, y: number) => (screen[(y >> 3) * WIDTH + x]! >> (y & 7)) & 1;
  const rows: string[] = [];
  for (let y = 0; y < HEIGHT; y += 2) {
    const row = Array.from({ length: WIDTH }, (_, x) => ' ▀▄█'[lit(x, y) + 2 * lit(x, y + 1)]);
    rows.push(row.join(''));
  }
  return rows.join('\n');
}

async function writePictures(screens: ReadonlyMap<string, Uint8Array>, folder: string): Promise<void> {
  const { default: sharp } = await import('sharp');
  mkdirSync(folder, { recursive: true });
  for (const [name, screen] of screens) {
    const grey = new Uint8Array(WIDTH * HEIGHT);
    for (let i = 0; i < grey.length; i += 1) {
      const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
      grey[i] = 255 * ((screen[(y >> 3) * WIDTH + x]! >> (y & 7)) & 1);
    }
    const picture = sharp(grey, { raw: { width: WIDTH, height: HEIGHT, channels: 1 } });
    await picture
      .resize(4 * WIDTH, 4 * HEIGHT, { kernel: 'nearest' })
      .png()
      .toFile(join(folder, `${name}.png`));
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , order, folder] = process.argv;
  const screens = await allScreens();
  if (order === '--remake') {
    const texts = [...screens].map(([name, bytes]) => [name, deflateRawSync(bytes).toString('base64')]);
    writeFileSync(GOLDENS, `${JSON.stringify(Object.fromEntries(texts), null, 1)}\n`);
  } else if (order === '--png' && folder !== undefined) await writePictures(screens, folder);
  else console.error('usage: node test/firmware/screens.ts --remake | --png FOLDER');
}
