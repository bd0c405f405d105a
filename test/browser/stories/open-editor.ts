// What the stories told in the flow editors find: they are megabytes of script, so each is opened once for all of them.
import type { Page } from 'playwright-core';

export interface Editor {
  /** The cloud's in English, the same for all. */
  english(): Page;
  /** Opens that one anew, with what is on the disk. */
  openedAgain(): Promise<Page>;
  spanish(): Promise<Page>;
  /** That of the case's computer, opened by whoever asks first. */
  edge(): Promise<Page>;
  readonly mistakes: string[];
}
