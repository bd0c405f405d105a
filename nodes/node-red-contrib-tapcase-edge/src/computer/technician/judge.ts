// Decides when the machine needs a person: too hot, nearly full, or short of power.
import type { Readings, Warning } from './read-health.ts';

/** From here a Pi slows itself down (soft limit of the firmware); cooler than the second it is well again. */
const HOT_C = 80;
const COOL_C = 75;
/** Well again only with so much more room, so that a ring of video at its limit does not warn each minute. */
const ROOM_AGAIN = 1.1;

/** What stands now, given what stood before. What cannot be measured is no warning. */
export function warningsOf(
  { temperatureC, throttled, diskFreeMb }: Readings,
  diskFreeMbMin: number,
  before: readonly Warning[],
): readonly Warning[] {
  const warnings: Warning[] = [];
  if (temperatureC !== null && temperatureC >= (before.includes('hot') ? COOL_C : HOT_C)) warnings.push('hot');
  const roomMb = before.includes('disk-nearly-full') ? diskFreeMbMin * ROOM_AGAIN : diskFreeMbMin;
  if (diskFreeMb !== null && diskFreeMb < roomMb) warnings.push('disk-nearly-full');
  if (throttled?.now.includes('under-voltage')) warnings.push('under-voltage');
  return warnings;
}
