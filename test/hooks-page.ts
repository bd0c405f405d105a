// docs/hooks.md, made of the domain's schemas: what an own flow is asked, what it may answer, and what it is told.
import { EVENTS, QUESTIONS, type Question, type Shape, shapeOf } from '@tapcase/domain';
import type { GenericSchema } from 'valibot';

const ASKS: Readonly<Record<Question, readonly [title: string, when: string, shipped: string]>> = {
  open: ['May this person open now?', 'at the tap, before anything is written or held', 'they may'],
  hold: ['How much is held?', 'right after that', 'what the case’s settings say'],
  cost: [
    'What does this visit cost?',
    'when it is known what was taken, before it is written down',
    'the list prices as frozen at unlock',
  ],
  charge: ['Charge, or let a person look?', 'right after that', 'what the shop’s policy says'],
};

const INTRO = `# Hooks: where your own flows meet the shop

<!-- Made of domain/src/hooks by node tools/hooks-page.ts. -->

An own flow never changes a message of the shop. It is asked (*tapcase-decide* to *tapcase-answer*) or told (*tapcase-when*),
each time with a copy of its own. [operators.md](operators.md) has the changes people ask first, to import.

## How an answer counts

- One *decide* node for each question. Two of them, and neither is asked: a banner in the editor names them. Two rules about one thing are two function nodes in a row.
- The first answer counts. Known fields are picked, each within its bounds; what else an answer carries is passed over.
- Nobody waits longer than the node's limit (50 to 5,000 ms, as set; 1,000 ms as shipped).
- No flow, a slow one, one that throws, a second or late answer, \`NaN\`, a negative price, an answer for another visit, ten
  megabytes: the shop does as it was shipped, and a fault with the hook's name is counted (\`hook.late\`, \`hook.bad-answer\` ...; the help of *tapcase-decide* lists them all).
- A function that loops for ever is ended after half a second; until then the whole shop stands still. One that loops after an \`await\`, or when its answer is read, stands still with the whole cloud: after 15 s the process is ended, started again and sells on (\`start.child-hung\`, on the terminal and in the log). A question about money is asked again then; if it stands still a second time within ten minutes, it is started without your own tabs (the editor says so): put the function right, enable its tab, deploy. A promise that fails without a \`catch\` is logged (\`flows.unheard-promise\`).
- What comes off is frozen with the visit and stands on the receipt. A visit costs from nothing to its list price, whatever is answered;
  where a person corrects the basket later, the same goes off the corrected one.
- A Deploy in the middle of a question about money: nothing is written yet, and it is asked again. At the door the shop does as it was shipped.
- \`given\` tells what came off the customer's earlier visits, so that a rule like "once a day" needs no memory of its own.

Times are milliseconds since 1970, amounts whole minor units (200 is 2.00 dollars).
`;

const TOLD = `## What you are told

\`msg.topic\` is the event's kind, \`msg.payload\` the event. It comes within about a second and at least once: after a crash or a Deploy the same
one may come again, with the same \`id\`. Only what a *when* node waits for is written, and what could not be told for a day is forgotten. A case that
falls silent tells no event: \`case-state-changed\` is what a case itself says of its state.

Every event:

| field | type | |
|---|---|---|
| \`id\` | text | the same event always has the same one |
| \`kind\` | text | as in the headings below |
| \`at\` | number | when it happened; milliseconds since 1970 |
`;

export function hooksPage(): string {
  const questions = Object.entries(QUESTIONS).map(([name, { facts, answer }]) => {
    const [title, when, shipped] = ASKS[name as Question];
    return `## ${title} (\`${name}\`)

Asked ${when}. As shipped: ${shipped}.

Facts, as \`msg.facts\` of *decide*, and as its \`msg.payload\` until a function makes the answer of it:

${table(facts)}

Answer, as \`msg.payload\` of *answer*:

${table(answer)}
`;
  });
  const events = Object.entries(EVENTS).map(([kind, parts]) => {
    const rows = Object.entries(parts).flatMap(([name, schema]) => shapeOf(schema as GenericSchema, name));
    return `### \`${kind}\`\n\n${tableOf(rows)}\n`;
  });
  return [INTRO, ...questions, TOLD, ...events].join('\n');
}

function table(schema: GenericSchema): string {
  return tableOf(shapeOf(schema));
}

function tableOf(rows: readonly Shape[]): string {
  const lines = rows.map(({ path, type, description }) =>
    path === '' ? '| *or* | | |' : `| \`${path}\` | ${typeWords(type)} | ${description} |`,
  );
  return ['| field | type | |', '|---|---|---|', ...lines].join('\n');
}

function typeWords(type: string): string {
  return type.endsWith('?') ? `${type.slice(0, -1)}; may be absent` : type;
}
