// Pictures of flagged visits and what people decided about them, as a dataset to train a detector with.
export * from './agreement.ts';
export * from './categories.ts';
export * from './clean-jpeg.ts';
export * from './coco.ts';
export * from './coco-format.ts';
export * from './decision.ts';
export * from './evidence.ts';
export * from './labels.ts';
export * from './part.ts';
export * from './split.ts';
