// Where an operator's own flows meet the shop: questions with bounded answers, and events.
export * from './adjustment.ts';
export * from './cost.ts';
export * from './events.ts';
export { type CustomerFacts, givenIn, KNOWN_VISITS_MAX, type LineFacts, linesOfVisit } from './facts.ts';
export * from './questions.ts';
export { type Shape, shapeOf } from './shape.ts';
