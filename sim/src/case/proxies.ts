// MicroPython's build for the web keeps what it knows of JavaScript in globals of the whole process, one set for all VMs.

/**
 * To be called after a VM was loaded. Its finalizer asks the VM that was loaded last to free what another one owns, which
 * ends the process when builds differ and frees something else when they do not. A VM here lives as long as its board; its
 * proxies may as well.
 */
export function keepProxies(): void {
  Object.assign(globalThis, { pyProxyFinalizationRegistry: { register: () => {}, unregister: () => false } });
}
