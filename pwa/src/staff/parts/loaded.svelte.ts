// What a page asks as it opens: on its way, there, or why not. Asked again after each order that changed something.
import { onMount } from 'svelte';
import { ApiFault } from '../../api.ts';

export function loaded<T extends object>(ask: () => Promise<T | ApiFault>) {
  let value = $state.raw<T | null>(null);
  let fault = $state.raw<ApiFault | null>(null);
  let busy = $state(false);
  const load = async (): Promise<void> => {
    const answer = await ask();
    fault = answer instanceof ApiFault ? answer : null;
    if (!(answer instanceof ApiFault)) value = answer;
  };
  onMount(() => void load());
  return {
    get value() {
      return value;
    },
    get fault() {
      return fault;
    },
    get busy() {
      return busy;
    },
    load,
    /** Gives an order, shows its fault or what it changed. Nothing while another is under way. */
    async order<R>(give: () => Promise<R | ApiFault>): Promise<R | ApiFault | undefined> {
      if (busy) return undefined;
      busy = true;
      const answer = await give();
      if (answer instanceof ApiFault) fault = answer;
      else await load();
      busy = false;
      return answer;
    },
  };
}
