// The whole firmware on a board with its modem: a radio that falls silent in any way is brought back, and why is told.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openFrame, parseDoorReport, parseStatusReport, type StatusReport, sealFrame } from '@tapcase/domain';
import { hmacSha256 as hmac } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import { type Board, createBoard } from '../../sim/src/case/board.ts';
import { VirtualClock } from '../../sim/src/case/clock.ts';
import { mountFlash } from '../../sim/src/case/flash.ts';
import { MODEM_UART, tellModem } from '../../sim/src/case/modem-pins.ts';
import { Ssd1306Chip } from '../../sim/src/case/ssd1306-chip.ts';
import type { Dial } from '../../sim/src/modem/broker-link.ts';
import { Sim7080g } from '../../sim/src/modem/sim7080g.ts';
import { VMS } from './vms.ts';

const KEY = Buffer.alloc(32, 7);
const TOPIC = 'case/1/cmd';
/** Nothing here is faster than this. */
const LAG_MS = 200;
const MINUTE_MS = 60_000;
/** What a powered modem may be silent for without a step of its ladder. */
const SILENCE_MS_MAX = 10 * MINUTE_MS;

type Status = Extract<StatusReport, { type: 'status' }>;

for (const { name, build } of VMS) {
  describe(`the health of the link, in MicroPython ${name}`, () => {
    let folder: string;
    let clock: VirtualClock;
    let board: Board;
    let modem: Sim7080g;
    let heard: string[];
    let statuses: (Status & { readonly atMs: number })[];
    let resets: string[];
    /** The cloud answers questions and acks reports. */
    let answers: boolean;
    let seq: number;
    let link: { readonly say: (frame: Uint8Array) => void } | undefined;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tapcase-link-'));
      [heard, statuses, resets] = [[], [], []];
      [answers, seq, link] = [true, 0, undefined];
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const tell = (payload: object) => {
      seq += 1;
      const at = Math.floor(clock.dateMs() / 1000);
      link?.say(sealFrame({ topic: TOPIC, payload: { seq, at, ...payload }, key: KEY, hmac }) as Uint8Array);
    };
    const cloudHears = (topic: string, frame: Uint8Array) => {
      if (topic.includes('/online/')) return;
      const payload = openFrame({ topic, frame, keys: [KEY], hmac });
      const report = topic.endsWith('/door') ? parseDoorReport(payload) : parseStatusReport(payload);
      assert.ok(!(report instanceof Error), String(report));
      if (report.type === 'status') statuses.push({ ...report, atMs: clock.nowMs() });
      else if (answers) {
        tell(
          report.type === 'hello'
            ? { type: 'time', nonce: report.nonce }
            : { type: 'ack', topic: 'door', of: report.seq },
        );
      }
    };
    const dial: Dial = async () => {
      const line = {
        connected: true,
        publish: async (topic: string, payload: Uint8Array) => cloudHears(topic, payload),
        subscribe: async () => {},
        end: () => {
          line.connected = false;
        },
        onMessage: (_topic: string, _payload: Uint8Array) => {},
        onClose: () => {},
      };
      link = { say: (frame) => line.onMessage(TOPIC, frame) };
      return line;
    };
    const start = async (why: { readonly resetCause?: 'hard' } = {}) => {
      const secrets = { case: '1', key: '07'.repeat(32), host: 'h', port: 1, user: 'u', password: 'p', tls: false };
      writeFileSync(join(folder, 'secrets.json'), JSON.stringify(secrets));
      clock = new VirtualClock(() => LAG_MS);
      modem = new Sim7080g({
        clock,
        dial,
        send: (bytes) => board.send(MODEM_UART, bytes),
        log: (line) => heard.push(line),
      });
      board = await createBoard({
        clock,
        massGrams: () => 5_000,
        doorOpen: () => false,
        uarts: { [MODEM_UART]: modem },
        chips: [new Ssd1306Chip()],
        seed: 1,
        mount: (vm) => mountFlash(vm, folder),
        onPin: (pin, level) => tellModem(modem, pin, level),
        onLed: () => {},
        onLog: (line) => heard.push(line),
        onReset: (reason) => resets.push(reason),
        build,
        ...why,
      });
      board.boot();
    };
    const pass = (ms: number) => clock.advance(ms, () => modem.outside?.then(() => {}));
    /** The first status after `fromMs`, or the first that says why there was no radio. */
    const statusAfter = async (fromMs: number, withinMs: number, telling = false) => {
      for (let passedMs = 0; passedMs < withinMs; passedMs += 1_000) {
        const found = statuses.find(({ atMs, link }) => atMs > fromMs && (!telling || link !== undefined));
        if (found !== undefined) return found;
        await pass(1_000);
      }
      return assert.fail(`no status within ${withinMs} ms: ${heard.slice(-12).join(' | ')}`);
    };

    /** It refuses from now on; of two ladders each attempt comes as soon as the one before has failed. */
    const loseBroker = () => {
      board.vm.runPython('import config\nconfig.CONNECT_AGAIN_MS_MAX = 1000');
      modem.switches.refuseConnect = true;
      modem.cut();
      modem.restore();
    };

    it('brings back a modem that falls silent while it is connected, and says why and how', async () => {
      await start();
      await statusAfter(0, MINUTE_MS);
      await pass(40_000);
      modem.switches.deaf = true;
      const deafAtMs = clock.nowMs();
      const back = await statusAfter(deafAtMs, SILENCE_MS_MAX / 2, true);
      assert.deepEqual([back.link?.why, back.link?.step], ['silent', 'key']);
      assert.ok(back.link!.silent > 0 && back.link!.silent * 1_000 < back.atMs - deafAtMs, JSON.stringify(back.link));
      // Told in the first few, then no more.
      await pass(4 * MINUTE_MS);
      assert.equal(statuses.at(-1)!.link, undefined);
      assert.deepEqual(resets, []);
    });

    it('cuts the supply of a modem that no key wakes', async () => {
      await start();
      await statusAfter(0, MINUTE_MS);
      modem.switches.hung = true;
      const back = await statusAfter(clock.nowMs(), 30 * MINUTE_MS, true);
      assert.deepEqual([back.link?.why, back.link?.step], ['silent', 'power']);
    });

    it('climbs the ladder where the broker acks and the cloud’s words do not come, and is well when they do', async () => {
      await start();
      await statusAfter(0, MINUTE_MS);
      answers = false;
      board.vm.runPython('import tasks\ntasks.config.TIME_REFRESH_MS = 1000');
      heard.length = 0;
      await pass(2 * SILENCE_MS_MAX);
      assert.ok(heard.includes('radio: given up, unanswered'), heard.join(' | '));
      assert.ok(heard.includes('AT+SMDISC'));
      assert.ok(statuses.some(({ link }) => link?.why === 'unanswered'));
      answers = true;
      await pass(MINUTE_MS);
      heard.length = 0;
      await pass(3 * MINUTE_MS);
      assert.ok(!heard.some((line) => line.startsWith('radio: given up')));
    });

    it('goes on telling how it is where the modem cannot say how strong its signal is', async () => {
      await start();
      await statusAfter(0, MINUTE_MS);
      board.vm.runPython(`
import sim7080g
async def look_around(self):
    raise OSError('modem: AT+CSQ: ERROR')
sim7080g.Modem.look_around = look_around`);
      await statusAfter(clock.nowMs(), MINUTE_MS);
    });

    it('starts the whole board anew when two ladders helped nothing, once, and says so', async () => {
      await start();
      await statusAfter(0, MINUTE_MS);
      loseBroker();
      await pass(8 * MINUTE_MS);
      assert.deepEqual([...new Set(resets)], ['the firmware asked for it']);
      [resets, statuses] = [[], []];
      await start({ resetCause: 'hard' });
      assert.equal((await statusAfter(0, MINUTE_MS)).boot?.cause, 'radio');
      loseBroker();
      heard.length = 0;
      await pass(8 * MINUTE_MS);
      const attempts = heard.filter((line) => line.startsWith('radio: modem:')).length;
      assert.ok(attempts > 24, `${attempts} attempts`);
      assert.deepEqual(resets, []);
    });
  });
}
