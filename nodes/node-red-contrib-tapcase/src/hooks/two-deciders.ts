// Tells the editor of own flows that decide the same question: neither is asked, and nothing else on their tabs would show it.
import { Fault, type Question } from '@tapcase/domain';
import type { NodeAPI } from 'node-red';

interface Named {
  readonly name: string;
  /** The label of the tab that it stands on. */
  readonly tab: string;
}

/** A text of tapcase-decide's catalog, which the editor translates for whoever looks. */
const BANNER = '@tapcase/node-red-contrib-tapcase/tapcase-decide:tapcase-decide.two-deciders';

export function twoDeciders(question: Question, deciders: readonly Named[]): Fault | undefined {
  if (deciders.length < 2) return undefined;
  const names = namesOf(deciders);
  return new Fault('hook.two-deciders', `${names} decide the same: ${question}`, { question, names });
}

/** Call when the flows have started: a banner for each question that several decide, until a Deploy makes it one. */
export function showBanners(RED: NodeAPI, faults: readonly Fault[], told: Set<string>): void {
  const now = new Map(faults.map(({ details }) => [`tapcase-two-deciders-${details.question}`, details]));
  for (const id of new Set([...told, ...now.keys()])) {
    const details = now.get(id);
    if (details === undefined) told.delete(id);
    else told.add(id);
    const payload = details === undefined ? {} : { type: 'error', text: BANNER, ...details };
    RED.events.emit('runtime-event', { id, retain: true, payload });
  }
}

/** The editor shows a banner as HTML, and the names are an operator's; on tabs of their own, the nodes often have the same one. */
function namesOf(deciders: readonly Named[]): string {
  const isOneTab = deciders.every(({ tab }) => tab === deciders[0]!.tab);
  return deciders
    .map(({ name, tab }) => (isOneTab || name === tab ? `"${plain(name)}"` : `"${plain(name)}" (${plain(tab)})`))
    .join(', ');
}

function plain(text: string): string {
  return text.replace(/[<>&]/g, ' ');
}
