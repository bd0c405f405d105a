// The flow editors, as their owner finds them: what a Deploy leaves in the files, and dialogs of ours.
import type { Page } from 'playwright-core';
import { type BrowserBench, openEditor } from '../shop-bench.ts';
import { catalog } from './catalog.ts';
import { dialogs } from './dialogs.ts';
import { deploying, looking } from './flows.ts';
import { layout } from './layout.ts';
import type { Editor } from './open-editor.ts';
import { operator } from './operator.ts';
import { replay } from './replay.ts';
import { cloudSettings, edgeSettings } from './settings.ts';

const SCREEN = { viewport: { width: 1600, height: 1200 } };

export function editor(bench: BrowserBench): void {
  const { context, mistakes } = bench.people({ owner: { ...SCREEN, staff: 'owner' } });
  const opened = new Map<string, Promise<Page>>();
  /** Opened by whoever asks first. */
  const open = (url: string, language: 'en-US' | 'es-ES') => {
    const key = `${url} ${language}`;
    const page =
      opened.get(key) ??
      context('owner')
        .newPage()
        .then((blank) => openEditor(blank, url, language));
    opened.set(key, page);
    return page;
  };
  const shown: Editor = {
    mistakes,
    english: () => open(bench.staffAt('/editor/'), 'en-US'),
    spanish: () => open(bench.staffAt('/editor/'), 'es-ES'),
    edge: () => open(`${bench.shop().shop.edgeUrl}/editor/`, 'en-US'),
  };

  describe('the shop’s tabs, as the editor draws them', () => layout(shown));
  // While the editor shows what lies on the disk, and leaves it there.
  describe('an operator’s own rule, in the editor', () => operator(bench, shown));
  // First of all that change something for longer: it deploys what the editors show, and the others leave in them what they typed.
  describe('flows on the disk, with the editor', () => looking(bench, shown));
  describe('the catalog, in the editor', () => catalog(shown));
  describe('the settings of the shop, in the editor', () => cloudSettings(shown));
  describe('the settings of the case’s computer, in the editor', () => edgeSettings(shown));
  // In Spanish, opened only now: with what then lies on the disk.
  describe('a Deploy, from the editor', () => deploying(bench, shown));
  describe('the dialog of the policy, in the editor', () => replay(bench, shown));
  describe('a dialog made from a contract', () => dialogs(shown));
}
