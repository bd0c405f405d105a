// What the controller does with signed commands, in the MicroPython VM: which it obeys, which it refuses, and with which code.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Fault, FRAME_BYTES_MAX, openFrame, parseDoorReport, parseStatusReport, sealFrame } from '@tapcase/domain';
import { hmacSha256 as hmac } from '../../nodes/node-red-contrib-hmac/src/hmac-keys/keys.ts';
import { firmwareVm, VMS } from './vms.ts';

const KEY = Buffer.alloc(32, 7);
const TOPIC = 'case/123/cmd';
const NONCE = '0123456789abcdef';
const NOW = 1_763_678_400;
const BENCH = readFileSync(new URL('controller_bench.py', import.meta.url), 'utf8');

/** The task that asks for the time, on a radio that is always there. */
const SAYS_HELLO = `
import asyncio, json, os, sys
os.urandom = lambda count: bytes(count)
class Machine:
    pass
sys.modules["machine"] = Machine()
import tasks
controller = bench.controller
class Awake:
    modem = "awake"
    def want(self, name, on):
        pass
controller.power = Awake()
controller.power.house = controller.power
controller.devices.connected = True
sent = []
async def publish(topic, frame, retain=0):
    sent.append(frame)
controller.devices.publish = publish
def hellos():
    return len([frame for frame in sent if b'"hello"' in frame])
class Watch:
    def here(self, name):
        pass
asyncio.create_task(tasks.say_hello(controller, Watch()))
`;

interface Told {
  readonly state: string;
  readonly lock: number;
  readonly line: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly reports: readonly (Readonly<Record<string, unknown>> & { readonly type: string })[];
  readonly said: readonly string[];
  readonly wanted: boolean;
  readonly crashed: string | null;
}

async function startBench(build: string, { time = true } = {}) {
  const vm = await firmwareVm(build);
  vm.file('/a/controller_bench.py', BENCH);
  vm.run('from controller_bench import *');
  let seq = 0;
  const started = vm.clock.nowMs();
  const now = () => NOW + Math.floor((vm.clock.nowMs() - started) / 1000);
  const seal = (payload: object, topic = TOPIC) => {
    seq += 1;
    return sealFrame({ topic, payload: { seq, at: now(), ...payload }, key: KEY, hmac }) as Uint8Array;
  };
  const bench = {
    seal,
    now,
    /** Lets `ms` pass after the code, then asks how the case is. */
    async after(ms: number, code: string): Promise<Told> {
      await vm.runFor(ms, code);
      const [told] = vm.run('bench.tell()');
      return told as Told;
    },
    hear: (frame: Uint8Array, ms = 100) =>
      bench.after(ms, `bench.hear('${TOPIC}', '${Buffer.from(frame).toString('hex')}')`),
    send: (payload: object, ms = 100) => bench.hear(seal(payload), ms),
    unlock: (id: string, ms = 100) => bench.send({ type: 'unlock', id, exp: now() + 10 }, ms),
    /** The signed time, and nothing said or refused before. */
    async tellTime() {
      vm.run(`bench.controller.hello('${NONCE}')`);
      await bench.send({ type: 'time', nonce: NONCE });
    },
    run: (code: string) => vm.run(code),
  };
  if (time) await bench.tellTime();
  return bench;
}

const types = ({ reports }: Told) => reports.map(({ type }) => type);

for (const { name, build } of VMS) {
  describe(`the controller’s orders, in MicroPython ${name}`, () => {
    const refused = (told: Told, code: string) => {
      assert.deepEqual(told.refused, { [code]: 1 });
      // What was signed and cannot be read is told as well, once an hour; and who is turned away.
      const isTold = ({ type, code: why }: Told['reports'][number]) => why === 'command.unread' || type === 'refused';
      const did = told.reports.filter((report) => !isTold(report)).map(({ type }) => type);
      assert.deepEqual([told.lock, did], [0, []]);
    };

    it('opens nothing before the signed time has come, nor for a time that nobody asked for', async () => {
      const bench = await startBench(build, { time: false });
      refused(await bench.unlock('visit01'), 'clock.unknown');
      refused(await bench.send({ type: 'time', nonce: NONCE }), 'time.unasked');
      refused(await bench.unlock('visit02'), 'clock.unknown');
      await bench.tellTime();
      assert.equal((await bench.unlock('visit03')).lock, 1);
    });

    it('opens once for a visit, and answers the same command again with a status', async () => {
      const bench = await startBench(build);
      const first = await bench.unlock('visit01');
      assert.deepEqual([first.lock, first.line, first.state, types(first)], [1, 1, 'unlocked', ['unlocked']]);
      const again = await bench.unlock('visit01');
      assert.deepEqual([again.wanted, again.refused, types(again)], [true, {}, []]);
      const over = await bench.after(4_000, '');
      assert.deepEqual([over.lock, over.line, types(over)], [0, 0, ['timeout']]);
      const late = await bench.unlock('visit01');
      assert.deepEqual([late.lock, late.wanted, late.refused], [0, true, {}]);
    });

    it('asks for the time at once when the cloud signs for another one, once a minute, and opens only after the answer', async () => {
      const bench = await startBench(build);
      bench.run(SAYS_HELLO);
      const hellos = () => bench.run('print(hellos())')[0];
      // The cloud's clock was put right by two minutes.
      const at = () => bench.now() + 120;
      const unlock = (id: string) => bench.send({ type: 'unlock', id, at: at(), exp: at() + 10 }, 1_500);
      const forged = bench.seal({ type: 'unlock', id: 'visit01', at: at(), exp: at() + 10 });
      forged[10]! ^= 1;
      refused(await bench.hear(forged, 1_500), 'frame.bad-mac');
      assert.equal(hellos(), 0);
      refused(await unlock('visit02'), 'frame.clock-skew');
      assert.ok(Number(hellos()) >= 1);
      await bench.send({ type: 'time', at: at(), nonce: bench.run('print(json.dumps(controller.clock.nonce))')[0] });
      assert.equal((await unlock('visit03')).lock, 1);
      const asked = hellos();
      await bench.after(4_000, '');
      // A cloud that is out of its mind is asked again, but not at each of its frames.
      for (let n = 0; n < 5; n += 1) await bench.send({ type: 'ping', at: bench.now() - 999 }, 2_000);
      assert.equal(hellos(), asked);
      await bench.after(60_000, '');
      await bench.send({ type: 'ping', at: bench.now() - 999 }, 1_500);
      assert.ok(Number(hellos()) > Number(asked));
    });

    it('refuses what is recorded, stale, from the future, for another case, forged or nonsense', async () => {
      const bench = await startBench(build);
      const recorded = bench.seal({ type: 'unlock', id: 'visit01', exp: NOW + 100 });
      assert.equal((await bench.hear(recorded)).lock, 1);
      await bench.after(4_000, '');
      refused(await bench.hear(recorded), 'seq.replayed');
      const at = bench.now();
      refused(await bench.send({ type: 'unlock', id: 'visit02', at: at - 12, exp: at - 2 }), 'frame.expired');
      refused(await bench.send({ type: 'unlock', id: 'visit03', at: at + 40, exp: at + 50 }), 'frame.clock-skew');
      refused(await bench.send({ type: 'unlock', id: 'visit04', at: at - 40, exp: at + 10 }), 'frame.clock-skew');
      const unlock = { type: 'unlock', id: 'visit05', exp: at + 10 };
      refused(await bench.hear(bench.seal(unlock, 'case/124/cmd')), 'frame.bad-mac');
      const forged = bench.seal(unlock);
      forged[10]! ^= 1;
      refused(await bench.hear(forged), 'frame.bad-mac');
      refused(await bench.hear(Buffer.from('unlock:visit06')), 'frame.malformed');
      for (const payload of [{ type: 'open' }, { type: 'unlock', id: 'x', exp: at }, { type: 'lockout', on: 1 }, {}])
        refused(await bench.send(payload), 'payload.invalid');
      assert.equal((await bench.unlock('visit07')).lock, 1);
    });

    const turnedAway = ({ reports }: Told) =>
      reports
        .filter(({ type }) => type === 'refused')
        .map((report) => {
          assert.ok(!(parseDoorReport(report) instanceof Fault));
          return [report.id, report.code];
        });

    it('tells the cloud at once whom it turns away, and why, whatever the reason', async () => {
      const bench = await startBench(build, { time: false });
      const early = await bench.unlock('visit01');
      assert.deepEqual(turnedAway(early), [['visit01', 'clock.unknown']]);
      await bench.tellTime();
      const at = bench.now();
      const unlock = (id: string, more: object) => bench.send({ type: 'unlock', id, exp: at + 10, ...more });
      const late = await unlock('visit02', { at: at - 12, exp: at - 2 });
      assert.deepEqual(turnedAway(late), [['visit02', 'frame.expired']]);
      assert.deepEqual(turnedAway(await unlock('visit03', { at: at + 40, exp: at + 50 })), [
        ['visit03', 'frame.clock-skew'],
      ]);
      assert.deepEqual(turnedAway(await unlock('visit04', { exp: 'soon' })), [['visit04', 'payload.invalid']]);
      await bench.send({ type: 'lockout', on: true, reason: 'too warm' });
      assert.deepEqual(turnedAway(await bench.unlock('visit05')), [['visit05', 'case.locked-out']]);
      await bench.send({ type: 'lockout', on: false, reason: '' });
      await bench.after(300, 'bench.devices.door.level = 1');
      assert.deepEqual(turnedAway(await bench.unlock('visit06', 1_000)), [['visit06', 'visit.busy']]);
      await bench.after(300, 'bench.devices.door.level = 0');
      bench.run('most, bench.controller.outbox.most = bench.controller.outbox.most, 19');
      assert.deepEqual(turnedAway(await bench.unlock('visit07')), [['visit07', 'outbox.full']]);
      bench.run('bench.controller.outbox.most = most');
      // Staff who are turned away wait for nobody's money.
      await bench.send({ type: 'lockout', on: true, reason: 'too warm' });
      const restock = await bench.send({ type: 'restock', id: 'staff01', at: at - 60, exp: at - 50 });
      assert.deepEqual(turnedAway(restock), []);
    });

    it('never opens for whom it has turned away, and tells it once', async () => {
      const bench = await startBench(build);
      const exp = bench.now() + 10;
      assert.deepEqual(turnedAway(await bench.send({ type: 'unlock', id: 'visit01', exp: '' })), [
        ['visit01', 'payload.invalid'],
      ]);
      const again = await bench.send({ type: 'unlock', id: 'visit01', exp });
      assert.deepEqual([again.lock, again.refused, types(again)], [0, { 'visit.over': 1 }, []]);
      assert.equal((await bench.unlock('visit02')).lock, 1);
    });

    it('turns nobody away whose visit has, or had, the door, however often their command comes', async () => {
      const bench = await startBench(build);
      const frame = bench.seal({ type: 'unlock', id: 'visit01', exp: bench.now() + 10 });
      assert.equal((await bench.hear(frame)).lock, 1);
      assert.deepEqual(turnedAway(await bench.hear(frame)), []);
      await bench.after(4_000, '');
      assert.deepEqual(turnedAway(await bench.hear(frame)), []);
      assert.equal((await bench.unlock('visit02')).lock, 1);
      await bench.after(4_000, '');
      // Its own reports are still on their way, and they say more.
      bench.run("bench.controller.reports.put('opened', 'visit01')");
      assert.deepEqual(turnedAway(await bench.hear(frame)), []);
    });

    it('wears no flash out for whoever recorded commands: one a minute that is old news is told', async () => {
      const bench = await startBench(build);
      const frames = [1, 2, 3].map((n) => bench.seal({ type: 'unlock', id: `visit0${n}`, exp: NOW - 100 }));
      await bench.send({ type: 'ping' });
      const told = async (n: number) => turnedAway(await bench.hear(frames[n]!));
      assert.deepEqual(await told(0), [['visit01', 'seq.replayed']]);
      assert.deepEqual(await told(1), []);
      await bench.after(60_000, '');
      assert.deepEqual(await told(2), [['visit03', 'seq.replayed']]);
    });

    it('believes a ledger that was put back in the answer to its own nonce alone, and takes numbers from there', async () => {
      const bench = await startBench(build);
      const [was, is] = ['a'.repeat(16), 'b'.repeat(16)];
      const asks = () => bench.run(`print(json.dumps(bench.controller.hello('${NONCE}')))`)[0] as object;
      const doubts = () => bench.run('print(json.dumps(bench.controller.clock.doubted))')[0];
      asks();
      await bench.send({ type: 'time', seq: 100, nonce: NONCE, epoch: was });
      await bench.send({ type: 'unlock', id: 'visit01', exp: bench.now() + 10, seq: 268 });
      await bench.after(4_000, '');
      // Yesterday's ledger counts from where it stood then.
      assert.equal(doubts(), false);
      refused(await bench.send({ type: 'unlock', id: 'visit02', exp: bench.now() + 10, seq: 201 }), 'seq.replayed');
      assert.equal(doubts(), true);
      refused(await bench.send({ type: 'time', seq: 202, nonce: NONCE, epoch: is }), 'time.unasked');
      asks();
      // Of the same ledger no number that was there is taken, though its time is.
      refused(await bench.send({ type: 'time', seq: 203, nonce: NONCE, epoch: was }), 'seq.replayed');
      refused(await bench.send({ type: 'time', seq: 204, nonce: NONCE, epoch: 'c' }), 'payload.invalid');
      asks();
      assert.deepEqual((await bench.send({ type: 'time', seq: 205, nonce: NONCE, epoch: is })).refused, {});
      assert.equal((await bench.send({ type: 'unlock', id: 'visit03', exp: bench.now() + 10, seq: 206 })).lock, 1);
      await bench.after(4_000, '');
      refused(await bench.send({ type: 'unlock', id: 'visit04', exp: bench.now() + 10, seq: 206 }), 'seq.replayed');
      await bench.after(100, 'bench.boot()');
      const { last, ledger } = asks() as { last: number; ledger: string };
      assert.deepEqual([last, ledger], [206, is]);
    });

    it('is not made deaf by a number that is out of all reach', async () => {
      const bench = await startBench(build);
      for (const seq of [2 ** 53 - 1, 2 ** 40 + 1]) refused(await bench.send({ type: 'ping', seq }), 'payload.invalid');
      refused(await bench.send({ type: 'ping', seq: 2 ** 40 }), 'seq.leap');
      assert.equal((await bench.unlock('visit01')).lock, 1);
      await bench.after(4_000, '');
      // What firmware without a bound believed.
      bench.run("bench.controller.flash.write('seq-cmd.json', 10 ** 31)");
      await bench.after(100, 'bench.boot()');
      await bench.tellTime();
      assert.equal((await bench.unlock('visit02')).lock, 1);
    });

    it('says in each hello which board it is, the same for ever, and another one with an erased flash', async () => {
      const bench = await startBench(build);
      const epoch = () =>
        (bench.run(`print(json.dumps(bench.controller.hello('${NONCE}')))`)[0] as { epoch: string }).epoch;
      const before = epoch();
      assert.match(before, /^[0-9a-f]{16}$/);
      bench.run('os.urandom = lambda count: bytes([9] * count)');
      for (const damage of ["open('/flash/epoch.json', 'w').close()", "os.remove('/flash/epoch-2.json')"]) {
        await bench.after(100, `${damage}\nbench.boot()`);
        assert.equal(epoch(), before);
      }
      const erased = 'for name in os.listdir("/flash"): os.remove("/flash/" + name)\nbench.boot()';
      await bench.after(100, erased);
      assert.equal(epoch(), '09'.repeat(8));
    });

    it('says after a boot, and only then, which visit it knows', async () => {
      const bench = await startBench(build, { time: false });
      const hello = () => bench.run(`print(json.dumps(bench.controller.hello('${NONCE}')))`)[0] as { knows?: string };
      assert.equal(hello().knows, '');
      assert.ok(!(parseStatusReport(hello()) instanceof Fault));
      await bench.send({ type: 'time', nonce: NONCE });
      await bench.unlock('visit01');
      assert.equal(hello().knows, undefined);
      await bench.after(100, 'bench.boot()');
      assert.equal(hello().knows, 'visit01');
      await bench.after(4_000, '');
      await bench.after(100, 'bench.boot()');
      assert.equal(hello().knows, 'visit01');
      assert.ok(!(parseStatusReport(hello()) instanceof Fault));
    });

    it('refuses a second visit while one is at the shelf, and any when its reports would not fit', async () => {
      const bench = await startBench(build);
      await bench.unlock('visit01');
      const busy = await bench.unlock('visit02');
      assert.deepEqual([busy.refused, busy.state], [{ 'visit.busy': 1 }, 'unlocked']);
      await bench.after(4_000, '');
      bench.run('bench.controller.outbox.most = 19');
      refused(await bench.unlock('visit03'), 'outbox.full');
    });

    it('lets nobody in while locked out, through every restart, until the lockout is taken back', async () => {
      const bench = await startBench(build);
      const lockout = await bench.send({ type: 'lockout', on: true, reason: 'too warm' });
      assert.deepEqual([lockout.state, lockout.said.at(-1)], ['locked_out', 'locked_out']);
      refused(await bench.unlock('visit01'), 'case.locked-out');
      assert.equal((await bench.after(100, 'bench.boot()')).said.at(-1), 'locked_out');
      await bench.tellTime();
      refused(await bench.unlock('visit02'), 'case.locked-out');
      const off = await bench.send({ type: 'lockout', on: false, reason: '' });
      assert.deepEqual([off.state, off.said.at(-1)], ['locked', 'idle']);
      assert.equal((await bench.unlock('visit03')).lock, 1);
    });

    it('tells at once that it is closed to customers or open again; of a visit its reports tell', async () => {
      const bench = await startBench(build);
      const tells = () => {
        const [news] = bench.run(`import json
print(json.dumps(bench.controller.has_news()))
bench.controller.status()`);
        return news;
      };
      assert.equal(tells(), false);
      await bench.unlock('visit01');
      assert.equal(tells(), false);
      assert.equal((await bench.after(4_000, '')).state, 'locked');
      assert.equal(tells(), false);
      const steps = [
        [{ type: 'lockout', on: true, reason: 'too warm' }, 'locked_out'],
        [{ type: 'lockout', on: false, reason: '' }, 'locked'],
        [{ type: 'restock', id: 'staff01', exp: bench.now() + 10 }, 'restock'],
      ] as const;
      for (const [command, state] of steps) {
        assert.equal((await bench.send(command)).state, state);
        assert.deepEqual([tells(), tells()], [true, false]);
      }
      assert.equal((await bench.after(4_000, '')).state, 'locked');
      assert.deepEqual([tells(), tells()], [true, false]);
    });

    it('finishes a visit that a lockout finds under way, even where a reset cuts it short', async () => {
      const bench = await startBench(build);
      await bench.unlock('visit01');
      await bench.after(300, 'bench.devices.door.level = 1');
      const held = await bench.send({ type: 'lockout', on: true, reason: 'too warm' });
      assert.deepEqual([held.state, held.refused], ['open', {}]);
      const cut = await bench.after(100, 'bench.boot()\nbench.devices.door.level = 1\nbench.shelf.mass = 4290.0');
      assert.deepEqual([cut.state, cut.lock], ['open', 0]);
      // Whoever stands there with a can in the hand reads what to do, and not that the case is starting.
      assert.deepEqual(cut.said, ['boot', 'locked_out', 'open']);
      const over = await bench.after(1_000, 'bench.devices.door.level = 0');
      assert.deepEqual([over.state, types(over)], ['locked_out', ['closed']]);
      assert.deepEqual([over.reports[0]!.id, over.reports[0]!.dmass], ['visit01', 710]);
    });

    it('lets nobody in without power, with a fault that matters, or in safe mode, and says which', async () => {
      const bench = await startBench(build);
      const lost = await bench.after(300, "bench.faults.set('power.lost', True)");
      assert.deepEqual([lost.state, lost.said.at(-1)], ['fault', 'power_lost']);
      refused(await bench.unlock('visit01'), 'case.power-lost');
      refused(await bench.send({ type: 'restock', id: 'staff01', exp: bench.now() + 10 }), 'case.power-lost');
      await bench.after(300, "bench.faults.set('power.lost', False)\nbench.faults.set('flash.failed', True)");
      refused(await bench.unlock('visit02'), 'case.fault');
      // A missing display stops no sale.
      await bench.after(300, "bench.faults.set('flash.failed', False)\nbench.faults.set('display.silent', True)");
      assert.equal((await bench.unlock('visit03')).lock, 1);
      await bench.after(4_000, '');
      const boots = 'class Boots:\n    safe = True\n';
      await bench.after(300, `${boots}bench.controller.boots = Boots()`);
      refused(await bench.unlock('visit04'), 'case.fault');
    });

    it('shuts an unlocked door at once when the plug is pulled', async () => {
      const bench = await startBench(build);
      await bench.unlock('visit01');
      const told = await bench.after(0, "bench.faults.set('power.lost', True)\nbench.controller.look_at_faults()");
      assert.deepEqual([told.lock, told.state], [0, 'relocking']);
      assert.deepEqual(types(await bench.after(1_000, '')), ['timeout']);
    });

    it('opens for staff, even of a case that is locked out, and reports what they put in, as nobody’s visit', async () => {
      const bench = await startBench(build);
      await bench.send({ type: 'lockout', on: true, reason: 'too warm' });
      const open = await bench.send({ type: 'restock', id: 'staff01', exp: bench.now() + 10 });
      assert.deepEqual([open.state, open.lock, open.line, types(open)], ['restock', 1, 0, []]);
      assert.equal(open.said.at(-1), 'restock');
      const filled = await bench.after(60_000, 'bench.devices.door.level = 1\nbench.shelf.mass = 9000.0');
      assert.deepEqual([filled.lock, types(filled), filled.said], [0, [], []]);
      const done = await bench.after(1_000, 'bench.devices.door.level = 0');
      const [report] = done.reports;
      assert.deepEqual([done.state, types(done)], ['locked_out', ['restocked']]);
      assert.deepEqual([report!.id, report!.mass, report!.dmass], ['staff01', 9000, -4000]);
      assert.ok(!(parseDoorReport(report) instanceof Fault));
    });

    it('goes on being filled after a reset, and says so', async () => {
      const bench = await startBench(build);
      await bench.send({ type: 'restock', id: 'staff01', exp: bench.now() + 10 });
      await bench.after(300, 'bench.devices.door.level = 1');
      const cut = await bench.after(100, 'bench.boot()\nbench.devices.door.level = 1');
      assert.deepEqual([cut.state, cut.said], ['restock', ['boot', 'restock']]);
    });

    it('tells a bolt that does not hold, with the visit that was under way, in words that the cloud understands', async () => {
      const bench = await startBench(build);
      await bench.after(100, 'bench.bolt = True\nbench.boot()');
      await bench.tellTime();
      await bench.unlock('visit01');
      await bench.after(300, 'bench.devices.bolt.level = 0\nbench.devices.door.level = 1');
      const told = await bench.after(3_000, 'bench.devices.door.level = 0');
      assert.deepEqual(types(told), ['fault', 'closed']);
      assert.deepEqual([told.reports[0]!.id, told.reports[0]!.code, told.state], ['visit01', 'door.bolt', 'fault']);
      for (const report of told.reports) assert.ok(!(parseDoorReport(report) instanceof Fault));
      refused(await bench.unlock('visit02'), 'case.fault');
      await bench.after(300, 'bench.devices.bolt.level = 1');
      assert.deepEqual(bench.run('print(json.dumps(bench.faults.codes()))'), [[]]);
      const loose = await bench.after(300, 'bench.devices.bolt.level = 0');
      assert.deepEqual([types(loose), loose.reports[0]!.id], [['fault'], undefined]);
    });

    it('tares a case at rest and no other, looks for an update, and answers a ping with a status', async () => {
      const bench = await startBench(build);
      const exp = NOW + 30;
      const tared = () => bench.run('print(json.dumps(bench.shelf.tared))')[0];
      assert.deepEqual((await bench.send({ type: 'tare', exp })).refused, {});
      assert.equal(tared(), 1);
      await bench.unlock('visit01');
      assert.deepEqual((await bench.send({ type: 'tare', exp })).refused, { 'visit.busy': 1 });
      assert.equal(tared(), 1);
      bench.run('bench.shelf.tare = lambda: False');
      await bench.after(4_000, '');
      assert.deepEqual((await bench.send({ type: 'tare', exp })).refused, { 'scale.moving': 1 });
      bench.run('looked = []\nbench.controller.look_for_update = lambda: looked.append(1)');
      await bench.send({ type: 'ota', exp });
      assert.deepEqual(bench.run('print(json.dumps(looked))'), [[1]]);
      assert.equal((await bench.send({ type: 'ping' })).wanted, true);
    });

    it('tells whoever is not let in why, and opens nothing by it', async () => {
      const bench = await startBench(build);
      const say = (text: string, more = {}) => bench.send({ type: 'say', exp: bench.now() + 10, text, ...more });
      const told = await say('Hoy cerramos a las 22:00');
      assert.deepEqual([told.said, told.refused, told.lock, types(told)], [['Hoy cerramos a las 22:00'], {}, 0, []]);
      const frame = bench.seal({ type: 'say', exp: bench.now() + 10, text: 'Once' });
      assert.deepEqual((await bench.hear(frame)).said, ['Once']);
      const again = await bench.hear(frame);
      assert.deepEqual([again.said, again.refused], [[], { 'seq.replayed': 1 }]);
      const late = await say('Too late', { exp: bench.now() - 31 });
      assert.deepEqual([late.said, late.refused], [[], { 'frame.expired': 1 }]);
    });

    it('says nothing that is no sentence, nothing unsigned, and nothing at all before it knows the time', async () => {
      const bench = await startBench(build, { time: false });
      refused(await bench.send({ type: 'say', exp: NOW + 10, text: 'Early' }), 'clock.unknown');
      await bench.tellTime();
      for (const bad of [
        { text: '' },
        { text: 'x'.repeat(161) },
        { text: 7 },
        {},
        { text: 'No end', exp: undefined },
      ]) {
        const told = await bench.send({ type: 'say', exp: NOW + 10, ...bad });
        assert.deepEqual([told.said, told.refused], [[], { 'payload.invalid': 1 }]);
      }
      const forged = sealFrame({
        topic: TOPIC,
        payload: { type: 'say', seq: 99, at: NOW, exp: NOW + 10, text: 'Forged' },
        key: Buffer.alloc(32, 8),
        hmac,
      }) as Uint8Array;
      assert.deepEqual((await bench.hear(forged)).said, []);
    });

    it('leaves a visit its display until its end is told, and a closed case its own words', async () => {
      const bench = await startBench(build);
      const say = () => bench.send({ type: 'say', exp: bench.now() + 10, text: 'Not now' });
      await bench.unlock('visit01');
      assert.deepEqual((await say()).said, []);
      await bench.after(300, 'bench.devices.door.level = 1');
      assert.deepEqual((await say()).said, []);
      await bench.after(1_500, 'bench.devices.door.level = 0');
      assert.deepEqual((await say()).said, [], 'its outcome is waited for');
      await bench.after(25_000, '');
      assert.deepEqual((await say()).said, ['Not now']);
      await bench.send({ type: 'lockout', on: true, reason: 'too-warm' });
      assert.deepEqual((await say()).said, []);
    });

    it('of an earlier release counts a command that it does not know, and obeys the next one', async () => {
      const bench = await startBench(build);
      bench.run('import commands\ndel commands.CHECKS["say"]');
      refused(await bench.send({ type: 'say', exp: bench.now() + 10, text: 'Not now' }), 'payload.invalid');
      assert.equal((await bench.unlock('visit01')).lock, 1);
    });

    it('says how it is in one frame, with everything there is to say, and leaves out what it has not', async () => {
      const bench = await startBench(build);
      const status = () => {
        const [hex] = bench.run(`
from envelope import seal
print(json.dumps(binascii.hexlify(seal('case/123/status', bench.controller.status(), bench.controller.reports.key)).decode()))`);
        const frame = Buffer.from(hex as string, 'hex');
        assert.ok(frame.length <= FRAME_BYTES_MAX);
        const report = parseStatusReport(openFrame({ topic: 'case/123/status', frame, keys: [KEY], hmac }));
        assert.ok(!(report instanceof Fault), String(report));
        return report;
      };
      const plain = status();
      assert.ok(plain.type === 'status' && plain.temp === undefined && plain.faults === undefined);
      await bench.after(61_500, '');
      const full = await bench.after(
        300,
        `
bench.controller.boots = None
for nth in range(10):
    bench.faults.set('scale.uncalibrate' + 'abcdefghij'[nth], True)
link = {'why': 'unanswered', 'step': 'disconnect', 'silent': 31536000}
boot = {'cause': 'watchdog', 'count': 70000, 'watchdogs': 2, 'state': 'unlocked', 'safe': False}
bench.controller.facts = {'temp': lambda: -18.5, 'cells': lambda: [-1234567.5 / 8] * 8, 'power': lambda: 'battery',
                          'slot': lambda: 'b', 'boot': lambda: boot, 'link': lambda: link, 'up': lambda: 31536000, 'heap': lambda: 8388608}`,
      );
      assert.equal(full.state, 'locked');
      const report = status();
      assert.ok(
        report.type === 'status' &&
          report.boot?.count === 70_000 &&
          report.link?.silent === 31_536_000 &&
          report.cells?.length === 8,
      );
      assert.equal(report.faults?.length, 8);
      assert.deepEqual([report.up, report.heap], [31_536_000, 8_388_608]);
    });

    it('refuses a signed command of which a field is of another kind, tells so once, and obeys a right one of that number', async () => {
      const bench = await startBench(build);
      const exp = bench.now() + 10;
      const show = { id: 'visit01', outcome: 'charged', items: [['Cola', 2]], total: 500, currency: 'eur', lang: 'en' };
      const rights: readonly object[] = [
        { type: 'ping' },
        { type: 'lockout', on: true, reason: 'too warm' },
        { type: 'show', ...show },
        { type: 'say', exp, text: 'Hi' },
        { type: 'tare', exp },
        { type: 'ota', exp },
        { type: 'unlock', id: 'visit01', exp },
        { type: 'restock', id: 'staff01', exp },
        { type: 'ack', topic: 'door', of: 1 },
        { type: 'time', nonce: NONCE },
      ];
      const strange = ['null', '-1', '1.5', '9007199254740992', '1'.repeat(31), '{}', '[1]', '[["Cola",true]]'];
      let unread = 0;
      for (const right of rights) {
        for (const field of new Set([...Object.keys(right), 'exp', 'at', 'seq'])) {
          for (const value of strange) {
            const whole = JSON.stringify({ seq: 2, at: bench.now(), ...right, [field]: '?' });
            const body = whole.replace('"?"', value);
            const mac = Buffer.from(hmac(KEY, Buffer.from(`${TOPIC}\n${body}`))).toString('hex');
            const told = await bench.hear(Buffer.from(`${body}|${mac}`), 1);
            assert.deepEqual([told.refused, told.lock, told.state], [{ 'payload.invalid': 1 }, 0, 'locked'], body);
            unread += told.reports.filter(({ type, code }) => type === 'fault' && code === 'command.unread').length;
          }
        }
      }
      assert.equal(unread, 1);
      assert.equal((await bench.send({ seq: 2, type: 'lockout', on: true, reason: '' })).state, 'locked_out');
    });

    it('lets a customer in although the contact has a spike just then, and nobody through a door that stands open', async () => {
      const bench = await startBench(build);
      await bench.after(40, 'bench.devices.door.level = 1');
      await bench.unlock('visit01', 20);
      assert.equal((await bench.after(400, 'bench.devices.door.level = 0')).lock, 1);
      await bench.after(14_000, '');
      await bench.after(40, 'bench.devices.door.level = 1');
      const told = await bench.unlock('visit02', 1_000);
      assert.deepEqual([told.refused, told.lock, types(told)], [{ 'visit.busy': 1 }, 0, ['forced', 'refused']]);
    });

    it('keeps a lockout whose number was not yet in flash when the power went', async () => {
      const bench = await startBench(build);
      const frame = Buffer.from(bench.seal({ type: 'lockout', on: true, reason: '' })).toString('hex');
      bench.run(`
class Cut(Exception): pass
write = bench.controller.flash.write
def cut(name, value):
    if name == 'seq-cmd.json': raise Cut()
    return write(name, value)
bench.controller.orders.flash.write = cut
async def until_cut():
    try:
        await bench.controller.hear('${TOPIC}', binascii.unhexlify('${frame}'))
    except Cut:
        pass`);
      await bench.after(10, 'asyncio.create_task(until_cut())');
      assert.equal((await bench.after(100, 'bench.boot()')).state, 'locked_out');
    });

    it('counts refusals, and never beyond its bound', async () => {
      const bench = await startBench(build);
      bench.run('import config\nconfig.REFUSED_MAX = 3');
      bench.run("for _ in range(5):\n    bench.controller.reports.count_refused('frame.malformed')");
      bench.run("bench.controller.reports.count_refused('seq.replayed')");
      const [told] = bench.run("print(json.dumps(bench.controller.status()['refused']))");
      assert.equal(told, 3);
      assert.deepEqual((await bench.after(0, '')).refused, { 'frame.malformed': 3, 'seq.replayed': 1 });
    });

    it('does not go on in silence where a visit could not be weighed: the main task hears of it', async () => {
      const bench = await startBench(build);
      await bench.unlock('visit01');
      await bench.after(300, "bench.devices.door.level = 1\nbench.shelf.broken = OSError('flash')");
      const told = await bench.after(1_000, 'bench.devices.door.level = 0');
      assert.deepEqual([told.crashed, types(told)], ['flash', []]);
      const again = await bench.after(1_000, 'bench.crashed = None\nbench.boot()');
      assert.deepEqual([types(again), again.reports[0]!.id], [['closed'], 'visit01']);
    });

    it('invites the next customer when nobody says how a visit ended', async () => {
      const bench = await startBench(build);
      await bench.unlock('visit01');
      await bench.after(300, 'bench.devices.door.level = 1');
      assert.deepEqual((await bench.after(1_000, 'bench.devices.door.level = 0')).said, ['weighing']);
      assert.deepEqual((await bench.after(25_000, '')).said, ['idle']);
    });
  });
}
