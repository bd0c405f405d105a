// Says how long a vision report is and what its one frame costs the answer: visits of the reconcile benchmark are reported
// and read back, and reconciled from what the cameras counted and from what arrived. `node tools/measure-reports.ts [visits]`
// prints the table of docs/wire.md.
import {
  type BasketLine,
  type CameraView,
  evidenceOf,
  FINDING_BYTES_MAX,
  orThrow,
  parseVisionReport,
  reconcile,
  type SceneDifference,
  visionReport,
  writeCompact,
} from '@tapcase/domain';
import { createWorld } from '../bench/reconcile/catalog.ts';
import { makeVisit } from '../bench/reconcile/visit.ts';

const SEED = 1;
const VISITS = 1_000;
/** What the demo detector gives most of what it sees; a surer score is not sent. */
const SCORE = 0.9;

export interface Measured {
  readonly products: number;
  /** Median and largest, in bytes: as JSON, in the compact form, and as sent. */
  readonly plainBytes: readonly [number, number];
  readonly compactBytes: readonly [number, number];
  readonly sentBytes: readonly [number, number];
  /** Shares of the visits. */
  readonly plain: number;
  readonly compact: number;
  readonly partial: number;
  /** Of all changed labels, those that a report left out. */
  readonly lostChanges: number;
  /** Baskets exactly right, from what was counted and from what was sent. */
  readonly exactCounted: number;
  readonly exactSent: number;
}

export function measureReports({ products, visits }: { products: number; visits: number }): Measured {
  const world = createWorld({ products, seed: SEED });
  const rows = Array.from({ length: visits }, (_, index) => {
    const visit = makeVisit(world, { split: 'train', seed: SEED, index });
    return visit.cameras === null ? [] : [sent(visit.cameras, visit)];
  }).flat();
  const share = (test: (row: (typeof rows)[number]) => boolean) => rows.filter(test).length / rows.length;
  const sum = (of: (row: (typeof rows)[number]) => number) => rows.reduce((total, row) => total + of(row), 0);
  const bytes = (of: (row: (typeof rows)[number]) => number) => middleAndMost(rows.map(of));
  return {
    products,
    plainBytes: bytes(({ plainBytes }) => plainBytes),
    compactBytes: bytes(({ compactBytes }) => compactBytes),
    sentBytes: bytes(({ sentBytes }) => sentBytes),
    plain: share(({ form }) => form === 'plain'),
    compact: share(({ form }) => form === 'compact'),
    partial: share(({ form }) => form === 'partial'),
    lostChanges:
      sum(({ lost }) => lost) /
      Math.max(
        1,
        sum(({ changed }) => changed),
      ),
    exactCounted: share(({ counted }) => counted),
    exactSent: share(({ arrived }) => arrived),
  };
}

/** One visit, reported by two cameras named "0" and "1". */
function sent(views: readonly CameraView[], visit: ReturnType<typeof makeVisit>) {
  const difference = differenceOf(views);
  const head = { visitId: 'abcdefghij', model: '0123456789ab', ms: 812, fault: null };
  const finding = visionReport({ ...head, difference });
  const report = orThrow(parseVisionReport({ ...finding, seq: 1, at: 1 }));
  const read = evidenceOf({ door: [], vision: report }).cameras ?? [];
  const { catalog, scale, zones, stock, truth } = visit;
  const isRight = (cameras: readonly CameraView[]) =>
    sameLines(reconcile({ catalog, scale, zones, stock, cameras }).candidates[0]?.lines, truth);
  const changed = Object.keys(difference.scores);
  const { before, after, scores } = difference;
  const { cameras: _, counts: __, before: ___, after: ____, partial: _____, scores: ______, ...bare } = finding;
  const looks = Object.keys(before).map((camera) => ({ camera, before: before[camera]!, after: after[camera]! }));
  const labels = [
    ...new Set(looks.flatMap((look) => [...Object.keys(look.before), ...Object.keys(look.after)])),
  ].sort();
  return {
    plainBytes: lengthOf({ ...bare, before, after, scores }),
    compactBytes: lengthOf({ ...bare, ...writeCompact(looks, labels, scores) }),
    sentBytes: lengthOf(finding),
    form: finding.partial === true ? 'partial' : finding.counts === undefined ? 'plain' : 'compact',
    changed: changed.length,
    lost: changed.filter((label) => !read.some((view) => label in view.before || label in view.after)).length,
    counted: isRight(views),
    arrived: isRight(read),
  };
}

function differenceOf(views: readonly CameraView[]): SceneDifference {
  const side = (moment: 'before' | 'after') => Object.fromEntries(views.map((view, at) => [String(at), view[moment]]));
  const changed = views.flatMap(({ before, after }) =>
    [...Object.keys(before), ...Object.keys(after)].filter((label) => (before[label] ?? 0) !== (after[label] ?? 0)),
  );
  return {
    before: side('before'),
    after: side('after'),
    scores: Object.fromEntries([...new Set(changed)].map((label) => [label, SCORE])),
  };
}

function sameLines(found: readonly BasketLine[] | undefined, truth: readonly BasketLine[]): boolean {
  return JSON.stringify(found) === JSON.stringify(truth);
}

function middleAndMost(values: number[]): [number, number] {
  const sorted = values.sort((a, b) => a - b);
  return [sorted[Math.floor(sorted.length / 2)] ?? 0, sorted.at(-1) ?? 0];
}

function lengthOf(report: object): number {
  return Buffer.byteLength(JSON.stringify(report));
}

if (import.meta.main) {
  const visits = Number(process.argv[2] ?? VISITS);
  const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
  console.log(`${visits} visits of each size; a report may have ${FINDING_BYTES_MAX} bytes; median, largest`);
  console.log(
    '| products | as JSON | compact | sent | plain / compact / partial | changes left out | exact baskets: counted, sent |',
  );
  console.log('|---|---|---|---|---|---|---|');
  for (const products of [10, 50, 200]) {
    const { plainBytes, compactBytes, sentBytes, ...of } = measureReports({ products, visits });
    const forms = [of.plain, of.compact, of.partial].map(percent).join(' / ');
    const cells = [products, ...[plainBytes, compactBytes, sentBytes].map((both) => both.join(', ')), forms];
    console.log(
      `| ${[...cells, percent(of.lostChanges), `${percent(of.exactCounted)}, ${percent(of.exactSent)}`].join(' | ')} |`,
    );
  }
}
