// Sets a line, and leaves it at its safe level: the power of cameras and lamp while nobody is at the case.
import { defineNode } from '@tapcase/define-node';
import { driveLine } from '../gpio/drive-line.ts';
import type { Level, Pins } from '../gpio/line.ts';
import { onoffPins } from '../gpio/onoff-pins.ts';
import { defaults, parseConfig, parseMessage } from './contract.ts';

export function gpioOut(pins: Pins) {
  return defineNode({
    type: 'gpio-out',
    outputs: ['written'],
    defaults,
    parseConfig,
    parseMessage,
    build: (config, node) => {
      const { line } = config;
      if (line.kind === 'none') {
        node.status('not fitted');
        // What follows in the flow waits for nothing here.
        return (level: Level) => ({ to: 'written', add: { line: { level } } });
      }
      const driver = driveLine({ ...config, line, pins });
      driver.write(config.safe).catch((thrown: unknown) => node.fail(thrown));
      node.onClose(() => driver.close());
      return async (level: Level) => {
        await driver.write(level);
        return { to: 'written', add: { line: { level } }, status: level === 1 ? 'high' : 'low' };
      };
    },
  });
}

export default gpioOut(onoffPins());
