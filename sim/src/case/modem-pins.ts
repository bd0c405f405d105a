// The wires from the controller's pins to the modem.
import type { Sim7080g } from '../modem/sim7080g.ts';
import { PINS } from './board.ts';

/** Of BoardOptions.uarts. */
export const MODEM_UART = 1;

/** To be told of every pin; those that are not the modem's are not its business. */
export function tellModem(modem: Sim7080g, pin: number, level: number): void {
  if (pin === PINS.pwrkey) modem.pwrkey(level);
  else if (pin === PINS.dtr) modem.dtr(level);
  else if (pin === PINS.modemPower) modem.supply(level === 1);
}
