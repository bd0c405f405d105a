// Decides how a node looks: shape and colour by outcome, a text short enough for the editor, a fault's code never cut.
import type { Node } from 'node-red';
import type { Status } from './said.ts';
import type { Texts } from './texts.ts';

/** How a node looks while it works: green dot, blue dot, yellow ring. Faults are shown by define-node itself. */
export type Look = 'did' | 'working' | 'needs-person';

/** Shapes and colours, the same in every palette: green did, blue works, yellow needs a person, red is a fault. */
const LOOKS = {
  did: { fill: 'green', shape: 'dot' },
  working: { fill: 'blue', shape: 'dot' },
  'needs-person': { fill: 'yellow', shape: 'ring' },
  fault: { fill: 'red', shape: 'ring' },
} as const;

/** The editor draws longer texts into the neighbour's wires. */
const STATUS_LENGTH_MAX = 20;
/** A code or an id, the shop's or Stripe's, and how often it was counted. */
const CODE = /^[a-z0-9][a-z0-9._-]*( \d+)?$/;

export function showStatus(node: Node, texts: Texts, status: Status, look: Look | 'fault'): void {
  node.status({ ...LOOKS[look], text: shortened(texts.status(status)) });
}

/** A code is shown whole, because people search for it. Another text ends at a word and says that it goes on. */
export function shortened(text: string): string {
  if (CODE.test(text) || text.length <= STATUS_LENGTH_MAX) return text;
  const head = text.slice(0, STATUS_LENGTH_MAX - 1);
  const end = text[head.length] === ' ' ? head.length : head.lastIndexOf(' ');
  // A text that is one long word is cut in it.
  return `${end > 0 ? head.slice(0, end) : head}…`;
}
