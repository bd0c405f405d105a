// Puts the texts of faults, the palette's and those of what it depends on, once into the catalog of the palette's first node, where all its nodes
// find them: Node-RED knows a catalog of a node's, and none of a palette's.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

/** `faults/<language>.json`: texts by a fault's code, and the phrases that are filled into them. */
export interface FaultTexts {
  readonly faults: Readonly<Record<string, string>>;
  readonly problems: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly name?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly 'node-red'?: { readonly nodes?: Readonly<Record<string, string>> };
}

/** The palette's own count before those of what it depends on, among which is the kit. */
export function faultTexts(palette: string, { dependencies = {} }: Manifest, language: string): FaultTexts {
  const homes = [...Object.keys(dependencies).flatMap((name) => homeOf(resolve(palette), name)), palette];
  const all = homes.map((home) => {
    const file = join(home, 'faults', `${language}.json`);
    return (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}) as Partial<FaultTexts>;
  });
  return {
    faults: Object.assign({}, ...all.map(({ faults }) => faults)) as FaultTexts['faults'],
    problems: Object.assign({}, ...all.map(({ problems }) => problems)) as FaultTexts['problems'],
  };
}

/** Where Node.js would find it; nowhere for what is optional and not there. */
function homeOf(from: string, name: string): string[] {
  const home = join(from, 'node_modules', name);
  if (existsSync(home)) return [home];
  return dirname(from) === from ? [] : homeOf(dirname(from), name);
}

/** Run once for a palette that was built anew: what is there already is written again, the same. */
export function shareFaults(palette: string, manifest: Manifest): void {
  const { name, 'node-red': { nodes = {} } = {} } = manifest;
  const [first] = Object.keys(nodes);
  for (const [type, file] of Object.entries(nodes)) {
    const locales = join(palette, dirname(file), 'locales');
    for (const language of readdirSync(locales)) {
      const texts = faultTexts(palette, manifest, language);
      // English is what a Fault says itself.
      if (Object.keys(texts.faults).length === 0) continue;
      const path = join(locales, language, `${basename(file).replace(/\.[cm]?js$/, '')}.json`);
      const catalog = JSON.parse(readFileSync(path, 'utf8')) as Record<string, object>;
      // As Node-RED names the catalog of a node that a module brings.
      const pointed = { ...catalog, [type]: { ...catalog[type], sharedFaults: `${name}/${first}` } };
      writeFileSync(path, JSON.stringify(type === first ? { ...pointed, ...nested(texts) } : pointed, null, 2));
    }
  }
}

/** A code is a path in a catalog. */
function nested({ faults, problems }: FaultTexts): object {
  const areas: Record<string, Record<string, string>> = {};
  for (const [code, text] of Object.entries(faults)) {
    const [area = '', what = ''] = code.split('.');
    areas[area] = { ...areas[area], [what]: text };
  }
  return { faults: areas, problems };
}
