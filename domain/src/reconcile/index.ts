// Weight and cameras to the most probable basket.
export * from './basket.ts';
