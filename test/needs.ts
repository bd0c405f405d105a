// What a test needs besides npm packages: skipped with the reason where it is missing, unless all is required.
import { globSync } from 'node:fs';

const PROGRAMS = {
  // The shell is the same browser without windows and costs a fifth less; where there is only the whole, that serves.
  chromium: { path: '/usr/bin/chromium{-headless-shell,}', debianPackage: 'chromium-headless-shell' },
  // Stands in for Arial, width by width: the editor asks for that, and a wider font makes other tabs of the same flows.
  'a font as wide as Arial': {
    path: '/usr/share/fonts/truetype/liberation*/LiberationSans-Regular.ttf',
    debianPackage: 'fonts-liberation',
  },
  ffmpeg: { path: '/usr/bin/ffmpeg', debianPackage: 'ffmpeg' },
  mosquitto: { path: '/usr/sbin/mosquitto', debianPackage: 'mosquitto' },
  postgres: { path: '/usr/lib/postgresql/*/bin/postgres', debianPackage: 'postgresql' },
  curl: { path: '/usr/bin/curl', debianPackage: 'curl' },
  python3: { path: '/usr/bin/python3', debianPackage: 'python3' },
  shellcheck: { path: '/usr/bin/shellcheck', debianPackage: 'shellcheck' },
  libfaketime: { path: '/usr/lib/*/faketime/libfaketime.so.1', debianPackage: 'libfaketime' },
  systemd: { path: '/usr/bin/systemd-analyze', debianPackage: 'systemd' },
} as const;

const reasons = new Set<string>();

/** The program's path. Skips the test (or, with TAPCASE_REQUIRE_ALL, fails it) where the program is not installed. */
export function needs(context: Mocha.Context, program: keyof typeof PROGRAMS): string {
  const { path, debianPackage } = PROGRAMS[program];
  const [found] = globSync(path).sort().reverse();
  if (found !== undefined) return found;
  return skip(context, `${program} is not installed (Debian package: ${debianPackage})`);
}

/** Skips the test where something that it needs is not there, or cannot be tried here; `reason` says what and why. */
export function skip(context: Mocha.Context, reason: string): never {
  if (process.env.TAPCASE_REQUIRE_ALL === '1') throw new Error(reason);
  reasons.add(reason);
  // The runner says all reasons at its end; plain mocha has nobody to say them.
  if (process.env.TAPCASE_TEST_WORKER !== '1') console.log(`      skipped: ${reason}`);
  return context.skip();
}

/** What was skipped since it was last asked, each reason once. */
export function takeSkipReasons(): readonly string[] {
  const taken = [...reasons];
  reasons.clear();
  return taken;
}
