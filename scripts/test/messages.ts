// What the runner and its workers tell each other.

/** To a worker. */
export type Order = { readonly kind: 'run'; readonly file: string } | { readonly kind: 'end' };

/** From a worker. */
export type Told =
  | { readonly kind: 'loaded'; readonly tests: number }
  | { readonly kind: 'passed'; readonly title: string }
  | { readonly kind: 'skipped'; readonly title: string }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly isTest: boolean }
  | { readonly kind: 'done'; readonly cost: Cost; readonly reasons: readonly string[] };

export interface Failure {
  readonly title: string;
  /** With its stack. */
  readonly text: string;
}

/** What a file took; CPU time with that of the processes it started and waited for. */
export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** What became of one spec file. */
export interface FileResult {
  readonly file: string;
  readonly passed: readonly string[];
  readonly skipped: readonly string[];
  readonly failures: readonly Failure[];
  /** Tests that were to run and never said how they ended: a hook failed before them, or the process died. */
  readonly missing: number;
  /** Why tests were skipped, each reason once. */
  readonly reasons: readonly string[];
  readonly cost: Cost;
  /** What the file and what it started printed. */
  readonly output: string;
}
