// Tells when a line changes, and where it stands when it is first heard: the controller's signal line, a motion sensor.
import { defineNode, type NodeContext, says } from '@tapcase/define-node';
import { followLine } from '../gpio/follow-line.ts';
import { type Level, type Pins, pullLine } from '../gpio/line.ts';
import { onoffPins } from '../gpio/onoff-pins.ts';
import { fillLine, type GpioInConfig, gpioInContract, type LineReport, parseConfig, parseMessage } from './contract.ts';

type Output = 'high' | 'low' | 'standing';

export function gpioIn(pins: Pins) {
  return defineNode({
    ...gpioInContract,
    parseConfig,
    parseMessage,
    inherits: { from: 'state', type: 'tapcase-edge', fill: fillLine },
    build: (config, node) => {
      const { line } = config;
      if (line.kind === 'none') {
        node.status(says('not fitted'));
        return () => undefined;
      }
      const pull = pullLine(line, config.pull);
      if (pull !== undefined) node.log(`the pull resistor wants ${pull} in /boot/firmware/config.txt`);
      // A level that is told before all nodes are there would be lost on its way.
      let stop = () => {};
      const start = () => {
        stop = followLine({ ...config, line, pins }, listener(config, node));
      };
      node.RED.events.once('flows:started', start);
      node.onClose(() => {
        node.RED.events.removeListener('flows:started', start);
        stop();
      });
      return () => undefined;
    },
  });
}

export default gpioIn(onoffPins());

function listener({ stillSeconds }: GpioInConfig, node: NodeContext<Output>) {
  let last: Level | undefined;
  let wasLost = false;
  let again: NodeJS.Timeout | undefined;
  const tell = (level: Level, found: LineReport['found']) => {
    const to = found !== 'change' ? 'standing' : level === 1 ? 'high' : 'low';
    const line: LineReport = { level, found };
    node.emit({ to, add: { payload: level, line }, status: says(level === 1 ? 'high' : 'low') });
  };
  const repeat = (level: Level) => {
    clearInterval(again);
    again = level === 1 && stillSeconds > 0 ? setInterval(() => tell(1, 'still'), stillSeconds * 1_000) : undefined;
  };
  node.onClose(() => clearInterval(again));
  return {
    onLevel: (level: Level) => {
      const found = last === undefined ? 'start' : level !== last ? 'change' : wasLost ? 'back' : undefined;
      last = level;
      wasLost = false;
      if (found === undefined) return;
      repeat(level);
      tell(level, found);
    },
    onLost: (fault: unknown) => {
      wasLost = true;
      clearInterval(again);
      node.fail(fault);
    },
  };
}
