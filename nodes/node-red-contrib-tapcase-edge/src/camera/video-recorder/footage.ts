// What one camera has on the card: closed files in the order of recording, the one being written, and the clips they make.
import {
  ageMs,
  CLIPS_MAX,
  type Clip,
  endOverdue,
  isComplete,
  isPinned,
  type KeptClip,
  type Mark,
  marksOf,
  parseSegmentName,
  pinMark,
  planRing,
  type RingNow,
  type RingPlan,
  type Segment,
  type SegmentName,
  segmentFile,
  shiftClock,
} from '@tapcase/domain';
import { closeSegment, readFootage } from './footage-index.ts';
import type { FootageOptions } from './footage-options.ts';
import * as notes from './manifest.ts';

interface OpenFile {
  readonly file: string;
  readonly name: SegmentName;
  readonly fromMs: number;
  readonly boot: string;
  readonly bytes: number;
  readonly beganAtUptimeMs: number;
  readonly grewAtUptimeMs: number;
}

/** The clock was put right if it moved by more than this against the uptime; less is ordinary adjustment. */
const CLOCK_JUMP_MS = 2_000;
/** Without a byte for so long a file is closed: the camera sleeps. Common encoders send a key frame every 10 s at least. */
export const QUIET_MS = 12_000;
/** How late it is noticed that a file began, at most. */
const NAME_AGE_MS_MAX = 120_000;
/** A pin may be on its way before the visit it means; after a day it means none that will come. */
export const AWAITED_PINS_MAX = 64;
/** Lines that the manifest may hold beyond one for each segment before it is written anew. */
const SPARE_LINES_MAX = 2_000;

export class Footage {
  segments: Segment[] = [];
  clips: Clip[] = [];
  awaited: notes.AwaitedPin[] = [];
  private readonly options: FootageOptions;
  private open: OpenFile | undefined;
  private bootAtMs: number;
  private indexedAtUptimeMs: number | undefined;
  /** The clock moved and the manifest does not know yet. */
  private hasMoved = false;
  private lines = 0;

  constructor(options: FootageOptions) {
    this.options = options;
    this.bootAtMs = this.bootNow();
  }

  get isBeingWritten(): boolean {
    return this.open !== undefined;
  }

  get bytes(): number {
    return this.segments.reduce((sum, { bytes }) => sum + bytes, this.open?.bytes ?? 0);
  }

  /** Reads the folder as it is; what was being written when the plug was pulled is closed. To be kept by `rewrite`. */
  async index(): Promise<void> {
    const { card, clock } = this.options;
    const manifest = notes.parseManifest(await card.readManifest());
    if (this.indexedAtUptimeMs === undefined) {
      this.indexedAtUptimeMs = clock.uptimeMs();
      const isNew = ({ visit }: { readonly visit: string }) => !this.clips.some((clip) => clip.visit === visit);
      this.clips = [...manifest.clips.filter(isNew), ...this.clips].slice(-CLIPS_MAX);
      const isDue = ({ untilMs }: notes.AwaitedPin) => untilMs > clock.nowMs();
      this.awaited = [...manifest.awaited.filter(isNew), ...this.awaited].filter(isDue).slice(-AWAITED_PINS_MAX);
      // The clock may have been put right while nobody looked.
      if (manifest.clock?.boot === clock.boot) this.bootAtMs = manifest.clock.bootAtMs;
    }
    this.open = undefined;
    this.segments = await readFootage(this.options, manifest, this.clips);
    this.followClock();
  }

  /** To be called before anything that reads the clock: where it jumped, all that this boot recorded moves along. */
  followClock(): void {
    const deltaMs = this.bootNow() - this.bootAtMs;
    if (Math.abs(deltaMs) <= CLOCK_JUMP_MS) return;
    const { boot } = this.options.clock;
    this.bootAtMs += deltaMs;
    this.segments = this.segments.map((segment) => shiftClock(segment, boot, deltaMs));
    this.clips = this.clips.map((clip) => shiftClock(clip, boot, deltaMs));
    if (this.open) this.open = shiftClock(this.open, boot, deltaMs);
    this.hasMoved = true;
  }

  /** Whether `file` is one that just began, as far as its name tells. */
  isNews(file: string): boolean {
    const name = parseSegmentName(file);
    return name?.camera === this.options.camera && name.seconds === undefined && file !== this.open?.file;
  }

  /** A file began, and with it the one before is closed. */
  async fileBegan(file: string): Promise<boolean> {
    const { card, clock } = this.options;
    const name = parseSegmentName(file);
    if (name === undefined || !this.isNews(file) || !(await card.exists(file))) return false;
    await this.closeOpen();
    // Named by a clock that has been put right since: it began just now.
    const isStale = Math.abs(clock.nowMs() - name.startMs) > NAME_AGE_MS_MAX;
    const uptimeMs = clock.uptimeMs();
    const fromMs = isStale ? clock.nowMs() : name.startMs;
    this.open = { file, name, fromMs, boot: clock.boot, bytes: 0, beganAtUptimeMs: uptimeMs, grewAtUptimeMs: uptimeMs };
    return true;
  }

  /** On the card what has been written so far; a file that has not grown for long is closed. True where it was closed. */
  async followOpen(): Promise<boolean> {
    if (this.open === undefined) return false;
    const { card, clock } = this.options;
    const { file } = this.open;
    const bytes = (await card.facts(file))?.bytes ?? 0;
    if (bytes !== this.open.bytes) {
      await card.sync(file);
      this.open = { ...this.open, bytes, grewAtUptimeMs: clock.uptimeMs() };
      return false;
    }
    if (clock.uptimeMs() - this.open.grewAtUptimeMs < QUIET_MS) return false;
    await this.closeOpen();
    return true;
  }

  /** The card refused something: what was being written is found by the next `index`. */
  loseOpen(): void {
    this.open = undefined;
  }

  private async closeOpen(): Promise<void> {
    const { open } = this;
    if (open === undefined) return;
    this.open = undefined;
    const watchedMs = this.options.clock.uptimeMs() - open.beganAtUptimeMs;
    const segment = await closeSegment(this.options, { ...open, watchedMs }, this.segments, this.clips);
    if (segment === undefined) return;
    this.segments.push(segment);
    await this.note(notes.segmentLine(segment));
  }

  /** Takes from the card what is too old or too much, and says what could not be done. */
  async prune(): Promise<Pick<RingPlan, 'evicted' | 'full'>> {
    const { card, limits } = this.options;
    const freeBytes = await card.freeBytes();
    const plan = () => planRing(this.segments, limits, this.ringNow(freeBytes));
    const { unpin, evicted } = plan();
    for (const visit of unpin) await this.remark(visit, (marks) => pinMark(marks, visit, false));
    const { remove, full } = plan();
    const removed = new Set<Segment>();
    try {
      // One after the other: thousands at once would keep the card from everybody else.
      for (const segment of remove) {
        await card.remove(segmentFile(segment));
        removed.add(segment);
      }
    } finally {
      this.segments = this.segments.filter((segment) => !removed.has(segment));
    }
    if (remove.length > 0) await this.note(remove.map(notes.removedLine).join(''), remove.length);
    return { evicted, full };
  }

  ringNow(freeBytes: number): RingNow {
    const { clock } = this.options;
    return {
      nowMs: clock.nowMs(),
      boot: clock.boot,
      watchedMs: clock.uptimeMs() - (this.indexedAtUptimeMs ?? clock.uptimeMs()),
      openBytes: this.open?.bytes ?? 0,
      freeBytes,
    };
  }

  /** How far back the oldest file reaches. */
  spanMs(): number {
    const [oldest] = this.segments;
    return oldest === undefined ? 0 : ageMs({ boot: oldest.boot, toMs: oldest.fromMs }, this.ringNow(0));
  }

  /** Notes the clip, and marks what is closed already. */
  async putClip(clip: Clip): Promise<void> {
    this.clips = [...this.clips.filter(({ visit }) => visit !== clip.visit), clip];
    this.awaited = this.awaited.filter(({ visit }) => visit !== clip.visit);
    await this.note(notes.clipLine(clip));
    for (const segment of this.segments.filter(({ toMs }) => toMs > clip.fromMs)) {
      await this.rename(segment, marksOf(segment, [clip]));
    }
  }

  async awaitPin(pin: notes.AwaitedPin): Promise<void> {
    this.awaited = [...this.awaited.filter(({ visit }) => visit !== pin.visit), pin].slice(-AWAITED_PINS_MAX);
    await this.note(notes.awaitedLine(pin));
  }

  async pin(visit: string): Promise<void> {
    await this.remark(visit, (marks) => pinMark(marks, visit, true));
  }

  /** The clips to which nothing more can come. They are forgotten by `forget`, after they have been told. */
  complete(): readonly Clip[] {
    const nowMs = this.options.clock.nowMs();
    this.clips = this.clips.map((clip) => endOverdue(clip, nowMs));
    return this.clips.filter((clip) => isComplete(clip, this.open?.fromMs, nowMs));
  }

  async forget(visit: string): Promise<void> {
    this.clips = this.clips.filter((clip) => clip.visit !== visit);
    await this.note(notes.keptLine(visit));
  }

  /** What there is of a visit, by the names of the files. */
  kept(visit: string, asked: { readonly fromMs: number; readonly toMs: number }): KeptClip {
    const own = this.ofVisit(visit);
    return {
      name: visit,
      action: 'kept',
      camera: this.options.camera,
      files: own.map(segmentFile),
      fromMs: own[0]?.fromMs ?? asked.fromMs,
      toMs: own.at(-1)?.toMs ?? asked.toMs,
      bytes: own.reduce((sum, { bytes }) => sum + bytes, 0),
      pinned: own.some(({ marks }) => isPinned(marks.filter((mark) => mark.visit === visit))),
    };
  }

  ofVisit(visit: string): readonly Segment[] {
    return this.segments.filter(({ marks }) => marks.some((mark) => mark.visit === visit));
  }

  private async remark(visit: string, change: (marks: readonly Mark[]) => readonly Mark[]): Promise<void> {
    for (const segment of this.ofVisit(visit)) await this.rename(segment, change(segment.marks));
  }

  private async rename(segment: Segment, marks: readonly Mark[]): Promise<void> {
    const renamed = { ...segment, marks };
    if (segmentFile(renamed) === segmentFile(segment)) return;
    if (!(await this.options.card.exists(segmentFile(segment)))) return;
    await this.options.card.rename(segmentFile(segment), segmentFile(renamed));
    this.segments = this.segments.map((kept) => (kept === segment ? renamed : kept));
    await this.note(notes.segmentLine(renamed));
  }

  private async note(text: string, lines = 1): Promise<void> {
    if (this.hasMoved || this.lines + lines > this.segments.length + SPARE_LINES_MAX) return this.rewrite();
    await this.options.card.appendManifest(text);
    this.lines += lines;
  }

  /** The manifest as it would be if nothing had ever been crossed out. */
  async rewrite(): Promise<void> {
    const { boot } = this.options.clock;
    const lines = [
      notes.clockLine({ boot, bootAtMs: this.bootAtMs }),
      ...this.segments.map(notes.segmentLine),
      ...this.awaited.map(notes.awaitedLine),
      ...this.clips.map(notes.clipLine),
    ];
    await this.options.card.replaceManifest(lines.join(''));
    this.lines = lines.length;
    this.hasMoved = false;
  }

  private bootNow(): number {
    return this.options.clock.nowMs() - this.options.clock.uptimeMs();
  }
}
