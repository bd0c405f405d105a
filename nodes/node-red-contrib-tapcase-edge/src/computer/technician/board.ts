// The technician's board: the last that each part said, the last faults, each camera's last count. Pure, and bounded.
import type { CameraLook, PartStatus, Told } from './contract.ts';

export interface Board {
  /** By name. */
  readonly parts: readonly (PartStatus & { readonly sinceMs: number })[];
  /** The newest first; the same fault again is counted, not repeated. */
  readonly faults: readonly BoardFault[];
  readonly cameras: readonly (CameraLook & { readonly atMs: number })[];
  readonly health: Readonly<Record<string, number | string | null>>;
}

export interface BoardFault {
  readonly code: string;
  readonly text: string;
  readonly where: string;
  readonly times: number;
  /** Unix milliseconds of the last time. */
  readonly atMs: number;
}

export const EMPTY_BOARD: Board = { parts: [], faults: [], cameras: [], health: {} };

/** An edge has about thirty nodes. */
export const PARTS_MAX = 60;
export const FAULTS_MAX = 20;
/** As many as tapcase-scene-diff takes. */
const CAMERAS_MAX = 4;

export function tell(board: Board, told: Told, atMs: number): Board {
  switch (told.kind) {
    case 'status':
      return { ...board, parts: withPart(board.parts, told.part, atMs) };
    case 'fault':
      return { ...board, faults: withFault(board.faults, told, atMs) };
    case 'look':
      return { ...board, cameras: withLook(board.cameras, { ...told.look, atMs }) };
    case 'health':
      return { ...board, health: told.health };
  }
}

function withPart(parts: Board['parts'], part: PartStatus, atMs: number): Board['parts'] {
  const others = parts.filter(({ id }) => id !== part.id);
  // A status that is cleared has nothing to say.
  const next = part.text === '' ? others : [...others, { ...part, sinceMs: atMs }];
  return next.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, PARTS_MAX);
}

function withFault(faults: Board['faults'], { code, text, where }: Told & { kind: 'fault' }, atMs: number) {
  const same = faults.find((fault) => fault.code === code && fault.where === where);
  const fault: BoardFault = { code, text, where, times: (same?.times ?? 0) + 1, atMs };
  return [fault, ...faults.filter((other) => other !== same)].slice(0, FAULTS_MAX);
}

function withLook(cameras: Board['cameras'], look: Board['cameras'][number]): Board['cameras'] {
  const others = cameras.filter(({ camera }) => camera !== look.camera);
  return [...others, look].sort((a, b) => (a.camera < b.camera ? -1 : 1)).slice(0, CAMERAS_MAX);
}
