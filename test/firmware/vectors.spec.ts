// The firmware's envelope in the MicroPython VM, on the same frames that the cloud is tested with.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { firmwareVm, VMS } from './vms.ts';

const ROOT = new URL('../../', import.meta.url);
/** Prints one JSON line for each vector: its name, then what became of it. */
const SCRIPT = `
import binascii, commands, envelope, json

def bytes_of(text):
    return binascii.unhexlify(text)

def opened(vector):
    try:
        payload = envelope.open_frame(vector['topic'], bytes_of(vector['frameHex']), bytes_of(vector['keyHex']))
    except envelope.FrameError as error:
        return {'fault': error.code}
    return {'payload': payload}

vectors = json.load(open('/frames.json'))
for vector in vectors['hmac']:
    mac = envelope.hmac_sha256(bytes_of(vector['keyHex']), bytes_of(vector['dataHex']))
    print(json.dumps([vector['name'], binascii.hexlify(mac).decode()]))
for vector in vectors['frames']:
    print(json.dumps([vector['name'], opened(vector)]))
`;

/** Prints what each number is refused with, or null; the commands come as text, as they stand in a frame. */
const NUMBERS = `
import commands, envelope, json

def judged(vector):
    try:
        command = commands.parse_command(json.loads(vector['text']))
        commands.check_rising(vector['last'], command['seq'])
    except envelope.FrameError as error:
        return error.code
    return None

for vector in json.load(open('/numbers.json')):
    print(json.dumps([vector['name'], judged(vector)]))
`;

/** As they are written: a number that JavaScript reads as another one must not be mended before the firmware sees it. */
const NUMBER = /"name": "([^"]+)", "last": (\d+), "seq": ([^ ,]+), "refused": (.+) \}/g;

describe('the firmware’s envelope', () => {
  for (const { name, build } of VMS) {
    it(`takes and refuses the numbers of commands as the cloud does, in MicroPython ${name}`, async () => {
      const text = readFileSync(new URL('test/vectors/numbers.json', ROOT), 'utf8');
      const vectors = [...text.matchAll(NUMBER)].map(([, called, last, seq, refused]) => ({
        name: called,
        last: Number(last),
        text: `{"type":"ping","seq":${seq},"at":1763678400}`,
        refused: JSON.parse(refused!) as string | null,
      }));
      assert.equal(vectors.length, (JSON.parse(text) as unknown[]).length);
      const vm = await firmwareVm(build);
      vm.file('/numbers.json', JSON.stringify(vectors));
      assert.deepEqual(
        vm.run(NUMBERS),
        vectors.map(({ name: called, refused }) => [called, refused]),
      );
    });

    it(`reads nothing torn as something whole, in MicroPython ${name}`, async () => {
      const vm = await firmwareVm(build);
      const read = vm.run(`
import json
def read(text):
    try:
        return json.loads(text)
    except ValueError:
        return 'torn'
whole = '{"type":"show","items":[["Cola",2]]}'
print(json.dumps([read(whole[:at]) for at in range(len(whole))]))`);
      assert.deepEqual([...new Set(read[0] as unknown[])], ['torn']);
    });

    it(`believes and refuses exactly what the cloud does, in MicroPython ${name}`, async () => {
      const text = readFileSync(new URL('test/vectors/frames.json', ROOT), 'utf8');
      const vectors = JSON.parse(text) as {
        hmac: { name: string; macHex: string }[];
        frames: { name: string; expect: object }[];
      };
      const vm = await firmwareVm(build);
      vm.file('/frames.json', text);
      assert.deepEqual(vm.run(SCRIPT), [
        ...vectors.hmac.map(({ name, macHex }) => [name, macHex]),
        ...vectors.frames.map(({ name, expect }) => [name, expect]),
      ]);
    });
  }
});
