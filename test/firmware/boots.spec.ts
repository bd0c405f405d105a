// What a device tells about its own resets, and when it stops selling: the boot record over many boots.
import assert from 'node:assert/strict';
import { type FirmwareVm, firmwareVm, VMS } from './vms.ts';

/** A flash that counts its writes and can fail, and RTC memory, as firmware/app/boots.py finds them. */
const STAGE = `
import json
from boots import Boots
class Disk:
    def __init__(self):
        self.files, self.writes, self.broken = {}, 0, False
    def read(self, name, otherwise):
        return json.loads(self.files[name]) if name in self.files else otherwise
    def write(self, name, value):
        if self.broken: raise OSError(28)
        self.writes += 1
        self.files[name] = json.dumps(value)
class Rtc:
    def __init__(self): self.data = b''
    def memory(self, data=None):
        if data is None: return self.data
        self.data = data
POWER, HARD, DOG, SLEEP, SOFT = 1, 2, 3, 4, 5
disk, rtc = Disk(), Rtc()
say = lambda value: print(json.dumps(value))
`;

for (const { name, build } of VMS) {
  describe(`the boot record in MicroPython ${name}`, () => {
    let vm: FirmwareVm;
    const run = (code: string) => vm.run(STAGE + code);

    beforeEach(async () => {
      vm = await firmwareVm(build);
    });

    it('says why the device started: by itself, by its watchdog, or because the firmware asked', () => {
      const causes = `
first = Boots(disk, POWER, rtc)
say([first.facts(), disk.writes])
def next_boot(cause, mark=None):
    global boots
    if mark: boots.leaving(mark)
    boots = Boots(disk, cause, rtc)
    return [boots.cause, boots.count, boots.watchdogs]
boots = first
say(next_boot(HARD, 'crash'))
say(next_boot(SOFT, 'update'))
say(next_boot(HARD))
say(next_boot(SOFT, 'soft'))
say(next_boot(DOG))
say(next_boot(SLEEP))
say(next_boot(POWER, 'crash'))
say(next_boot(0))
try:
    boots.leaving('because')
except ValueError:
    say('refused')
`;
      assert.deepEqual(run(causes), [
        [{ cause: 'power', count: 1, watchdogs: 0, safe: false }, 1],
        ['crash', 2, 1],
        ['update', 3, 0],
        ['hard', 4, 0],
        ['soft', 5, 0],
        ['watchdog', 6, 1],
        ['sleep', 7, 1],
        // The plug was faster than the crash: power it was.
        ['power', 8, 0],
        ['hard', 9, 0],
        'refused',
      ]);
    });

    it('stops selling after three bad resets in a row, and sells again after ten good minutes', () => {
      const row = `
seen = []
for cause, mark in ((DOG, None), (HARD, 'crash'), (SLEEP, None), (DOG, None), (DOG, None)):
    if mark: boots.leaving(mark)
    boots = Boots(disk, cause, rtc)
    seen.append([boots.cause, boots.watchdogs, boots.safe])
say(seen)
say([boots.well(), boots.safe, boots.well()])
boots.leaving('soft')
boots = Boots(disk, HARD, rtc)
say([boots.cause, boots.watchdogs, boots.safe])
for cause in (DOG, DOG, POWER, DOG):
    boots = Boots(disk, cause, rtc)
say([boots.watchdogs, boots.safe, boots.well()])
`;
      assert.deepEqual(run(`boots = Boots(disk, POWER, rtc)\n${row}`), [
        [
          ['watchdog', 1, false],
          ['crash', 2, false],
          ['sleep', 2, false],
          ['watchdog', 3, true],
          ['watchdog', 4, true],
        ],
        [true, false, false],
        ['soft', 0, false],
        // Whoever pulls the plug starts a new row.
        [1, false, false],
      ]);
    });

    it('names what it was doing and which task kept still, with RTC memory and without', () => {
      const state = `
def life(rtc):
    boots = Boots(disk, DOG, rtc)
    before = disk.writes
    for state in ('locked', 'locked', 'unlocked', 'open', 'too_long'): boots.note(state)
    boots.starving('radio'); boots.starving('radio')
    return disk.writes - before
for memory in (rtc, None):
    disk.files = {}
    writes = life(memory)
    facts = Boots(disk, DOG, memory).facts()
    say([writes, facts['state'], facts['silent']])
# A task that came back in time is not to blame for a later plug.
boots = Boots(disk, POWER, rtc)
boots.starving('scale'); boots.starving(None)
say(Boots(disk, DOG, rtc).silent)
# What the memory says of the boot before the last is old news: this one said nothing.
rtc.data = json.dumps([1, 'restock']).encode()
say(Boots(disk, DOG, rtc).last_state)
`;
      assert.deepEqual(run(state), [[3, 'too_long', 'radio'], [3, 'unlocked', 'radio'], null, 'boot']);
    });

    it('writes to flash twice a visit at most, however often it is told', () => {
      const visits = `
boots = Boots(disk, POWER, rtc)
boots.note('locked')
before = disk.writes
for _ in range(10):
    for state in ('locked', 'unlocked', 'open', 'too_long', 'open', 'relocking', 'weighing', 'locked'):
        for _ in range(50):
            boots.note(state)
            boots.starving(None)
say(disk.writes - before)
`;
      assert.deepEqual(run(visits), [20]);
    });

    it('believes no rubbish in its record or its memory, and lives without a flash', () => {
      const rubbish = `
import random
random.seed(7)
for text in ('null', '3', '[]', '"x"', '{"count":-4,"row":"9"}', '{"count":1e40,"row":true,"state":{},"mark":7}', '{"state":""}'):
    disk.files['boot.json'] = text
    rtc.data = bytes(random.getrandbits(8) for _ in range(40))
    boots = Boots(disk, DOG, rtc)
    facts = boots.facts()
    assert facts['count'] == 1 and facts['watchdogs'] == 1 and 'state' not in facts, facts
for data in (b'[0,"x"]', b'[]', b'{}', b'[0]', b'[0,"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"]', b'\\xff' * 2048):
    rtc.data = data
    disk.files = {}
    state = Boots(disk, DOG, rtc).last_state
    assert state is None or len(state) <= 16, state
disk.broken = True
boots = Boots(disk, DOG, None)
boots.note('locked'); boots.note('open'); boots.leaving('crash'); boots.starving('radio')
say([boots.failed, boots.cause])
disk.broken = False
boots.note('locked')
say(boots.failed)
`;
      assert.deepEqual(run(rubbish), [[true, 'watchdog'], false]);
    });

    it('counts the seconds, keeps the least free heap, and ends the safe mode with one restart', async () => {
      const printed = await vm.runFor(
        60_000,
        `${STAGE}
import asyncio, config, time
free = [9000, 4000, None, 7000]
left = []
def leave():
    left.append(boots.up_s)
    raise SystemExit()
for _ in range(3): boots = Boots(disk, DOG, rtc)
# Ten minutes of good life in twenty seconds.
config.UP_MS, config.HEAP_LOOK_MS, config.WELL_MS = 1000, 1000, 20000
async def live():
    try:
        await boots.run(lambda: None, lambda: free.pop(0) if free else 5000, leave)
    except SystemExit:
        say([left, boots.heap_low, boots.safe])
        say([Boots(disk, HARD, rtc).cause, disk.files['boot.json']])
asyncio.create_task(live())
`,
      );
      assert.deepEqual(printed.slice(0, 1), [[[20], 4000, false]]);
      assert.deepEqual((printed[1] as unknown[])[0], 'soft');
    });
  });
}
