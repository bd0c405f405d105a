// The one way out of a case: reports and wanted pictures wait on disk until the cloud has them. Frames leave over the serial line
// to the controller's modem where there is one, else as messages for the network; pictures over HTTPS.
import { defineNode, type Emission, inEnglish, type NodeContext, says } from '@tapcase/define-node';
import { Fault, orThrow, unreachable } from '@tapcase/domain';
import type { LinkOptions } from '../carrier/link.ts';
import { openSerial } from '../carrier/serial-port.ts';
import { send as contract, parseMessage, type SendOutput } from './contract.ts';
import { openParts, type Parts } from './parts.ts';

/** How often it is looked whether something is due; what comes in goes out at once. */
const TICK_MS = 1_000;

export interface SendOptions extends Partial<Pick<LinkOptions, 'open' | 'receiptMs'>> {
  readonly tickMs?: number;
}

export function tapcaseSend({ tickMs = TICK_MS, open = openSerial, ...limits }: SendOptions = {}) {
  return defineNode({
    ...contract,
    parseMessage,
    build: (config, node) => {
      const parts = openParts(config, { open, ...limits }, node, () => tell(true));
      const tell = teller(parts, node);
      const frames = () => {
        const due = dueFrames(parts);
        tell();
        return due;
      };
      const picture = async (raw: Readonly<Record<string, unknown>>) => {
        try {
          const sent = parts.pictures instanceof Fault ? undefined : await parts.pictures.sendNext();
          tell();
          if (sent !== undefined) node.emit({ to: 'sent', add: { ...raw, sent } });
        } catch (thrown) {
          node.fail(thrown);
        }
      };
      const complain = (fault: Fault | undefined) => {
        if (fault !== undefined) node.fail(fault);
      };
      everyTick(node, tickMs, {
        onStart: () => {
          tell();
          // What a message would be refused for; ticks alone are silent about it.
          for (const part of Object.values(parts)) complain(part instanceof Fault ? part : undefined);
        },
        onTick: () => {
          void picture({});
          for (const emission of frames()) node.emit(emission);
        },
      });
      return (message, raw) => {
        switch (message.kind) {
          case 'report':
            complain(orThrow(parts.reports).accept(message.report));
            return frames();
          case 'ack':
            orThrow(parts.reports).acknowledge(message.of);
            tell();
            return undefined;
          case 'keep':
            complain(orThrow(parts.pictures).want(message.visit));
            // An upload takes up to two minutes: nobody waits for it.
            void picture(raw);
            return undefined;
          case 'tick':
            void picture(raw);
            return frames();
          default:
            return unreachable(message);
        }
      };
    },
  });
}

export default tapcaseSend();

/** A portion of what is due: to be emitted, or on the serial line already. Throws what is wrong with the line. */
function dueFrames({ reports, link }: Parts): readonly Emission<SendOutput>[] {
  const due = reports instanceof Fault ? [] : reports.takeDue();
  if (due.length === 0) return [];
  const line = orThrow(link);
  if (line === undefined) return due.map(({ topic, payload }) => ({ to: 'frame', add: { topic, payload, qos: 1 } }));
  for (const frame of due) line.send(frame);
  return [];
}

/** Both queues in one status, told when it changes; `isAgain` also to replace a fault that is over. */
function teller({ reports, pictures }: Parts, node: NodeContext<SendOutput>): (isAgain?: boolean) => void {
  let last = '';
  return (isAgain = false) => {
    const count = reports instanceof Fault ? 0 : reports.waiting();
    const visits = pictures instanceof Fault ? 0 : pictures.waiting();
    const isDone = count + visits === 0;
    const status = isDone ? says('all sent') : says('reports __n__ pics __visits__', { n: count, visits });
    const text = inEnglish(status);
    if (text === last && !isAgain) return;
    last = text;
    node.status(status, isDone ? 'did' : 'working');
  };
}

/** From when all nodes are there: what is sent before would be lost on its way. */
function everyTick(
  node: NodeContext<SendOutput>,
  tickMs: number,
  { onStart, onTick }: { readonly onStart: () => void; readonly onTick: () => void },
): void {
  let timer: NodeJS.Timeout | undefined;
  const tick = () => {
    try {
      onTick();
    } catch (thrown) {
      node.fail(thrown);
    }
  };
  const start = () => {
    onStart();
    timer = setInterval(tick, tickMs);
  };
  node.RED.events.once('flows:started', start);
  node.onClose(() => {
    node.RED.events.removeListener('flows:started', start);
    clearInterval(timer);
  });
}
