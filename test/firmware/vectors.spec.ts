// The firmware's envelope in the MicroPython VM, on the same frames that the cloud is tested with.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';

const ROOT = new URL('../../', import.meta.url);
/** Prints one JSON line for each vector: its name, then what became of it. */
const SCRIPT = `
import sys
sys.path.append('/')
import binascii, envelope, json

def bytes_of(text):
    return binascii.unhexlify(text)

def opened(vector):
    try:
        return {'payload': envelope.open_frame(vector['topic'], bytes_of(vector['frameHex']), bytes_of(vector['keyHex']))}
    except envelope.FrameError as error:
        return {'fault': error.code}

vectors = json.load(open('/frames.json'))
for vector in vectors['hmac']:
    mac = envelope.hmac_sha256(bytes_of(vector['keyHex']), bytes_of(vector['dataHex']))
    print(json.dumps([vector['name'], binascii.hexlify(mac).decode()]))
for vector in vectors['frames']:
    print(json.dumps([vector['name'], opened(vector)]))
`;

describe('the firmware’s envelope', () => {
  it('believes and refuses exactly what the cloud does', async () => {
    const text = readFileSync(new URL('test/vectors/frames.json', ROOT), 'utf8');
    const vectors = JSON.parse(text) as {
      hmac: { name: string; macHex: string }[];
      frames: { name: string; expect: object }[];
    };
    const printed: unknown[] = [];
    const vm = await loadMicroPython({ stdout: (line) => printed.push(JSON.parse(line)), linebuffer: true });
    vm.FS.writeFile('/envelope.py', readFileSync(new URL('firmware/envelope.py', ROOT)));
    vm.FS.writeFile('/frames.json', text);
    vm.runPython(SCRIPT);
    assert.deepEqual(printed, [
      ...vectors.hmac.map(({ name, macHex }) => [name, macHex]),
      ...vectors.frames.map(({ name, expect }) => [name, expect]),
    ]);
  });
});
