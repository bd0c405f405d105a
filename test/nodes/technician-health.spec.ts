// What a Pi says of itself, read from a made-up machine: what is missing is null, and tapcase-technician warns once.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Board } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/technician/board.ts';
import {
  parseHealthConfig,
  watchHealth,
} from '../../nodes/node-red-contrib-tapcase-edge/src/computer/technician/health.ts';
import { warningsOf } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/technician/judge.ts';
import {
  type Health,
  readHealth,
} from '../../nodes/node-red-contrib-tapcase-edge/src/computer/technician/read-health.ts';
import technicianNode, {
  technician,
} from '../../nodes/node-red-contrib-tapcase-edge/src/computer/technician/technician.ts';
import { HANG_MS, within } from '../patience.ts';
import { bench, helper, type Message, type NodeModule, withRuntime } from './harness.ts';

const WELL = {
  temperatureC: 50,
  throttled: null,
  memoryFreeMb: 1000,
  diskFreeMb: 1000,
  diskTotalMb: 2000,
  uptimeS: 1,
  load1: 0,
  model: null,
};

/** Looks often enough that a test waits for nothing. */
const HEALTH_MS = 5;

describe('the health of a Pi', () => {
  withRuntime();
  let root: string;
  let vcgencmd: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'technician-health-'));
    vcgencmd = join(root, 'vcgencmd');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const firmwareSays = (script: string) => {
    put('vcgencmd', `#!/bin/sh\n${script}\n`);
    chmodSync(vcgencmd, 0o755);
  };
  const read = () => readHealth({ root, vcgencmd, commandMs: HANG_MS, folder: root });
  const sources = () => ({ root, vcgencmd, commandMs: HANG_MS });
  const load = (config: object, others: readonly NodeModule[] = [], module = technician(sources(), HEALTH_MS)) =>
    bench({
      node: { id: 'technician', type: 'tapcase-technician', folder: root, diskFreeMbMin: '0', ...config },
      outputs: 2,
      modules: [...others, module],
    });
  /** The next message of an output that is the wanted one. */
  const next = (port: number, wanted: (message: Message) => boolean = () => true): Promise<Message> => {
    const came = new Promise<Message>((resolve) => {
      helper.getNode(`out${port}`).on('input', ((message: Message) => {
        if (wanted(message)) resolve(message);
      }) as never);
    });
    return within(`a message of output ${port}`, came);
  };
  const boardWith = (name: string, value: unknown) =>
    next(0, ({ payload }) => (payload as Board).health[name] === value);

  it('reads what a Pi 4 says of itself', async () => {
    put('sys/class/thermal/thermal_zone0/temp', '48312\n');
    put('sys/class/thermal/thermal_zone1/temp', '51450\n');
    put('proc/meminfo', 'MemTotal:        3884360 kB\nMemFree:          100000 kB\nMemAvailable:    2000000 kB\n');
    put('proc/uptime', '35123.45 120000.00\n');
    put('proc/loadavg', '0.42 0.30 0.25 1/200 1234\n');
    put('proc/device-tree/model', 'Raspberry Pi 4 Model B Rev 1.4\0');
    firmwareSays('test "$1" = get_throttled && echo throttled=0x50005');
    const { diskFreeMb, diskTotalMb, ...rest } = await read();
    assert.deepEqual(rest, {
      temperatureC: 51.5,
      throttled: { now: ['under-voltage', 'throttled'], sinceStart: ['under-voltage', 'throttled'] },
      memoryFreeMb: 2048,
      uptimeS: 35123,
      load1: 0.42,
      model: 'Raspberry Pi 4 Model B Rev 1.4',
    });
    assert.ok(diskFreeMb !== null && diskTotalMb !== null && diskFreeMb <= diskTotalMb);
  });

  it('says null for everything that a machine does not have', async () => {
    const health = await readHealth({ root, vcgencmd, commandMs: HANG_MS, folder: undefined });
    assert.deepEqual(new Set(Object.values(health)), new Set([null]));
    assert.equal((await readHealth({ root, vcgencmd, folder: join(root, 'not there') })).diskFreeMb, null);
  });

  for (const text of ['hot', '', '999999', '-99999', '4e9999']) {
    it(`takes a temperature of "${text}" for none`, async () => {
      put('sys/class/thermal/thermal_zone0/temp', text);
      assert.equal((await read()).temperatureC, null);
    });
  }

  for (const [name, script] of [
    ['refuses', 'echo throttled=0x0; exit 1'],
    ['answers nonsense', 'echo VCHI initialization failed'],
    ['answers without end', 'while :; do echo throttled=0x0; done'],
  ] as const) {
    it(`says null where the firmware ${name}`, async () => {
      firmwareSays(script);
      assert.equal((await read()).throttled, null);
    });
  }

  it('names every bit of the firmware’s answer', async () => {
    firmwareSays('echo throttled=0xf0000');
    assert.deepEqual((await read()).throttled, {
      now: [],
      sinceStart: ['under-voltage', 'frequency-capped', 'throttled', 'soft-temperature-limit'],
    });
  });

  it('is hot from 80 °C until it is cooler than 75', () => {
    const at = (temperatureC: number, before: Parameters<typeof warningsOf>[2]) =>
      warningsOf({ ...WELL, temperatureC }, 500, before);
    assert.deepEqual(at(79.9, []), []);
    assert.deepEqual(at(80, []), ['hot']);
    assert.deepEqual(at(75, ['hot']), ['hot']);
    assert.deepEqual(at(74.9, ['hot']), []);
  });

  it('is nearly full below what was set until there is a tenth more', () => {
    const at = (diskFreeMb: number, before: Parameters<typeof warningsOf>[2]) =>
      warningsOf({ ...WELL, diskFreeMb }, 500, before);
    assert.deepEqual(at(500, []), []);
    assert.deepEqual(at(499, []), ['disk-nearly-full']);
    assert.deepEqual(at(549, ['disk-nearly-full']), ['disk-nearly-full']);
    assert.deepEqual(at(550, ['disk-nearly-full']), []);
  });

  it('warns of what is measured only, and of the supply only while it is low', () => {
    assert.deepEqual(warningsOf({ ...WELL, temperatureC: null, diskFreeMb: null }, 500, ['hot']), []);
    const throttled = { now: [], sinceStart: ['under-voltage'] } as const;
    assert.deepEqual(warningsOf({ ...WELL, throttled }, 500, []), []);
    assert.deepEqual(warningsOf({ ...WELL, throttled: { now: ['under-voltage'], sinceStart: [] } }, 500, []), [
      'under-voltage',
    ]);
  });

  it('warns once, goes on reporting, and warns again when it came back', async () => {
    const heat = (millidegrees: number) => put('sys/class/thermal/thermal_zone0/temp', String(millidegrees));
    const look = watchHealth(sources(), { folder: root, diskFreeMbMin: 0 });
    heat(85_000);
    const first = await look();
    assert.deepEqual([first.health.warnings, first.isNew], [['hot'], true]);
    const second = await look();
    assert.deepEqual([second.health.warnings, second.isNew], [['hot'], false]);
    heat(60_000);
    assert.deepEqual((await look()).health.warnings, []);
    heat(85_000);
    assert.equal((await look()).isNew, true);
  });

  it('is looked at by the technician’s node itself: each look on the board, a warning apart', async () => {
    const heat = (millidegrees: number) => put('sys/class/thermal/thermal_zone0/temp', String(millidegrees));
    heat(60_000);
    await load({});
    const [unwell, hot] = [next(1), boardWith('warnings', 'hot')];
    heat(85_000);
    assert.deepEqual(((await unwell).health as Health).warnings, ['hot']);
    assert.equal(((await hot).payload as Board).health.temperatureC, 85);
    const cool = boardWith('temperatureC', 60);
    heat(60_000);
    await cool;
    const again = next(1);
    heat(85_000);
    await again;
  });

  it('works on this very machine', async () => {
    await load({ folder: '/' }, [], technicianNode);
    const { payload } = await next(0, ({ payload }) => 'uptimeS' in (payload as Board).health);
    const { uptimeS, memoryFreeMb, diskTotalMb } = (payload as Board).health as unknown as Health;
    assert.ok(uptimeS! > 0 && memoryFreeMb! > 0 && diskTotalMb! > 0);
  });

  for (const [wrong, code] of [
    [{ folder: '' }, 'config.invalid'],
    [{ diskFreeMbMin: 'much' }, 'config.invalid'],
    [{ state: 'gone' }, 'config.missing-node'],
  ] as const) {
    it(`tells Catch of ${JSON.stringify(wrong)} once, and the board goes on`, async () => {
      if (!('state' in wrong)) assert.ok('code' in parseHealthConfig({ folder: '/', ...wrong }));
      told.length = 0;
      const { node } = await load(wrong, [listener]);
      const board = next(0);
      node('technician').receive({ status: { fill: 'green', text: 'well', source: { id: 'a', name: 'a' } } });
      assert.equal(((await board).payload as Board).parts[0]!.text, 'well');
      assert.deepEqual(told, [code]);
    });
  }
});

/** Codes of faults from the first moment on: a bench listens only when the flows have been started. */
const told: unknown[] = [];
const listener: NodeModule = ({ hooks }) => {
  hooks.remove('*.told');
  hooks.add('onReceive.told', ({ msg, destination }) => {
    if (destination.id === 'caught') told.push((msg as { error?: { code?: unknown } }).error?.code);
  });
};
