// The outbox in flash: power that ends after any byte, a chip that is full, worn or full of garbage; nothing is lost or repeated.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type FirmwareVm, firmwareVm, VMS } from './vms.ts';

const CUT_FLASH = readFileSync(new URL('cut_flash.py', import.meta.url), 'utf8');

async function bench(build?: string): Promise<FirmwareVm> {
  const vm = await firmwareVm(build);
  vm.file('/a/cut_flash.py', CUT_FLASH);
  vm.run('import flash, json, outbox\nfrom cut_flash import *\noutbox.SLACK_BYTES = 300');
  return vm;
}

/** Visits as a day has them, watched at every step of every write: what would a boot find if the power ended just now? */
const EVERY_CUT = `
KIND = None

class Watched:
    def __init__(self, kind):
        self.chip = Chip(kind)
        self.cuts = 0
        # What put() and acked() and take() have promised, and what they are at.
        self.kept, self.acking, self.used, self.statuses = {}, None, [0], [0]
        self.visit = self.writing = None
        self.box = fresh(self.chip)
        self.status = sequence(self.box.flash, "status")
        self.chip.on_step = self.look

    def look(self):
        self.cuts += 1
        box = fresh(Chip(KIND, dict(self.chip.files)))
        found = numbers(box)
        must = [seq for seq in sorted(self.kept) if seq != self.acking]
        assert found == sorted(set(found)), found
        assert [seq for seq in found if seq in must] == must, (found, must)
        # The one that was being written may be there, and nothing else.
        extra = [seq for seq in found if seq not in must and seq != self.acking]
        assert all(seq > max(self.used) for seq in extra) and len(extra) <= 1, (found, must)
        assert all(one == self.kept[one["seq"]] for one in box.waiting if one["seq"] in must)
        taken = box.sequence.next
        assert max(self.used) < taken <= max(self.used) + 10, taken
        assert max(extra + [0]) < taken
        status = sequence(box.flash, "status").take()
        assert max(self.statuses) < status <= max(self.statuses) + 10, status
        assert box.flash.read("visit.json", None) in (self.visit, self.writing)
        # And it goes on from here.
        again = box.put({"type": "closed", "seq": 0, "at": 9})["seq"]
        assert numbers(fresh(Chip(KIND, box.flash_files()))) == found + [again]
        use(self.chip)

    def put(self, kind):
        payload = self.box.put({"type": kind, "seq": 0, "at": 1700000000, "id": "abc123"})
        self.used.append(payload["seq"])
        self.kept[payload["seq"]] = dict(payload)

    def acked(self, seq):
        self.acking = seq
        self.box.acked(seq)
        self.kept.pop(seq)
        self.acking = None

    def write(self, value):
        self.writing = value
        self.box.flash.write("visit.json", value)
        self.visit = value

outbox.Outbox.flash_files = lambda self: dict(flash.os.files)

def scenario(kind, visits):
    global KIND
    KIND = kind
    watched = Watched(kind)
    for visit in range(visits):
        watched.write({"id": "visit%d" % visit, "mass": visit + 0.5, "over": False})
        for report in ("unlocked", "opened", "closed"):
            watched.put(report)
            watched.statuses.append(watched.status.take())
        # The first visits are acked, in no order; then the radio is gone.
        if visit < visits - 2:
            for seq in sorted(watched.kept)[::-1]:
                watched.acked(seq)
        watched.write({"id": "visit%d" % visit, "mass": visit + 0.5, "over": True})
    print(json.dumps([watched.cuts, watched.box.generation, numbers(watched.box)]))
`;

describe('the outbox in flash', () => {
  for (const { name, build } of VMS) {
    it(`finds every report after a power cut at any step of LittleFS, in MicroPython ${name}`, async () => {
      const vm = await bench(build);
      const [[cuts, generation, waiting]] = vm.run(`${EVERY_CUT}\nscenario("littlefs", 8)`) as [
        [number, number, number[]],
      ];
      assert.ok(cuts! > 100 && generation! > 4, `${cuts} cuts, ${generation} segments`);
      assert.equal(waiting!.length, 6);
    });
  }

  it('finds every report after a power cut at any byte, where the file system keeps each byte at once', async () => {
    const vm = await bench();
    const [[cuts, generation]] = vm.run(`${EVERY_CUT}\nscenario("bytes", 4)`) as [[number, number]];
    assert.ok(cuts! > 2_000 && generation! > 1, `${cuts} cuts, ${generation} segments`);
  });

  it('loses nothing in three hundred cuts in a row, one life of the case after the other', async () => {
    const vm = await bench();
    const [lives, repeated, lost, highest] = vm.run(`
import random
random.seed(6)
files, used, kept, lives = {}, set(), set(), 0
repeated = lost = 0
while lives < 300:
    lives += 1
    chip = Chip("bytes" if lives % 2 else "littlefs", files)
    box = fresh(chip, 30)
    lost += len([seq for seq in kept if seq not in numbers(box)])
    chip.steps_left = random.randint(1, 300)
    acking = None
    try:
        while True:
            seq = box.put({"type": random.choice(["closed", "timeout"]), "seq": 0})["seq"]
            repeated += seq in used
            used.add(seq)
            kept.add(seq)
            while len(kept) > random.randint(0, 9):
                acking = random.choice(sorted(kept))
                kept.discard(acking)
                box.acked(acking)
    except PowerCut:
        used.update(numbers(fresh(chip, 30)))
print(json.dumps([lives, repeated, lost, max(used) // len(used)]))`)[0] as number[];
    assert.deepEqual([lives, repeated, lost], [300, 0, 0]);
    // Each reset skips at most two blocks of numbers.
    assert.ok(highest! <= 8, `${highest} numbers for one report`);
  });

  it('reads what one flipped byte has left: every other report, and no number twice', async () => {
    const vm = await bench();
    const [flips, worst] = vm.run(`
chip = Chip("littlefs")
box = fresh(chip)
for i in range(12):
    box.put({"type": "closed", "seq": 0, "at": i})
    if i % 3:
        box.acked(box.waiting[0]["seq"])
box.flash.write("visit.json", {"id": "abc123", "mass": 12.5})
kept, following = numbers(box), box.sequence.next
flips = worst = 0
for name in sorted(chip.files):
    for at in range(len(chip.files[name])):
        flips += 1
        data = bytearray(chip.files[name])
        data[at] ^= 1 + flips % 255
        files = dict(chip.files)
        files[name] = bytes(data)
        hurt = fresh(Chip("littlefs", files))
        worst = max(worst, len([seq for seq in kept if seq not in numbers(hurt)]))
        assert following <= hurt.sequence.next < following + 10, hurt.sequence.next
        # A wrong mass would be a wrong price: better none.
        assert hurt.flash.read("visit.json", None) in ({"id": "abc123", "mass": 12.5}, None)
        hurt.put({"type": "closed", "seq": 0})
print(json.dumps([flips, worst]))`)[0] as number[];
    assert.ok(flips! > 500, `${flips} flips`);
    assert.equal(worst, 1);
  });

  it('boots on any garbage, and keeps what it is told from then on', async () => {
    const vm = await bench();
    const [rounds, wrong] = vm.run(`
import gc, random
random.seed(7)
def garbage():
    size = random.choice([0, 1, 9, 500, 5000, 40000])
    some = bytes(random.getrandbits(8) for _ in range(min(size, 500)))
    return random.choice([some, b"\\n" * size, b"[" * size, b'{"crc":"00000000","value":' * (size // 26), b"1" * size])
wrong = rounds = 0
names = ["outbox-0.log", "outbox-1.log", "seq-door.json", "seq-door-2.json", "seq-status.json", "visit.json"]
for _ in range(60):
    rounds += 1
    chip = Chip("littlefs", {"/flash/" + name + ending: garbage() for name in names for ending in ("", ".new")})
    box = fresh(chip, 4)
    wrong += box.flash.read("visit.json", None) not in (None,) and not isinstance(box.flash.read("visit.json", None), int)
    for i in range(6):
        last = box.put({"type": "closed", "seq": 0})["seq"]
    wrong += numbers(fresh(Chip("littlefs", chip.files), 4)) != [last - 3, last - 2, last - 1, last]
    use(chip)
    sequence(box.flash, "status").take()
gc.collect()
print(json.dumps([rounds, wrong]))`)[0] as number[];
    assert.deepEqual([rounds, wrong], [60, 0]);
  });

  for (const [what, error] of [
    ['full', 28],
    ['read-only', 30],
    ['broken', 5],
  ] as const) {
    it(`works on from memory on a ${what} chip, says so, and lets nobody new in until it is well again`, async () => {
      const vm = await bench();
      assert.deepEqual(
        vm.run(`
faults = Faults()
chip = Chip("littlefs")
box = fresh(chip, 40, faults)
first = box.put({"type": "unlocked", "seq": 0})
before = (box.room(), sorted(faults.on))
chip.fails = ${error}
later = [box.put({"type": "closed", "seq": 0})["seq"] for _ in range(3)]
box.acked(first["seq"])
kept = box.flash.write("visit.json", {"id": "abc123"})
print(json.dumps([before, kept, box.room(), sorted(faults.on), box.flash.read("visit.json", None),
                  numbers(box) == later, len(box.due(0, lambda a, b: a - b, 5000))]))
# The visit went on with numbers that were reserved: a reset now repeats none.
print(json.dumps(fresh(Chip("littlefs", dict(chip.files)), 40).sequence.next > later[-1]))
use(chip)
chip.fails = None
print(json.dumps([box.room(), sorted(faults.on)]))
again = fresh(Chip("littlefs", chip.files), 40)
print(json.dumps([numbers(again) == later, again.flash.read("visit.json", None)]))`),
        [[[39, []], false, 0, ['flash.failed'], { id: 'abc123' }, true, 3], true, [37, []], [true, { id: 'abc123' }]],
      );
    });
  }

  it('lets go, when it is full, of what the cloud can do without, and never of a weighed close', async () => {
    const vm = await bench();
    assert.deepEqual(
      vm.run(
        `
box = fresh(Chip("littlefs"), 6)
for kind in ("fault", "unlocked", "opened", "open_too_long", "closed", "restocked"):
    box.put({"type": kind, "seq": 0})
for _ in range(4):
    box.put({"type": "timeout", "seq": 0})
    print(json.dumps([payload["type"] for payload in box.waiting]))
box.put({"type": "forced", "seq": 0})
print(json.dumps([len(box.waiting), box.room()]))`,
      ),
      [
        ['fault', 'unlocked', 'opened', 'closed', 'restocked', 'timeout'],
        ['fault', 'unlocked', 'closed', 'restocked', 'timeout', 'timeout'],
        ['fault', 'closed', 'restocked', 'timeout', 'timeout', 'timeout'],
        ['closed', 'restocked', 'timeout', 'timeout', 'timeout', 'timeout'],
        [6, 0],
      ],
    );
  });

  it('sends nothing so far ahead that an old close would fall out of what the cloud can tell apart', async () => {
    const vm = await bench();
    assert.deepEqual(
      vm.run(`
box = fresh(Chip("littlefs"), 40)
first = box.put({"type": "closed", "seq": 0})["seq"]
box.sequence.above(first + 254)
within = box.put({"type": "opened", "seq": 0})["seq"]
beyond = box.put({"type": "closed", "seq": 0})["seq"]
due = lambda: [payload["seq"] for payload in box.due(0, lambda a, b: a - b, 5000)]
print(json.dumps([within - first, due() == [first, within]]))
box.acked(first)
print(json.dumps(due() == [within, beyond]))`),
      [[255, true], true],
    );
  });

  it('sends a report again when no ack has come in time, or the link was lost', async () => {
    const vm = await bench();
    assert.deepEqual(
      vm.run(`
box = fresh(Chip("littlefs"), 40)
one = box.put({"type": "closed", "seq": 0})
due = lambda now: len(box.due(now, lambda a, b: a - b, 5000))
box.mark_sent(one, 1000)
print(json.dumps([due(1000), due(5999), due(6000)]))
box.link_lost()
print(due(1000))`),
      [[0, 0, 1], 1],
    );
  });

  it('goes on far above every number that was ever used when both copies of a number are damaged', async () => {
    const vm = await bench();
    const [status, door] = vm.run(`
chip = Chip("littlefs")
for name in ("door", "status"):
    for copy in ("", "-2"):
        chip.files["/flash/seq-" + name + copy + ".json"] = b'{"crc":"00000000","value":99}'
box = fresh(chip)
print(json.dumps([sequence(box.flash, "status").take(), box.sequence.take()]))`)[0] as number[];
    assert.ok(status! > 1e7 && door! > 1e7, `${status} ${door}`);
  });

  it('goes on above what the outbox has seen when the files of a number are gone', async () => {
    const vm = await bench();
    assert.deepEqual(
      vm.run(`
chip = Chip("littlefs")
box = fresh(chip)
box.sequence.above(700)
last = box.put({"type": "closed", "seq": 0})["seq"]
box.acked(last)
del chip.files["/flash/seq-door.json"], chip.files["/flash/seq-door-2.json"]
print(json.dumps([last, fresh(chip).sequence.next]))`),
      [[701, 702]],
    );
  });

  it('costs the chip what was reckoned: six small writes a visit, and a segment anew every sixteen kilobytes', async () => {
    const vm = await bench();
    const [writes, bytes] = vm.run(`
outbox.SLACK_BYTES = 16384
chip = Chip("littlefs")
use(chip)
fl = flash.Flash("/flash")
box = outbox.Outbox(fl, outbox.Sequence(fl, "door", 32), 200)
writes = [0]
def count():
    writes[0] += 1
chip.on_step = count
size = 0
for visit in range(1000):
    for kind in ("unlocked", "opened", "closed"):
        payload = box.put({"type": kind, "seq": 0, "at": 1700000000, "id": "abc123", "mass": 12345.6, "dmass": 355.2})
        size += len(outbox.record(payload)) + len(outbox.record(payload["seq"]))
        box.acked(payload["seq"])
print(json.dumps([writes[0] / 1000, size / 1000]))`)[0] as number[];
    // Two files of numbers, written beside and renamed, every 32 reports: 0.38 a visit.
    assert.ok(writes! < 6.5, `${writes} writes a visit`);
    assert.ok(bytes! < 450, `${bytes} bytes a visit`);
  });

  it('takes a number that is there and cannot be read for damaged, not for the first', async () => {
    const vm = await bench();
    const [next] = vm.run(`
chip = Chip("littlefs", {"/flash/seq-door.json": b"", "/flash/seq-door-2.json": b""})
def unreadable(path, mode):
    raise OSError(5)
chip.opened = unreadable
print(json.dumps(fresh(chip).sequence.next))`) as number[];
    assert.ok(next! > 1e7, String(next));
  });

  it('obeys no old command when the file of the command numbers is damaged: the answer to its own question comes first', async () => {
    const vm = await bench();
    assert.deepEqual(
      vm.run(`
import asyncio, binascii, controller, envelope, orders, time
orders.print = quiet
class Anything:
    def __getattr__(self, name):
        return lambda *_: 0
class Devices:
    lock = door = line = battery = modem = Anything()
class Still(Anything):
    def settled(self):
        return (5000.0, 1.0)
chip = use(Chip("littlefs", {"/flash/seq-cmd.json": b'{"crc":"00000000","value":41}'}))
case = controller.Controller(Devices(), Still(), Anything(), flash.Flash("/flash"), {"key": "07" * 32, "case": "123"})
def hear(**payload):
    frame = envelope.seal("case/123/cmd", payload, bytes([7] * 32))
    try:
        case.hear("case/123/cmd", frame).send(None)
    except StopIteration:
        pass
    return case.fsm.state
captured = dict(type="unlock", id="abc123", seq=40, at=1700000000, exp=1700000010)
found = [hear(**captured)]
case.hello("00ff")
found.append(hear(type="time", nonce="00ff", seq=42, at=1700000000))
found.append(hear(**captured))
captured.update(seq=43, id="abc124")
found.append(hear(**captured))
print(json.dumps([found, case.reports.refused]))`),
      [[['locked', 'locked', 'locked', 'unlocked'], { 'clock.unknown': 1, 'seq.replayed': 1 }]],
    );
  });

  it('believes a file that a person wrote where one may, and no number of its own without a sum: it goes on far above', async () => {
    const vm = await bench();
    assert.deepEqual(
      vm.run(`
chip = Chip("littlefs", {"/flash/secrets.json": b'{"case": "123", "lang": "es"}\\n', "/flash/seq-door.json": b"65"})
box = fresh(chip)
print(json.dumps([box.flash.read("secrets.json", None, True), box.sequence.take() >= outbox.LOST_JUMP, box.flash.read("none.json", 7)]))`),
      [[{ case: '123', lang: 'es' }, true, 7]],
    );
  });

  it('forgets when a report was sent, also when its ack was faster than the radio’s own answer', async () => {
    const vm = await bench();
    assert.deepEqual(
      vm.run(`
import clock, reports
chip = use(Chip("littlefs"))
class Link:
    sent = []
    async def publish(self, topic, frame):
        self.sent.append(frame)
        # The first frame takes so long that all three are acked meanwhile, as after a resend.
        for seq in list(numbers(told.outbox)):
            told.outbox.acked(seq)
told = reports.Reports(Link(), clock.Clock(lambda: 5, lambda a, b: a - b, 30), flash.Flash("/flash"),
                       {"key": "07" * 32, "case": "123"})
for kind in ("unlocked", "opened", "closed"):
    told.put(kind, "abc123")
try:
    told.send_waiting().send(None)
except StopIteration:
    pass
print(json.dumps([told.outbox.sent, len(told.link.sent), numbers(told.outbox)]))`),
      [[{}, 1, []]],
    );
  });

  it('does not grow over a thousand visits, in memory or in flash', async () => {
    const vm = await bench();
    vm.run(`
import gc
outbox.SLACK_BYTES = 16384
chip = Chip("littlefs")
box = fresh(chip, 200)
def visits(count):
    for _ in range(count):
        for kind in ("unlocked", "opened", "closed"):
            box.acked(box.put({"type": kind, "seq": 0, "at": 1700000000, "id": "abc123", "mass": 1234.5})["seq"])
def in_flash():
    return sum(len(data) for data in chip.files.values())`);
    // The VM collects its garbage only when it has come back to JavaScript.
    const inUse = () => {
      vm.run('gc.collect()');
      return vm.run('print(json.dumps([gc.mem_alloc() - in_flash(), in_flash()]))')[0] as [number, number];
    };
    vm.run('visits(200)');
    const [before] = inUse();
    vm.run('visits(1000)');
    const [after, bytes] = inUse();
    assert.ok(after - before < 2_048, `${before} then ${after} bytes in use`);
    assert.ok(bytes < 40_000, `${bytes} bytes in flash`);
  });
});
