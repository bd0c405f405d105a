// Records by id, with what a file must still write and what a list must find without looking at every record.

/** Remembers which records were put or changed since it was last asked. */
export class Shelf<T> extends Map<string, T> {
  readonly #dirty = new Set<string>();
  readonly #isKept: boolean;

  /** `isKept`: somebody asks for what has changed; where nobody does, nothing is remembered. */
  constructor(isKept = false) {
    super();
    this.#isKept = isKept;
  }

  override set(id: string, record: T): this {
    this.touch(id);
    return super.set(id, record);
  }

  override delete(id: string): boolean {
    this.touch(id);
    return super.delete(id);
  }

  /** For a record that was changed in its place. */
  touch(id: string): void {
    if (this.#isKept) this.#dirty.add(id);
  }

  takeDirty(): readonly string[] {
    if (this.#dirty.size === 0) return [];
    const taken = [...this.#dirty];
    this.#dirty.clear();
    return taken;
  }
}

export interface Listed {
  readonly id: string;
  readonly created: number;
}

/** A shelf whose records are listed: in order of creation, all of them or those filed under a name. */
export class Chronicle<T extends Listed> extends Shelf<T> {
  readonly #all: string[] = [];
  readonly #filed = new Map<string, string[]>();
  readonly #namesOf: (record: T) => readonly (string | null)[];

  /** `namesOf`: what a record is asked for by, as its customer's id. */
  constructor(isKept = false, namesOf: (record: T) => readonly (string | null)[] = () => []) {
    super(isKept);
    this.#namesOf = namesOf;
  }

  override set(id: string, record: T): this {
    if (!this.has(id)) {
      this.#all.push(id);
      for (const name of this.#namesOf(record)) if (name !== null) this.#push(name, id);
    }
    return super.set(id, record);
  }

  /** Files a record under one more name. */
  file(name: string, id: string): void {
    if (!this.ids(name).includes(id)) this.#push(name, id);
  }

  /** Takes the oldest away. */
  dropOldest(): void {
    const id = this.#all.shift();
    const record = id === undefined ? undefined : this.get(id);
    if (id === undefined || record === undefined) return;
    for (const name of this.#namesOf(record)) if (name !== null) this.#filed.get(name)?.shift();
    this.delete(id);
  }

  /** The oldest first. */
  ids(name?: string): readonly string[] {
    return name === undefined ? this.#all : (this.#filed.get(name) ?? []);
  }

  #push(name: string, id: string): void {
    const ids = this.#filed.get(name);
    if (ids === undefined) this.#filed.set(name, [id]);
    else ids.push(id);
  }
}
