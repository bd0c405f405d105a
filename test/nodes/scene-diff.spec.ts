// tapcase-scene-diff in a real Node-RED: what went from the shelf during one visit, and never during another.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { VisionFinding } from '@tapcase/domain';
import sharp from 'sharp';
import deviceState from '../../nodes/node-red-contrib-tapcase-edge/src/computer/edge/edge.ts';
import sceneDiff from '../../nodes/node-red-contrib-tapcase-edge/src/vision/scene-diff/scene-diff.ts';
import { within } from '../patience.ts';
import { type Bench, bench, helper, type Message, type Outcome, withRuntime } from './harness.ts';

const [CHANGED, SAME, FAILED] = ['changed', 'same', 'failed'] as const;
const MODEL = '0123456789ab';
const create = { width: 16, height: 12, channels: 3, background: 'red' } as const;
/** A whole picture, as small as can be. */
const PICTURE = await sharp({ create }).jpeg().toBuffer();

describe('tapcase-scene-diff', () => {
  withRuntime();
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapcase-scenes-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Only reports are listened to, unless pictures are asked for. */
  const load = (cameras = '2', computer: object = { snapshotsFolder: 'none' }, outputs = 1) =>
    bench({
      node: { id: 'diff', type: 'tapcase-scene-diff', cameras, state: 'the-state' },
      outputs,
      modules: [deviceState, sceneDiff],
      configNodes: [{ id: 'the-state', type: 'tapcase-edge', folder, ...computer }],
    });
  /** As after a pulled plug: what the node knew is on the card or gone. */
  const restart = async (cameras = '2') => {
    await helper.unload();
    return load(cameras);
  };

  it('says that two of three colas went, seen by two cameras', async () => {
    const { node, send } = await load();
    tell(node, seenBefore('abc123', '0', ['cola', 'cola', 'cola']), seenBefore('abc123', '1', ['cola', 'cola']));
    tell(node, wishAfter('x'), seenAfter('x', '0', ['cola']));
    const report = reportOf(await send(seenAfter('x', '1', ['cola'])), CHANGED);
    assert.deepEqual(report, {
      type: 'report',
      id: 'abc123',
      model: MODEL,
      before: { 0: { cola: 3 }, 1: { cola: 2 } },
      after: { 0: { cola: 1 }, 1: { cola: 1 } },
      scores: { cola: 0.9 },
      ms: 7,
    });
  });

  it('says so when nothing went', async () => {
    const { node, send } = await load('1');
    tell(node, seenBefore('abc123', '0', ['cola']), wishAfter('x'));
    const { before, after } = reportOf(await send(seenAfter('x', '0', ['cola'])), SAME);
    assert.deepEqual(before, after);
  });

  it('a can more for one camera and a can less for the other is a change', async () => {
    const { node, send } = await load();
    tell(node, seenBefore('abc123', '0', ['cola']), seenBefore('abc123', '1', ['cola', 'cola']));
    tell(node, wishAfter('x'), seenAfter('x', '0', ['cola', 'cola']));
    const { before, after } = reportOf(await send(seenAfter('x', '1', ['cola'])), CHANGED);
    assert.deepEqual(
      [before, after],
      [
        { 0: { cola: 1 }, 1: { cola: 2 } },
        { 0: { cola: 2 }, 1: { cola: 1 } },
      ],
    );
  });

  it('waits for the look before the visit when the look after it is faster', async () => {
    const { node, send } = await load('1');
    tell(node, wishBefore('abc123'), wishAfter('x'), seenAfter('x', '0', []));
    assert.deepEqual(countsOf(reportOf(await send(seenBefore('abc123', '0', ['soda'])), CHANGED)), [{ soda: 1 }, {}]);
  });

  it('goes by the other camera when one fails', async () => {
    const { node, send } = await load();
    tell(node, seenBefore('abc123', '0', ['cola']), failed('before', 'abc123', 'camera.unreachable'));
    tell(node, wishAfter('x'), seenAfter('x', '0', []));
    const report = reportOf(await send(failed('after', undefined, 'camera.unreachable', 'x')), CHANGED);
    assert.deepEqual([report.before, report.after], [{ 0: { cola: 1 } }, { 0: {} }]);
    assert.equal(report.fault, undefined);
  });

  it('reports why there is nothing to see, and claims nothing, when no camera or no model works', async () => {
    const { node, send } = await load();
    tell(node, seenBefore('abc123', '0', ['cola']), failed('before', 'abc123', 'detr.timeout'));
    tell(node, wishAfter('x'), failed('after', undefined, 'detr.model-missing', 'x'));
    const report = reportOf(await send(failed('after', undefined, 'detr.model-missing', 'x')), FAILED);
    assert.deepEqual([report.before, report.after, report.model, report.fault], [{}, {}, null, 'detr.timeout']);
  });

  it('says that no camera looked both times when each failed once', async () => {
    const { node, send } = await load();
    tell(node, seenBefore('abc123', '0', []), failed('before', 'abc123', 'not a code'));
    tell(node, wishAfter('x'), failed('after', undefined, 'camera.bad-picture', 'x'));
    assert.equal(reportOf(await send(seenAfter('x', '1', [])), FAILED).fault, 'node.bug');
  });

  it('never counts a slow look after one visit for the next visit', async () => {
    const { node, collect } = await load('1');
    // The first visit's door is shut, and the next customer is there before the camera has answered.
    tell(node, seenBefore('first1', '0', ['cola', 'cola']), wishAfter('x'));
    tell(node, wishBefore('second'), seenBefore('second', '0', ['cola']), wishAfter('y'), seenAfter('y', '0', []));
    const reports = (await collect(seenAfter('x', '0', ['cola']), 2)).map((outcome) => reportOf(outcome, CHANGED));
    assert.deepEqual(
      reports.map((report) => [report.id, ...countsOf(report)]),
      [
        ['second', { cola: 1 }, {}],
        ['first1', { cola: 2 }, { cola: 1 }],
      ],
    );
  });

  it('reports both of two such visits, each with what went during it', async () => {
    const { node, collect } = await load('1');
    tell(node, seenBefore('first1', '0', ['cola', 'cola']), wishAfter('x'), wishBefore('second'));
    tell(node, seenBefore('second', '0', ['soda']), wishAfter('y'));
    const both = collect(seenAfter('x', '0', ['cola']), 2);
    tell(node, seenAfter('y', '0', []));
    const reports = (await both).map((outcome) => reportOf(outcome, CHANGED));
    assert.deepEqual(
      reports.map((report) => [report.id, ...countsOf(report)]),
      [
        ['first1', { cola: 2 }, { cola: 1 }],
        ['second', { soda: 1 }, {}],
      ],
    );
  });

  it('forgets a visit whose door was never shut, so that a later look is not taken for its own', async () => {
    const { node, send } = await load('1');
    tell(node, seenBefore('stale1', '0', ['cola', 'cola']), seenBefore('second', '0', ['cola']), wishAfter('x'));
    const report = reportOf(await send(seenAfter('x', '0', [])), CHANGED);
    assert.deepEqual([report.id, ...countsOf(report)], ['second', { cola: 1 }, {}]);
  });

  it('a door opened with a key, with no visit, is reported to nobody', async () => {
    const { node, send } = await load('1');
    tell(node, wishAfter('x'), seenAfter('x', '0', []), seenBefore('abc123', '0', ['cola']), wishAfter('y'));
    assert.equal(reportOf(await send(seenAfter('y', '0', [])), CHANGED).id, 'abc123');
  });

  it('a plug pulled while the door is open loses no count', async () => {
    const first = await load();
    tell(first.node, seenBefore('abc123', '0', ['cola', 'cola']), seenBefore('abc123', '1', ['cola', 'cola']));
    const { node, send } = await restart();
    tell(node, wishAfter('x'), seenAfter('x', '0', ['cola']));
    const report = reportOf(await send(seenAfter('x', '1', ['cola'])), CHANGED);
    assert.deepEqual([report.id, ...countsOf(report)], ['abc123', { cola: 2 }, { cola: 1 }]);
  });

  it('a plug pulled between the door and the last camera’s answer: the shelf is looked at once more', async () => {
    const first = await load();
    tell(first.node, seenBefore('abc123', '0', ['cola']), seenBefore('abc123', '1', ['cola']));
    tell(first.node, wishAfter('x'), seenAfter('x', '0', []));
    const { node, send } = await restart();
    tell(node, wishAfter('y'), seenAfter('y', '0', []));
    assert.deepEqual(countsOf(reportOf(await send(seenAfter('y', '1', [])), CHANGED)), [{ cola: 1 }, {}]);
  });

  it('a plug pulled before the cameras had looked: the shelf was as the last visit left it', async () => {
    const { node, send } = await load('1');
    tell(node, seenBefore('first1', '0', ['cola', 'cola', 'soda']), wishAfter('x'));
    await send(seenAfter('x', '0', ['cola', 'cola']));
    tell(node, wishBefore('second'));
    const again = await restart('1');
    tell(again.node, wishAfter('y'));
    const { id, before, after } = reportOf(await again.send(seenAfter('y', '0', ['cola'])), CHANGED);
    assert.deepEqual([id, before, after], ['second', { 0: { cola: 2 } }, { 0: { cola: 1 } }]);
  });

  it('a report that may not have reached the queue is told once more after a restart, and only once', async () => {
    const { node, send } = await load('1');
    tell(node, seenBefore('abc123', '0', ['cola']), wishAfter('x'));
    const report = reportOf(await send(seenAfter('x', '0', [])), CHANGED);
    const again = await restart('1');
    assert.deepEqual(reportOf(await again.send(wishBefore('second')), CHANGED), report);
    tell(again.node, seenBefore('second', '0', ['soda']), wishAfter('y'));
    assert.equal(reportOf(await again.send(seenAfter('y', '0', [])), CHANGED).id, 'second');
  });

  it('a picture that came when a hand was in the shelf is not how the shelf was', async () => {
    const { node, send } = await load('1');
    tell(node, seenBefore('first1', '0', ['cola', 'cola']), wishAfter('x'));
    await send(seenAfter('x', '0', ['cola', 'cola']));
    for (const [visit, lateMs, counted] of [
      ['intime', 3_000, { cola: 1 }],
      ['toolate', 3_001, { cola: 2 }],
    ] as const) {
      const wish = { ...wishBefore(visit), look: { moment: 'before', visit, askedAtMs: 1_000 } };
      const sight = seen('0', ['cola']);
      tell(node, { ...wish, ...sight, image: { ...sight.image, atMs: 1_000 + lateMs } }, wishAfter(visit));
      const outcome = await send(seenAfter(visit, '0', ['cola', 'cola']));
      assert.deepEqual(countsOf(reportOf(outcome, visit === 'intime' ? CHANGED : SAME)), [counted, { cola: 2 }]);
    }
  });

  it('a covered lens is no witness that nothing was taken', async () => {
    const { node, send } = await load('1');
    const covered = { camera: '0', encoded: PICTURE, doubt: 'covered' };
    tell(node, { ...seenBefore('abc123', '0', []), image: covered }, wishAfter('x'));
    const report = reportOf(await send({ ...seenAfter('x', '0', []), image: covered }), FAILED);
    assert.deepEqual([report.fault, report.before], ['camera.covered', {}]);
  });

  it('late, and with nothing remembered, says that it came too late', async () => {
    const { node, send } = await load('1');
    const late = { ...wishBefore('abc123'), look: { moment: 'before', visit: 'abc123', askedAtMs: 0 } };
    tell(
      node,
      { ...late, ...seen('0', ['cola']), image: { camera: '0', encoded: PICTURE, atMs: 60_000 } },
      wishAfter('x'),
    );
    assert.equal(reportOf(await send(seenAfter('x', '0', [])), FAILED).fault, 'vision.late-look');
  });

  it('never compares what two models saw', async () => {
    const { node, send } = await load('1');
    tell(node, seenBefore('first1', '0', ['cola']), wishAfter('x'));
    await send(seenAfter('x', '0', ['cola']));
    tell(node, failed('before', 'second', 'camera.stalled'), wishAfter('y'));
    const other = seenAfter('y', '0', ['can']);
    const outcome = await send({ ...other, detections: { ...other.detections, model: 'ba9876543210' } });
    assert.equal(reportOf(outcome, FAILED).fault, 'camera.stalled');
  });

  it('a look after no visit remembers how the shelf stands', async () => {
    const { node, send } = await load('1');
    tell(node, wishAfter('x'), seenAfter('x', '0', ['cola', 'cola']));
    tell(node, failed('before', 'abc123', 'camera.stalled'), wishAfter('y'));
    const report = reportOf(await send(seenAfter('y', '0', ['cola'])), CHANGED);
    assert.deepEqual(countsOf(report), [{ cola: 2 }, { cola: 1 }]);
  });

  it('a file that is damaged or of another version is as good as none', async () => {
    for (const text of ['{', 'null', '{"version":2}', '{"version":1,"scenes":{"open":7}}']) {
      writeFileSync(join(folder, 'scenes.json'), text);
      const { node, send } = await load('1');
      tell(node, seenBefore('abc123', '0', ['cola']), wishAfter('x'));
      assert.equal(reportOf(await send(seenAfter('x', '0', [])), CHANGED).id, 'abc123');
      await helper.unload();
      rmSync(join(folder, 'scenes.json'));
    }
  });

  it('refuses what is no look', async () => {
    const { send } = await load();
    const bad = [
      {},
      { look: { moment: 'during' } },
      { look: { moment: 'before', visit: 'NOT A VISIT' } },
      { look: { moment: 'after' }, detections: { boxes: 'none' }, image: { camera: '0' } },
      { look: { moment: 'after' }, image: { camera: '0' } },
    ];
    for (const message of bad) {
      const outcome = await send(message);
      assert.equal(outcome.kind === 'fault' && outcome.code, 'message.incomplete');
    }
  });

  const nextPicture = (): Promise<Message> => {
    const came = new Promise<Message>((resolve) => helper.getNode('out1').once('input', resolve as never));
    return within('a picture', came);
  };

  it('shows each camera’s picture and keeps those of a visit; a live one it only shows', async () => {
    const album = join(folder, 'album');
    const { node } = await load('1', { snapshotsFolder: album }, 2);
    const kept: unknown[] = [];
    for (const message of [seenBefore('abc123', '0', ['cola']), { ...seenAfter('x', '0', []), topic: 'kept' }]) {
      const picture = nextPicture();
      tell(node, ...(message.look.moment === 'after' ? [wishAfter('x')] : []), message);
      const { payload, snapshot, ...others } = await picture;
      assert.equal((await sharp(payload as Buffer).metadata()).format, 'jpeg');
      kept.push((snapshot as { file: string }).file);
      assert.deepEqual({ ...others }, { ...others, ...message });
    }
    assert.deepEqual(kept, ['abc123-before-0.jpg', 'abc123-after-0.jpg']);
    const live = nextPicture();
    tell(node, seen('0', ['cola']));
    assert.equal((await live).snapshot, undefined);
    assert.equal(readdirSync(album).filter((name) => name.endsWith('.jpg')).length, 2);
  });

  it('a report is out before its picture is', async () => {
    const { node, collect } = await load('1', undefined, 2);
    tell(node, wishBefore('abc123'));
    const before = nextPicture();
    tell(node, seenBefore('abc123', '0', ['cola']));
    await before;
    tell(node, wishAfter('x'));
    const [report, picture] = await collect(seenAfter('x', '0', []), 2);
    reportOf(report!, CHANGED);
    assert.equal(picture!.kind === 'output' && picture!.port, 1);
  });

  it('reports all the same when the pictures cannot be kept, are broken, or are set wrong', async () => {
    writeFileSync(join(folder, 'file'), 'a file where the folder should be');
    for (const [computer, encoded, code] of [
      [{ snapshotsFolder: join(folder, 'file', 'in') }, PICTURE, 'snapshot.unwritable'],
      [{ snapshotsFolder: 'none' }, Buffer.from('no picture'), 'image.malformed'],
      [{ snapshotsFolder: 'none', snapshotEdge: 'wide' }, PICTURE, 'config.invalid'],
      [{ snapshotsFolder: '' }, PICTURE, 'config.invalid'],
    ] as const) {
      const { node, collect } = await load('1', computer, 2);
      const told = await collect({ ...seenBefore('abc123', '0', ['cola']), image: { camera: '0', encoded } }, 1);
      assert.equal(told[0]!.kind === 'fault' && told[0]!.code, code);
      tell(node, wishAfter('x'));
      const look = { moment: 'after', visit: 'abc123' };
      const after = { ...seenAfter('x', '0', []), look, image: { camera: '0', encoded } };
      const outcomes = await collect(after, 2);
      reportOf(outcomes[0]!, CHANGED);
      assert.equal(outcomes[1]!.kind === 'fault' && outcomes[1]!.code, code);
      await helper.unload();
      rmSync(join(folder, 'scenes.json'));
    }
  });

  it('says nothing of a live picture that failed: whoever took it has', async () => {
    const { node, send } = await load('1');
    tell(node, { error: { code: 'camera.unreachable' } }, { error: { code: 'detr.timeout' }, look: null });
    tell(node, seenBefore('abc123', '0', ['cola']), wishAfter('x'));
    reportOf(await send(seenAfter('x', '0', [])), CHANGED);
  });

  it('tells Catch when the number of cameras makes no sense', async () => {
    const outcome = await (await load('none')).send(wishAfter('x'));
    assert.equal(outcome.kind === 'fault' && outcome.code, 'config.invalid');
  });
});

const wishBefore = (visit: string) => ({ _msgid: `before-${visit}`, look: { moment: 'before', visit } });
const wishAfter = (id: string) => ({ _msgid: id, look: { moment: 'after' } });
const seenBefore = (visit: string, camera: string, labels: string[]) => ({
  ...wishBefore(visit),
  ...seen(camera, labels),
});
const seenAfter = (id: string, camera: string, labels: string[]) => ({ ...wishAfter(id), ...seen(camera, labels) });
const failed = (moment: string, visit: string | undefined, code: string, id = `before-${visit}`) => ({
  _msgid: id,
  look: { moment, visit },
  error: { code, message: 'it failed' },
});

function seen(camera: string, labels: readonly string[]) {
  const boxes = labels.map((label) => ({ label, score: 0.9, x: 0, y: 0, w: 1, h: 1 }));
  return { image: { camera, encoded: PICTURE }, detections: { model: MODEL, boxes, ms: 7, threshold: 0.5 } };
}

/** Messages that lead to no report by themselves; the node handles them in order. */
function tell(node: Bench['node'], ...messages: readonly object[]): void {
  for (const message of messages) node('diff').receive(message);
}

/** What the first camera counted before and after. */
const countsOf = ({ before, after }: VisionFinding) => [before?.[0], after?.[0]];

function reportOf(outcome: Outcome, told: 'changed' | 'same' | 'failed'): VisionFinding {
  assert.equal(outcome.kind, 'output', outcome.kind === 'fault' ? outcome.code : '');
  assert.equal(outcome.kind === 'output' && outcome.port, 0);
  assert.equal(outcome.message.outcome, told);
  return outcome.message.report as VisionFinding;
}
