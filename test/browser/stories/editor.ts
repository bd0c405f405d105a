// The flow editor, as its owner finds it: dialogs of ours. It is megabytes of script, so it is opened once a language.
import type { Page } from 'playwright-core';
import { type BrowserBench, openEditor } from '../shop-bench.ts';
import { catalog } from './catalog.ts';
import type { Editor } from './open-editor.ts';
import { replay } from './replay.ts';
import { cloudSettings, edgeSettings } from './settings.ts';

const SCREEN = { viewport: { width: 1600, height: 1200 } };

export function editor(bench: BrowserBench): void {
  const { context, mistakes } = bench.people({ owner: SCREEN });
  const openIn = async (language: 'en-US' | 'es-ES') =>
    openEditor(await context('owner').newPage(), bench.at('/editor/'), language);
  let page: Page;
  before(async () => {
    page = await openIn('en-US');
  });
  const shown: Editor = { english: () => page, spanish: () => openIn('es-ES'), mistakes };

  describe('the dialog of the policy, in the editor', () => replay(bench, shown));
  describe('the catalog, in the editor', () => catalog(shown));
  describe('the settings of the shop, in the editor', () => cloudSettings(shown));
  describe('the settings of the case’s computer, in the editor', () => edgeSettings(bench));
}
