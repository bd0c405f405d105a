// Several VMs in one process: what one leaves behind, a timer, an awaited promise, a collected object, never reaches another.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { firmwareVm, VMS } from './vms.ts';

const SLEEPER = `
import asyncio, json
async def sleeper(word, ms):
    await asyncio.sleep_ms(ms)
    print(json.dumps(word))
`;
for (const { name, build } of VMS) {
  describe(`MicroPython ${name}, several in one process`, () => {
    it('each wake their own tasks, however late and in whatever order they were made', async () => {
      const vms = [await firmwareVm(build), await firmwareVm(build), await firmwareVm(build)];
      const told = [];
      for (const [number, vm] of vms.entries())
        vm.run(`${SLEEPER}\nasyncio.create_task(sleeper('vm ${number}', ${(number + 1) * 100}))`);
      for (const vm of vms) told.push(await vm.runFor(1_000, ''));
      assert.deepEqual(told, [['vm 0'], ['vm 1'], ['vm 2']]);
    });

    it('live in their own time, also where a promise of ours lets them go on', async () => {
      const old = await firmwareVm(build);
      let goOn = () => {};
      old.module('world', {
        event: () =>
          new Promise<void>((resolve) => {
            goOn = resolve;
          }),
      });
      old.run(`${SLEEPER}
import time, world
began = time.ticks_ms()
async def waiter():
    await asyncio.sleep_ms(3600000)
    print(json.dumps(time.ticks_diff(time.ticks_ms(), began)))
world.event().then(lambda *_: asyncio.create_task(waiter()))`);
      const young = await firmwareVm(build);
      await old.clock.advance(1_000);
      goOn();
      // Both builds go on in a turn after the one in which the promise was kept.
      await new Promise(setImmediate);
      assert.deepEqual(young.run('import json; print(json.dumps(1))'), [1]);
      assert.deepEqual(await old.runFor(3_600_000, ''), [3_601_000]);
    });

    it('never touch what the process has: its timers, its date, its names', async () => {
      const before = globals();
      const vm = await firmwareVm(build);
      const seen: (readonly string[])[] = [];
      vm.module('world', { look: () => void seen.push(different(before, globals())) });
      await vm.runFor(1_000, `${SLEEPER}\nimport world\nworld.look()\nasyncio.create_task(sleeper('woken', 10))`);
      assert.deepEqual(seen, [[]]);
      assert.deepEqual(different(before, globals()), []);
    });

    it('free nothing of one another when JavaScript collects what it held of an older one', async () => {
      const script = join(import.meta.dirname, 'collected.ts');
      await promisify(execFile)(process.execPath, ['--expose-gc', script, build]);
    });
  });
}

/** All that a program can find under a name of the process, and of its date and its clock. */
function globals(): ReadonlyMap<string, unknown> {
  const of = (prefix: string, object: object) =>
    Object.entries(Object.getOwnPropertyDescriptors(object)).map(
      ([key, it]) => [prefix + key, it.value ?? it.get] as const,
    );
  return new Map([...of('', globalThis), ...of('Date.', Date), ...of('performance.', performance)]);
}

function different(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): readonly string[] {
  return [...new Set([...before.keys(), ...after.keys()])].filter((key) => !Object.is(before.get(key), after.get(key)));
}
