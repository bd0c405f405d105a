// What is known of a model: its labels, and how it wants its pixels.

/** Class index to label. DETR's "no object" is not among them: it is always the last class of the logits. */
export type Labels = ReadonlyMap<number, string>;

export type SizeRule =
  | { readonly kind: 'exact'; readonly height: number; readonly width: number }
  /** Shorter edge to `shortest`, unless the longer one would then pass `longest`. */
  | { readonly kind: 'edges'; readonly shortest: number; readonly longest: number | null };

export interface Preprocessing {
  /** null: the model takes the image at its own size, or at the one that its graph declares. */
  readonly size: SizeRule | null;
  /** A byte becomes `(byte * factor - mean) / std`, per channel R, G, B. */
  readonly factor: number;
  readonly mean: Rgb;
  readonly std: Rgb;
}

export type Rgb = readonly [number, number, number];
