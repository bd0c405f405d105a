// The real Chromium, headless, for tests that a person's page is looked at in.
import { type Browser, chromium } from 'playwright-core';
import { needs } from './needs.ts';
import { HANG_MS } from './patience.ts';

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-background-networking',
  // An editor that is opened once costs its optimizer more than it gains: without, a third less of the processor's time.
  '--js-flags=--no-opt --no-maglev',
];

/** Skips the test where Chromium is not installed. The caller closes it. */
export function startChromium(context: Mocha.Context): Promise<Browser> {
  const executablePath = needs(context, 'chromium');
  // It crashes under a false clock (libfaketime); a phone whose clock is wrong by years can shop all the same.
  const { LD_PRELOAD, FAKETIME, ...env } = process.env;
  return chromium.launch({ executablePath, args: ARGUMENTS, env, timeout: HANG_MS });
}
