// The simulated flash: what a board finds in it after its plug was pulled is what the firmware had closed, and nothing else.
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FIRMWARE } from '../../sim/src/case/board.ts';
import { REAL_CLOCK } from '../../sim/src/case/clock.ts';
import { copyIn, mountFlash } from '../../sim/src/case/flash.ts';
import { loadMicroPython } from '../../sim/src/case/micropython.ts';
import { VMS } from './vms.ts';

describe('the simulated flash', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-flash-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Another life of the board: only what is in the folder comes along. */
  const boot = async (build?: string) => {
    const printed: unknown[] = [];
    const vm = await loadMicroPython(
      { clock: REAL_CLOCK, stdout: (line) => void printed.push(JSON.parse(line)) },
      build,
    );
    mountFlash(vm, folder);
    return (code: string) => {
      printed.length = 0;
      vm.runPython(`import json, os\n${code}`);
      return [...printed];
    };
  };
  const onDisk = (name: string) => readFileSync(join(folder, name), 'utf8');

  for (const { name, build } of VMS) {
    it(`has what was closed, and nothing of what was still open, in MicroPython ${name}`, async () => {
      writeFileSync(join(folder, 'kept.json'), '{"old":1}');
      const run = await boot(build);
      run(`
with open("/flash/log", "ab") as file:
    file.write(b"one")
half = open("/flash/log", "ab")
half.write(b"two")
other = open("/flash/kept.json", "w")
other.write("gone")`);
      assert.deepEqual([onDisk('log'), onDisk('kept.json')], ['one', '{"old":1}']);
      run('half.close()');
      assert.equal(onDisk('log'), 'onetwo');
      const again = await boot(build);
      assert.deepEqual(again('print(json.dumps([open("/flash/log").read(), open("/flash/kept.json").read()]))'), [
        ['onetwo', '{"old":1}'],
      ]);
    });
  }

  it('follows whatever is done to a file: made anew, changed in the middle, emptied, renamed, removed', async () => {
    const run = await boot();
    run(`
def put(name, mode, data, at=None):
    with open("/flash/" + name, mode) as file:
        if at is not None:
            file.seek(at)
        file.write(data)
put("a", "wb", b"0123456789")
put("a", "r+b", b"xx", 3)
put("b", "wb", b"first"); put("b", "wb", b"2nd"); put("b", "ab", b"!")
put("c", "wb", b"c"); os.rename("/flash/c", "/flash/b.new")
put("d", "wb", b"d"); os.remove("/flash/d")
put("e", "wb", b"full"); put("e", "wb", b"")
os.mkdir("/flash/sub"); put("sub/f", "wb", b"\\xff\\x00\\n")
put("g", "wb", b"g"); os.rename("/flash/g", "/flash/a.json"); put("a.json", "ab", b"h")`);
    assert.deepEqual(readdirSync(folder).sort(), ['a', 'a.json', 'b', 'b.new', 'e', 'sub']);
    assert.deepEqual([onDisk('a'), onDisk('b'), onDisk('b.new'), onDisk('e')], ['012xx56789', '2nd!', 'c', '']);
    assert.deepEqual([...readFileSync(join(folder, 'sub', 'f'))], [255, 0, 10]);
    const again = await boot();
    again('os.remove("/flash/sub/f"); os.rmdir("/flash/sub")');
    assert.deepEqual([onDisk('a.json'), existsSync(join(folder, 'sub'))], ['gh', false]);
  });

  it('keeps to its folder, whatever the name', async () => {
    const outside = mkdtempSync(join(tmpdir(), 'tapcase-outside-'));
    mkdirSync(join(folder, 'flash'));
    folder = join(folder, 'flash');
    const run = await boot();
    const refused = run(`
os.mkdir("/elsewhere")
with open("/elsewhere/x", "wb") as file:
    file.write(b"not of the flash")
for path in ("/flash/a b", "/flash/" + "n" * 65, "/flash/a/b/c/d/e", "/flash/~"):
    try:
        with open(path, "wb") as file:
            file.write(b"x")
        print(json.dumps(path))
    except OSError:
        pass
os.rename("/elsewhere/x", "/flash/x")
os.rename("/flash/x", "/elsewhere/y")
for path in ("/flash/../y", "/flash/.."):
    try:
        os.rename("/elsewhere/y", path)
    except OSError:
        pass`);
    assert.deepEqual([refused, readdirSync(folder), readdirSync(join(folder, '..'))], [[], [], ['flash']]);
    rmSync(outside, { recursive: true });
    folder = join(folder, '..');
  });

  it('carries the outbox of a case through a reset after each of a thousand visits’ reports', async () => {
    let waiting: unknown;
    let next = 0;
    for (let life = 0; life < 4; life += 1) {
      const stdout = (line: string) => {
        waiting = JSON.parse(line);
      };
      const vm = await loadMicroPython({ clock: REAL_CLOCK, stdout });
      copyIn(vm.FS, join(FIRMWARE, 'app'), '/a', '.py');
      mountFlash(vm, folder);
      vm.runPython(`
import sys; sys.path.insert(0, "/a")
import json
from flash import Flash
from outbox import Outbox, Sequence
flash = Flash("/flash")
box = Outbox(flash, Sequence(flash, "door", 32), 200)
found = [payload["seq"] for payload in box.waiting]
for _ in range(250):
    for kind in ("unlocked", "opened", "closed"):
        box.acked(box.put({"type": kind, "seq": 0, "at": 1700000000, "id": "abc123", "mass": 1234.5})["seq"])
last = box.put({"type": "closed", "seq": 0, "at": 1700000000, "id": "abc123"})["seq"]
print(json.dumps([found, last]))`);
      const [found, last] = waiting as [number[], number];
      assert.equal(found.length, life);
      assert.ok(last > next, `${last} after ${next}`);
      next = last;
    }
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    assert.ok(bytes < 40_000, `${bytes} bytes in flash`);
  });
});
