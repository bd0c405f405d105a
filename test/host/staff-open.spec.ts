// How a shop gets its first owner: the link that a start tells once, and the command for an owner who lost everything.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ledgerPlace, type OpenStaff, openStaff } from '../../host/staff/open.ts';
import { openLedger } from '../../ledger/src/open.ts';
import { staffCommand } from '../../scripts/staff/command.ts';
import { until } from '../patience.ts';
import { ORIGIN } from './staff-bench.ts';

const NOW = 1_763_678_400_000;

describe('a shop without an owner', () => {
  let folder: string;
  let file: string;
  const opened: OpenStaff[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-staff-'));
    file = join(folder, 'ledger.sqlite');
  });
  afterEach(async () => {
    for (const staff of opened.splice(0)) await staff.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const open = (at = file) => {
    const told: string[] = [];
    const tellOwnerLink = (url: string) => void told.push(url);
    const own = { place: { file: at }, origin: ORIGIN, pagesFolder: folder, now: () => NOW, againMs: 1 };
    const staff = openStaff({ ...own, log: () => {}, tellOwnerLink });
    opened.push(staff);
    return { staff, told };
  };
  const accept = async (link: string) => {
    const { hashOf } = await import('../../host/staff/secrets.ts');
    const ledger = await openLedger({ file });
    const passkey = { id: `key ${link}`, publicKey: 'x', counter: 0, transports: [], name: 'Key', addedAtMs: NOW };
    const member = await ledger.acceptInvitation(hashOf(link.split('/').at(-1)!), {
      person: { id: link.slice(-8), name: 'Ann', email: null },
      ...{ way: { kind: 'passkey', passkey }, atMs: NOW, address: null },
    });
    await ledger.close();
    return member;
  };

  it('is told a link at its start, once; with an owner none', async () => {
    const { told, staff } = open();
    await until('the link', () => told.length > 0);
    assert.match(told[0]!, /^https:\/\/staff\.example\.com\/invite\/[\w-]{43}$/);
    assert.ok(!((await accept(told[0]!)) instanceof Error));
    await staff.close();
    const later = open();
    assert.equal(await later.staff.ledger.hasOwner(), true);
    assert.deepEqual([told.length, later.told.length], [1, 0]);
  });

  it('hears of it once its ledger can be opened', async () => {
    const at = join(folder, 'later');
    // A folder stands where the ledger is to be.
    mkdirSync(at);
    const { told, staff } = open(at);
    await assert.rejects(staff.ledger.hasOwner(), { code: 'ledger.cannot-open' });
    assert.deepEqual(told, []);
    rmSync(at, { recursive: true });
    await until('the link', () => told.length > 0);
    assert.equal(told.length, 1);
  });

  it('keeps its staff where the shop’s own nodes keep the ledger', () => {
    assert.deepEqual(ledgerPlace({ DATABASE_URL: '', LEDGER_FILE: 'a' }), { file: 'a' });
    assert.deepEqual(ledgerPlace({ DATABASE_URL: 'postgres://x', LEDGER_FILE: 'a' }), { url: 'postgres://x' });
  });

  describe('npm run staff', () => {
    const run = async (args: readonly string[], environment: Record<string, string> = {}) => {
      const said = { out: '', err: '' };
      const code = await staffCommand(args, {
        environment,
        stateFolder: folder,
        now: () => NOW,
        out: (text) => {
          said.out += text;
        },
        err: (text) => {
          said.err += text;
        },
      });
      return { code, ...said };
    };

    it('makes the owner’s link for a ledger of the environment, or for the shop of npm start', async () => {
      await (await openLedger({ file })).close();
      const given = { LEDGER_FILE: file, STAFF_URL: ORIGIN };
      const first = await run(['owner-link'], given);
      assert.match(first.out, /^https:\/\/staff\.example\.com\/invite\/[\w-]{43}\n$/);
      assert.ok(!((await accept(first.out.trim())) instanceof Error));
      const named = await run(['owner-link', '--name', 'Ann'], given);
      assert.equal(named.code, 0);
      assert.match((await run(['owner-link'], { LEDGER_FILE: file })).out, /^http:\/\/localhost:8085\/invite\//);
      const stranger = await run(['owner-link', '--name', 'Eve'], given);
      assert.deepEqual([stranger.code, stranger.err], [1, 'tapcase: There is no owner "Eve".\n']);
      writeFileSync(join(folder, 'running.json'), JSON.stringify({ staffUrl: 'http://localhost:9085' }));
      assert.match((await run(['owner-link'])).out, /^http:\/\/localhost:9085\/invite\//);
    });

    it('says that a case has a new board, and who said so', async () => {
      const ledger = await openLedger({ file });
      const hello = (digit: string, seq: number) =>
        ledger.recordStatus(
          '123',
          { type: 'hello', seq, at: 0, nonce: '0'.repeat(16), fw: '1', epoch: digit.repeat(16) },
          NOW,
        );
      await hello('0', 9);
      await hello('1', 1);
      const given = { LEDGER_FILE: file };
      const now = await run(['new-board', '123', '--name', 'Ann'], given);
      assert.deepEqual([now.code, now.err], [0, '']);
      assert.match(now.out, /The board that is in case 123 now counts/);
      assert.equal((await ledger.caseRow('123')).hasUnexpectedBoard, false);
      assert.match((await run(['new-board', '123', '--name', 'Ann'], given)).out, /The next new board/);
      assert.equal(await hello('2', 1), undefined);
      assert.match((await run(['new-board', '123', '--pi', '--name', 'Ann'], given)).out, /The next new board/);
      const acts = await ledger.acts({ limit: 10 });
      assert.deepEqual(
        acts.map(({ act, name, subject, staffId }) => [act, name, subject, staffId]),
        Array(3).fill(['board-expected', 'Ann, at the terminal', '123', null]),
      );
      assert.deepEqual(acts[0]?.detail, { device: 'pi', waits: false });
      await ledger.close();
    });

    it('says what it needs', async () => {
      const board = ['new-board', '123'];
      for (const args of [
        [],
        ['help'],
        ['owner-link', 'x'],
        ['owner-link', '--nam'],
        board,
        [...board, '--name', ''],
        ['new-board', 'a/b', '--name', 'Ann'],
      ]) {
        const { code, err } = await run(args);
        assert.deepEqual([code, /npm run staff -- owner-link/.test(err)], [1, true]);
      }
      assert.match((await run(['owner-link'])).err, /No shop of npm start runs here/);
      const missing = join(folder, 'missing.sqlite');
      assert.match((await run(['owner-link'], { LEDGER_FILE: missing })).err, /There is no ledger/);
    });
  });
});
