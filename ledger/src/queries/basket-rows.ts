// Reads a basket from its row, also one that an earlier release decided: receipts are shown for years.
import type { Basket } from '@tapcase/domain';

/** Before explanations, zones and each camera's counts were kept with a basket. */
interface EarlierBasket extends Pick<Basket, 'lines' | 'verdict' | 'probability' | 'scale'> {
  readonly runnerUp: Basket['candidates'][number] | null;
  /** English only. */
  readonly reason: string;
}

export function toBasket(json: string): Basket {
  const basket = JSON.parse(json) as Basket | EarlierBasket;
  return 'candidates' in basket ? basket : upgraded(basket);
}

function upgraded({ lines, verdict, probability, scale, runnerUp, reason }: EarlierBasket): Basket {
  return {
    lines,
    verdict,
    probability,
    candidates: [{ lines, probability }, ...(runnerUp === null ? [] : [runnerUp])],
    evidence: [],
    reason: { en: reason, es: reason },
    scale,
    zones: [],
    // What the cameras saw was kept as one sum, which none of them counted.
    cameras: null,
    work: { tried: 0, limited: false },
  };
}
