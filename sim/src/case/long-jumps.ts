// How MicroPython's C code jumps out of calls when Python raises: in WebAssembly. The builds do it in JavaScript, which every
// single call of the interpreter crosses into and back, and which took two thirds of a simulated case's time.

/** Instantiates the build's machine with jumps of its own; its other imports as given. */
export type Jumps = (machine: WebAssembly.Module, imports: WebAssembly.Imports) => WebAssembly.Instance;

/** What the C compiler asks its host for: a call of the table's entry that catches a jump, named after its types. */
const INVOKE = /^invoke_([vi])(i*)$/;
const THROW = '_emscripten_throw_longjmp';

export function compileJumps(machine: WebAssembly.Module): Jumps {
  const imported = WebAssembly.Module.imports(machine).map(({ name }) => name);
  const invokes = imported.filter((name) => INVOKE.test(name));
  const door = new WebAssembly.Module(doorModule(invokes));
  const catcher = new WebAssembly.Module(catcherModule(invokes));
  return (module, imports) => {
    // The machine wants the jumps before it has the table that they need: they go through a table of their own.
    const { exports: outer } = new WebAssembly.Instance(door);
    const own = { ...outer };
    const instance = new WebAssembly.Instance(module, { ...imports, env: { ...imports.env, ...own } });
    const { exports: c } = instance;
    const { exports: inner } = new WebAssembly.Instance(catcher, {
      m: {
        table: c.__indirect_function_table!,
        jump: outer.jump!,
        save: c.emscripten_stack_get_current!,
        restore: (c._emscripten_stack_restore ?? c.stackRestore)!,
        setThrew: c.setThrew!,
      },
    });
    for (const [at, name] of invokes.entries()) (outer.table as WebAssembly.Table).set(at, inner[name]);
    return instance;
  };
}

const I32 = 0x7f;
const NOTHING = 0x40;
const KIND = { func: 0, table: 1, tag: 4 } as const;
const SECTION = { type: 1, import: 2, func: 3, table: 4, export: 7, code: 10, tag: 13 } as const;
const OP = {
  try: 0x06,
  catch: 0x07,
  throw: 0x08,
  rethrow: 0x09,
  end: 0x0b,
  call: 0x10,
  callIndirect: 0x11,
  catchAll: 0x19,
  localGet: 0x20,
  localSet: 0x21,
  i32Const: 0x41,
} as const;

type Bytes = readonly number[];

/** Who stands at the door: hands each call on to the entry of the same number, and throws the jump. */
function doorModule(invokes: readonly string[]): Uint8Array<ArrayBuffer> {
  const types = invokes.map((name) => functionType(arity(name) + 1, gives(name)));
  const jump = invokes.length;
  return wasm([
    [SECTION.type, vector([...types, functionType(0, false)])],
    [SECTION.func, vector([...invokes.map((_, at) => number(at)), number(jump)])],
    [SECTION.table, vector([[0x70, 0x00, ...number(invokes.length)]])],
    [SECTION.tag, vector([[0x00, ...number(jump)]])],
    [
      SECTION.export,
      vector([
        ...invokes.map((name, at) => named(name, KIND.func, at)),
        named(THROW, KIND.func, jump),
        named('table', KIND.table, 0),
        named('jump', KIND.tag, 0),
      ]),
    ],
    [
      SECTION.code,
      vector([
        ...invokes.map((name, at) =>
          code([], [...locals(0, arity(name) + 1), OP.i32Const, ...number(at), OP.callIndirect, ...number(at), 0]),
        ),
        code([], [OP.throw, 0]),
      ]),
    ],
  ]);
}

/** Calls the machine's own table; whatever is thrown, the C stack is as it was before the call. */
function catcherModule(invokes: readonly string[]): Uint8Array<ArrayBuffer> {
  const callees = invokes.map((name) => functionType(arity(name), gives(name)));
  const callers = invokes.map((name) => functionType(arity(name) + 1, gives(name)));
  const none = 2 * invokes.length;
  const [save, restore, setThrew] = [0, 1, 2];
  return wasm([
    [
      SECTION.type,
      vector([
        ...callees,
        ...callers,
        functionType(0, false),
        functionType(0, true),
        functionType(1, false),
        functionType(2, false),
      ]),
    ],
    [
      SECTION.import,
      vector([
        [...text('m'), ...text('save'), KIND.func, ...number(none + 1)],
        [...text('m'), ...text('restore'), KIND.func, ...number(none + 2)],
        [...text('m'), ...text('setThrew'), KIND.func, ...number(none + 3)],
        [...text('m'), ...text('table'), KIND.table, 0x70, 0x00, 0],
        [...text('m'), ...text('jump'), KIND.tag, 0x00, ...number(none)],
      ]),
    ],
    [SECTION.func, vector(invokes.map((_, at) => number(invokes.length + at)))],
    [SECTION.export, vector(invokes.map((name, at) => named(name, KIND.func, 3 + at)))],
    [
      SECTION.code,
      vector(
        invokes.map((name, at) => {
          const stack = arity(name) + 1;
          const back = [OP.localGet, ...number(stack), OP.call, restore];
          return code(
            [[...number(1), I32]],
            [
              ...[OP.call, save, OP.localSet, ...number(stack)],
              ...[OP.try, gives(name) ? I32 : NOTHING],
              ...[...locals(1, stack), ...locals(0, 1), OP.callIndirect, ...number(at), 0],
              ...[OP.catch, 0, ...back, OP.i32Const, 1, OP.i32Const, 0, OP.call, setThrew],
              // Nobody looks at what a call gave that was jumped out of.
              ...(gives(name) ? [OP.i32Const, 0] : []),
              ...[OP.catchAll, ...back, OP.rethrow, 0],
              OP.end,
            ],
          );
        }),
      ),
    ],
  ]);
}

const arity = (name: string) => INVOKE.exec(name)![2]!.length;
const gives = (name: string) => INVOKE.exec(name)![1] === 'i';
const locals = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => [OP.localGet, from + i]).flat();

/** LEB128, unsigned; below 64 it is the signed one as well. */
function number(value: number): Bytes {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...number(value >> 7)];
}

const vector = (items: readonly Bytes[]): Bytes => [...number(items.length), ...items.flat()];
const text = (words: string): Bytes => vector([...Buffer.from(words)].map((byte) => [byte]));
const named = (name: string, kind: number, at: number): Bytes => [...text(name), kind, ...number(at)];

function functionType(takes: number, isGiving: boolean): Bytes {
  return [0x60, ...vector(Array(takes).fill([I32])), ...vector(isGiving ? [[I32]] : [])];
}

function code(ownLocals: readonly Bytes[], body: Bytes): Bytes {
  const whole = [...vector(ownLocals), ...body, OP.end];
  return [...number(whole.length), ...whole];
}

/** The binary format, version 1, sections in the order that it wants: tags between tables and exports. */
function wasm(sections: readonly (readonly [id: number, content: Bytes])[]): Uint8Array<ArrayBuffer> {
  const parts = sections.flatMap(([id, content]) => [id, ...number(content.length), ...content]);
  return Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, ...parts]);
}
