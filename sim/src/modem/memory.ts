// What a SIM7080G keeps when it is switched off: the settings that its manual calls AUTO_SAVE, and its files.

export interface ModemMemory {
  readonly settings: Map<string, string>;
  /** Folder 3, "/customer/". */
  readonly files: Map<string, Buffer>;
}

/** As it comes from the factory: automatic baud rate, so that it says nothing before it has heard AT. */
export const factoryNew = (): ModemMemory => ({
  settings: new Map([
    ['IPR', '0'],
    ['CLTS', '0'],
    ['CNMP', '2'],
    ['CMNB', '3'],
    ['CSCLK', '0'],
    ['CPSMS', '0'],
    ['CEDRXS', '0'],
    ['APN', '"cmnet"'],
  ]),
  files: new Map(),
});

/** As the firmware leaves it after its first connection, certificates aside. */
export const inService = (): ModemMemory => {
  const memory = factoryNew();
  for (const [name, value] of [
    ['IPR', '115200'],
    ['CLTS', '1'],
    ['CNMP', '38'],
    ['CMNB', '1'],
    ['APN', '"internet"'],
  ] as const) {
    memory.settings.set(name, value);
  }
  return memory;
};
