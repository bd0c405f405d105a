// Puts the tables between their markers in a document; everything around them stays as people wrote it.
export const BEGIN = '<!-- bench:begin -->';
export const END = '<!-- bench:end -->';

/** The document with `tables` between the markers; they are added at its end where they are missing. */
export function withTables(document: string, tables: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  const block = `${BEGIN}\n${tables}\n${END}`;
  if (begin === -1 && end === -1) return `${document === '' ? '' : `${document.trimEnd()}\n\n`}${block}\n`;
  if (begin === -1 || end < begin) throw new Error(`the document has ${END} without ${BEGIN} before it`);
  return document.slice(0, begin) + block + document.slice(end + END.length);
}
