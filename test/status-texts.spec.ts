// What nodes say under themselves: every word in both languages of its node's catalog, every code whole. Read from the types of
// all palettes' sources, so that a text which is put together somewhere else is found too.
import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const ROOT = join(import.meta.dirname, '..');
/** As long as the editor has room for; what is filled in may make it longer, and is then cut at a word. */
const LENGTH_MAX = 20;
/** Says its words through a node of another palette, whose catalog has them. */
const LENT: Readonly<Record<string, string>> = {
  'nodes/node-red-contrib-tapcase/src/money/journal.ts': 'nodes/node-red-contrib-stripe/src/stripe-capture',
};
/** Units are the same in both languages. */
const UNITS = /\b(kB|MB|GB|UTC|h|s|ms)\b/g;

type Texts = Readonly<Record<string, string>>;

interface Said {
  readonly place: string;
  /** The folder with the node's locales. */
  readonly node: string;
  /** undefined: not one of words that can be listed. */
  readonly words: readonly string[] | undefined;
}

const files = globSync('nodes/node-red-contrib-*/src/**/*.ts', { cwd: ROOT });

function readSources(): { said: Said[]; bare: string[] } {
  const base = ts.readConfigFile(join(ROOT, 'tsconfig.base.json'), ts.sys.readFile).config as object;
  const { options } = ts.parseJsonConfigFileContent(base, ts.sys, ROOT);
  const program = ts.createProgram(
    files.map((file) => join(ROOT, file)),
    { ...options, noEmit: true, composite: false, incremental: false, types: ['node'] },
  );
  const checker = program.getTypeChecker();
  const [said, bare]: [Said[], string[]] = [[], []];
  for (const file of files) {
    const source = program.getSourceFile(join(ROOT, file))!;
    const visit = (node: ts.Node): void => {
      ts.forEachChild(node, visit);
      if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return;
      const [argument] = node.arguments;
      const place = `${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
      if (node.expression.text === 'says') {
        said.push({ place, node: nodeOf(file), words: literals(checker.getTypeAtLocation(argument!)) });
      }
      if (node.expression.text === 'shows' && /[a-z]{2}/i.test(fixedText(argument!).replace(UNITS, ''))) {
        bare.push(`${place}  ${argument!.getText()}`);
      }
    };
    visit(source);
  }
  return { said, bare };
}

function literals(type: ts.Type): string[] | undefined {
  const all = type.isUnion() ? type.types : [type];
  return all.every((one) => one.isStringLiteral()) ? all.map((one) => (one as ts.StringLiteralType).value) : undefined;
}

/** What stands in the source itself: of `${name} lost`, " lost". */
function fixedText(expression: ts.Expression): string {
  if (ts.isStringLiteralLike(expression)) return expression.text;
  if (ts.isConditionalExpression(expression)) return fixedText(expression.whenTrue) + fixedText(expression.whenFalse);
  if (!ts.isTemplateExpression(expression)) return '';
  return [expression.head.text, ...expression.templateSpans.map(({ literal }) => literal.text)].join(' ');
}

/** The nearest folder with locales; '' where none is: words of no node. */
function nodeOf(file: string): string {
  if (LENT[file] !== undefined) return LENT[file];
  for (let folder = dirname(file); folder.includes('/src'); folder = dirname(folder)) {
    if (existsSync(join(ROOT, folder, 'locales'))) return folder;
  }
  return '';
}

/** Of the only node of a catalog. */
function statusTexts(node: string, language: string): Texts {
  const folder = join(ROOT, node, 'locales', language);
  const [file] = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const [catalog] = Object.values(JSON.parse(readFileSync(join(folder, file!), 'utf8')) as Record<string, object>);
  return (catalog as { readonly status?: Texts }).status ?? {};
}

const placeholders = (text: string) => (text.match(/__\w+?__/g) ?? []).sort();
const fixedLength = (text: string) => text.replace(/__\w+?__/g, '').length;

describe('the words under the nodes', () => {
  let said: Said[];
  let bare: string[];
  before(() => {
    ({ said, bare } = readSources());
  });

  it('are found', () => assert.ok(said.length > 50, String(said.length)));

  it('can all be listed: none is put together outside of a catalog', () => {
    assert.deepEqual(
      said.filter(({ words, node }) => words === undefined || node === '').map(({ place }) => place),
      [],
    );
  });

  it('are never shown as if they were a code', () => assert.deepEqual(bare, []));

  it('stand in the catalog of their node, in English as in the source and in Spanish, with the same values', () => {
    const wrong = said.flatMap(({ place, node, words = [] }) =>
      words.flatMap((text) => {
        const [english, spanish] = [statusTexts(node, 'en-US')[text], statusTexts(node, 'es')[text]];
        const isRight =
          english === text &&
          spanish !== undefined &&
          spanish !== '' &&
          // i18next takes these for a path or a namespace.
          !/[.:]/.test(text) &&
          placeholders(spanish).join() === placeholders(text).join();
        return isRight
          ? []
          : [`${place}  ${relative(ROOT, join(ROOT, node))}: "${text}" is "${english}", "${spanish}"`];
      }),
    );
    assert.deepEqual(wrong, []);
  });

  it('are short, and no catalog has a word that nobody says', () => {
    const byNode = Map.groupBy(said, ({ node }) => node);
    const wrong = [...byNode].flatMap(([node, all]) => {
      const known = new Set(all.flatMap(({ words = [] }) => words));
      return ['en-US', 'es'].flatMap((language) =>
        Object.entries(statusTexts(node, language))
          .filter(([key, text]) => !known.has(key) || fixedLength(text) > LENGTH_MAX)
          .map(([key, text]) => `${node} ${language}: "${key}": "${text}"`),
      );
    });
    assert.deepEqual(wrong, []);
  });
});
