// What a receipt says on a locked phone: one sentence in the customer's language, and where a tap leads.
import {
  type Language,
  moneyText,
  type Outcome,
  type PushDocument,
  productBySku,
  type Review,
  type ReviewDecision,
  type Visit,
} from '@tapcase/domain';

export interface PushContext {
  readonly caseName: string;
  readonly publicUrl: string;
  readonly language: Language;
  /** Whoever was asked about the visit, and what they said. */
  readonly review: Review | null;
  /** What was not paid is owed no longer. */
  readonly isLetGo: boolean;
}

interface Amounts {
  readonly charged: string;
  readonly total: string;
  /** "2 Cola, 1 Chips" */
  readonly items: string;
}
type Sentence = (amounts: Amounts) => string;

const SENTENCES: Readonly<Record<Language, Readonly<Record<Outcome, Sentence>>>> = {
  en: {
    charged: ({ charged, items }) => `${charged} for ${items}. Thank you!`,
    released: ({ items }) =>
      items === '' ? 'You took nothing, so nothing was charged.' : `Nothing to pay for ${items}: it is on the shop.`,
    unused: () => 'The door stayed shut, so nothing was charged.',
    refused: () => 'The card was refused and the door stayed shut. Nothing was charged.',
    partly_paid: ({ charged, total }) => `${charged} of ${total} is paid. Tap to pay the rest.`,
    owed: ({ total }) => `${total} could not be charged. Tap to use another card.`,
    in_review: () => 'A person will look at this visit. Nothing has been charged.',
  },
  es: {
    charged: ({ charged, items }) => `${charged} por ${items}. ¡Gracias!`,
    released: ({ items }) =>
      items === ''
        ? 'No has cogido nada, así que no se ha cobrado nada.'
        : `Nada que pagar por ${items}: invita la tienda.`,
    unused: () => 'La puerta no se abrió, así que no se ha cobrado nada.',
    refused: () => 'La tarjeta fue rechazada y la puerta no se abrió. No se ha cobrado nada.',
    partly_paid: ({ charged, total }) => `Pagado ${charged} de ${total}. Toca para pagar el resto.`,
    owed: ({ total }) => `No se han podido cobrar ${total}. Toca para usar otra tarjeta.`,
    in_review: () => 'Una persona revisará esta visita. No se ha cobrado nada.',
  },
};

/** Too little to charge, or let go by staff: nobody is asked to pay it. */
const LET_GO: Readonly<Record<Language, Partial<Record<Outcome, Sentence>>>> = {
  en: {
    partly_paid: ({ charged, items }) => `${charged} for ${items}; the rest is let go. Thank you!`,
    owed: ({ items }) => `Nothing to pay for ${items}: it could not be charged, and is let go.`,
  },
  es: {
    partly_paid: ({ charged, items }) => `${charged} por ${items}; el resto se perdona. ¡Gracias!`,
    owed: ({ items }) => `Nada que pagar por ${items}: no se pudo cobrar y se perdona.`,
  },
};

/** After a person has looked. */
const REVIEWED: Readonly<Record<Language, Readonly<Record<ReviewDecision, Sentence>>>> = {
  en: {
    confirm: ({ charged }) => `A person checked this visit: it stays at ${charged}.`,
    correct: ({ total, items }) =>
      `A person checked this visit: ${total}${items === '' ? '' : ` for ${items}`}. Tap to see it.`,
    waive: () => 'A person checked this visit. Nothing more is asked.',
  },
  es: {
    confirm: ({ charged }) => `Una persona revisó esta visita: se queda en ${charged}.`,
    correct: ({ total, items }) =>
      `Una persona revisó esta visita: ${total}${items === '' ? '' : ` por ${items}`}. Toca para verla.`,
    waive: () => 'Una persona revisó esta visita. No se pide nada más.',
  },
};

/** Lines named on the phone; the receipt page has them all. */
const ITEMS_MAX = 6;

/** undefined for a visit that has not ended: there is no receipt yet. */
export function pushDocument(visit: Visit, context: PushContext): PushDocument | undefined {
  if (visit.outcome === null) return undefined;
  const { caseName, publicUrl, language, review, isLetGo } = context;
  const { chargedMinor, catalog, basket } = visit;
  const totalMinor = review?.totalMinor ?? visit.totalMinor;
  const { currency } = catalog;
  const lines = review?.lines ?? basket?.lines ?? [];
  const named = lines
    .slice(0, ITEMS_MAX)
    .map(({ sku, count }) => `${count} ${productBySku(catalog, sku)?.name[language] ?? sku}`);
  const items = [...named, ...(lines.length > ITEMS_MAX ? ['…'] : [])].join(', ');
  const amounts = {
    charged: moneyText(chargedMinor, currency, language),
    total: moneyText(totalMinor, currency, language),
    items,
  };
  const decision = review?.decision ?? null;
  const ended = (isLetGo ? LET_GO[language][visit.outcome] : undefined) ?? SENTENCES[language][visit.outcome];
  const sentence = decision === null ? ended : REVIEWED[language][decision];
  return {
    web_push: 8030,
    notification: {
      title: caseName,
      body: sentence(amounts),
      navigate: `${publicUrl}/visit/${visit.id}`,
      tag: pushTopic(visit),
      lang: language,
    },
  };
}

/** One per visit, so that a receipt that is sent twice shows once. Base64url's letters, at most 32. */
export function pushTopic({ id }: Pick<Visit, 'id'>): string {
  return `visit-${id}`;
}
