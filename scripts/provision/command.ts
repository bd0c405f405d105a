// npm run case:provision, for whoever calls it: makes what a new case needs, writes it for its devices and its door, and registers the case.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@tapcase/domain';
import { makeLabel, TAG_BYTES_MAX } from './label.ts';
import { HELP, type Options, parseOptions } from './options.ts';
import { registration } from './register.ts';
import { makeSecrets, PI_CA_FILE } from './secrets.ts';

const EXIT_REFUSED = 2;
/** Keys and passwords: for the person who provisions, and nobody else on this machine. */
const [FOLDER_MODE, FILE_MODE] = [0o700, 0o600];

/** Who calls the command: the terminal, or a test. */
export interface Caller {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** The exit code; what went wrong is told, never thrown. */
export async function provision(args: readonly string[], caller: Caller): Promise<number> {
  try {
    return await run(args, caller);
  } catch (error) {
    caller.err(error instanceof Fault ? `${error.code}: ${error.message}\n` : `${(error as Error).stack}\n`);
    return EXIT_REFUSED;
  }
}

async function run(args: readonly string[], { environment, out }: Caller): Promise<number> {
  const options = parseOptions(args);
  if (options instanceof Fault) throw options;
  if (options === null) {
    out(HELP);
    return 0;
  }
  if (existsSync(options.outFolder)) {
    throw new Fault('provision.exists', `${options.outFolder} exists: a second run would make other passwords`);
  }
  const secrets = makeSecrets(options, environment.CASE_MASTER_KEY);
  const label = makeLabel(options.shopUrl, options.caseId);
  // Everything that can be refused is asked before anything is written, and the case is registered last: a case that the
  // shop knows always has its secrets.
  const register = await registration(options, environment.STAFF_TOKEN);
  const files: Readonly<Record<string, string>> = {
    'secrets.json': `${JSON.stringify(secrets.controller, null, 2)}\n`,
    'pi.env': secrets.piEnvironment,
    'ca.pem': options.ca,
    'broker-accounts.txt': secrets.accounts,
    'label.svg': label.svg,
    'tag.hex': `${Buffer.from(label.tag).toString('hex')}\n`,
  };
  mkdirSync(options.outFolder, { recursive: true, mode: FOLDER_MODE });
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(options.outFolder, name), text, { mode: FILE_MODE });
  }
  await register();
  out(told(options, label));
  return 0;
}

function told(options: Options, { url, text, tag }: ReturnType<typeof makeLabel>): string {
  const { again, caseId, outFolder, cloudUrl, flowsFolder } = options;
  return [
    `Case ${caseId} is in the list of cases (${cloudUrl ?? `${flowsFolder}/config.json`}).`,
    ...(again ? [expected(options)] : []),
    '',
    text,
    `  ${url}`,
    '',
    `${outFolder}/secrets.json         goes to /flash/secrets.json of the controller (npm run firmware:flash)`,
    `${outFolder}/pi.env               goes into /etc/tapcase/edge.env of the Pi`,
    `${outFolder}/ca.pem               goes to ${PI_CA_FILE} of the Pi`,
    `${outFolder}/broker-accounts.txt  goes into the broker's password and access files (deploy/broker)`,
    `${outFolder}/label.svg            is printed, 4 cm wide or more`,
    `${outFolder}/tag.hex              is written to an NTAG215 from page 4 on (${tag.length} of ${TAG_BYTES_MAX} bytes), then locked;`,
    '                        or write the address above with any NFC app',
    '',
    'The files hold secrets: put them where they belong, then delete them here.',
    '',
  ].join('\n');
}

/** With other secrets come other numbers: nobody believes them before somebody at the cloud has said so. */
function expected({ caseId, cloudUrl }: Options): string {
  return cloudUrl === null
    ? `Say at the cloud that its boards are new: npm run staff -- new-board ${caseId} --name YOU (and once more with --pi).`
    : `Its boards are expected where the token was made with it: npm run case:token -- --board ${caseId}.`;
}
