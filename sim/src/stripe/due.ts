// What ends by itself at a time of its own, a hold or a page: found without looking at all of them.

export class DueTimes {
  readonly #atS = new Map<string, number>();
  #nextS = Infinity;

  set(id: string, atS: number): void {
    this.#atS.set(id, atS);
    this.#nextS = Math.min(this.#nextS, atS);
  }

  /** It ended another way. */
  delete(id: string): void {
    this.#atS.delete(id);
  }

  /** Everything whose time has come, the earliest first; each is given once. */
  take(nowS: number): readonly string[] {
    if (nowS < this.#nextS) return [];
    const due = [...this.#atS].filter(([, atS]) => atS <= nowS).sort(([, a], [, b]) => a - b);
    for (const [id] of due) this.#atS.delete(id);
    this.#nextS = Infinity;
    for (const atS of this.#atS.values()) this.#nextS = Math.min(this.#nextS, atS);
    return due.map(([id]) => id);
  }
}
