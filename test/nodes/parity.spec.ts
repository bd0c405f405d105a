// Every node of every palette: its dialog, its contract, its help and its example say the same thing.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { type Contract, isContract } from '@tapcase/define-node';
import { withPropertyTable } from '../../nodes/define-node/build/help-table.ts';
import { labelKeys } from '../../nodes/define-node/build/labels.ts';

const NODES = join(import.meta.dirname, '..', '..', 'nodes');
const LANGUAGES = ['en-US', 'es'] as const;
const CATEGORIES = new Set(['tapcase', 'tapcase hooks', 'stripe', 'vision', 'config']);
const OUTPUTS = { 'en-US': '### Outputs\n', es: '### Salidas\n' } as const;
const HELP_SECTIONS = { 'en-US': ['### Details'], es: ['### Detalles'] } as const;
/** Node-RED's packaging advice: nearly all palettes have no more. */
const DEPENDENCIES_MAX = 6;

interface Property {
  readonly value: unknown;
  readonly type?: string;
  readonly required?: boolean;
}
interface Definition {
  readonly category: string;
  readonly color?: string;
  readonly defaults: Readonly<Record<string, Property>>;
  readonly credentials?: Readonly<Record<string, { readonly type: string }>>;
  readonly inputs?: number;
  readonly outputs?: number;
}

for (const palette of readdirSync(NODES).filter((name) => name.startsWith('node-red-contrib-'))) {
  const folder = join(NODES, palette);
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    'node-red': { version: string; nodes: Record<string, string> };
    dependencies: Record<string, string>;
    keywords: string[];
  };
  const types = Object.keys(manifest['node-red'].nodes);

  describe(`palette ${palette}`, () => {
    it('follows Node-RED’s packaging rules', () => {
      assert.ok(types.length > 0);
      assert.ok(manifest.keywords.includes('node-red'));
      const foreign = Object.keys(manifest.dependencies).filter((name) => !name.startsWith('@tapcase/'));
      assert.ok(foreign.length <= DEPENDENCIES_MAX);
      assert.ok(existsSync(join(folder, 'README.md')), 'no README.md');
    });

    it('declares every node folder that it has', () => {
      const folders = readdirSync(join(folder, 'src'), { recursive: true, withFileTypes: true })
        .map((entry) => (entry.isDirectory() ? join(entry.parentPath, entry.name) : ''))
        .filter((home) => home !== '' && isNode(home))
        .map((home) => `${home.replace(join(folder, 'src'), 'dist')}/${basename(home)}.js`);
      assert.deepEqual(folders.sort(), Object.values(manifest['node-red'].nodes).sort());
    });

    for (const type of types) {
      const path = manifest['node-red'].nodes[type]!;
      const home = join(folder, 'src', dirname(path).replace(/^dist\//, ''));

      describe(type, () => {
        it('is registered under its folder’s name, in a known category', () => {
          // In a folder of its subject a type goes without its palette's word.
          assert.ok([type, type.replace(/^tapcase-/, '')].includes(basename(home)));
          assert.match(path, new RegExp(`^dist/([a-z]+/)?${basename(home)}/${basename(home)}\\.js$`));
          assert.ok(CATEGORIES.has(dialogOf(home, type).definition.category));
        });

        it('has the same properties in the dialog and in the contract', async () => {
          const { defaults } = await settled(home);
          assert.deepEqual(plain(dialogOf(home, type).definition.defaults), plain(defaults));
        });

        it('gives the runtime its defaults, for a saved node that lacks a property', () => {
          assert.match(
            readFileSync(join(home, `${basename(home)}.ts`), 'utf8'),
            /\bdefaults, *parseConfig|^ +(defaults|\.\.\.\w+),$|\(\{ \.\.\.\w+, /m,
          );
        });

        it('keeps secrets in credentials or in the environment, never among the saved properties', () => {
          for (const [name, { value }] of Object.entries(dialogOf(home, type).definition.defaults)) {
            if (/secret|password|key$/i.test(name))
              assert.ok(name.endsWith('Env') || name.endsWith('keys') || name === 'keys', `${name}=${String(value)}`);
          }
        });

        it('every property has a field, every text exists in English and Spanish', async () => {
          const { template } = dialogOf(home, type);
          const [english, spanish] = LANGUAGES.map((language) => labelsOf(home, language)) as [Labels, Labels];
          assert.deepEqual(Object.keys(flat(spanish)).sort(), Object.keys(flat(english)).sort());
          const known = flat(english);
          for (const [, key] of template.matchAll(/data-i18n="(?:\[[a-z]+\])?([^";]+)"/g)) {
            if (key!.startsWith('node-red:') || key!.startsWith('common.')) continue;
            assert.ok(Object.hasOwn(known, key!), `no text ${key}`);
          }
          const { defaults, contract } = await settled(home);
          for (const name of Object.keys(defaults)) {
            // Kept as found, and told in one line.
            if (contract?.earlier?.properties.includes(name)) continue;
            if (contract?.properties[name]?.kind === 'rows') assert.match(template, new RegExp(`-input-${name}-rows"`));
            else if (contract !== undefined && name !== 'version')
              assert.match(template, new RegExp(`-input-${name}"`));
          }
          for (const key of contract === undefined ? [] : labelKeys(contract)) assert.ok(known[key], `no text ${key}`);
        });

        it('shows in its help every property that its contract has', async () => {
          const { contract } = await settled(home);
          if (contract === undefined) return;
          for (const language of LANGUAGES) {
            const [written, built] = [home, builtHome(home)].map((at) =>
              readFileSync(join(at, 'locales', language, `${basename(home)}.html`), 'utf8'),
            ) as [string, string];
            assert.equal(built, withPropertyTable(written, contract, labelsOf(home, language), language));
            const labels = flat(labelsOf(home, language));
            for (const name of Object.keys(contract.properties)) {
              assert.ok(built.includes(`| **${labels[`${type}.label.${name}`]}** |`), `${name} in ${language}`);
            }
          }
        });

        it('tells in its help of every output that its contract has, by the name that the editor shows, in their order', async () => {
          const { contract } = await settled(home);
          const outputs = contract !== undefined && 'outputs' in contract ? contract.outputs : [];
          // A node with one way out has nothing to choose between.
          if (outputs.length < 2) return;
          for (const language of LANGUAGES) {
            const help = readFileSync(join(home, 'locales', language, `${basename(home)}.html`), 'utf8');
            const section = (help.split(OUTPUTS[language])[1] ?? '').split('\n### ')[0]!;
            const told = [...section.matchAll(/^(\d+)\. \*\*(.+?)\*\*/gm)].map(([, at, name]) => `${at} ${name}`);
            const labels = flat(labelsOf(home, language));
            const shown = outputs.map((output, at) => `${at + 1} ${labels[`${type}.output.${output}`]}`);
            assert.deepEqual(told, shown, language);
          }
        });

        for (const language of LANGUAGES) {
          it(`has help in ${language}`, () => {
            const help = readFileSync(join(home, 'locales', language, `${basename(home)}.html`), 'utf8');
            assert.match(help, new RegExp(`<script type="text/markdown" data-help-name="${type}">`));
            for (const section of HELP_SECTIONS[language]) assert.ok(help.includes(section), `no section ${section}`);
          });
        }

        it('names in its help every fault code that its files raise', () => {
          const help = LANGUAGES.map((language) =>
            readFileSync(join(home, 'locales', language, `${basename(home)}.html`), 'utf8'),
          );
          for (const code of faultCodes(home)) {
            for (const text of help) assert.ok(text.includes(code), `${code} is not in the help`);
          }
        });

        it('is shown in an example flow', () => {
          if (dialogOf(home, type).definition.category === 'config') return;
          const examples = readdirSync(join(folder, 'examples')).map((name) =>
            readFileSync(join(folder, 'examples', name), 'utf8'),
          );
          assert.ok(
            examples.some((text) => (JSON.parse(text) as { type: string }[]).some((node) => node.type === type)),
          );
        });
      });
    }
  });
}

interface Labels {
  readonly [key: string]: string | Labels;
}

/** Where the build puts what Node-RED loads. */
function builtHome(home: string): string {
  return home.replace(/([/\\])src([/\\])/, '$1dist$2');
}

/** A dialog written by hand, or a contract from which the build makes one. */
function isNode(home: string): boolean {
  return existsSync(join(home, `${basename(home)}.html`)) || isMade(home);
}

function isMade(home: string): boolean {
  const file = join(home, 'contract.ts');
  return existsSync(file) && /= contract\(\{$/m.test(readFileSync(file, 'utf8'));
}

/** What the node's contract.ts says of its properties. */
async function settled(
  home: string,
): Promise<{ readonly defaults: Readonly<Record<string, Property>>; readonly contract: Contract | undefined }> {
  const exported = (await import(join(builtHome(home), 'contract.js'))) as Readonly<Record<string, unknown>>;
  const contract = Object.values(exported).find(isContract);
  assert.equal(contract !== undefined, isMade(home));
  return { defaults: contract?.defaults ?? (exported.defaults as Readonly<Record<string, Property>>), contract };
}

/** Runs the dialog's script with an editor that only takes the registration. */
function dialogOf(home: string, type: string): { definition: Definition; template: string } {
  const html = readFileSync(join(isMade(home) ? builtHome(home) : home, `${basename(home)}.html`), 'utf8');
  const scripts = [...html.matchAll(/<script type="text\/javascript">([\s\S]*?)<\/script>/g)].map(([, code]) => code!);
  let registered: { type: string; definition: Definition } | undefined;
  const editor = {
    nodes: {
      registerType: (name: string, definition: Definition) => {
        registered = { type: name, definition };
      },
    },
    validators: new Proxy({}, { get: () => () => () => true }),
    plugins: { registerPlugin: () => {} },
    settings: {},
    _: (key: string) => key,
  };
  for (const script of scripts) runInNewContext(script, { RED: editor, $: () => ({}), window: {}, console });
  assert.ok(registered, `${type}.html registers nothing`);
  assert.equal(registered.type, type);
  const [template = ''] = html.match(/<script type="text\/html" data-template-name[\s\S]*?<\/script>/) ?? [];
  return { definition: registered.definition, template };
}

/** Only what contract and dialog must agree on, as plain objects of this realm. */
function plain(defaults: Readonly<Record<string, Property>>): unknown {
  const entries = Object.entries(defaults).map(([name, { value, type, required }]) => [
    name,
    { value, ...(type === undefined ? {} : { type }), ...(required === undefined ? {} : { required }) },
  ]);
  return JSON.parse(JSON.stringify(Object.fromEntries(entries)));
}

function labelsOf(home: string, language: string): Labels {
  return JSON.parse(readFileSync(join(home, 'locales', language, `${basename(home)}.json`), 'utf8')) as Labels;
}

function flat(labels: Labels, prefix = ''): Record<string, string> {
  return Object.assign(
    {},
    ...Object.entries(labels).map(([key, value]) =>
      typeof value === 'string' ? { [`${prefix}${key}`]: value } : flat(value, `${prefix}${key}.`),
    ),
  ) as Record<string, string>;
}

function faultCodes(home: string): string[] {
  const files = readdirSync(home).filter((name) => name.endsWith('.ts'));
  const codes = files.flatMap((name) =>
    [...readFileSync(join(home, name), 'utf8').matchAll(/new Fault\(\s*'([a-z-]+\.[a-z-]+)'/g)].map(
      ([, code]) => code!,
    ),
  );
  return [...new Set(codes)];
}
