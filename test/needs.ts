// What a test needs besides npm packages: skipped with the reason where it is missing, unless all is required.
import { existsSync, globSync } from 'node:fs';

const PROGRAMS = {
  chromium: { path: '/usr/bin/chromium', debianPackage: 'chromium' },
  ffmpeg: { path: '/usr/bin/ffmpeg', debianPackage: 'ffmpeg' },
  mosquitto: { path: '/usr/sbin/mosquitto', debianPackage: 'mosquitto' },
  postgres: { path: '/usr/lib/postgresql/*/bin/postgres', debianPackage: 'postgresql' },
  curl: { path: '/usr/bin/curl', debianPackage: 'curl' },
  python3: { path: '/usr/bin/python3', debianPackage: 'python3' },
  shellcheck: { path: '/usr/bin/shellcheck', debianPackage: 'shellcheck' },
  libfaketime: { path: '/usr/lib/*/faketime/libfaketime.so.1', debianPackage: 'libfaketime' },
  systemd: { path: '/usr/bin/systemd-analyze', debianPackage: 'systemd' },
} as const;

/** A false clock is put before a program by libfaketime, whose variable it is; `npm test -- --clock` sets it. */
const hasFalseClock = (process.env.FAKETIME ?? '') !== '';
const NO_FALSE_CLOCK = {
  chromium: 'Chromium does not run under a false clock',
} as const;
const reasons = new Set<string>();

/** The program's path. Skips the test (or, with TAPCASE_REQUIRE_ALL, fails it) where the program is not installed. */
export function needs(context: Mocha.Context, program: keyof typeof PROGRAMS): string {
  const { path, debianPackage } = PROGRAMS[program];
  const [found] = path.includes('*') ? globSync(path).sort().reverse() : [path];
  if (found !== undefined && existsSync(found)) return found;
  return skip(context, `${program} is not installed (Debian package: ${debianPackage})`);
}

/** Skips the test where something that it needs is not there, or cannot be tried here; `reason` says what and why. */
export function skip(context: Mocha.Context, reason: string): never {
  if (process.env.TAPCASE_REQUIRE_ALL === '1') throw new Error(reason);
  return because(context, reason);
}

/** Skips the test where the clock is a false one and the program cannot live with that. */
export function bearsFalseClock(context: Mocha.Context, program: keyof typeof NO_FALSE_CLOCK): void {
  if (hasFalseClock) because(context, NO_FALSE_CLOCK[program]);
}

/** What was skipped since it was last asked, each reason once. */
export function takeSkipReasons(): readonly string[] {
  const taken = [...reasons];
  reasons.clear();
  return taken;
}

function because(context: Mocha.Context, reason: string): never {
  reasons.add(reason);
  // The runner says all reasons at its end; plain mocha has nobody to say them.
  if (process.env.TAPCASE_TEST_WORKER !== '1') console.log(`      skipped: ${reason}`);
  return context.skip();
}
