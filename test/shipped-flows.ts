// The flows as shipped, for a test to change: whoever runs the suite may have tabs and settings of his own, and they stay out of it.
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** Copies the core of one role into a folder, with nothing of an operator's beside it. */
export function copyShippedFlows(role: 'flows' | 'edge-flows', to: string): void {
  cpSync(join(ROOT, role, 'core'), join(to, 'core'), { recursive: true });
  mkdirSync(join(to, 'own'), { recursive: true });
}
