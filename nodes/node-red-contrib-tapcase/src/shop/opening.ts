// Opens a part of a config node at its first use; what is wrong with it is told to those who use it, and to nobody else.
import { toFault } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

/** The part, or what is wrong with it: the same at every call. */
export interface Opening<P> {
  (): P | Fault;
  /** The part, where it was opened. */
  opened(): P | undefined;
}

/** `open` may throw. */
export function opening<C, P>(settings: C | Fault, open: (settings: C) => P): Opening<P> {
  let made: { readonly part: P | Fault } | undefined;
  const part = () => {
    made ??= { part: settings instanceof Fault ? settings : attempt(() => open(settings)) };
    return made.part;
  };
  const opened = () => (made === undefined || made.part instanceof Fault ? undefined : made.part);
  return Object.assign(part, { opened });
}

function attempt<P>(open: () => P): P | Fault {
  try {
    return open();
  } catch (thrown) {
    return toFault(thrown);
  }
}
