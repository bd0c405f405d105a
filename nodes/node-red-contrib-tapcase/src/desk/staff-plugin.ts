// Lets a host that knows its staff say who pressed: its hooks become a plugin of the dashboard. Without such a host nothing happens.
import type { NodeAPI } from 'node-red';

interface WithPlugins {
  readonly settings: { readonly dashboard?: { readonly staffHooks?: object } };
  readonly plugins: { registerPlugin(id: string, plugin: { readonly type: string; readonly hooks: object }): void };
}

export default (RED: NodeAPI): void => {
  // The published types know neither plugins nor other palettes' settings.
  const { settings, plugins } = RED as unknown as WithPlugins;
  const hooks = settings.dashboard?.staffHooks;
  if (hooks !== undefined) plugins.registerPlugin('tapcase-staff', { type: 'node-red-dashboard-2', hooks });
};
