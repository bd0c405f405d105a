// Who may make firmware: signatures as RFC 8032 has them, and as node:crypto makes them; what is nearly one is none.
import assert from 'node:assert/strict';
import { createHash, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { publicHex } from '../../scripts/firmware/release.ts';
import { seededRandom } from '../../sim/src/shelf/random.ts';
import { type FirmwareVm, firmwareVm, VMS } from './vms.ts';

/** RFC 8032, 7.1: public key, message, signature. */
const RFC_8032 = [
  [
    'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
    '',
    'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
  ],
  [
    '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    '72',
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  ],
  [
    'fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025',
    'af82',
    '6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a',
  ],
] as const;

/** Points of order 1, 2, 4 and 8: keys under which somebody without a key could sign. */
const SMALL_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
];
const L = (1n << 252n) + 27742317777372353535851937790883648493n;
/** As long as the longest wait in virtual time: the work is done in no time at all. */
const DONE_MS = 60_000;
const random = seededRandom(8032);
const someBytes = (count: number) => Buffer.from(Array.from({ length: count }, () => Math.floor(random() * 256)));
/** Before the 32 bytes of the key itself (RFC 8410, 7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Always the same keys, so that a failure comes again. */
function someKey(): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, someBytes(32)]), format: 'der', type: 'pkcs8' });
}

for (const { name, build } of VMS) {
  describe(`signatures in the controller (${name})`, () => {
    let vm: FirmwareVm;
    before(async () => {
      vm = await firmwareVm(build);
      vm.run('import asyncio, binascii, json\nfrom ed25519 import verify\nfrom sha512 import sha512');
    });
    const isGood = async (key: string, message: Uint8Array, signature: string) => {
      const arguments_ = [key, Buffer.from(message).toString('hex'), signature];
      const [said] = await vm.runFor(
        DONE_MS,
        `async def go():
    print(json.dumps(await verify(${arguments_.map((hex) => `binascii.unhexlify("${hex}")`).join(', ')})))
asyncio.create_task(go())`,
      );
      return said;
    };

    it('SHA-512 is what node:crypto says, at every length around a block', async () => {
      for (const length of [0, 1, 110, 111, 112, 127, 128, 129, 239, 240, 1_000]) {
        const data = someBytes(length);
        const [said] = await vm.runFor(
          DONE_MS,
          `async def go():
    print(json.dumps(binascii.hexlify(await sha512(binascii.unhexlify("${data.toString('hex')}"))).decode()))
asyncio.create_task(go())`,
        );
        assert.equal(said, createHash('sha512').update(data).digest('hex'), `${length} bytes`);
      }
    });

    it('accepts the vectors of RFC 8032', async () => {
      for (const [key, message, signature] of RFC_8032) {
        assert.equal(await isGood(key, Buffer.from(message, 'hex'), signature), true);
      }
    });

    it('accepts what node:crypto signs, and nothing of it with one bit changed', async () => {
      for (let round = 0; round < 5; round += 1) {
        const privateKey = someKey();
        const key = publicHex(privateKey);
        const message = someBytes(round * 100);
        const signature = sign(null, message, privateKey);
        assert.equal(await isGood(key, message, signature.toString('hex')), true);
        const bit = 1 << (round % 8);
        for (const byte of [0, 31, 32, 62]) {
          const wrong = Buffer.from(signature);
          wrong[byte]! ^= bit;
          assert.equal(await isGood(key, message, wrong.toString('hex')), false);
        }
        assert.equal(await isGood(key, Buffer.concat([message, Buffer.of(0)]), signature.toString('hex')), false);
      }
    });

    it('refuses the second form of a signature', async () => {
      const [key, , signature] = RFC_8032[0];
      const s = BigInt(`0x${Buffer.from(signature.slice(64), 'hex').reverse().toString('hex')}`) + L;
      const second =
        signature.slice(0, 64) + Buffer.from(s.toString(16).padStart(64, '0'), 'hex').reverse().toString('hex');
      assert.equal(await isGood(key, Buffer.of(), second), false);
    });

    it('refuses keys under which anybody can sign', async () => {
      const nothing = Buffer.from('anything at all');
      for (const key of SMALL_ORDER) {
        for (const r of SMALL_ORDER.slice(0, 3)) {
          assert.equal(await isGood(key, nothing, r + '00'.repeat(32)), false, key);
        }
      }
    });

    it('refuses what is no point, or a point written in a second way, or of a wrong length', async () => {
      const [key, , signature] = RFC_8032[0];
      const noPoint = `02${'00'.repeat(31)}`;
      const beyond = `eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f`;
      for (const bad of [noPoint, beyond, key.slice(2), `${key}00`, '']) {
        assert.equal(await isGood(bad, Buffer.of(), signature), false, bad);
      }
      for (const bad of [signature.slice(2), `${signature}00`, '', noPoint + signature.slice(64)]) {
        assert.equal(await isGood(key, Buffer.of(), bad), false, bad);
      }
    });

    it('gives the other tasks a turn some hundred times while it works', async () => {
      const [key, , signature] = RFC_8032[0];
      const [turns] = await vm.runFor(
        DONE_MS,
        `turns = 0
async def other():
    global turns
    while True:
        turns += 1
        await asyncio.sleep_ms(0)
async def go():
    task = asyncio.create_task(other())
    await verify(binascii.unhexlify("${key}"), b"", binascii.unhexlify("${signature}"))
    task.cancel()
    print(json.dumps(turns))
asyncio.create_task(go())`,
      );
      assert.ok(Number(turns) > 250, `${turns} turns`);
    });
  });
}
