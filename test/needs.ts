// What a test needs besides npm packages: skipped with the Debian package's name where it is missing, unless all is required.
import { existsSync, globSync } from 'node:fs';

const PROGRAMS = {
  chromium: { path: '/usr/bin/chromium', debianPackage: 'chromium' },
  ffmpeg: { path: '/usr/bin/ffmpeg', debianPackage: 'ffmpeg' },
  mosquitto: { path: '/usr/sbin/mosquitto', debianPackage: 'mosquitto' },
  postgres: { path: '/usr/lib/postgresql/*/bin/postgres', debianPackage: 'postgresql' },
  curl: { path: '/usr/bin/curl', debianPackage: 'curl' },
  python3: { path: '/usr/bin/python3', debianPackage: 'python3' },
  shellcheck: { path: '/usr/bin/shellcheck', debianPackage: 'shellcheck' },
  systemd: { path: '/usr/bin/systemd-analyze', debianPackage: 'systemd' },
} as const;

/** The program's path. Skips the test (or, with TAPCASE_REQUIRE_ALL, fails it) where the program is not installed. */
export function needs(context: Mocha.Context, program: keyof typeof PROGRAMS): string {
  const { path, debianPackage } = PROGRAMS[program];
  const [found] = path.includes('*') ? globSync(path).sort().reverse() : [path];
  if (found !== undefined && existsSync(found)) return found;
  const reason = `${program} is not installed (Debian package: ${debianPackage})`;
  if (process.env.TAPCASE_REQUIRE_ALL === '1') throw new Error(reason);
  console.log(`      skipped: ${reason}`);
  return context.skip();
}
