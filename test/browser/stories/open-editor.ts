// What the stories told in the flow editor find: it is opened once a language for all of them.
import type { Page } from 'playwright-core';

export interface Editor {
  /** The page in English, the same for all. */
  english(): Page;
  spanish(): Promise<Page>;
  readonly mistakes: string[];
}
