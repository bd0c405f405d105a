// Writes down what a case says, once: its door, its cameras, how it is, its pictures. "Once, then acknowledge" is one rule.
import { defineNode, partsBy } from '@tapcase/define-node';
import { record } from './contract.ts';
import { door } from './door.ts';
import { picture } from './picture.ts';
import { status } from './status.ts';
import { vision } from './vision.ts';

export default defineNode({ ...record, ...partsBy('what', { door, vision, status, picture }) });
