// The instances of the cloud as one shop: told the time together, and what is handed to the shop goes to one that lives.
import type { Cloud } from './cloud.ts';

export class Clouds {
  readonly #instances: readonly Cloud[];
  #turn = 0;

  constructor(instances: readonly Cloud[]) {
    this.#instances = instances;
  }

  /** Resolves when all that live have taken the time; `false` when nobody does. */
  async keepsUp(): Promise<boolean> {
    const heard = await Promise.all(this.#instances.map((each) => each.keepsUp()));
    return heard.some((isHeard) => isHeard);
  }

  /** Hands a message to a node of one instance, the next one each time. */
  press(node: string, form: object): void {
    const living = this.#instances.filter(({ isUp }) => isUp);
    this.#turn += 1;
    living[this.#turn % living.length]?.press(node, form);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#instances.map((each) => each.stop()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#instances.map((each) => each.close()));
  }
}
