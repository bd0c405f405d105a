// Says what each payload on the wire looks like, and turns unknown JSON into one of them or a Fault.
import * as v from 'valibot';
import { Fault } from '../fault.ts';
import { isLabel, LABELS_MAX, RESERVED_WORDS, readCompact } from './compact-counts.ts';
import { SENTENCE_LENGTH_MAX } from './display.ts';
import { SEQ_MAX } from './sequence.ts';

/** Sequence numbers are whole and stay exact in a double and in MicroPython. */
const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(SEQ_MAX));
/** Unix seconds, whole. */
const at = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A visit's id: short, because it travels in every frame. */
export const VISIT_ID = /^[a-z0-9]{6,24}$/;
const id = v.pipe(v.string(), v.regex(VISIT_ID));
/** Grams; finite, and far outside what a cabinet can carry either way. */
const grams = v.pipe(v.number(), v.finite(), v.minValue(-1_000_000), v.maxValue(1_000_000));
const sigma = v.pipe(v.number(), v.finite(), v.minValue(0), v.maxValue(100_000));
const zone = v.pipe(v.string(), v.minLength(1), v.maxLength(12));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(999));
const nonce = v.pipe(v.string(), v.regex(/^[0-9a-f]{16,32}$/));
/** Whose numbers they are: random, made with the state that counts them. */
const epoch = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/));
const label = v.pipe(v.string(), v.check(isLabel, 'wants a label'));
const score = v.pipe(v.number(), v.minValue(0), v.maxValue(1));
const camera = v.pipe(v.string(), v.minLength(1), v.maxLength(8));
/** Of a controller's own faults: `door.bolt`, `scale.silent`. */
const faultCode = v.pipe(v.string(), v.maxLength(24), v.regex(/^[a-z]+(?:[._-][a-z]+)*$/));
/** A short word of the firmware's own: a newer one may have more of them than this cloud knows. */
const word = v.pipe(v.string(), v.regex(/^[a-z_]{1,16}$/));
const tally = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Degrees Celsius; a sensor that says more is broken, and its firmware says so in other words. */
const celsius = v.pipe(v.number(), v.finite(), v.minValue(-300), v.maxValue(300));
/** A wall of fridges that a dozen cameras see is a dozen cases. */
const CAMERAS_MAX = 16;
/** Cameras by name ("0", "1") to labels to counts. */
const views = v.pipe(namesUpTo(CAMERAS_MAX), v.record(camera, v.pipe(namesUpTo(LABELS_MAX), v.record(label, count))));

// Objects ignore keys they do not know: a newer firmware may say more than this cloud understands.
const doorSchema = v.variant('type', [
  v.object({ type: v.literal('unlocked'), id, seq, at, mass: grams }),
  v.object({ type: v.literal('opened'), id, seq, at }),
  v.object({
    type: v.literal('closed'),
    id,
    seq,
    at,
    mass: grams,
    dmass: grams,
    sigma,
    /** [zone, dmass, sigma] of each shelf that is weighed by itself; absent where only the whole is. */
    zones: v.optional(v.pipe(v.array(v.tuple([zone, grams, sigma])), v.maxLength(16))),
  }),
  v.object({ type: v.literal('timeout'), id, seq, at, mass: grams }),
  v.object({ type: v.literal('open_too_long'), id, seq, at }),
  // Nothing opens for this visit, now or later: why its unlock was not obeyed, as a code.
  v.object({ type: v.literal('refused'), id, seq, at, code: faultCode }),
  v.object({ type: v.literal('forced'), seq, at, mass: grams }),
  // Something at the door is not as it must be, and nobody new is let in; with the visit that was under way, if one was.
  v.object({ type: v.literal('fault'), id: v.exactOptional(id), seq, at, code: faultCode }),
  // Staff were at the shelf: `id` is their command's, and no visit.
  v.object({ type: v.literal('restocked'), id, seq, at, mass: grams, dmass: grams, sigma }),
]);

const statusSchema = v.variant('type', [
  v.object({
    type: v.literal('status'),
    seq,
    at,
    door: v.picklist(['open', 'closed']),
    mass: grams,
    vcc: v.pipe(v.number(), v.finite()),
    /** Absent where no sensor is fitted. */
    temp: v.exactOptional(celsius),
    rssi: v.pipe(v.number(), v.finite()),
    fw: v.pipe(v.string(), v.maxLength(20)),
    /** Of the lock: see firmware/app/lock_table.py. */
    state: v.exactOptional(word),
    /** What is wrong now. */
    faults: v.exactOptional(v.pipe(v.array(faultCode), v.maxLength(8))),
    /** What each load cell feels. */
    cells: v.exactOptional(v.pipe(v.array(grams), v.maxLength(8))),
    /** Bytes of the heap, the least that was free since the boot. */
    heap: v.exactOptional(tally),
    /** Seconds since the boot. */
    up: v.exactOptional(tally),
    power: v.exactOptional(v.picklist(['mains', 'battery', 'lost'])),
    slot: v.exactOptional(v.picklist(['a', 'b'])),
    /** Frames and commands refused since the boot. */
    refused: v.exactOptional(tally),
    /** Said in the first statuses after a boot: why it was, which it is, how many watchdogs in a row, the state before. */
    boot: v.exactOptional(
      v.object({
        cause: word,
        count: tally,
        watchdogs: tally,
        /** Empty where the chip does not remember. */
        state: v.exactOptional(v.pipe(v.string(), v.regex(/^[a-z_]{0,16}$/))),
        safe: v.boolean(),
      }),
    ),
    /** Said in the first statuses after the radio was lost: why, the deepest step of its ladder, seconds without it. */
    link: v.exactOptional(v.object({ why: word, step: word, silent: tally })),
  }),
  // After a boot the device does not know the time: `at` is 0, and the nonce ties the answer to the question.
  // Its epoch, the last number that it took of the cloud's, and of which ledger; firmware of before epochs says none of them.
  v.object({
    type: v.literal('hello'),
    seq,
    at,
    nonce,
    fw: v.pipe(v.string(), v.maxLength(20)),
    epoch: v.exactOptional(epoch),
    last: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(SEQ_MAX))),
    ledger: v.exactOptional(epoch),
    /** After a boot: the last visit that it knows, over or not; empty where it knows none. */
    knows: v.exactOptional(v.union([id, v.literal('')])),
  }),
]);

const visionSchema = v.pipe(
  v.object({
    type: v.literal('report'),
    id,
    seq,
    at,
    /** Of the card that counts; a Pi of before epochs says none. */
    epoch: v.exactOptional(epoch),
    /** First 12 hex digits of the model file's SHA-256; null where no model could run. */
    model: v.nullable(v.pipe(v.string(), v.maxLength(40))),
    /** The counts as they are: `before` and `after`. Or, where they are too many for a frame, `cameras` and `counts`. */
    before: v.exactOptional(views),
    after: v.exactOptional(views),
    cameras: v.exactOptional(v.pipe(v.array(camera), v.minLength(1), v.maxLength(CAMERAS_MAX))),
    /** See CompactCounts. */
    counts: v.exactOptional(
      v.pipe(namesUpTo(LABELS_MAX), v.record(v.string(), v.union([v.string(), v.array(v.string())]))),
    ),
    /** With `before` and `after`: mean score of a label whose count has changed, where it was not surely seen. */
    scores: v.exactOptional(v.pipe(namesUpTo(LABELS_MAX), v.record(label, score))),
    ms: v.pipe(v.number(), v.minValue(0)),
    /** True where the counts of what did not change were left out for want of room. */
    partial: v.exactOptional(v.boolean()),
    /** Why there is nothing to see, as a fault code. */
    fault: v.exactOptional(v.pipe(v.string(), v.maxLength(60))),
  }),
  // One way to say it, so that no report can contradict itself.
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const { before, after, cameras, counts, scores, partial = false } = dataset.value;
    const isPlain = before !== undefined && after !== undefined && cameras === undefined && counts === undefined;
    const isCompact = before === undefined && after === undefined && cameras !== undefined && counts !== undefined;
    if (!isPlain && !isCompact) addIssue({ message: 'wants before and after, or cameras and counts' });
    if (!isCompact) return;
    if (scores !== undefined) addIssue({ message: 'scores stand beside counts' });
    if (new Set(cameras).size < cameras.length) addIssue({ message: 'a camera stands twice' });
    const read = readCompact({ cameras, counts }, partial);
    if (read instanceof Fault) addIssue({ message: read.message });
  }),
);

/** A text as `displayText` makes it; a display shows a question mark for what it has no letter for. */
const sentence = v.pipe(v.string(), v.minLength(1), v.maxLength(SENTENCE_LENGTH_MAX));

const commandSchema = v.variant('type', [
  v.object({ type: v.literal('unlock'), id, seq, at, exp: at }),
  v.object({
    type: v.literal('show'),
    id,
    seq,
    at,
    outcome: v.picklist(['charged', 'released', 'unused', 'owed', 'partly_paid', 'in_review', 'refused']),
    items: v.array(v.tuple([v.pipe(v.string(), v.maxLength(24)), v.pipe(v.number(), v.safeInteger())])),
    total: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    currency: v.pipe(v.string(), v.regex(/^[a-z]{3}$/)),
    lang: v.picklist(['en', 'es']),
  }),
  // A sentence for whoever stands there and is not let in; it opens nothing and ends no visit.
  v.object({ type: v.literal('say'), seq, at, exp: at, text: sentence }),
  v.object({ type: v.literal('ack'), seq, at, topic: v.literal('door'), of: seq }),
  // `epoch` is the ledger's: where it is another one than before, numbers go on from `seq`.
  v.object({ type: v.literal('time'), seq, at, nonce, epoch: v.exactOptional(epoch) }),
  // Keeps customers out until it is taken back, through every restart.
  v.object({ type: v.literal('lockout'), seq, at, on: v.boolean(), reason: v.pipe(v.string(), v.maxLength(24)) }),
  // Opens for staff; ends in a `restocked` with the same id.
  v.object({ type: v.literal('restock'), id, seq, at, exp: at }),
  // The shelf is empty: what the scale feels now is nothing.
  v.object({ type: v.literal('tare'), seq, at, exp: at }),
  v.object({ type: v.literal('ota'), seq, at, exp: at }),
  // Wants a status now.
  v.object({ type: v.literal('ping'), seq, at }),
]);

const visionCommandSchema = v.variant('type', [
  v.object({ type: v.literal('observe'), id, seq, at, exp: at }),
  v.object({ type: v.literal('ack'), seq, at, topic: v.literal('vision'), of: seq }),
  // Somebody must look at this visit: do not let its clip go, and send its pictures. Good until `exp`, a day away.
  v.object({ type: v.literal('keep'), id, seq, at, exp: at }),
]);

export type DoorReport = v.InferOutput<typeof doorSchema>;
export type StatusReport = v.InferOutput<typeof statusSchema>;
export type VisionReport = v.InferOutput<typeof visionSchema>;
export type Command = v.InferOutput<typeof commandSchema>;
export type VisionCommand = v.InferOutput<typeof visionCommandSchema>;
/** A command before the ledger gave it its sequence number. */
export type Unnumbered<C> = C extends unknown ? Omit<C, 'seq'> : never;

/** All five are total: any value gives a payload or `payload.invalid`. */
export const parseDoorReport = parser<DoorReport>(doorSchema, 'door report');
export const parseStatusReport = parser<StatusReport>(statusSchema, 'status report');
export const parseVisionReport = parser<VisionReport>(visionSchema, 'vision report');
export const parseCommand = parser<Command>(commandSchema, 'command');
export const parseVisionCommand = parser<VisionCommand>(visionCommandSchema, 'vision command');

/** An object whose names are as many as can be meant. A record alone would drop a reserved word without saying so. */
function namesUpTo(namesMax: number) {
  return v.pipe(
    v.custom<Record<string, unknown>>(
      (input) => typeof input === 'object' && input !== null && !Array.isArray(input),
      'wants an object',
    ),
    v.check((input) => Object.keys(input).length <= namesMax, `names more than ${namesMax}`),
    v.check((input) => !RESERVED_WORDS.some((word) => Object.hasOwn(input, word)), 'a name is a reserved word'),
  );
}

function parser<T>(schema: v.GenericSchema<unknown, T>, what: string): (value: unknown) => T | Fault {
  return (value) => {
    const result = v.safeParse(schema, value);
    if (result.success) return result.output;
    const [issue] = result.issues;
    const where = v.getDotPath(issue) ?? '(whole)';
    return new Fault('payload.invalid', `not a ${what}: ${where}: ${issue.message}`, { where });
  };
}
