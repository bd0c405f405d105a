// The shop's log file: everything with its time, for this user only, never larger than it may be; and the folder it is in.
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
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import { demoEnvironment } from '../../host/demo-environment.ts';
import { olderOf, openLog } from '../../host/log.ts';
import { takeStateFolder, unusable } from '../../host/state-folder.ts';

describe('the log of a shop', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-log-'));
    file = join(folder, 'log.txt');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const neverFull = (reason: string) => assert.fail(reason);

  it('has each line with its time and where it came from, and is for this user only', () => {
    const echoed: string[] = [];
    const log = openLog({ file, onFull: neverFull, echo: (line) => echoed.push(line) });
    log.line('edge', 'one\n\ntwo');
    log.close();
    log.line('edge', 'too late');
    const lines = readFileSync(file, 'utf8').split('\n');
    assert.match(lines[0]!, /^\d{4}-\d\d-\d\dT[\d:.]+Z edge {2}\| one$/);
    assert.match(lines[1]!, / edge {2}\| two$/);
    assert.deepEqual(lines.slice(2), ['']);
    assert.deepEqual(echoed.slice(0, 2), ['edge  | one', 'edge  | two']);
    if (process.platform !== 'win32') assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('grows to its limit twice and no further: the newest lines and the older file are all there is', () => {
    const log = openLog({ file, onFull: neverFull, bytesMax: 1_000 });
    for (let each = 0; each < 500; each += 1) log.line('world', `line ${each}`);
    log.close();
    assert.deepEqual(readdirSync(folder).sort(), ['log.older.txt', 'log.txt']);
    for (const name of readdirSync(folder)) assert.ok(statSync(join(folder, name)).size < 1_100);
    const text = readFileSync(olderOf(file), 'utf8') + readFileSync(file, 'utf8');
    const numbers = [...text.matchAll(/line (\d+)/g)].map(([, number]) => Number(number));
    assert.equal(numbers.at(-1), 499);
    assert.deepEqual(
      numbers,
      Array.from(numbers, (_, index) => numbers[0]! + index),
    );
  });

  it('that can no longer be written is said once, and the shop goes on', () => {
    const reasons: string[] = [];
    const log = openLog({ file, onFull: (reason) => reasons.push(reason), bytesMax: 10 });
    log.line('world', 'enough to be full');
    // A folder in the place of the older file: the next one cannot be begun.
    mkdirSync(join(olderOf(file), 'in the way'), { recursive: true });
    log.line('world', 'two');
    log.line('world', 'three');
    log.close();
    assert.equal(reasons.length, 1);
  });

  describe('and its folder', () => {
    const free = async () => {};

    it('is emptied at the start but for the log of the last run, which becomes the older one', async () => {
      writeFileSync(file, 'why it died\n');
      writeFileSync(join(folder, 'ledger.sqlite'), 'old keys');
      mkdirSync(join(folder, 'pi'));
      const state = await takeStateFolder(folder, false, free);
      assert.deepEqual(readdirSync(folder), ['log.txt']);
      openLog({ file: state.logFile, onFull: neverFull }).close();
      assert.equal(readFileSync(olderOf(file), 'utf8'), 'why it died\n');
      assert.equal(readFileSync(file, 'utf8'), '');
    });

    it('keeps what a person typed into an editor, and the secret that seals it', async () => {
      const ports = { shop: 1, edge: 2, world: 3, stripe: 4, broker: 5, staff: 6 };
      const secretOf = () =>
        demoEnvironment({ ports, caseId: '123', stateFolder: folder, root: folder, given: {} }).cloud.CREDENTIAL_SECRET;
      const typed = join(folder, 'node-red', 'cloud', 'flows_cred.json');
      await takeStateFolder(folder, true, free);
      const secret = secretOf();
      mkdirSync(join(folder, 'node-red', 'cloud', 'lib'), { recursive: true });
      writeFileSync(typed, 'sealed');
      writeFileSync(join(folder, 'node-red', 'cloud', '.config.json'), '{}');
      await takeStateFolder(folder, true, free);
      assert.deepEqual(
        [readFileSync(typed, 'utf8'), readdirSync(join(folder, 'node-red', 'cloud'))],
        ['sealed', ['flows_cred.json']],
      );
      assert.equal(secretOf(), secret);
      assert.equal(statSync(join(folder, 'credential-secret')).mode & 0o777, 0o600);
      assert.match(secret!, /^[0-9a-f]{64}$/);
      // A folder in the place of a file is none of ours.
      rmSync(typed);
      mkdirSync(join(typed, 'x'), { recursive: true });
      writeFileSync(join(folder, 'credential-secret'), 'cut');
      assert.notEqual(secretOf(), secret);
    });

    it('that holds somebody’s files is refused and not emptied', async () => {
      const thesis = join(folder, 'thesis.txt');
      writeFileSync(thesis, 'years of work');
      await assert.rejects(takeStateFolder(folder, false, free), { code: 'start.foreign-folder' });
      assert.ok(existsSync(thesis));
    });

    it('is not touched where something else forbids the start', async () => {
      writeFileSync(file, 'x');
      writeFileSync(join(folder, 'ledger.sqlite'), 'x');
      const inUse = new Fault('start.port-in-use', 'in use');
      await assert.rejects(
        takeStateFolder(folder, true, async () => {
          throw inUse;
        }),
        inUse,
      );
      assert.equal(readdirSync(folder).length, 2);
    });

    it('of a shop that runs is refused, and says which; one that a killed shop left behind is taken', async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const { port } = server.address() as { port: number };
      const running = { pid: process.pid, caseId: '123', shopUrl: 'https://a-tunnel.example' };
      const worldUrl = `http://127.0.0.1:${port}`;
      writeFileSync(file, '');
      writeFileSync(join(folder, 'running.json'), JSON.stringify({ ...running, worldUrl }));
      try {
        await assert.rejects(takeStateFolder(folder, true, free), (fault: Fault) => {
          assert.equal(fault.code, 'start.already-running');
          assert.match(fault.message, /https:\/\/a-tunnel\.example\/case\/123 .*PORT=9080 STATE_DIR=/);
          return true;
        });
        assert.ok(existsSync(join(folder, 'running.json')));
      } finally {
        await new Promise((resolve) => server.close(resolve));
      }
      // Its number is a living process's, as after a restart of the machine, but nobody answers there.
      await takeStateFolder(folder, true, free);
      assert.ok(!existsSync(join(folder, 'running.json')));
    });

    it('that cannot be written is said with what to do', async () => {
      writeFileSync(file, '');
      const inAFile = join(file, 'deeper');
      await assert.rejects(takeStateFolder(inAFile, true, free), (fault: Fault) => {
        assert.equal(fault.code, 'start.no-folder');
        assert.match(fault.message, /ENOTDIR.*Let this user write in .*STATE_DIR=/);
        return true;
      });
      const ours = new TypeError('a mistake of ours');
      assert.equal(unusable(folder, ours), ours);
    });
  });
});
