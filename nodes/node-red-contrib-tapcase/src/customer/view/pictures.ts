// Shows the pictures of a visit: to staff, or to the customer whose visit it was and to no other.
import { incomplete, parsed } from '@tapcase/define-node';
import {
  Fault,
  orThrow,
  type PicturesView,
  type PictureUpload,
  type PictureView,
  parseUpload,
  type Visit,
} from '@tapcase/domain';
import { answerWith } from '../../answer.ts';
import { paramOf, requiredCustomer } from '../../messages.ts';
import type { LedgerPort } from '../../shop/ledger/contract.ts';
import { fileIn, type PictureStore } from '../../shop/pictures/port.ts';
import { readFacts } from '../../visit/record/picture-content.ts';
import { anyVisit, ownVisit } from '../own-visit.ts';
import type { ViewPart } from './contract.ts';

const ROOTS = { customer: '/api/visits', staff: '/api/staff/visits' } as const;

interface PictureQuestion {
  readonly visitId: string;
  /** `before-0.jpg`; '' asks for the list. */
  readonly name: string;
  /** Throws `customer.unknown`. */
  customerId(): string;
}

export const picturesPart: ViewPart<PictureQuestion> = {
  parseMessage: (raw) =>
    parsed(() => {
      const visitId = paramOf(raw, 'visit');
      if (visitId === '') throw incomplete('req.params.visit');
      return { visitId, name: paramOf(raw, 'name'), customerId: () => requiredCustomer(raw).id };
    }),
  build: ({ audience, ...config }, node) => {
    const ledger = node.use<LedgerPort>(config.ledger, 'tapcase-ledger');
    const store = orThrow(ledger.pictures);
    return async ({ visitId, name, customerId }) => {
      const visit =
        audience === 'staff' ? await anyVisit(ledger, visitId) : await ownVisit(ledger, visitId, customerId());
      if (name !== '') return { to: 'answered', add: await jpeg(store, visit, name) };
      const root = `${ROOTS[audience]}/${visit.id}/pictures`;
      return { to: 'answered', add: answerWith(200, await listed(store, visit, root)) };
    };
  },
};

async function jpeg(store: PictureStore, { id, caseId }: Visit, name: string) {
  const picture = parseUpload(caseId, id, name);
  const bytes = picture instanceof Fault || picture.kind !== 'jpg' ? undefined : await store.read(picture);
  if (bytes === undefined) throw new Fault('picture.unknown', 'no such picture, or not any more');
  const answer = answerWith(200, bytes);
  return { ...answer, headers: { ...answer.headers, 'content-type': 'image/jpeg' } };
}

async function listed(store: PictureStore, { id, caseId }: Visit, root: string): Promise<PicturesView> {
  const files = await store.list(caseId, id);
  const pictures = files.filter(({ kind }) => kind === 'jpg');
  const describe = async (picture: PictureUpload): Promise<PictureView> => {
    const { moment, camera } = picture;
    return { moment, camera, url: `${root}/${fileIn(picture)}`, seen: await seenIn(store, picture) };
  };
  return { pictures: await Promise.all(pictures.map(describe)) };
}

async function seenIn(store: PictureStore, picture: PictureUpload): Promise<PictureView['seen']> {
  const bytes = await store.read({ ...picture, kind: 'json' });
  const facts = bytes === undefined ? undefined : readFacts(bytes);
  if (facts === undefined || facts instanceof Fault) return null;
  const { atMs, width, height, boxes } = facts;
  return { atMs, width, height, boxes };
}
