// A simulated world with a hand instead of the firmware on its bolt: cabinet, HTTP controls, page.
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ALL_WELL } from '@tapcase/sim/case/conditions';
import { deviceLog } from '@tapcase/sim/case/device-log';
import type { CaseControls, Conditions, ControllerFace, LogLine } from '@tapcase/sim/case/types';
import { cloudHands, type LedgerWish } from '@tapcase/sim/cloud-hand';
import { Cabinet } from '@tapcase/sim/shelf/cabinet';
import { createRenderer, type Renderer } from '@tapcase/sim/shelf/renderer';
import { worldApp } from '@tapcase/sim/world-app';

export interface WorldBench {
  readonly url: string;
  readonly cabinet: Cabinet;
  /** What the controller shows from now on. */
  setFace(change: Partial<ControllerFace>): void;
  /** What the device did or said. */
  note(line: Pick<LogLine, 'kind' | 'what' | 'detail'>): void;
  /** What a person has made of the case. */
  conditions(): Conditions;
  /** How often the supply has dipped. */
  brownOuts(): number;
  /** How often another board was put in. */
  swaps(): number;
  /** What the page wished done with the cloud's ledger; and how that ended. */
  wishes(): readonly LedgerWish['wish'][];
  ledgerIs(copiedAtMs: number | null): void;
  close(): Promise<void>;
}

export interface WorldBenchOptions {
  /** False: nobody who has the ledger started this world. */
  readonly hasCloud?: boolean;
}

/** Draws every world of a process: it keeps nothing of what it drew. */
let renderer: Promise<Renderer> | undefined;

export async function startWorldBench({ hasCloud = true }: WorldBenchOptions = {}): Promise<WorldBench> {
  renderer ??= createRenderer();
  let face: ControllerFace = {
    locked: true,
    led: [0, 0, 40],
    buzzer: false,
    oled: new Uint8Array(1024),
    line: 0,
    ready: true,
  };
  const listeners = new Set<() => void>();
  const changed = () => {
    for (const listener of listeners) listener();
  };
  const cabinet = new Cabinet({ seed: 1, locked: () => face.locked && !conditions.boltStuck });
  const log = deviceLog();
  let conditions = ALL_WELL;
  let brownOuts = 0;
  let swaps = 0;
  const controls: CaseControls = {
    conditions: () => conditions,
    change: (wanted) => {
      conditions = { ...conditions, ...wanted };
    },
    brownOut: () => {
      if (conditions.power === 'none') return false;
      brownOuts += 1;
      return true;
    },
    swapBoard: () => {
      swaps += 1;
    },
    dark: () => conditions.power === 'none',
    log: () => log.lines(),
  };
  const wishes: LedgerWish['wish'][] = [];
  const cloud = cloudHands(({ wish }) => wishes.push(wish), changed);
  const app = worldApp({
    ...(hasCloud ? { cloud } : {}),
    caseId: '123',
    publicUrl: 'http://localhost:8080',
    cabinet,
    face: () => face,
    controls,
    renderer: await renderer,
    changed,
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  });
  const server: Server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cabinet,
    setFace: (change) => {
      face = { ...face, ...change };
      changed();
    },
    note: (line) => {
      log.add(line);
      changed();
    },
    conditions: () => conditions,
    brownOuts: () => brownOuts,
    swaps: () => swaps,
    wishes: () => wishes,
    ledgerIs: (copiedAtMs) => cloud.heard({ kind: 'ledger', copiedAtMs, isBusy: false }),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
