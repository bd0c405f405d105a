// Lets a node leave settings to a config node that holds them for several: what is empty here is read there.

export type Settings = Readonly<Record<string, unknown>>;

/** The port of a config node that holds settings for others: as its dialog stores them, environment variables resolved. */
export interface SettingsHolder {
  readonly settings: Settings;
}

export interface Inherits {
  /** The property that chooses the config node. Where it is empty, the config node's settings are none. */
  readonly from: string;
  readonly type: string;
  /** The saved config as `parseConfig` then gets it. */
  readonly fill: (own: Settings, theirs: Settings) => Settings;
}

/** Fills each property of `names` that is empty with the setting it names, else with its own part of `otherwise`. */
export function fillEmpty(names: Readonly<Record<string, string>>, otherwise: Settings = {}): Inherits['fill'] {
  return (own, theirs) => {
    const filled = Object.entries(names).map(([name, setting]) => {
      return [name, [own[name], theirs[setting], otherwise[name]].find(isGiven) ?? ''];
    });
    return { ...own, ...Object.fromEntries(filled) };
  };
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && !(typeof value === 'string' && value.trim() === '');
}
