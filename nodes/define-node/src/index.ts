// The one place that knows how Node-RED wants its nodes.
export type { AdminAction, AdminContext } from './admin-action.ts';
export { type Check, matching, textTable, whole } from './check.ts';
export type { Emission, NodeContext } from './context.ts';
export { usePort } from './context.ts';
export {
  type ConfigNodeShape,
  type ConfigOf,
  type Contract,
  contract,
  type Earlier,
  type EditorDefault,
  isContract,
  type NodeShape,
  type Shape,
} from './contract.ts';
export { copyMessage } from './copy.ts';
export type { Complete } from './defaults.ts';
export { type ConfigNodeSpec, defineConfigNode, type ReadSecret } from './define-config-node.ts';
export { defineNode, type Handled, type Handler, type NodeSpec } from './define-node.ts';
export { Fault, type FaultCode, toFault } from './fault.ts';
export { asFields, chosen, configText, type FieldReader, incomplete, parsed, readFields } from './fields.ts';
export { fillEmpty, type Inherits, isGiven, type Settings, type SettingsHolder } from './inherits.ts';
export { type Part, part, partsBy } from './parts.ts';
export { invalidProperty, type Properties, type Property, TEXT_LENGTH_MAX } from './property.ts';
export { inEnglish, phrase, type Said, type Status, says, shows } from './said.ts';
export type { Look } from './status.ts';
export type { Evaluate, TypedKind, TypedValue } from './values.ts';
