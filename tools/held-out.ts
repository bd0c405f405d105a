// Which scenes no training ever sees: the seed of the held-out set and its size.

export const HELD_OUT_SEED = 20_261_120;
export const HELD_OUT_SCENES = 500;
