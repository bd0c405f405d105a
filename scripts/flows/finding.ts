// What a check of flows finds, and where it looks.
import type { FlowFolders, FlowNode } from '../../host/flows/node.ts';
import type { ShopFlows } from '../../host/flows/read.ts';

export interface Finding {
  /** Such as `own/evening.json`, or the id of a node. */
  readonly where: string;
  /** A sentence. */
  readonly what: string;
}

/** The flows of one role, as the checks see them. */
export interface Looked {
  readonly files: FlowFolders;
  readonly flows: ShopFlows;
  /** Core and own, without what only stands in for a broken file. */
  readonly nodes: readonly FlowNode[];
  readonly byId: ReadonlyMap<string, FlowNode>;
  /** Contents of `credentials.env.json`, by half. */
  readonly references: Readonly<Record<string, string>>;
}
