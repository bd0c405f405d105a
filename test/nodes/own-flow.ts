// An operator's own flow as the tests build it: decide, what a function makes of the facts, answer.
import { createRequire } from 'node:module';
import answerNode from '../../nodes/node-red-contrib-tapcase/src/hooks/answer/answer.ts';
import decideNode from '../../nodes/node-red-contrib-tapcase/src/hooks/decide/decide.ts';
import type { NodeModule } from './harness.ts';
import type { OwnFlow } from './visit-bench.ts';

const require = createRequire(import.meta.url);
const functionNode = require('@node-red/nodes/core/function/10-function.js') as NodeModule;
const delayNode = require('@node-red/nodes/core/function/89-delay.js') as NodeModule;

export const OWN_MODULES: readonly NodeModule[] = [decideNode, answerNode, functionNode, delayNode];
export const HOOK = 'Ten percent';

const ON_TAB = { z: 'own', x: 0, y: 0 };

export interface OwnOptions {
  readonly limitMs?: number;
  /** Between the function and the answer. */
  readonly delayMs?: number;
  /** Where the function's message goes instead of to the answer. */
  readonly to?: string;
  /** Node-RED's own limit for one run of the function. */
  readonly functionSeconds?: number;
}

/** `code` is the function's; it has `msg`, as an operator writes it. */
export function ownFlow(question: string, code: string, options: OwnOptions = {}): OwnFlow {
  const { limitMs = 5_000, delayMs, to = 'own.answer', functionSeconds = 0 } = options;
  const next = delayMs === undefined ? to : 'own.delay';
  return {
    modules: OWN_MODULES,
    nodes: [
      { id: 'own', type: 'tab', label: 'own' },
      decider('own.decide', question, limitMs),
      {
        id: 'own.rule',
        type: 'function',
        ...ON_TAB,
        func: code,
        outputs: 1,
        timeout: functionSeconds,
        libs: [],
        wires: [[next]],
      },
      {
        id: 'own.delay',
        type: 'delay',
        ...ON_TAB,
        pauseType: 'delay',
        timeout: String(delayMs ?? 0),
        timeoutUnits: 'milliseconds',
        wires: [[to]],
      },
      { id: 'own.answer', type: 'tapcase-answer', ...ON_TAB, wires: [] },
    ],
  };
}

export function decider(id: string, question: string, limitMs: number): object {
  return { id, type: 'tapcase-decide', ...ON_TAB, name: HOOK, question, limitMs, wires: [['own.rule']] };
}
