// Pixels to tensors, tensors to detections, detections to counts, counts to what was removed.
export * from './camera-check.ts';
export * from './coco.ts';
export * from './counts.ts';
export * from './graph.ts';
export * from './image.ts';
export * from './model-config.ts';
export * from './model-facts.ts';
export * from './postprocess.ts';
export * from './preprocess.ts';
export * from './profile.ts';
export * from './report.ts';
export * from './resize.ts';
export * from './scene.ts';
