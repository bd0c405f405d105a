// node test/fuzz/again.ts --seed 1 --index 42 --url http://localhost:8080 [--staff] [--cookie tapcase_session=...]: sends one request
// of a storm to a shop that runs, and prints what comes back. Where it was a customer's, give their cookie.
import { parseArgs } from 'node:util';
import { bytesOf } from './draft.ts';
import { customerExamples, staffExamples } from './examples.ts';
import { shotOf } from './mutators.ts';
import { Line } from './wire.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    index: { type: 'string', default: '0' },
    url: { type: 'string', default: 'http://localhost:8080' },
    cookie: { type: 'string', default: '' },
    visit: { type: 'string', default: 'abcdefabcdef' },
    staff: { type: 'boolean', default: false },
  },
});
const { cookie, visit } = values;
const cast = { caseId: '123', guestCookie: cookie, buyerCookie: cookie, visitId: visit };
const { draft, mutators } = shotOf(
  Number(values.seed),
  Number(values.index),
  values.staff ? staffExamples(cast) : customerExamples(cast),
);
console.log(`${draft.name}, ${mutators.join(' + ') || 'as it is'}, then ${draft.ends}\n`);
console.log(`${bytesOf(draft).toString('latin1')}\n`);
const { hostname, port } = new URL(values.url);
const { status, text } = await new Line({ host: hostname, port: Number(port), address: '127.0.0.1' }).send(draft);
console.log(status === 0 ? 'no answer' : text);
process.exit();
