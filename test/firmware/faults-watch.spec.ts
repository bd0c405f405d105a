// What is wrong with a case, and which of its tasks keeps still: the pure parts behind safe sales and the watchdog.
import assert from 'node:assert/strict';
import { firmwareVm, VMS } from './vms.ts';

for (const { name, build } of VMS) {
  describe(`faults and deadlines in MicroPython ${name}`, () => {
    it('a fault is told once, stays until it is mended, and only some forbid a sale', async () => {
      const vm = await firmwareVm(build);
      const code = `
import json
from faults import Faults
faults = Faults()
say = lambda value: print(json.dumps(value))
say([faults.set('tof.silent', True), faults.set('tof.silent', True), faults.codes()])
say([faults.set('power.lost', True), faults.set('battery.low', True), faults.codes()])
say([faults.set('power.lost', False), faults.set('power.lost', False), faults.set('battery.low', False), faults.codes()])
for number in range(100):
    faults.set('made.up-%d' % number, True)
say(len(faults.codes()))
faults.codes().clear()
say(len(faults.codes()))
# What has no current is silent by right; it is a fault again once it has.
faults = Faults()
for code in ('scale.silent', 'display.silent', 'temp.silent'):
    faults.set(code, True)
for load in (True, False, True):
    faults.load = load
    say(faults.codes())
`;
      assert.deepEqual(vm.run(code), [
        [true, false, ['tof.silent']],
        [true, true, ['battery.low', 'power.lost', 'tof.silent']],
        [true, false, true, ['tof.silent']],
        16,
        16,
        ['display.silent', 'scale.silent', 'temp.silent'],
        ['temp.silent'],
        ['display.silent', 'scale.silent', 'temp.silent'],
      ]);
    });

    it('names the first task that kept still for longer than its own limit, even one that never began', async () => {
      const vm = await firmwareVm(build);
      const code = `
import json
from watch import Watch
now = 1073741823 - 500  # ticks wrap half a second from here
watch = Watch(lambda: now % 1073741824, lambda a, b: (a - b + 536870912) % 1073741824 - 536870912, {'scale': 1000, 'radio': 60000})
seen = []
for step, scale, radio in ((999, 0, 0), (1, 0, 0), (0, 1, 0), (999, 1, 0), (58000, 1, 0), (1, 1, 0), (0, 0, 1), (999, 0, 0), (1, 0, 0)):
    now += step
    if scale: watch.here('scale')
    if radio: watch.here('radio')
    seen.append(watch.silent())
print(json.dumps(seen))
try:
    watch.here('a task that nobody gave a limit')
except ValueError:
    print(json.dumps('refused'))
`;
      assert.deepEqual(vm.run(code), [[null, 'scale', null, null, null, 'radio', null, null, 'scale'], 'refused']);
    });
  });
}
