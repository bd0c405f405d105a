// What tapcase-technician stores, and the four things a message can tell it: a node's status, a fault, a look, a Pi's health.

import { asFields, contract } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

export const technician = contract({
  type: 'tapcase-technician',
  category: 'tapcase',
  color: '#F3DFA2',
  icon: 'font-awesome/fa-stethoscope',
  inputs: 1,
  outputs: ['board', 'unwell'],
  properties: {
    state: { kind: 'ref', to: 'tapcase-edge' },
    folder: { kind: 'text', default: '/', icon: 'folder-o' },
    // What is wrong stops the look at the disk, not the board: so it is read there.
    diskFreeMbMin: { kind: 'text', default: '', icon: 'hdd-o', tip: true },
  },
});

/** How a node looks in the editor: its dot or ring, and what stands beside it. */
export interface PartStatus {
  readonly id: string;
  readonly name: string;
  readonly text: string;
  readonly look: 'did' | 'working' | 'needs-person' | 'fault' | 'none';
}

export interface CameraLook {
  readonly camera: string;
  /** Label to pieces. */
  readonly counts: Readonly<Record<string, number>>;
  readonly ms: number;
}

export type Told =
  | { readonly kind: 'status'; readonly part: PartStatus }
  | { readonly kind: 'fault'; readonly code: string; readonly text: string; readonly where: string }
  | { readonly kind: 'look'; readonly look: CameraLook }
  | { readonly kind: 'health'; readonly health: Readonly<Record<string, number | string | null>> };

/** A page shows no longer text, and a fault of a driver may be a whole log. */
const TEXT_LENGTH_MAX = 200;
/** The computer's own has about ten. */
const HEALTH_MAX = 20;
const LABELS_MAX = 100;

/** `msg.error`, `msg.status`, `msg.health` or `msg.detections` with `msg.image.camera`, looked for in this order. */
export function parseMessage(raw: unknown): Told | Fault {
  const { error, status, health, detections, image } = asFields(raw);
  if (error !== undefined) return faultOf(error);
  if (status !== undefined) return statusOf(status);
  if (health !== undefined) return { kind: 'health', health: healthOf(health) };
  if (detections !== undefined) return lookOf(detections, image);
  return new Fault('message.incomplete', 'the message has no error, status, health or detections', {
    property: 'error, status, health, detections',
  });
}

function faultOf(error: unknown): Told {
  const { code, message, source } = asFields(error);
  const { name, type } = asFields(source);
  // Node-RED's Catch gives an error as text, its class first.
  const words = text(message).replace(/^(Fault|Error): /, '');
  return { kind: 'fault', code: text(code) || 'node.unknown', text: words, where: text(name) || text(type) };
}

/** The colours are define-node's, and Node-RED's own nodes mean the same with them. */
const LOOKS: Readonly<Record<string, PartStatus['look']>> = {
  green: 'did',
  blue: 'working',
  yellow: 'needs-person',
  red: 'fault',
};

function statusOf(status: unknown): Told | Fault {
  const { fill, text: words, source } = asFields(status);
  const { id, name, type } = asFields(source);
  if (typeof id !== 'string')
    return new Fault('message.incomplete', 'the status says not of which node', { property: 'status.source.id' });
  const look = LOOKS[String(fill)] ?? 'none';
  return { kind: 'status', part: { id: text(id), name: text(name) || text(type), text: plain(text(words)), look } };
}

/** Node-RED's own nodes say a key of its dictionary: "node-red:common.status.connected". */
function plain(words: string): string {
  return words.replace(/^node-red:common\.status\./, '').replaceAll('-', ' ');
}

/** One line for each reading. */
export function healthOf(health: unknown): Record<string, number | string | null> {
  const { throttled, ...others } = asFields(health);
  // What holds the processor back now, and what did since the start.
  const known = throttled === null || throttled === undefined ? { throttled: null } : asFields(throttled);
  const { now, sinceStart } = known as { now?: unknown; sinceStart?: unknown };
  const flat = { ...others, throttledNow: now ?? null, throttledBefore: sinceStart ?? null };
  const readable = Object.entries(flat).flatMap(([name, value]): [string, number | string | null][] => {
    if (value === null || (typeof value === 'number' && Number.isFinite(value))) return [[name, value]];
    if (Array.isArray(value)) return [[name, text(value.join(', '))]];
    return typeof value === 'string' ? [[name, text(value)]] : [];
  });
  return Object.fromEntries(readable.slice(0, HEALTH_MAX));
}

function lookOf(detections: unknown, image: unknown): Told | Fault {
  const { camera } = asFields(image);
  const { boxes, ms } = asFields(detections);
  if (typeof camera !== 'string' || !Array.isArray(boxes)) {
    return new Fault('message.incomplete', 'the message has no detections of a camera', { property: 'detections' });
  }
  const counts = new Map<string, number>();
  for (const box of boxes) {
    const label = text(asFields(box).label);
    if (counts.has(label) || counts.size < LABELS_MAX) counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const byName = Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  return {
    kind: 'look',
    look: { camera: text(camera), counts: byName, ms: typeof ms === 'number' ? Math.round(ms) : 0 },
  };
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, TEXT_LENGTH_MAX) : '';
}
