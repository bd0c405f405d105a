// A visit that nobody can be sure of: the cameras are covered, and one can is taken whose mass is a cola's as well as a
// lemon soda's. Says where the shop then explains itself.
import type { RunningShop } from '../host/shop.ts';

/** The virtual case's lightest cola: 353 g, where a cola weighs 355 g and a soda 350 g, each give or take 5 g. */
const CAN_IN_DOUBT = 15;

/** Asks or tells the simulated case; the answer is its state. */
export type AskCase = (action: string, body: object) => Promise<unknown>;

export function coverCameras(at: AskCase, covered: boolean): Promise<unknown> {
  return at('cameras', { covered });
}

/** In a shop that has sold that can, any cola: its mass is as doubtful. */
export async function takeCanInDoubt(at: AskCase): Promise<void> {
  await at('take', { item: CAN_IN_DOUBT }).catch(() => at('take', { sku: 'cola', count: 1 }));
}

export interface WhyPages {
  /** For the visit's customer, signed in with this address; the code is in the shop's log. */
  readonly customer: string;
  readonly email: string;
  /** For the editor's owner. */
  readonly staff: string;
}

export function whyPages({ shopUrl, staffUrl }: RunningShop, visitId: string, email: string): WhyPages {
  return { customer: `${shopUrl}/visit/${visitId}/why`, email, staff: `${staffUrl}/why/${visitId}` };
}
