// What the dialogs of the hooks tell an operator who is about to write a rule: true, whatever the domain's schemas become.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { EVENTS, Fault, parseAnswer, QUESTIONS, type Question, shapeOf } from '@tapcase/domain';

const HOOKS = join(import.meta.dirname, '..', '..', 'nodes', 'node-red-contrib-tapcase', 'src', 'hooks');
const LANGUAGES = ['en-US', 'es'] as const;
/** Every event has them. */
const OF_EVERY_EVENT = ['id', 'kind', 'at'];

interface Told {
  readonly facts: Readonly<Record<string, string>>;
  readonly answer: Readonly<Record<Question, string>>;
}

function told(node: 'decide' | 'when', language: string): Told {
  const text = readFileSync(join(HOOKS, node, 'locales', language, `${node}.json`), 'utf8');
  return (JSON.parse(text) as Readonly<Record<string, Told>>)[`tapcase-${node}`]!;
}

for (const language of LANGUAGES) {
  describe(`the dialogs of the hooks in ${language}`, () => {
    it('name the facts of each question', () => {
      const fields = ([name, { facts }]: [string, (typeof QUESTIONS)[Question]]) => {
        const first = shapeOf(facts).map(({ path }) => path.split(/[.[]/)[0]!);
        return [name, [...new Set(first)].join(', ')];
      };
      const shown = Object.entries(QUESTIONS).map((entry) => fields(entry as never));
      assert.deepEqual(told('decide', language).facts, Object.fromEntries(shown));
    });

    it('name what each event brings', () => {
      const shown = Object.entries(EVENTS).map(([kind, parts]) => [
        kind,
        [...OF_EVERY_EVENT, ...Object.keys(parts)].join(', '),
      ]);
      assert.deepEqual(told('when', language).facts, Object.fromEntries(shown));
    });

    for (const question of Object.keys(QUESTIONS) as Question[]) {
      it(`show an answer to "${question}" that the shop takes`, () => {
        const { answer } = told('decide', language);
        const message: { payload?: unknown } = {};
        new Function('msg', answer[question])(message);
        const parsed = parseAnswer(question, message.payload);
        assert.ok(!(parsed instanceof Fault), String(parsed));
      });
    }
  });
}

const PALETTE = join(HOOKS, '..', '..');
const TAKES = [
  // Made by the build.
  ['tapcase-when', 'dist/hooks/when/when.html', 'ledger', 'tapcase-ledger'],
  ['tapcase-mail', 'dist/customer/mail/mail.html', 'shop', 'tapcase-shop'],
] as const;

for (const [type, file, property, wanted] of TAKES) {
  describe(`${type}, dropped onto a tab`, () => {
    /** The property, where the flows have these config nodes. */
    const taken = (types: readonly string[], before = '') => {
      const html = readFileSync(join(PALETTE, file), 'utf8');
      let definition: { onadd?(this: object): void } = {};
      const nodes = {
        registerType: (_name: string, given: typeof definition) => {
          definition = given;
        },
        eachConfig: (visit: (config: object) => void) => {
          for (const [at, each] of types.entries()) visit({ id: `c${at}`, type: each });
        },
      };
      runInNewContext(/<script type="text\/javascript">([\s\S]*?)<\/script>/.exec(html)![1]!, { RED: { nodes } });
      const node = { [property]: before };
      definition.onadd!.call(node);
      return node[property];
    };

    it('takes the config node that it needs, where there is one', () => {
      assert.equal(taken(['tapcase-policy', wanted]), 'c1');
      assert.equal(taken([wanted], 'chosen'), 'chosen');
    });

    it('leaves the choice to a person where there are two, or none', () => {
      assert.equal(taken([wanted, wanted]), '');
      assert.equal(taken([]), '');
    });
  });
}
