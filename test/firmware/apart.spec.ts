// Several VMs in one process: what one leaves behind, a timer, an awaited promise, a collected object, never reaches another.
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { until } from '../patience.ts';
import { type FirmwareVm, firmwareVm, VMS } from './vms.ts';

/** The process's own, which only a flag uncovers. */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const SLEEPER = `
import asyncio, json
async def sleeper(word, ms):
    await asyncio.sleep_ms(ms)
    print(json.dumps(word))
`;
/** Python objects that JavaScript holds, and one that each VM knows by the same number. */
const HELD = 200;

/** Kept to the end: V8 calls no registry back any more once one has been collected that it was about to call. */
const alive: FirmwareVm[] = [];
const made = async (build: string): Promise<FirmwareVm> => {
  const vm = await firmwareVm(build);
  alive.push(vm);
  return vm;
};
let collected = 0;
const watch = new FinalizationRegistry(() => {
  collected += 1;
});

for (const { name, build } of VMS) {
  describe(`MicroPython ${name}, several in one process`, () => {
    it('each wake their own tasks, however late and in whatever order they were made', async () => {
      const vms = [await made(build), await made(build), await made(build)];
      const told = [];
      for (const [number, vm] of vms.entries())
        vm.run(`${SLEEPER}\nasyncio.create_task(sleeper('vm ${number}', ${(number + 1) * 100}))`);
      for (const vm of vms) told.push(await vm.runFor(1_000, ''));
      assert.deepEqual(told, [['vm 0'], ['vm 1'], ['vm 2']]);
    });

    it('live in their own time, also where a promise of ours lets them go on', async () => {
      const old = await made(build);
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
      const young = await made(build);
      await old.clock.advance(1_000);
      goOn();
      // Both builds go on in a turn after the one in which the promise was kept.
      await new Promise(setImmediate);
      assert.deepEqual(young.run('import json; print(json.dumps(1))'), [1]);
      assert.deepEqual(await old.runFor(3_600_000, ''), [3_601_000]);
    });

    it('never touch what the process has: its timers, its date, its names', async () => {
      const before = globals();
      const vm = await made(build);
      const seen: (readonly string[])[] = [];
      vm.module('world', { look: () => void seen.push(different(before, globals())) });
      await vm.runFor(1_000, `${SLEEPER}\nimport world\nworld.look()\nasyncio.create_task(sleeper('woken', 10))`);
      assert.deepEqual(seen, [[]]);
      assert.deepEqual(different(before, globals()), []);
    });

    it('free nothing of one another when JavaScript collects what it held of an older one', async () => {
      const before = collected;
      const old = await made(build);
      old.module('world', { hold: (held: object) => watch.register(held, 0) });
      old.run(`import world\nfor n in range(${HELD}):\n    world.hold(lambda n=n: n)`);
      const young = await made(build);
      const held: (() => number)[] = [];
      young.module('world', { hold: (call: () => number) => void held.push(call) });
      young.run(`import world\nfor n in range(${HELD}):\n    world.hold(lambda n=n: n)`);
      await until('all objects of the old VM to be collected', () => {
        collectGarbage();
        return collected >= before + HELD;
      });
      // Whoever frees does so in a turn of its own, after the object was collected.
      await new Promise(setImmediate);
      young.run('import gc\ngc.collect()');
      // New objects take the places of those that were freed.
      young.run('fresh = [[n] for n in range(2000)]');
      assert.deepEqual(
        held.map((call) => call()),
        Array.from({ length: HELD }, (_, n) => n),
      );
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
