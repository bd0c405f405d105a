// The technician's board: the last that each part said, and never more than a page can show.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Board,
  EMPTY_BOARD,
  FAULTS_MAX,
  PARTS_MAX,
  tell,
} from '../../nodes/node-red-contrib-tapcase-edge/src/computer/technician/board.ts';
import { parseMessage, type Told } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/technician/contract.ts';
import { technician } from '../../nodes/node-red-contrib-tapcase-edge/src/computer/technician/technician.ts';
import { within } from '../patience.ts';
import { bench, helper, type Message, withRuntime } from './harness.ts';

const NOW = 1_763_678_400_000;
const status = (id: string, text: string, fill = 'green') => ({ status: { fill, text, source: { id, name: id } } });
const fault = (code: string, name = 'Left camera') => ({ error: { code, message: 'it failed', source: { name } } });
const look = (camera: string, labels: readonly string[]) => ({
  image: { camera },
  detections: { boxes: labels.map((label) => ({ label })), ms: 41.6 },
});

function told(message: object): Told {
  const parsed = parseMessage(message);
  assert.ok(!(parsed instanceof Error), String(parsed));
  return parsed;
}

const boardOf = (...messages: readonly object[]): Board =>
  messages.reduce<Board>((board, message, n) => tell(board, told(message), NOW + n), EMPTY_BOARD);

describe('tapcase-technician', () => {
  withRuntime();
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'technician-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('gives parts, faults, counts and health as one board', async () => {
    const zone = join(root, 'sys', 'class', 'thermal', 'thermal_zone0');
    mkdirSync(zone, { recursive: true });
    writeFileSync(join(zone, 'temp'), '61200\n');
    const { node } = await bench({
      node: { id: 'view', type: 'tapcase-technician', folder: 'none' },
      outputs: 2,
      modules: [technician({ root, vcgencmd: join(root, 'none') }, 5)],
    });
    const whole = new Promise<Board>((resolve) => {
      helper.getNode('out0').on('input', (({ payload }: Message) => {
        const board = payload as Board;
        if (board.cameras.length === 1 && 'temperatureC' in board.health) resolve(board);
      }) as never);
    });
    node('view').receive(status('queue', '3 waiting', 'yellow'));
    node('view').receive(fault('camera.stalled'));
    node('view').receive(look('0', ['cola', 'soda', 'cola']));
    const { parts, faults, cameras, health } = await within('a board', whole);
    assert.deepEqual(
      parts.map(({ name, text, look }) => [name, text, look]),
      [['queue', '3 waiting', 'needs-person']],
    );
    assert.deepEqual(
      faults.map(({ code, where, times }) => [code, where, times]),
      [['camera.stalled', 'Left camera', 1]],
    );
    assert.deepEqual(
      cameras.map(({ camera, counts, ms }) => [camera, counts, ms]),
      [['0', { cola: 2, soda: 1 }, 42]],
    );
    const { temperatureC, diskFreeMb, throttledNow, throttledBefore, warnings } = health;
    assert.deepEqual([temperatureC, diskFreeMb, throttledNow, throttledBefore, warnings], [61.2, null, null, null, '']);
  });

  it('shows of a health what is a line of text', () => {
    const { health } = boardOf({ health: { temperatureC: 61.2, diskFreeMb: null, nested: {} } });
    assert.deepEqual(health, { temperatureC: 61.2, diskFreeMb: null, throttledNow: null, throttledBefore: null });
  });

  it('says in words what Node-RED and the computer say in theirs', () => {
    const throttled = { now: ['under-voltage', 'throttled'], sinceStart: [] };
    const board = boardOf(
      status('broker', 'node-red:common.status.connected'),
      { health: { throttled } },
      { error: { code: 'camera.covered', message: 'Fault: the camera sees nothing' } },
    );
    assert.equal(board.parts[0]!.text, 'connected');
    assert.deepEqual(board.health, { throttledNow: 'under-voltage, throttled', throttledBefore: '' });
    assert.equal(board.faults[0]!.text, 'the camera sees nothing');
  });

  it('a part says one thing at a time, and what it takes back is gone', () => {
    assert.deepEqual(
      boardOf(status('b', 'one'), status('a', 'x'), status('b', 'two')).parts.map(({ id, text }) => [id, text]),
      [
        ['a', 'x'],
        ['b', 'two'],
      ],
    );
    assert.deepEqual(boardOf(status('a', 'x'), status('a', '')).parts, []);
  });

  it('the same fault again is counted, the newest stands first', () => {
    const { faults } = boardOf(fault('camera.stalled'), fault('detr.timeout'), fault('camera.stalled'));
    assert.deepEqual(
      faults.map(({ code, times, atMs }) => [code, times, atMs - NOW]),
      [
        ['camera.stalled', 2, 2],
        ['detr.timeout', 1, 1],
      ],
    );
  });

  it('is bounded, however much is told', () => {
    const many = Array.from({ length: 500 }, (_, n) => n);
    const board = boardOf(
      ...many.map((n) => status(`part-${n}`, 'x'.repeat(10_000))),
      ...many.map((n) => fault(`code.n${n}`)),
      ...many.map((n) =>
        look(
          String(n),
          Array.from({ length: 300 }, (_, k) => `label ${k}`),
        ),
      ),
    );
    assert.equal(board.parts.length, PARTS_MAX);
    assert.equal(board.faults.length, FAULTS_MAX);
    assert.equal(board.cameras.length, 4);
    assert.ok(JSON.stringify(board).length < 40_000, String(JSON.stringify(board).length));
  });

  it('refuses what tells nothing', () => {
    for (const message of [{}, { status: {} }, { detections: {} }, { detections: { boxes: 7 }, image: {} }]) {
      const parsed = parseMessage(message);
      assert.ok(parsed instanceof Error && 'code' in parsed && parsed.code === 'message.incomplete');
    }
  });
});
