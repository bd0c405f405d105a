// Keeps a MicroPython VM of the past from harming the next one of the same process. The build keeps its table of Python
// objects in globals, which a new VM takes over: when JavaScript collects an object of the old one, the new one's table
// would lose the entry of the same number, free it twice, and fall over in some later minute ("memory access out of bounds").
import type { MicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';

interface Globals {
  proxy_js_map?: Map<number, unknown>;
  pyProxyFinalizationRegistry?: FinalizationRegistry<number>;
}

interface Inside {
  readonly _module?: {
    ccall(name: string, returns: string, takes: readonly string[], values: readonly number[]): void;
  };
}

/** The table of the VM that was loaded last, of those that have one. */
let last: Map<number, unknown> | undefined;

/** Right after the VM was loaded. Two that live at the same time still need a worker each. */
export function keepApart(vm: MicroPython): MicroPython {
  const globals = globalThis as Globals;
  const { proxy_js_map: own } = globals;
  const { _module: module } = vm as Inside;
  // Older builds have none: what stands there is another VM's.
  if (own === undefined || own === last || module === undefined) return vm;
  last = own;
  globals.pyProxyFinalizationRegistry = new FinalizationRegistry((number) => {
    // A VM that is over needs nothing freed.
    if (globals.proxy_js_map !== own) return;
    own.delete(number);
    module.ccall('proxy_c_free_obj', 'null', ['number'], [number]);
  });
  return vm;
}
