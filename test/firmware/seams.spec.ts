// Where the firmware's parts meet: tasks and the watchdog, a visit and its last word, an update and a radio that is not there.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { FRAME_BYTES_MAX, parseDoorReport, parseStatusReport, sealFrame } from '@tapcase/domain';
import { hmacSha256 as hmac } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import { firmwareVm, VMS } from './vms.ts';

const BENCH = readFileSync(new URL('controller_bench.py', import.meta.url), 'utf8');
const HOUR_MS = 3_600_000;
/** The tasks of tasks.py, each by itself, with a time that can be set forward, and what they need of other parts. */
const TASKS = `
import sys, time
from controller_bench import *
import config

class Machine: pass
sys.modules['machine'] = Machine
import tasks

class Time:
    """A week is a long wait, so it is jumped over; ticks wrap as those of the chip do."""
    ahead = 0
    def ticks_ms(): return (time.ticks_ms() + Time.ahead) % (1 << 30)
    def ticks_add(a, b): return (a + b) % (1 << 30)
    def ticks_diff(a, b): return (a - b + (1 << 29)) % (1 << 30) - (1 << 29)

class Part:
    def __init__(self, **members):
        for name, value in members.items(): setattr(self, name, value)

class Watched:
    """Each task's longest silence."""
    def __init__(self): self.last, self.longest = time.ticks_ms(), 0
    def here(self, name):
        now = time.ticks_ms()
        self.longest = max(self.longest, time.ticks_diff(now, self.last))
        self.last = now

async def nothing(*_): pass
say = lambda value: print(json.dumps(value))
tasks.print = lambda *_: None
tasks.os = Part(urandom=lambda count: bytes(count))
watch = Watched()
controller = bench.controller
modem = Part(connected=True, climbed=lambda: ('lost', 'again'), messages=[], poll=lambda: None, rssi_dbm=-93, look_around=nothing, publish=nothing)
controller.devices.pi, controller.devices.modem, controller.reports.link = None, modem, modem
controller.power = Part(modem='awake', stir=lambda: None, house=Part(want=lambda *_: None))
controller.updater = Part(busy=False, failed=lambda: False, well=lambda: None)
controller.boots = Part(safe=False, cause='power', was_told=lambda: None)
controller.temperature = None
`;

for (const { name, build } of VMS) {
  describe(`the seams of the firmware, in MicroPython ${name}`, () => {
    const start = async () => {
      const vm = await firmwareVm(build);
      vm.file('/a/controller_bench.py', BENCH);
      vm.run(TASKS);
      return vm;
    };

    it('tells of a door contact that bounces all day a few dozen times, and of a door forced later at once', async () => {
      const vm = await start();
      const [bouncing] = vm.run(`
import lock_acts
lock_acts.time = Time
told = []
controller.reports.put = lambda kind, visit, **_: told.append(kind)
for second in range(0, 86400, 5):
    Time.ahead = second * 1000
    controller.act(['forced'])
say(len(told))`) as number[];
      assert.ok(bouncing! >= 10 && bouncing! <= 86_400 / 300 + 12, String(bouncing));
      const [later] = vm.run(`
told.clear()
Time.ahead += ${HOUR_MS}
controller.act(['forced'])
say(len(told))`) as number[];
      assert.equal(later, 1);
    });

    describe('the watchdog', () => {
      it('does not bite a case whose radio takes all the time that an attempt has, again and again', async () => {
        const vm = await start();
        await vm.runFor(
          HOUR_MS / 3,
          `
bench.lives = 0
async def connect(topics):
    await asyncio.sleep_ms(150000)
    raise OSError('no network')
modem.connected, modem.connect = False, connect
asyncio.create_task(tasks.keep_connected(controller, watch))`,
        );
        const [longestMs, limitMs] = vm.run("say(watch.longest)\nsay(config.TASK_LIMITS_MS['radio'])") as number[];
        assert.ok(longestMs! < limitMs!, `${longestMs} ms of ${limitMs}`);
      });

      it('does not bite a case that brings a day’s reports over a slow radio', async () => {
        const vm = await start();
        vm.run(`
controller.hello('00112233')
controller.clock.set('00112233', 1763678400)
for _ in range(60): controller.reports.put('opened', 'visit01')
async def slow(topic, frame, retain=0): await asyncio.sleep_ms(9000)
modem.publish = slow`);
        await vm.runFor(HOUR_MS / 4, 'asyncio.create_task(tasks.deliver(controller, watch))');
        const [longestMs] = vm.run('say(watch.longest)') as number[];
        assert.ok(longestMs! < 10_000, `${longestMs} ms`);
      });

      it('does not bite while one unlock after the other waits for a scale that will not rest', async () => {
        const vm = await start();
        vm.run(`
async def hear(topic, frame): await asyncio.sleep_ms(4000)
controller.hear = hear
modem.messages += [('case/123/cmd', b'')] * 16`);
        await vm.runFor(80_000, 'asyncio.create_task(tasks.listen(controller, watch))');
        const [longestMs] = vm.run('say(watch.longest)') as number[];
        assert.ok(longestMs! < 5_000, `${longestMs} ms`);
      });
    });

    describe('an update', () => {
      it('on trial without a radio starts anew, for it could never be rolled back else', async () => {
        const vm = await start();
        const said = await vm.runFor(
          100,
          `
class Updater:
    async def run(self, here, allowed): say(allowed())
modem.connected, controller.updater = False, Updater()
asyncio.create_task(tasks.keep_up_to_date(controller, watch))`,
        );
        assert.deepEqual(said, [true]);
      });

      it('is looked for at once in safe mode, which ends sooner than the first look would come', async () => {
        const vm = await start();
        const said = await vm.runFor(
          100,
          `
controller.boots.safe = True
controller.look_for_update = lambda: say('looked')
class Updater:
    async def run(self, here, allowed): pass
controller.updater = Updater()
asyncio.create_task(tasks.keep_up_to_date(controller, watch))`,
        );
        assert.deepEqual(said, ['looked']);
      });

      it('that flash does not let confirm crashes nothing, and is confirmed later', async () => {
        const vm = await start();
        const said = vm.run(`
import update
update.print = lambda *_: None
broken, confirmed = True, []
def confirm(flash):
    if broken: raise OSError(28)
    confirmed.append(flash)
update.confirm = confirm
updater = update.Updater(modem, 'flash', '123', None, None)
updater.well()
say([updater.proven, confirmed])
broken = False
updater.well()
updater.well()
say([updater.proven, confirmed])`);
        assert.deepEqual(said, [
          [false, []],
          [true, ['flash']],
        ]);
      });

      it('gives up a range that takes longer than its task may be silent', async () => {
        const vm = await start();
        await vm.runFor(
          15 * 60_000,
          `
import update
bench.lives, update.print = 0, lambda *_: None
async def fetch(path, start, length): await asyncio.sleep_ms(10 * 60000)
modem.fetch = fetch
updater = update.Updater(modem, None, '123', None, None)
ended = []
async def ask():
    try:
        await updater._range('manifest', 0, 512, lambda: watch.here('update'), lambda: True)
    except OSError as error:
        ended.append(str(error))
asyncio.create_task(ask())`,
        );
        const [longestMs, ended] = vm.run('say(watch.longest)\nsay(ended)') as [number, string[]];
        assert.ok(longestMs < 180_000, `${longestMs} ms`);
        assert.deepEqual(ended, ['no answer for manifest']);
      });
    });

    it('a download that was given up leaves no answer that the next one could take for its own', async () => {
      const vm = await start();
      await vm.runFor(
        3_000,
        `
from https import Https
asked = []
class At:
    async def command(self, text, *_, **__):
        asked.append(text)
        return ['+SHSTATE: 1']
    async def may_fail(self, text): asked.append(text)
    def expect(self, prefix): pass
    async def heard(self, prefix, ms): await asyncio.sleep_ms(ms)
https = Https(At(), 'cloud', True)
async def fetch():
    try: await asyncio.wait_for_ms(https.fetch('/a', 0, 9, 'ca'), 1000)
    except asyncio.TimeoutError: asked.append('given up')
asyncio.create_task(fetch())`,
      );
      await vm.runFor(3_000, 'asyncio.create_task(fetch())');
      const [asked] = vm.run('say(asked)') as string[][];
      assert.equal(asked?.[asked.indexOf('given up') + 1], 'AT+SHDISC');
    });

    it('leaves out in safe mode what no connection and no visit needs', async () => {
      const vm = await start();
      const said = vm.run(`
class Seen(Exception): pass
class Watch:
    def __init__(self, ticks, diff, limits):
        say(sorted(limits))
        raise Seen()
tasks.Watch = Watch
controller.temperature = controller.devices.tof = controller.devices.pi = object()
for safe in (False, True):
    controller.boots.safe = safe
    try: tasks.run(controller, None).send(None)
    except Seen: pass`) as string[][];
      assert.deepEqual(
        said[0]?.filter((task) => !said[1]?.includes(task)),
        ['approach', 'pi', 'temperature'],
      );
    });

    describe('a week without radio', () => {
      const WEEK = `
controller.hello('00112233')
controller.clock.ticks, controller.clock.diff, tasks.time = Time.ticks_ms, Time.ticks_diff, Time
controller.clock.set('00112233', 1763678400)
sent = []
async def send(channel, payload): sent.append(payload['type'])
controller.send = send
`;

      it('leaves the clock right, and the time is asked for as soon as there is one', async () => {
        const vm = await start();
        vm.run(`${WEEK}\nasyncio.create_task(tasks.say_hello(controller, watch))`);
        await vm.runFor(200, 'modem.connected = False');
        for (let day = 0; day < 7; day += 1) await vm.runFor(200, `Time.ahead += ${24 * HOUR_MS}`);
        const [seconds] = vm.run('say(controller.clock.now() - 1763678400)') as number[];
        assert.ok(Math.abs(seconds! - 7 * 86_400) <= 3, `${seconds} s`);
        await vm.runFor(500, 'modem.connected = True');
        assert.deepEqual(vm.run('say(sent)'), [['hello']]);
      });

      it('is followed by a status at once', async () => {
        const vm = await start();
        vm.run(`${WEEK}\ncontroller.status = lambda: {'type': 'status'}`);
        await vm.runFor(500, 'asyncio.create_task(tasks.say_status(controller, watch))');
        assert.deepEqual(vm.run('say(sent)'), [['status']]);
        await vm.runFor(500, 'modem.connected = False');
        for (let day = 0; day < 7; day += 1) await vm.runFor(500, `Time.ahead += ${24 * HOUR_MS}`);
        await vm.runFor(500, 'modem.connected = True');
        assert.deepEqual(vm.run('say(sent)'), [['status', 'status']]);
      });
    });

    describe('a case that nobody came to for a week', () => {
      it('switches an amplifier that hangs off and on at once, and does not believe what it felt last', async () => {
        const vm = await start();
        const said = vm.run(`
import conversions, ticks
conversions.time = ticks.time = Time
conversions.print = lambda *_: None
restarts = []
cell = Part(ready=lambda: up, read=lambda: (1,), waiting=lambda: 0, restart=lambda: restarts.append(1))
up = True
one = conversions.Conversions(cell, Codes())
def look(ms):
    for _ in range(ms // 100):
        Time.ahead += 100
        one.take()
def week():
    for _ in range(14):
        Time.ahead += 12 * 3600000
        look(600)
week()
up = False
look(700)
say([len(restarts), one.fresh(), one.lost()])
week()
say([one.fresh(), one.lost()])`);
        assert.deepEqual(said, [
          [1, false, true],
          [false, true],
        ]);
      });

      it('speaks to the first who comes', async () => {
        const vm = await start();
        const said = vm.run(`
import voice
voice.time = Time
wire = Part(said=0, heard=b'')
def write(data): wire.said, wire.heard = wire.said + 1, voice.frame(voice.TOOK, 0, False)
def read():
    heard, wire.heard = wire.heard, b''
    return heard
wire.write, wire.read, wire.any = write, read, lambda: len(wire.heard)
one = voice.Voice(wire)
def steps(count):
    for _ in range(count):
        Time.ahead += 200
        one.step()
steps(5)
before = wire.said
for _ in range(14):
    Time.ahead += 12 * 3600000
    steps(2)
one.speak(1)
steps(5)
say(wire.said - before)`);
        assert.deepEqual(said, [1]);
      });

      it('stays dim', async () => {
        const vm = await start();
        await vm.runFor(
          5_000,
          `
import panel, ticks
panel.time = ticks.time = Time
levels = []
display = Part(start=lambda: None, ask=lambda: None, contrast=levels.append, power=lambda on: None, changed=lambda: [])
picture = Part(hidden=0, moves=lambda ms: False, wander=lambda: None, draw=lambda frame: [])
one = panel.Panel(display, lambda silent: None)
one.show(picture, 'idle')
async def look():
    for _ in range(20):
        await one.step()
        Time.ahead += 12 * 3600000
asyncio.create_task(look())`,
        );
        const [levels] = vm.run('say(levels)') as number[][];
        assert.equal(levels?.[0], 0xcf);
        assert.ok(
          levels!.slice(1).every((level) => level === 8),
          String(levels),
        );
      });
    });

    it('takes no signed time that somebody held back: an unlock of then would be fresh again', async () => {
      const vm = await start();
      const said = vm.run(`
clock = controller.clock
clock.ticks, clock.diff = Time.ticks_ms, Time.ticks_diff
for late in (30000, 30001, 7 * 86400000):
    controller.hello('00112233')
    Time.ahead += late
    say(clock.set('00112233', 1763678400))`);
      assert.deepEqual(said, [true, false, false]);
    });

    describe('a visit', () => {
      const unlock = (exp: number) => {
        const payload = { type: 'unlock', id: 'visit01', seq: 7, at: 1_763_678_400, exp };
        const frame = sealFrame({ topic: 'case/123/cmd', payload, key: Buffer.alloc(32, 7), hmac }) as Uint8Array;
        return `bench.hear('case/123/cmd', '${Buffer.from(frame).toString('hex')}')`;
      };
      const TIME = "controller.hello('00112233')\ncontroller.clock.set('00112233', 1763678400)\n";

      it('does not begin when its command has run out while the scale was waited for', async () => {
        const vm = await start();
        const slow = 'async def rest(otherwise):\n    await asyncio.sleep_ms(4000)\n    return (5000.0, 0.5)\n';
        vm.run(`${TIME}${slow}bench.shelf.rest, bench.shelf.settled = rest, lambda: None`);
        await vm.runFor(5_000, unlock(1_763_678_402));
        const [told] = vm.run('bench.tell()') as { lock: number; state: string; refused: object }[];
        assert.deepEqual([told?.lock, told?.state, told?.refused], [0, 'locked', { 'frame.expired': 1 }]);
      });

      it('does not begin when flash cannot keep it: a cut would lose who was let in', async () => {
        const vm = await start();
        vm.run(`${TIME}
import flash
flash.print = lambda *_: None
write = controller.flash.write
controller.flash.write = lambda name, value: False if name == 'visit.json' else write(name, value)`);
        await vm.runFor(500, unlock(1_763_678_410));
        const [told] = vm.run('bench.tell()') as { lock: number; state: string; refused: object }[];
        assert.deepEqual([told?.lock, told?.state, told?.refused], [0, 'locked', { 'flash.failed': 1 }]);
      });

      it('ends once, also when the plug is pulled between its last report and the note that it is over', async () => {
        const vm = await start();
        await vm.runFor(500, TIME + unlock(1_763_678_410));
        await vm.runFor(300, 'bench.devices.door.level = 1');
        vm.run(`
write = Flash.write
Flash.write = lambda self, name, value: True if name == 'visit.json' else write(self, name, value)
bench.devices.door.level = 0`);
        await vm.runFor(2_000, '');
        await vm.runFor(3_000, 'Flash.write = write\nbench.boot()');
        const [told] = vm.run('bench.tell()') as { state: string; reports: { type: string }[] }[];
        assert.equal(told?.state, 'locked');
        assert.deepEqual(
          told?.reports.map(({ type }) => type),
          ['unlocked', 'opened', 'closed'],
        );
        await vm.runFor(3_000, 'bench.boot()');
        const [again] = vm.run('bench.tell()') as { state: string; reports: unknown[] }[];
        assert.deepEqual([again?.state, again?.reports], ['locked', []]);
      });

      it('ends in words that the cloud believes, whatever a torn cell says', async () => {
        const vm = await start();
        await vm.runFor(500, TIME + unlock(1_763_678_410));
        await vm.runFor(300, 'bench.devices.door.level = 1');
        await vm.runFor(2_000, 'bench.shelf.mass = -8388607000.0\nbench.devices.door.level = 0');
        const [told] = vm.run('bench.tell()') as { reports: { type: string }[] }[];
        const closed = told?.reports.find(({ type }) => type === 'closed');
        assert.deepEqual(parseDoorReport(closed), closed);
        assert.equal((closed as { dmass?: number }).dmass, 1_000_000);
      });
    });

    it('a lockout that was damaged in flash still keeps everybody out', async () => {
      const vm = await start();
      const [state] = vm.run(`
controller.lock_out(True, 'temperature')
with open('/flash/lockout.json', 'r+b') as file:
    file.seek(30)
    file.write(b'#')
bench.boot()
say(bench.controller.fsm.state)`);
      assert.equal(state, 'locked_out');
    });

    it('tries flash again with each status, and sleeps all the same while it fails', async () => {
      const vm = await start();
      const said = vm.run(`
from house import House
tried = []
controller.outbox.room = lambda: tried.append(1) or 0
house = House(controller, None)
say([house.waiting(), len(tried)])
controller.devices.pi = Part(up=[b'frame'])
say(house.waiting())
controller.status()
say(len(tried))`);
      assert.deepEqual(said, [[false, 0], true, 1]);
    });

    it('says the longest status that there can be in one frame, and the cloud reads it', async () => {
      const vm = await start();
      const said = vm.run(`
controller.hello('00112233')
controller.clock.set('00112233', 1763678400)
long = 'scale.uncalibrated'
controller.faults.codes = lambda: [long + '-abcde'] * 16
controller.shelf = bench.shelf
bench.shelf.mass = -123456789.1
word = 'abcdefghijklmnop'
controller.facts = {name: (lambda value: lambda: value)(value) for name, value in (
    ('power', 'battery'), ('slot', 'b'), ('cells', [-16777215.9] * 8), ('up', 4294967295), ('heap', 8388608), ('temp', -39.9),
    ('boot', {'cause': word, 'count': 1000000, 'watchdogs': 1000000, 'state': word, 'safe': True, 'silent': word}))}
controller.reports.status_seq.next = (1 << 40) - 99
say(controller.status())
from envelope import seal
say(len(seal('case/' + 'a' * 32 + '/status', controller.status(), b'k' * 32)))`) as [Record<string, unknown>, number];
      const read = parseStatusReport(said[0]) as { cells?: number[] };
      assert.deepEqual(read.cells, Array(8).fill(-1_000_000));
      assert.ok(said[1] <= FRAME_BYTES_MAX, `${said[1]} bytes`);
    });
  });
}
