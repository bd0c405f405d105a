// For apart.spec.ts, in a process of its own: `node --expose-gc collected.ts BUILD`. Exits with 0 when a VM still has all of its
// objects after JavaScript has collected what it held of an older one. Of its own, because V8 calls no registry back any more
// once one was collected that it was about to call, and other specs leave such behind.
import assert from 'node:assert/strict';
import { until } from '../patience.ts';
import { firmwareVm } from './vms.ts';

declare const gc: () => void;

/** Python objects that JavaScript holds, and one that each VM knows by the same number. */
const HELD = 200;
const [, , build] = process.argv;

let collected = 0;
const watch = new FinalizationRegistry(() => {
  collected += 1;
});
const old = await firmwareVm(build);
old.module('world', { hold: (held: object) => watch.register(held, 0) });
old.run(`import world\nfor n in range(${HELD}):\n    world.hold(lambda n=n: n)`);
const young = await firmwareVm(build);
const held: (() => number)[] = [];
young.module('world', { hold: (call: () => number) => void held.push(call) });
young.run(`import world\nfor n in range(${HELD}):\n    world.hold(lambda n=n: n)`);
await until('all objects of the old VM to be collected', () => {
  gc();
  return collected >= HELD;
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
// The old one is kept to the end.
old.run('');
