// A false clock and another time zone for a whole test run, by libfaketime (Debian package: libfaketime).
import { globSync } from 'node:fs';

/**
 * The environment in which every process believes another date. `offset` is what libfaketime takes: `+400d`, `+3650d`, `-2h`.
 * Relative, because each process would begin a fixed date anew. Throws where the library is not installed.
 */
export function falseClock(offset: string): Readonly<Record<string, string>> {
  if (!/^[+-]\d+[smhdy]?$/.test(offset)) throw new Error(`--clock takes an offset such as +400d, not ${offset}`);
  const [library] = globSync('/usr/lib/*/faketime/libfaketime.so.1');
  if (library === undefined) throw new Error('libfaketime is not installed (Debian package: libfaketime)');
  return {
    LD_PRELOAD: library,
    FAKETIME: offset,
    // Time that passes stays true: only dates are false.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
  };
}
