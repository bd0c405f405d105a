// What a fault says in Spanish: every code that a node's help lists, and every phrase that is filled in. Read from the helps and
// the sources of all palettes, so that a code which is new, or one that nobody knows any more, is found.
import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Fault, inEnglish, phrase } from '@tapcase/define-node';
import ts from 'typescript';
import { faultTexts } from '../nodes/define-node/build/shared-faults.ts';
import { textsOf as textsOfType } from '../nodes/define-node/src/texts.ts';

const ROOT = join(import.meta.dirname, '..');
const PALETTES = readdirSync(join(ROOT, 'nodes')).filter((name) => name.startsWith('node-red-contrib-'));
const HOMES = ['domain', 'ledger', 'nodes/define-node', ...PALETTES.map((name) => `nodes/${name}`)];
/** In a help's list or table of faults: a line that begins with codes. */
const LISTED = /^(?:- |\| )((?:`(?!msg\.)[a-z-]+\.[a-z0-9-]+`(?:, )?)+)(?=:| \|)/gm;
/** Codes are told by a refusal or a report as well, and some are made of parts: all that looks like one counts. */
const CODE = /['"`]([a-z][a-z-]*\.[a-z][a-z0-9-]*)['"`]/g;
/** Filled in of every fault: what it says in English. */
const OF_EVERY_FAULT = ['message'];

interface Raised {
  readonly place: string;
  readonly code: string;
  /** undefined: not an object that is written there. */
  readonly details: readonly string[] | undefined;
}

const sources = globSync('{nodes/*,domain,ledger}/src/**/*.ts', { cwd: ROOT });
const parsed = sources.map((file) => {
  const source = ts.createSourceFile(file, readFileSync(join(ROOT, file), 'utf8'), ts.ScriptTarget.Latest, true);
  return { file, source };
});

function calls(visit: (call: ts.CallExpression | ts.NewExpression, place: string) => void): void {
  for (const { file, source } of parsed) {
    const walk = (node: ts.Node): void => {
      if (ts.isCallExpression(node) || ts.isNewExpression(node)) {
        visit(node, `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
      }
      ts.forEachChild(node, walk);
    };
    walk(source);
  }
}

function raised(): Raised[] {
  const found: Raised[] = [];
  calls((call, place) => {
    if (!ts.isNewExpression(call) || call.expression.getText() !== 'Fault') return;
    const [code, , details] = call.arguments ?? [];
    if (code === undefined || !ts.isStringLiteral(code)) return;
    found.push({ place, code: code.text, details: keysOf(details) });
  });
  return found;
}

function keysOf(details: ts.Expression | undefined): readonly string[] | undefined {
  if (details === undefined) return [];
  if (!ts.isObjectLiteralExpression(details)) return undefined;
  const names = details.properties.map(({ name }) => name?.getText());
  return names.every((name) => name !== undefined) ? names : undefined;
}

function phrases(): { place: string; words: string }[] {
  const found: { place: string; words: string }[] = [];
  calls((call, place) => {
    if (call.expression.getText() !== 'phrase') return;
    const [words] = call.arguments ?? [];
    found.push({ place, words: words !== undefined && ts.isStringLiteralLike(words) ? words.text : '' });
  });
  return found;
}

function documented(palette: string): string[] {
  const helps = globSync('src/**/locales/es/*.html', { cwd: join(ROOT, 'nodes', palette) });
  const codes = helps.flatMap((help) => {
    const text = readFileSync(join(ROOT, 'nodes', palette, help), 'utf8');
    return [...text.matchAll(LISTED)].flatMap(([, list]) => list!.match(/[a-z-]+\.[a-z0-9-]+/g) ?? []);
  });
  return [...new Set(codes)].sort();
}

function textsOf(home: string) {
  const manifest = JSON.parse(readFileSync(join(ROOT, home, 'package.json'), 'utf8')) as object;
  return faultTexts(join(ROOT, home), manifest, 'es');
}

const placeholders = (text: string) => (text.match(/__\w+?__/g) ?? []).map((name) => name.slice(2, -2)).sort();
/** Each home's own, not those of what it depends on. */
const ownOf = (home: string) => faultTexts(join(ROOT, home), {}, 'es');

describe('the texts of faults in Spanish', () => {
  for (const palette of PALETTES) {
    it(`there is one for each code that a help of ${palette} lists`, () => {
      const codes = documented(palette);
      assert.ok(codes.length > 5, String(codes));
      const { faults } = textsOf(`nodes/${palette}`);
      assert.deepEqual(
        codes.filter((code) => !faults[code]),
        [],
      );
    });
  }

  it('there is one for each phrase that a fault is made of, with the same values', () => {
    const all = phrases();
    assert.ok(all.length > 20, String(all.length));
    const wrong = all.filter(({ place, words }) => {
      const home = HOMES.find((each) => place.startsWith(`${each}/`))!;
      const text = textsOf(home === 'domain' || home === 'ledger' ? 'nodes/node-red-contrib-tapcase' : home).problems[
        words
      ];
      // i18next takes these for a path or a namespace.
      return text === undefined || /[.:]/.test(words) || placeholders(text).join() !== placeholders(words).join();
    });
    assert.deepEqual(wrong, []);
  });

  it('fill in nothing but what every fault of the code brings along', () => {
    const wrong = raised().flatMap(({ place, code, details }) => {
      const text = HOMES.map((home) => ownOf(home).faults[code]).find((each) => each !== undefined);
      if (text === undefined || details === undefined) return [];
      const lacking = placeholders(text).filter((name) => ![...OF_EVERY_FAULT, ...details].includes(name));
      return lacking.length === 0 ? [] : [`${place}  ${code}: ${lacking.join(', ')}`];
    });
    assert.deepEqual(wrong, []);
  });

  it('belong to a code that exists, and to a phrase that is said', () => {
    const codes = new Set(parsed.flatMap(({ source }) => [...source.text.matchAll(CODE)].map(([, code]) => code!)));
    const said = new Set(phrases().map(({ words }) => words));
    for (const home of HOMES) {
      const { faults, problems } = ownOf(home);
      assert.deepEqual(
        Object.keys(faults).filter((code) => !codes.has(code)),
        [],
        home,
      );
      assert.deepEqual(
        Object.keys(problems).filter((words) => !said.has(words)),
        [],
        home,
      );
    }
  });

  it('stand once: no palette repeats what it finds in what it depends on', () => {
    for (const palette of PALETTES) {
      const own = ownOf(`nodes/${palette}`).faults;
      const rest = HOMES.filter((home) => !home.startsWith('nodes/node-red')).map((home) => ownOf(home).faults);
      assert.deepEqual(
        Object.keys(own).filter((code) => rest.some((faults) => faults[code] !== undefined)),
        [],
        palette,
      );
    }
  });
});

interface Catalogs {
  init(settings: { readonly lang: string }): Promise<void>;
  registerMessageCatalog(namespace: string, folder: string, file: string): Promise<void>;
  _(key: string, options: object): string;
}

/** Node-RED has one language for the whole process, and other tests have another: a copy that nobody else holds. */
function freshCatalogs(): Catalogs {
  const require = createRequire(import.meta.url);
  const own = require.resolve('@node-red/util/lib/i18n.js');
  const modules = [own, createRequire(own).resolve('i18next')];
  const kept = modules.map((path) => require.cache[path]);
  for (const path of modules) delete require.cache[path];
  try {
    return require(own) as Catalogs;
  } finally {
    for (const [at, path] of modules.entries()) {
      delete require.cache[path];
      if (kept[at] !== undefined) require.cache[path] = kept[at];
    }
  }
}

describe('a fault in a Spanish Node-RED', () => {
  // The very catalogs of Node-RED, filled as its loader does it: by the name of the module and of the node.
  const i18n = freshCatalogs();
  const types: { type: string; namespace: string }[] = [];
  before(async () => {
    await i18n.init({ lang: 'es' });
    for (const palette of PALETTES) {
      const manifest = JSON.parse(readFileSync(join(ROOT, 'nodes', palette, 'package.json'), 'utf8')) as {
        readonly name: string;
        readonly 'node-red': { readonly nodes: Readonly<Record<string, string>> };
      };
      for (const [type, file] of Object.entries(manifest['node-red'].nodes)) {
        const namespace = `${manifest.name}/${type}`;
        const locales = join(ROOT, 'nodes', palette, dirname(file), 'locales');
        await i18n.registerMessageCatalog(namespace, locales, basename(file).replace('.js', '.json'));
        types.push({ type, namespace });
      }
    }
  });
  /** As a node of that type tells it. */
  const told = ({ type, namespace }: (typeof types)[number], fault: Fault) => {
    const _ = (key: string, options: object) => i18n._(key.includes(':') ? key : `${namespace}:${key}`, options);
    return textsOfType({ _ } as never, type).fault(fault).message;
  };

  it('is told in Spanish by every type of every palette', () => {
    assert.ok(types.length > 40, String(types.length));
    const problem = phrase('wants a whole number from __min__ to __max__', { min: 1, max: 9 });
    const invalid = new Fault('config.invalid', `limit: ${inEnglish(problem)}`, { where: 'limit', problem });
    for (const each of types) assert.equal(told(each, invalid), 'limit: quiere un número entero de 1 a 9', each.type);
  });

  it('has the words of its palette, and of its type where that has some', () => {
    const at = (type: string) => types.find((each) => each.type === type)!;
    const lost = new Fault('stripe.unreachable', 'Stripe did not answer');
    assert.match(told(at('stripe-hold'), lost), /^no se llega a Stripe/);
    assert.match(told(at('tapcase-debt'), new Fault('debt.none', 'nothing is owed')), /^no se debe nada/);
    const missing = new Fault('config.missing-node', 'no x is chosen', { id: '', type: 'stripe-account' });
    assert.match(told(at('stripe-hold'), missing), /^no hay cuenta de Stripe elegida/);
    assert.match(told(at('stripe-call'), missing), /^no hay ningún stripe-account elegido/);
    const own = new Fault('operator.own', 'stays as it is');
    assert.equal(told(at('stripe-call'), own), 'stays as it is');
  });
});
