// What the books say is in a case.

/** SKU to pieces in the case before the visit. */
export type Stock = Readonly<Record<string, number>>;
