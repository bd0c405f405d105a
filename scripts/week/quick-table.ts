// Makes the MicroPython VM faster: each call it makes through a function pointer asks a WebAssembly table, in JavaScript, and
// V8 answers slowly. What was answered once is remembered here; nothing changes but the time (nearly half of a week's).

const known = new WeakMap<WebAssembly.Table, Map<number, unknown>>();

/** For the whole process, once. */
export function quickenTables(): void {
  const table = WebAssembly.Table.prototype;
  if (known.has(table)) return;
  known.set(table, new Map());
  const { get, set, grow } = table;
  table.get = function (this: WebAssembly.Table, index: number) {
    const seen = known.get(this)?.get(index);
    if (seen !== undefined) return seen;
    const entry = get.call(this, index);
    const entries = known.get(this) ?? new Map<number, unknown>();
    known.set(this, entries.set(index, entry));
    return entry;
  };
  table.set = function (this: WebAssembly.Table, ...wanted: Parameters<typeof set>) {
    known.get(this)?.delete(wanted[0]);
    set.apply(this, wanted);
  };
  table.grow = function (this: WebAssembly.Table, ...wanted: Parameters<typeof grow>) {
    known.delete(this);
    return grow.apply(this, wanted);
  };
}
