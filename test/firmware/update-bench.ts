// A controller's two slots in the MicroPython VM, a server of images that can be made to lie, and a plug that can be pulled.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { ImageFile } from '../../scripts/firmware/compile.ts';
import { publicHex, signRelease } from '../../scripts/firmware/release.ts';
import { FIRMWARE } from '../../sim/src/case/board.ts';
import { VirtualClock } from '../../sim/src/case/clock.ts';
import { copyIn } from '../../sim/src/case/flash.ts';
import { loadMicroPython } from '../../sim/src/case/micropython.ts';

export const KEY: KeyObject = generateKeyPairSync('ed25519').privateKey;
export const AT = 1_763_678_400;
const APP = join(FIRMWARE, 'app');

export interface SmallRelease {
  readonly number: number;
  readonly version?: string;
  readonly minNumber?: number | undefined;
  readonly files?: Readonly<Record<string, string>>;
  readonly key?: KeyObject;
}

export interface Served {
  readonly manifest: Buffer;
  readonly offer: Buffer;
  readonly files: readonly ImageFile[];
  readonly number: number;
}

/** Three files, one of them of several ranges: enough to go wrong in every way. */
export function smallRelease({ number, version = `1.${number}.0`, minNumber, files, key = KEY }: SmallRelease): Served {
  const texts = files ?? {
    'app.py': `VERSION = "${version}"\n`,
    'big.py': `# ${`${version} `.repeat(1_700)}\n`,
    'same.py': '# the same in every release\n',
  };
  return signed(
    Object.entries(texts).map(([path, text]) => ({ path, data: Buffer.from(text) })),
    { number, version, minNumber, key },
  );
}

export function signed(
  files: readonly ImageFile[],
  { number, version, minNumber, key = KEY }: SmallRelease & { readonly version: string },
): Served {
  return { ...signRelease({ version, files }, { number, minNumber, privateKey: key, at: AT }), files, number };
}

/** What the controller asked for, and what it gets: bytes, or undefined for a radio that lets it down. */
export type Answer = (path: string, start: number, length: number) => Uint8Array | undefined;

export function answerOf(release: Served): Answer {
  return (path, start, length) => {
    const whole = wholeOf(release, path);
    return whole?.subarray(start, start + length);
  };
}

function wholeOf({ manifest, offer, files, number }: Served, path: string): Uint8Array | undefined {
  if (path === '/firmware/123/manifest.sig') return offer;
  if (path === '/firmware/123/manifest') return manifest;
  return files.find((file) => path === `/firmware/123/${number}/${file.path}`)?.data;
}

export interface UpdateBench {
  answer: Answer;
  readonly requests: string[];
  run(code: string): unknown[];
  runFor(ms: number, code: string): Promise<unknown[]>;
  /** A look for updates; `True`, `False`, the code of an UpdateError, `radio` or `cut`. */
  look(): Promise<unknown>;
  /** What the next start would choose. */
  boot(): unknown;
  /** Both slots as after firmware:flash: `release` in /a, nothing in /b. */
  flashed(release: Served): void;
}

export async function updateBench(build?: string): Promise<UpdateBench> {
  const printed: unknown[] = [];
  const clock = new VirtualClock();
  const stdout = (line: string) => {
    // What the firmware tells a technician is no JSON; what the bench prints is.
    if (line.startsWith('=')) printed.push(JSON.parse(line.slice(1)));
  };
  const vm = await loadMicroPython({ clock, stdout }, build);
  copyIn(vm.FS, FIRMWARE, '/firmware', '.py');
  copyIn(vm.FS, APP, '/app', '.py');
  const requests: string[] = [];
  vm.registerJsModule('server', {
    get: (path: string, start: number, length: number) => {
      requests.push(path);
      const data = bench.answer(path, start, length);
      return data === undefined ? 'none' : Buffer.from(data).toString('hex');
    },
  });
  const run = (code: string) => {
    printed.length = 0;
    vm.runPython(code);
    return [...printed];
  };
  run(`KEY = "${publicHex(KEY)}"\n${PYTHON}`);
  const bench: UpdateBench = {
    answer: () => undefined,
    requests,
    run,
    runFor: async (ms, code) => {
      run(code);
      await clock.advance(ms);
      return [...printed];
    },
    look: async () => (await bench.runFor(LOOK_MS, 'asyncio.create_task(look())'))[0],
    boot: () => run('tell(slots.choose(STORE))')[0],
    flashed: ({ files, manifest }) => {
      run('wipe()');
      for (const { path, data } of files) vm.FS.writeFile(`/a/${path}`, data);
      vm.FS.writeFile('/a/manifest.json', manifest);
    },
  };
  return bench;
}

/** Longer than all the waits between the tries of a few ranges. */
const LOOK_MS = 600_000;

const PYTHON = `
import asyncio, binascii, builtins, json, os, sys
sys.path[:0] = ["/app", "/firmware"]
import server, slots, update, manifest, config

class Cut(BaseException):
    """The plug is pulled."""

class Plug:
    """Everything that changes the flash goes through here; \`left\` of them still happen."""
    left = None
    def use(self):
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Cut()

plug = Plug()

class CutFile:
    def __init__(self, file):
        self.file = file
    def __enter__(self):
        return self
    def __exit__(self, *_):
        self.file.close()
    def write(self, data):
        try:
            plug.use()
        except Cut:
            self.file.write(data[:len(data) // 2])
            raise
        return self.file.write(data)
    def read(self, *count):
        return self.file.read(*count)
    def readinto(self, buffer):
        return self.file.readinto(buffer)

def cut_open(path, mode="r"):
    if "r" in mode:
        return builtins.open(path, mode)
    plug.use()
    return CutFile(builtins.open(path, mode))

class CutOs:
    room = 64 << 20
    def stat(self, path):
        return os.stat(path)
    def listdir(self, path):
        return os.listdir(path)
    def statvfs(self, path):
        return (4096, 4096, 0, self.room // 4096, self.room // 4096)
    def urandom(self, count):
        return bytes(count)
    def rename(self, old, new):
        plug.use()
        # The file system of the older build finds the old file again when what took its name is removed.
        if slots.exists(new):
            os.remove(new)
        os.rename(old, new)
    def remove(self, path):
        plug.use()
        os.remove(path)
    def mkdir(self, path):
        plug.use()
        os.mkdir(path)

cut_os = CutOs()
for module in (slots, update):
    module.os, module.open = cut_os, cut_open
class Json:
    """In pieces, as it writes: a cut leaves half a file."""
    def load(self, file):
        return json.load(file)
    def dump(self, value, file):
        text = json.dumps(value)
        file.write(text[:20])
        file.write(text[20:])
slots.json = Json()

STORE = slots.Files("/flash")
restarts = []

def tell(value):
    print("=" + json.dumps(value))

def wipe():
    for folder in ("/a", "/b", "/flash"):
        try:
            os.mkdir(folder)
        except OSError:
            pass
        for name in os.listdir(folder):
            os.remove(folder + "/" + name)

class Link:
    connected = True
    async def fetch(self, path, start, length):
        await asyncio.sleep_ms(10)
        answer = server.get(path, start, length)
        if answer == "none":
            raise OSError("the radio")
        return binascii.unhexlify(answer)

def updater(key=KEY):
    return update.Updater(Link(), STORE, "123", key, lambda: restarts.append(1))

async def look(allowed=lambda: True):
    try:
        tell(await updater().check(lambda: None, allowed))
    except manifest.UpdateError as error:
        tell(error.code)
    except OSError:
        tell("radio")
    except Cut:
        tell("cut")
`;
