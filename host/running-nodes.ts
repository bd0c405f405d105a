// What the host asks of the nodes that run: which cases the shop has, of which type a node is. Asked each time, for a Deploy changes it.
import { Fault } from '@tapcase/domain';
import { portOf } from './node-port.ts';

/** The one question that is asked of it here. */
interface Shop {
  case(id: string): object;
}

export interface RunningNodes {
  /** `node` finds what runs by its id, null for what does not. */
  started(node: (id: string) => unknown): void;
  /** A Fault where there is no such case, or no flow runs yet. */
  caseProblem(caseId: string): Fault | undefined;
  /** undefined: it does not run. */
  typeOf(id: string): string | undefined;
}

/** `shops`: ids of config nodes. */
export function runningNodes(shops: readonly string[]): RunningNodes {
  let find: (id: string) => unknown = () => null;
  return {
    started: (node) => {
      find = node;
    },
    caseProblem: (caseId) => {
      if (shops.some((id) => hasCase(find(id), caseId))) return undefined;
      return new Fault('case.unknown', 'there is no such case in this shop', { caseId });
    },
    typeOf: (id) => (find(id) as { readonly type?: string } | null)?.type,
  };
}

/** A shop whose config is wrong has none: its nodes tell the reason. */
function hasCase(node: unknown, caseId: string): boolean {
  try {
    const found = portOf<Shop>(node)?.case(caseId);
    return found !== undefined && !(found instanceof Error);
  } catch {
    return false;
  }
}
