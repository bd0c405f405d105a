// What both roles do alike: read their environment and their flows, know their staff, and say what happens.
import { resolve } from 'node:path';
import { orThrow } from '@tapcase/domain';
import { deskSettings } from './desk.ts';
import { editorPass } from './editor-pass.ts';
import { type Environment, type Role, readEnvironment } from './environment.ts';
import type { ShopFlows } from './flows/read.ts';
import { readFlows } from './flows/read-folder.ts';
import type { Deployed } from './flows/storage.ts';
import type { Happening } from './happenings.ts';
import type { NodeRedOptions } from './node-red.ts';
import { type StaffDoorOptions, staffDoor } from './staff-door.ts';

export interface RoleOptions {
  readonly source: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
  /** Set in a demo: where the virtual cases are, and that the log may play the mail server. */
  readonly demo?: { readonly worldUrl: string };
  /** Hears what happens, for a terminal that does not show the log. */
  readonly happened?: (happening: Happening) => void;
}

interface StaffOptions {
  readonly hasMoney: boolean;
  readonly deployed: Deployed;
  readonly log: (line: string, isError: boolean) => void;
}

/** The door, and what Node-RED hears of the same people. */
export function staffOf({ hasMoney, deployed, log, ...door }: Omit<StaffDoorOptions, 'pass'> & StaffOptions) {
  const pass = editorPass();
  return {
    ...{ pass, deployed, door: staffDoor({ ...door, pass }) },
    desk: deskSettings({ identity: door.identity, hasMoney, log: (line) => log(line, false) }),
  };
}

export function isShippedIn({ core }: ShopFlows): (id: string) => boolean {
  const ids = new Set(core.map(({ id }) => id));
  return (id) => ids.has(id);
}

export function idsOf(wanted: string, { core }: ShopFlows): string[] {
  return core.filter(({ type }) => type === wanted).map(({ id }) => id);
}

type Told = Pick<RoleOptions, 'log' | 'happened'>;

export function logTo({ log, happened }: Told): (line: string, isError: boolean) => void {
  return (line, isError) => {
    log(line);
    if (isError) happened?.({ kind: 'error', text: line });
  };
}

export function hearer({ happened }: Told): Pick<NodeRedOptions, 'happened'> {
  return happened === undefined ? {} : { happened };
}

/** Checks the environment and the flow files, and puts the environment where `${NAME}` in a flow finds it. */
export function enter(
  role: Role,
  source: RoleOptions['source'],
  demo: boolean,
): { environment: Environment; flows: ShopFlows } {
  const environment = orThrow(readEnvironment(role, source, { demo }));
  // Node-RED would log a broken flow file and go on without any flows.
  const flows = readFlows(resolve(environment.FLOWS_DIR!));
  Object.assign(process.env, environment);
  return { environment, flows };
}
