#!/usr/bin/env node
// Run once per palette after its compiler: writes the dialogs that its contracts describe and the tables of their help.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Contract, isContract } from '@tapcase/define-node';
import { dialogHtml } from './dialog.ts';
import { withPropertyTable } from './help-table.ts';
import { type Labels, labelKeys, textOf } from './labels.ts';
import { shareFaults } from './shared-faults.ts';

/**
 * For each node that the palette's package.json lists: where the `contract.js` beside the compiled node exports a contract,
 * the html beside it is made, and the help in `locales/<language>/` gets its table. Rejects where a text is
 * missing in a language. Gives the types that were made.
 */
export async function buildDialogs(palette: string): Promise<string[]> {
  const manifest = JSON.parse(readFileSync(join(palette, 'package.json'), 'utf8')) as {
    readonly name?: string;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly 'node-red'?: { readonly nodes?: Readonly<Record<string, string>> };
  };
  const made = [];
  for (const [type, file] of Object.entries(manifest['node-red']?.nodes ?? {})) {
    const home = dirname(join(palette, file));
    const contract = await contractIn(home);
    if (contract === undefined) continue;
    if (contract.type !== type) throw new Error(`${file} is ${type}, but its contract says ${contract.type}`);
    // Dialog, labels and help are called as the node's file is: there Node-RED looks for them.
    const name = basename(file).replace(/\.[cm]?js$/, '');
    for (const language of readdirSync(join(home, 'locales')))
      completeHelp(join(home, 'locales', language, name), contract, language);
    writeFileSync(join(home, `${name}.html`), dialogHtml(contract));
    made.push(type);
  }
  shareFaults(palette, manifest);
  return made;
}

export async function contractIn(home: string): Promise<Contract | undefined> {
  const path = join(resolve(home), 'contract.js');
  if (!existsSync(path)) return undefined;
  const exported = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  return Object.values(exported).find(isContract);
}

/** `texts`: the path of labels and help, without their endings. */
function completeHelp(texts: string, contract: Contract, language: string): void {
  const labels = JSON.parse(readFileSync(`${texts}.json`, 'utf8')) as Labels;
  const missing = labelKeys(contract).filter((key) => textOf(labels, key) === undefined);
  if (missing.length > 0) throw new Error(`${contract.type} has no text in ${language} for ${missing.join(', ')}`);
  const path = `${texts}.html`;
  writeFileSync(path, withPropertyTable(readFileSync(path, 'utf8'), contract, labels, language));
}

if (import.meta.main) {
  for (const palette of process.argv.slice(2)) {
    const made = await buildDialogs(palette);
    if (made.length > 0) console.log(`${palette}: ${made.length} dialogs from contracts`);
  }
}
