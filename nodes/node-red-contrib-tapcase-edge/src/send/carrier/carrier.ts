// Decides how a signed frame leaves the Pi: over the serial line to the controller's modem where there is one, else the network.
import { defineNode, fillEmpty } from '@tapcase/define-node';
import { type CarriedFrame, defaults, parseConfig, parseMessage } from './contract.ts';
import { type LinkOptions, openLink } from './link.ts';
import { type OpenSerial, openSerial } from './serial-port.ts';

export function carrier(open: OpenSerial, limits: Pick<LinkOptions, 'receiptMs'> = {}) {
  return defineNode({
    type: 'carrier',
    outputs: ['network', 'received'],
    defaults,
    parseConfig,
    parseMessage,
    inherits: {
      from: 'state',
      type: 'tapcase-edge',
      fill: fillEmpty({ serialPort: 'serialPort', baud: 'baud' }, { baud: '115200' }),
    },
    build: ({ path, baud }, node) => {
      if (path === undefined) {
        node.status('network');
        return () => ({ to: 'network' });
      }
      const showCounts = () => {
        const { sent, received, ignored } = link.counts();
        node.status(`${sent} out ${received} in ${ignored} odd`);
      };
      const link = openLink(
        { path, baud, open, ...limits },
        {
          onReceived: ({ topic, payload }) => {
            node.emit({ to: 'received', add: { topic, payload, carrier: link.counts() } });
            showCounts();
          },
          onWell: showCounts,
          onFault: (fault) => node.fail(fault),
        },
      );
      node.onClose(() => link.close());
      return (frame: CarriedFrame) => {
        link.send(frame);
        return undefined;
      };
    },
  });
}

export default carrier(openSerial);
