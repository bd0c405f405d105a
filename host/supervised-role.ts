// One role alone, under a small supervisor: the role is a child that is started again when it dies or stands still.
import { join } from 'node:path';
import type { Fault } from '@tapcase/domain';
import type { Role } from './environment.ts';
import { HUNG_MS_MAX } from './heartbeat.ts';
import { type KeptAlive, keepAlive } from './kept-alive.ts';
import { jsonLine, logFormatOf } from './log-line.ts';
import { ROOT } from './root.ts';

export interface SupervisedOptions {
  readonly role: Role;
  readonly source: Readonly<Record<string, string | undefined>>;
  /** Hears what the role tells, for whoever started us. */
  readonly onMessage?: (message: unknown) => void;
  /** It cannot be brought back. */
  readonly onCrash: (fault: Fault) => void;
}

/** Of all that runs in a role, an operator's own function is what may loop for ever. */
export const WITHOUT_OWN_TABS = { OWN_TABS: 'off' } as const;

export const ROLE_PROCESS = join(ROOT, 'host', 'role-process.ts');

export function superviseRole({ role, source, onMessage, onCrash }: SupervisedOptions): KeptAlive {
  const isJson = logFormatOf(source) === 'json';
  const given = Object.entries(source).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return keepAlive({
    name: role,
    script: ROLE_PROCESS,
    args: [role, ...(onMessage === undefined ? [] : ['--tells'])],
    // Its own variables are the environment that we were given, and so are those of an operator's own flow.
    env: Object.fromEntries(given),
    hungMs: HUNG_MS_MAX,
    carefulEnv: WITHOUT_OWN_TABS,
    onLine: (line, isError) => {
      const written = isJson ? jsonLine(role, line, {}, isError) : line;
      if (isError) console.error(written);
      else console.log(written);
    },
    ...(onMessage === undefined ? {} : { onMessage }),
    onAgain: () => {},
    onBack: () => {},
    onCrash,
  });
}
