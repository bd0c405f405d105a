// Which visits are for validation. Each visit is decided for itself, so that none ever changes sides when others come.

export interface Split {
  /** Share of visits for validation, 0..1. */
  readonly fraction: number;
  readonly seed: number;
}

export function isForValidation(visit: string, { fraction, seed }: Split): boolean {
  return mixed(`${seed}:${visit}`) < fraction * 2 ** 32;
}

/** 32 bits, alike for no two names that are alike: FNV-1a, then the last step of MurmurHash3. Not for secrets. */
function mixed(text: string): number {
  let hash = 0x811c9dc5;
  for (const letter of text) hash = Math.imul(hash ^ letter.codePointAt(0)!, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
