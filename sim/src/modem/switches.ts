// How a modem and its network can misbehave: what a test or the virtual case changes while it runs.

export interface ModemSwitches {
  sim: 'ready' | 'pin' | 'none';
  /** So often it still reads its card when it is asked for it. */
  simBusy: number;
  /** +CEREG's state: 1 at home, 2 searching, 3 refused, 5 abroad. Without coverage it is 2 whatever this says. */
  registration: 1 | 2 | 3 | 5;
  /** The network tells the time; without it the clock starts in 1980 until NTP was asked. */
  networkTime: boolean;
  /** +CNTP's result: 1 is well, 61 no network, 65 no answer. */
  ntp: number;
  /** Before each final result. */
  answerMs: number;
  /** Before the broker is called at all. */
  connectMs: number;
  /** SMCONN says ERROR, as it does where an operator's firewall stands. */
  refuseConnect: boolean;
  /** Lines that come between a command's echo and its answer. */
  interleave: readonly string[];
  /** The line as the controller gets it: bytes lost, doubled, changed. */
  mangle: ((bytes: Buffer) => Buffer) | undefined;
  /** `>` and DOWNLOAD are never sent. */
  promptless: boolean;
  /** Switches itself off in the middle of such a command. */
  powerDownAt: RegExp | undefined;
  /** Its serial line is dead until its key has switched it off, or its supply. */
  deaf: boolean;
  /** Takes no command and no key: only its supply helps. */
  hung: boolean;
}

export const wellBehaved = (): ModemSwitches => ({
  sim: 'ready',
  simBusy: 0,
  registration: 1,
  networkTime: true,
  ntp: 1,
  answerMs: 0,
  connectMs: 0,
  refuseConnect: false,
  interleave: [],
  mangle: undefined,
  promptless: false,
  powerDownAt: undefined,
  deaf: false,
  hung: false,
});
