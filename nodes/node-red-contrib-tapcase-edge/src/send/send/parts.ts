// The three parts of tapcase-send, each opened and faulty by itself: what is wrong with the cloud's address stops no report.
import { type NodeContext, parsed } from '@tapcase/define-node';
import { type Fault, orThrow } from '@tapcase/domain';
import type { CaseKeys } from '@tapcase/node-red-contrib-hmac';
import type { DeviceState } from '../../computer/edge/contract.ts';
import { parseCarrier } from '../carrier/frame.ts';
import { type Link, type LinkOptions, openLink } from '../carrier/link.ts';
import { type OutgoingPictures, openPictures, parsePictures } from '../pictures/pictures.ts';
import { openReports, type Reports } from '../reports/reports.ts';
import { fillSend, parseCase, type SendOutput } from './contract.ts';

export interface Parts {
  readonly reports: Reports | Fault;
  readonly pictures: OutgoingPictures | Fault;
  /** undefined: frames go over the network. */
  readonly link: Link | undefined | Fault;
}

/** Throws `config.missing-node` without a computer or keys. `onWell` is told when the line works again. */
export function openParts(
  config: { readonly state: string; readonly keys: string },
  serial: Pick<LinkOptions, 'open' | 'receiptMs'>,
  node: NodeContext<SendOutput>,
  onWell: () => void,
): Parts {
  const state = node.use<DeviceState>(config.state, 'tapcase-edge');
  const own = { state, keys: node.use<CaseKeys>(config.keys, 'hmac-keys'), now: () => node.now() };
  const settings = fillSend({}, state.settings);
  const caseId = parseCase(settings);
  const reports = parsed(() => openReports({ ...own, caseId: orThrow(caseId) }));
  const pictures = parsed(() => {
    const warn = (text: string) => node.warn(text);
    const opened = openPictures({ ...own, ...orThrow(parsePictures(settings)), caseId: orThrow(caseId), warn });
    node.onClose(() => opened.close());
    return opened;
  });
  const link = parsed(() => {
    const { path, baud } = orThrow(parseCarrier(settings));
    return path === undefined ? undefined : openSerialLink({ path, baud, ...serial }, node, onWell);
  });
  return { reports, pictures, link };
}

function openSerialLink(options: LinkOptions, node: NodeContext<SendOutput>, onWell: () => void): Link {
  const link = openLink(options, {
    onReceived: ({ topic, payload }) => {
      node.emit({ to: 'received', add: { topic, payload, carrier: link.counts() } });
    },
    onWell,
    onFault: (fault) => node.fail(fault),
  });
  node.onClose(() => link.close());
  return link;
}
