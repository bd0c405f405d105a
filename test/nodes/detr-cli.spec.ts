// npm run detect: what it prints, and what it says when it cannot; on a small model and on one of DETR's full size.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { writeRandomDetr } from '../../tools/make-random-detr.ts';
import { DETR_RESNET_50 } from '../../tools/random-detr.ts';
import { shelfPng, writeTinyModel } from './tiny-detr.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('npm run detect', () => {
  let [home, model, image] = ['', '', ''];
  before(async () => {
    home = mkdtempSync(join(tmpdir(), 'tapcase-detect-'));
    [model, image] = [join(home, 'tiny'), join(home, 'shelf.png')];
    writeTinyModel(model);
    writeFileSync(image, await shelfPng({ cola: 3, soda: 1 }));
  });
  after(() => rmSync(home, { recursive: true, force: true }));

  it('prints a table of what is in the picture, and which model saw it in which time', async () => {
    const { code, out } = await detect('--model', model, '--image', image);
    assert.equal(code, 0);
    assert.match(out, /model {2}tiny, family detr, SHA-256 [0-9a-f]{64}\n/);
    assert.equal(out.match(/^cola +\d/gm)?.length, 3);
    assert.match(out, /4 above 0\.5 in \d+ ms: decode [\d.]+, pre-process [\d.]+, infer [\d.]+, post-process [\d.]+/);
  });

  it('prints the same as JSON', async () => {
    const { out } = await detect('--model', model, '--image', image, '--json', '--threshold', '0.7');
    const seen = JSON.parse(out) as Record<string, unknown> & { boxes: { label: string }[]; sha256: string };
    assert.deepEqual(seen.boxes.map(({ label }) => label).sort(), ['cola', 'cola', 'cola', 'soda']);
    assert.deepEqual([seen.name, seen.threshold, seen.size], ['tiny', 0.7, { width: 64, height: 48 }]);
    assert.equal(seen.model, seen.sha256.slice(0, 12));
  });

  it('leaves nothing behind and reports to nobody: the runtime keeps a file for what it would send', async () => {
    const folder = mkdtempSync(join(home, 'empty-'));
    const { code } = await detectIn(folder, '--model', model, '--image', image);
    assert.equal(code, 0);
    assert.deepEqual(readdirSync(folder), []);
  });

  const wrong: [story: string, code: string, args: () => string[]][] = [
    ['the model is not there', 'detr.model-missing', () => ['--model', join(home, 'none'), '--image', image]],
    ['the picture is not there', 'image.unreadable', () => ['--model', model, '--image', join(home, 'none.png')]],
    ['the picture is none', 'image.unreadable', () => ['--model', model, '--image', join(model, 'config.json')]],
    ['the threshold is none', 'config.invalid', () => ['--model', model, '--image', image, '--threshold', '1.5']],
    ['nothing is asked', 'config.invalid', () => []],
  ];
  for (const [story, fault, args] of wrong) {
    it(`says ${fault} in one line when ${story}`, async () => {
      const { code, out, err } = await detect(...args());
      assert.deepEqual([code, out], [1, '']);
      assert.match(err, new RegExp(`^${fault.replace('.', '\\.')}: [^\\n]+\\n$`));
    });
  }

  it('runs a DETR with a ResNet-50 of full size, 41 million random weights, on a frame of 1280 x 720', async () => {
    const [folder, frame] = [join(home, 'full'), join(home, 'frame.jpg')];
    // All weights work, on a quarter of the usual pixels: how long the usual ones take is for `npm run bench` to say.
    await writeRandomDetr(folder, DETR_RESNET_50, { shortest_edge: 400, longest_edge: 667 });
    const create = { width: 1280, height: 720, channels: 3, background: 'white', noise: NOISE } as const;
    await sharp({ create }).jpeg().toFile(frame);
    const { code, out, err } = await detect('--model', folder, '--image', frame, '--threshold', '0', '--json');
    assert.equal(code, 0, err);
    const { boxes, size } = JSON.parse(out) as { boxes: { score: number }[]; size: object };
    assert.deepEqual(size, { width: 1280, height: 720 });
    // Each of the hundred queries has its best class above 0.
    assert.equal(boxes.length, 100);
    assert.ok(boxes.every(({ score }) => score > 0 && score < 1));
  });
});

const NOISE = { type: 'gaussian', mean: 128, sigma: 60 } as const;

function detect(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  return detectIn(tmpdir(), ...args);
}

function detectIn(temporary: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, TMPDIR: temporary };
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/detect.ts', ...args], { cwd: ROOT, env }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}
