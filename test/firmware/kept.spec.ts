// What a board finds in its flash, whatever it is: it starts, locks and says what it lost; what it was given once it keeps twice.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { type Board, createBoard, PINS } from '../../sim/src/case/board.ts';
import { VirtualClock } from '../../sim/src/case/clock.ts';
import { mountFlash } from '../../sim/src/case/flash.ts';
import { Ssd1306Chip } from '../../sim/src/case/ssd1306-chip.ts';
import { VMS } from './vms.ts';

const SECRETS = { case: '123', key: '07'.repeat(32), host: 'h', port: 1, user: 'u', password: 'p', tls: false };
/** All that the firmware writes and reads again at a start. */
const OWN = [
  ...['visit.json', 'lockout.json', 'seq-cmd.json', 'boot.json', 'slots.json', 'epoch.json', 'epoch-2.json'],
  ...['ledger.json', 'seq-door.json', 'seq-door-2.json', 'seq-status.json', 'seq-status-2.json', 'calibration.json'],
];
const LOGS = ['outbox-0.log', 'outbox-1.log'];
const STRANGE = ['{"active":"/a"}', '[]', '"x"', '-7', 'null', '{"id":7,"mass":"x","on":[],"count":{},"mark":[]}'];

const sum = (body: string) => crc32(body).toString(16).padStart(8, '0');
const sealed = (body: string) => `{"crc":"${sum(body)}","value":${body}}`;

for (const { name, build } of VMS) {
  describe(`what is kept in flash, in MicroPython ${name}`, () => {
    let folder: string;
    let board: Board;
    let resets: string[];
    let log: string[];

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tapcase-kept-'));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const put = (file: string, text: string) => writeFileSync(join(folder, file), text);
    const keptIn = (file: string) =>
      (JSON.parse(readFileSync(join(folder, file), 'utf8')) as { readonly value: Record<string, unknown> }).value;
    const start = async () => {
      [resets, log] = [[], []];
      const clock = new VirtualClock(() => 100);
      board = await createBoard({
        clock,
        massGrams: () => 5_000,
        doorOpen: () => false,
        uarts: {},
        chips: [new Ssd1306Chip()],
        seed: 1,
        mount: (vm) => mountFlash(vm, folder),
        onPin: () => {},
        onLed: () => {},
        onLog: (line) => log.push(line),
        onReset: (reason) => resets.push(reason),
        build,
      });
      board.boot();
      await clock.advance(6_000);
    };

    for (const strange of STRANGE) {
      it(`starts and stays up with ${strange} in every file of its own, with a sum or without`, async () => {
        for (const text of [strange, sealed(strange)]) {
          put('secrets.json', JSON.stringify(SECRETS));
          for (const file of OWN) put(file, text);
          for (const file of LOGS) put(file, `\n${sum(strange)} ${strange}\n`);
          await start();
          assert.deepEqual([resets, board.level(PINS.lock)], [[], 0], `${text}: ${log.slice(-8).join(' | ')}`);
          const told = LOGS.map((file) => readFileSync(join(folder, file), 'utf8')).join('');
          assert.ok(told.includes('"flash.damaged"'), told);
        }
      });
    }

    it('keeps two sealed copies of what it was given, and either alone makes the other good', async () => {
      put('secrets.json', JSON.stringify(SECRETS));
      await start();
      for (const damaged of ['secrets.json', 'secrets-2.json']) {
        assert.deepEqual([keptIn('secrets.json'), keptIn('secrets-2.json')], [SECRETS, SECRETS]);
        const flipped = readFileSync(join(folder, damaged));
        flipped[flipped.length >> 1]! ^= 1;
        writeFileSync(join(folder, damaged), flipped);
        await start();
        assert.deepEqual(resets, []);
      }
      rmSync(join(folder, 'secrets.json'));
      await start();
      assert.deepEqual(keptIn('secrets.json'), SECRETS);
    });

    it('takes what is put there by hand, and goes on with the old where that is cut or is no provisioning', async () => {
      put('secrets.json', JSON.stringify(SECRETS));
      await start();
      for (const bad of ['', '{"case":"124","ke', '{"active":"/a"}', '{"case":"124","key":"zz"}']) {
        put('secrets.json', bad);
        await start();
        assert.deepEqual([resets, keptIn('secrets.json')], [[], SECRETS], bad);
      }
      const other = { ...SECRETS, case: '124', status_ms: 'x', lang: 'xx', fitted: 7 };
      put('secrets.json', JSON.stringify(other));
      await start();
      const { status_ms, lang, fitted, ...kept } = other;
      assert.deepEqual([resets, keptIn('secrets.json'), keptIn('secrets-2.json')], [[], kept, kept]);
      assert.deepEqual([status_ms, lang, fitted], ['x', 'xx', 7]);
    });
  });
}
