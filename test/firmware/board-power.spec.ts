// The whole firmware on a board whose modem is dead: what it does about power, warmth and its own resets needs no radio.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Board, type BoardOptions, createBoard, PINS } from '../../sim/src/case/board.ts';
import type { RtcMemory, Sleep } from '../../sim/src/case/board-power.ts';
import { VirtualClock } from '../../sim/src/case/clock.ts';
import { mountFlash } from '../../sim/src/case/flash.ts';
import { Ssd1306Chip } from '../../sim/src/case/ssd1306-chip.ts';
import { VMS } from './vms.ts';

const LOAD_SWITCH_PIN = 7;
/** A loop at rest that comes round this seldom is simulated much faster. */
const SLOW_MS = 100;
/** Afterwards `controller` is what app.py made. */
const PEEK = `
import json
import controller as parts
look = parts.Controller.look_at_door
def seen(self):
    global controller
    controller = self
    look(self)
parts.Controller.look_at_door = seen
`;

for (const { name, build } of VMS) {
  describe(`a board’s power in MicroPython ${name}`, () => {
    let folder: string;
    let board: Board;
    let clock: VirtualClock;
    let rtc: RtcMemory;
    let mains: boolean;
    let volts: number;
    let sensors: (number | 'crc' | null)[];
    let doorOpen: boolean;
    let pins: [number, number][];
    let slept: Sleep[];
    let resets: string[];
    let log: string[];
    /** How late the board's loops may come round: nothing here is faster than this, but for the plug. */
    let lagMs = 0;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'tapcase-power-'));
      clock = new VirtualClock();
      rtc = { hex: '' };
      mains = true;
      volts = 3.8;
      sensors = [4];
      doorOpen = false;
      pins = [];
      slept = [];
      resets = [];
      log = [];
      lagMs = 0;
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    const start = async (secrets: object = {}, why: Partial<BoardOptions> = {}): Promise<Board> => {
      const all = {
        case: '1',
        key: '07'.repeat(32),
        host: 'h',
        port: 1,
        user: 'u',
        password: 'p',
        tls: false,
        ...secrets,
      };
      writeFileSync(join(folder, 'secrets.json'), JSON.stringify(all));
      // The clock of the board before this one stands still from here on.
      clock = new VirtualClock(() => lagMs);
      board = await createBoard({
        clock,
        massGrams: () => 5_000,
        doorOpen: () => doorOpen,
        batteryVolts: () => volts,
        mainsPresent: () => mains,
        temperatureSensors: () => sensors,
        uarts: {},
        chips: [new Ssd1306Chip()],
        seed: 1,
        mount: (vm) => mountFlash(vm, folder),
        onPin: (pin, level) => pins.push([pin, level]),
        onLed: () => {},
        onLog: (line) => log.push(line),
        onReset: (reason) => resets.push(reason),
        onDeepSleep: (sleep) => slept.push(sleep),
        onLightSleep: (sleep) => slept.push(sleep),
        rtc,
        build,
        ...why,
      });
      board.boot();
      board.vm.runPython(PEEK);
      return board;
    };
    const record = () =>
      (JSON.parse(readFileSync(join(folder, 'boot.json'), 'utf8')) as { value: Record<string, unknown> }).value;
    const ask = (code: string): unknown => {
      board.vm.runPython(`print('answer', json.dumps(${code}))`);
      return JSON.parse(log.at(-1)!.replace('answer ', ''));
    };

    it('locks before anything else, and turns cells and display off once mains is gone', async () => {
      await start({ fitted: ['power_fail'] });
      await clock.advance(2_000);
      assert.deepEqual(pins[0], [PINS.lock, 0]);
      assert.equal(board.level(LOAD_SWITCH_PIN), 1);
      mains = false;
      await clock.advance(200);
      assert.equal(board.level(LOAD_SWITCH_PIN), 0);
      assert.equal(record().state, 'power_lost');
      mains = true;
      await clock.advance(5_000);
      assert.equal(board.level(LOAD_SWITCH_PIN), 1);
      assert.deepEqual(resets, []);
    });

    it('a case without the power-fail line does not mind what the pin says', async () => {
      mains = false;
      lagMs = SLOW_MS;
      await start();
      await clock.advance(70_000);
      assert.equal(board.level(LOAD_SWITCH_PIN), 1);
      assert.deepEqual(slept, []);
    });

    it('on battery without radio it sleeps deeply after three minutes, to be woken by the door', async () => {
      lagMs = SLOW_MS;
      await start({ profile: 'battery' });
      await clock.advance(170_000);
      assert.deepEqual([slept, record().state], [[], 'locked']);
      await clock.advance(15_000);
      assert.deepEqual(slept, [{ ms: 900_000, wakePins: [PINS.door] }]);
      // Woken by the timer, which is no fault and no news.
      await start({ profile: 'battery' }, { resetCause: 'sleep', wakeReason: 'timer' });
      await clock.advance(1_000);
      assert.deepEqual([record().count, record().row], [2, 0]);
      assert.equal(ask('controller.power.by_timer'), true);
    });

    it('says how warm it is, and what is wrong with its sensors', async () => {
      lagMs = SLOW_MS;
      sensors = [4.25, 'crc'];
      await start({ fitted: ['temp'] });
      const told = () => ask('[controller.temperature.celsius(), controller.faults.codes()]');
      await clock.advance(3_000);
      assert.deepEqual(told(), [4.2, []]);
      sensors = [5.5, 6.25];
      await clock.advance(35_000);
      assert.deepEqual(told(), [6.2, []]);
      sensors = [null, null];
      await clock.advance(60_000);
      assert.deepEqual(told(), [6.2, ['temp.silent']]);
    });

    it('measures its battery, and lets nobody in when it is nearly empty', async () => {
      volts = 3.35;
      await start({ profile: 'battery' });
      await clock.advance(100);
      assert.deepEqual(ask('[round(controller.devices.battery.volts(), 2), controller.faults.codes()]'), [
        3.35,
        ['battery.low'],
      ]);
      volts = 0.02;
      await start();
      await clock.advance(100);
      assert.deepEqual(ask('[round(controller.devices.battery.volts(), 2), controller.faults.codes()]'), [0.02, []]);
    });

    it('names the task that kept still before the watchdog bites, and stops selling after the third time', async () => {
      lagMs = SLOW_MS;
      for (let boot = 1; boot <= 4; boot += 1) {
        resets = [];
        await start({}, boot === 1 ? {} : { resetCause: 'watchdog' });
        await clock.advance(500);
        const { cause, watchdogs, safe, silent } = ask('controller.boots.facts()') as Record<string, unknown>;
        assert.deepEqual(
          [cause, watchdogs, safe, silent],
          boot === 1 ? ['power', 0, false, undefined] : ['watchdog', boot - 1, boot === 4, 'blink'],
        );
        // The light's task falls asleep for ever; the others do not notice.
        board.vm.runPython('import config\nconfig.FRAME_MS = config.FRAME_REST_MS = 1 << 28');
        await clock.advance(7_000);
        assert.deepEqual([resets, record().silent], [[], 'blink']);
        await clock.advance(8_000);
        assert.equal(resets[0], 'watchdog');
      }
    });

    it('starts on no MicroPython that is too old, so that an update which needs a newer one is rolled back', async () => {
      await start();
      board.vm.runPython(`
import app, config
config.MICROPYTHON_MIN = (99, 0)
try:
    app.start()
except RuntimeError as error:
    print(error)`);
      assert.equal(log.at(-1), 'this firmware wants MicroPython 99.0 or later');
    });

    it('a crash is told as a crash, and leaves the lock shut', async () => {
      await start();
      await clock.advance(500);
      pins = [];
      board.vm.runPython('import weigher\nweigher.Weigher.sample = None');
      await clock.advance(4_000);
      assert.deepEqual(resets, ['the firmware asked for it']);
      assert.equal(board.level(PINS.lock), 0);
      await start({}, { resetCause: 'hard' });
      await clock.advance(100);
      assert.deepEqual(ask('[controller.boots.cause, controller.boots.watchdogs]'), ['crash', 1]);
    });
  });
}
