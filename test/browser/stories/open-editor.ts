// What the stories told in the flow editors find: they are megabytes of script, so each is opened once for all of them, by
// whoever asks first, and shows what then lay on the disk.
import type { Page } from 'playwright-core';

export interface Editor {
  /** The cloud's. */
  english(): Promise<Page>;
  /** The cloud's too. */
  spanish(): Promise<Page>;
  /** That of the case's computer. */
  edge(): Promise<Page>;
  readonly mistakes: string[];
}
