// pi-health: what a Pi says of itself, read from a made-up machine; what is missing is null; a warning is told once.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Health, parseConfig } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/pi-health/contract.ts';
import { warningsOf } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/pi-health/judge.ts';
import piHealthNode, { piHealth } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/pi-health/pi-health.ts';
import { readHealth } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/pi-health/read-health.ts';
import { HANG_MS } from '../patience.ts';
import { bench, type NodeModule, withRuntime } from './harness.ts';

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

describe('pi-health', () => {
  withRuntime();
  let root: string;
  let vcgencmd: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'pi-health-'));
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
  const load = (config: object, module: NodeModule = piHealth({ root, vcgencmd, commandMs: HANG_MS })) =>
    bench({
      node: { id: 'health', type: 'pi-health', folder: root, diskFreeMbMin: '0', ...config },
      outputs: 2,
      modules: [module],
    });

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
    const { send, collect } = await load({});
    const portsOf = (outcomes: Awaited<ReturnType<typeof collect>>) =>
      outcomes.map((outcome) => (outcome.kind === 'output' ? outcome.port : outcome.code));
    heat(85_000);
    const both = await collect({ topic: 'kept' }, 2);
    assert.deepEqual(portsOf(both), [0, 1]);
    assert.deepEqual((both[1]!.message.health as Health).warnings, ['hot']);
    assert.equal(both[1]!.message.topic, 'kept');
    assert.deepEqual(portsOf([await send({})]), [0]);
    heat(60_000);
    assert.deepEqual(((await send({})).message.health as Health).warnings, []);
    heat(85_000);
    assert.deepEqual(portsOf(await collect({}, 2)), [0, 1]);
  });

  it('works on this very machine', async () => {
    const { send } = await load({ folder: '/' }, piHealthNode);
    const outcome = await send({});
    const { uptimeS, memoryFreeMb, diskTotalMb } = outcome.message.health as Health;
    assert.ok(uptimeS! > 0 && memoryFreeMb! > 0 && diskTotalMb! > 0);
  });

  it('tells Catch when its folder or its limit is none', async () => {
    for (const config of [{ folder: '' }, { diskFreeMbMin: 'much' }]) {
      assert.ok('code' in parseConfig({ folder: '/', ...config }));
    }
    const { send } = await load({ folder: '' });
    const outcome = await send({});
    assert.equal(outcome.kind === 'fault' && outcome.code, 'config.invalid');
  });
});
