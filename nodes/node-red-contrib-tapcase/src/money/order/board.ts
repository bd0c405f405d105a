// Writes down who says that a case has a new board: the one that speaks counts from here on, or the next new one that does.
import { asFields, incomplete, parsed, part, readFields, says } from '@tapcase/define-node';
import { BOARD_EXPECTED_MS, type Device, type Orderer, orThrow } from '@tapcase/domain';
import type { Ledger } from '@tapcase/ledger';
import type { Shop } from '../../shop/shop/contract.ts';
import type { OrderConfig, Output } from './contract.ts';
import { actOf, givenBy } from './given.ts';

/** `msg.order`. */
interface BoardRequest {
  readonly caseId: string;
  readonly device: Device;
  readonly orderer: Orderer;
}

export const board = part<OrderConfig, BoardRequest, Output>({
  parseMessage: (raw) => parsed(() => boardRequest(raw)),
  build: (config, node) => {
    const ledger = node.use<Ledger>(config.ledger, 'tapcase-ledger');
    const shop = node.use<Shop>(config.shop, 'tapcase-shop');
    return async ({ caseId, device, orderer }) => {
      orThrow(shop.case(caseId));
      const atMs = node.now();
      const act = actOf(orderer, { act: 'board-expected', subject: caseId, atMs, detail: {} });
      const done = await ledger.expectBoard({ caseId, device, untilMs: atMs + BOARD_EXPECTED_MS, act });
      return { to: 'taken', add: { board: { caseId, device, done } }, status: says(done) };
    };
  },
});

/** Throws `staff.not-allowed`, `message.incomplete` or `order.invalid` naming the field. */
function boardRequest(raw: unknown): BoardRequest {
  const orderer = givenBy(raw, 'board-expected');
  const { order } = asFields(raw);
  if (order === undefined) throw incomplete('order');
  const read = readFields(order, 'order.invalid', 'order.');
  return { caseId: read.text('caseId', { max: 32 }), device: read.oneOf('device', ['controller', 'pi']), orderer };
}
