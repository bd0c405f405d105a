// The one place that knows how Node-RED wants its nodes.
export type { AdminAction, AdminContext } from './admin-action.ts';
export type { Emission, Look, NodeContext } from './context.ts';
export { toFault, usePort } from './context.ts';
export { type ConfigNodeSpec, defineConfigNode, type ReadSecret } from './define-config-node.ts';
export { defineNode, type Handled, type Handler, type NodeSpec } from './define-node.ts';
export { fillEmpty, type Inherits, isGiven, type Settings, type SettingsHolder } from './inherits.ts';
