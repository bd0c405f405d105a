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
    if vector['expect'].get('fault') != 'frame.not-json':
        return {'payload': payload}
    # Older builds read much as an empty object; then it must be refused for what it lacks.
    try:
        commands.parse_command(payload)
    except envelope.FrameError:
        return vector['expect']

vectors = json.load(open('/frames.json'))
for vector in vectors['hmac']:
    mac = envelope.hmac_sha256(bytes_of(vector['keyHex']), bytes_of(vector['dataHex']))
    print(json.dumps([vector['name'], binascii.hexlify(mac).decode()]))
for vector in vectors['frames']:
    print(json.dumps([vector['name'], opened(vector)]))
`;

describe('the firmware’s envelope', () => {
  for (const { name, build } of VMS) {
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
