// The flow editors, as their owner finds them: what a Deploy leaves in the files, and dialogs of ours.
import type { Page } from 'playwright-core';
import { type BrowserBench, openEditor } from '../shop-bench.ts';
import { catalog } from './catalog.ts';
import { flows } from './flows.ts';
import { layout } from './layout.ts';
import type { Editor } from './open-editor.ts';
import { replay } from './replay.ts';
import { cloudSettings, edgeSettings } from './settings.ts';

const SCREEN = { viewport: { width: 1600, height: 1200 } };

export function editor(bench: BrowserBench): void {
  const { context, mistakes } = bench.people({ owner: SCREEN });
  const open = async (url: string, language?: 'es-ES') =>
    openEditor(await context('owner').newPage(), url, language ?? 'en-US');
  const cloud = () => bench.at('/editor/');
  let page: Page;
  let edge: Promise<Page> | undefined;
  before(async () => {
    page = await open(cloud());
  });
  const shown: Editor = {
    mistakes,
    english: () => page,
    openedAgain: async () => {
      await page.close();
      page = await open(cloud());
      return page;
    },
    spanish: () => open(cloud(), 'es-ES'),
    edge: () => {
      edge ??= open(`${bench.shop().shop.edgeUrl}/editor/`);
      return edge;
    },
  };

  describe('the shop’s tabs, as the editor draws them', () => layout(shown));
  // First of all that change something: it deploys what the editors show, and the others leave in them what they typed.
  describe('flows on the disk, with the editor', () => flows(bench, shown));
  describe('the dialog of the policy, in the editor', () => replay(bench, shown));
  describe('the catalog, in the editor', () => catalog(shown));
  describe('the settings of the shop, in the editor', () => cloudSettings(shown));
  describe('the settings of the case’s computer, in the editor', () => edgeSettings(shown));
}
