// The update server of a simulated week: two signed images of the real application, handed out in ranges over a bad radio.
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIRMWARE } from '../../sim/src/case/board.ts';
import type { HttpDial, HttpReply } from '../../sim/src/modem/http-link.ts';
import { compileApp, type Image, type ImageFile } from '../firmware/compile.ts';
import { publicHex, signRelease } from '../firmware/release.ts';
import { between, chance, type Random } from './dice.ts';
import type { World } from './world.ts';

const CONNECT_MS = [400, 3_000] as const;
/** 4 KB over LTE-M. */
const ANSWER_MS = [200, 1_500] as const;
/** Answers that never come. */
const BROKEN_SHARE = 0.02;
/** Bytes that fall over on their way: the firmware must notice by the hash. */
const FLIPPED_SHARE = 0.01;
const FACTORY_NUMBER = 1;
const AT_S = Date.UTC(2026, 0, 1) / 1_000;
const PARTIAL = 206;
const NOT_FOUND = 404;

export class UpdateServer {
  /** What stands in slot a before the first start. */
  readonly factory: readonly ImageFile[];
  readonly publicKey: string;
  bytes = 0;
  number = FACTORY_NUMBER;
  private offered: { manifest: Buffer; offer: Buffer } | undefined;
  private readonly key = generateKeyPairSync('ed25519').privateKey;
  private readonly newer: Image;
  private readonly world: World;
  private readonly random: Random;

  private constructor(world: World, random: Random, factory: Image, newer: Image) {
    this.world = world;
    this.random = random;
    this.newer = newer;
    this.publicKey = publicHex(this.key);
    const { manifest } = this.sign(factory, FACTORY_NUMBER);
    this.factory = [...factory.files, { path: 'manifest.json', data: manifest }];
  }

  static async make(world: World, random: Random, folder: string): Promise<UpdateServer> {
    const app = join(FIRMWARE, 'app');
    const factory = await compileApp(app, { py: false });
    // One line further down, every module is another one: the whole application goes over the radio.
    const moved = join(folder, 'newer');
    mkdirSync(moved);
    for (const name of readdirSync(app).filter((file) => file.endsWith('.py')))
      writeFileSync(join(moved, name), `\n${readFileSync(join(app, name), 'utf8')}`);
    const newer = await compileApp(moved, { py: false, version: `${factory.version}+week` });
    return new UpdateServer(world, random, factory, newer);
  }

  /** From now on there is a newer image; again, where a controller has given the last one up: under the next number. */
  offer(): void {
    this.number += 1;
    this.offered = this.sign(this.newer, this.number);
  }

  readonly dial: HttpDial = async () => {
    const { world, random } = this;
    await world.sleep(between(random, ...CONNECT_MS));
    let ended = false;
    return {
      get connected() {
        return !ended;
      },
      get: async (path, headers) => {
        await world.sleep(between(random, ...ANSWER_MS));
        if (ended || chance(random, BROKEN_SHARE)) {
          ended = true;
          throw new Error('the connection broke');
        }
        return this.answer(path, headers);
      },
      end: () => {
        ended = true;
      },
    };
  };

  private sign(image: Image, number: number) {
    return signRelease(image, { number, privateKey: this.key, at: AT_S });
  }

  private answer(path: string, headers: Readonly<Record<string, string>>): HttpReply {
    const whole = this.file(path);
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.Range ?? '') ?? [];
    if (whole === undefined || from === undefined) return { status: NOT_FOUND, body: Buffer.alloc(0) };
    const body = Buffer.from(whole.subarray(Number(from), Number(to) + 1));
    if (body.length > 0 && chance(this.random, FLIPPED_SHARE)) body[Math.floor(this.random() * body.length)]! ^= 1;
    this.bytes += body.length;
    return { status: PARTIAL, body };
  }

  private file(path: string): Uint8Array | undefined {
    const [, name = ''] = /^\/firmware\/\d+\/(.+)$/.exec(path) ?? [];
    if (name === 'manifest.sig') return this.offered?.offer ?? Buffer.from('{"number":0}');
    if (name === 'manifest') return this.offered?.manifest;
    const [, number, file] = /^(\d+)\/(.+)$/.exec(name) ?? [];
    return Number(number) === this.number ? this.newer.files.find((one) => one.path === file)?.data : undefined;
  }
}
