// How a test card is found, and how its bank's no is worded. The table of them is in test-cards.ts.
import type { Decline, TestCard } from './card-facts.ts';
import { TEST_CARDS } from './test-cards.ts';

const BY_NAME: ReadonlyMap<string, TestCard> = new Map(TEST_CARDS.map((card) => [card.name, card]));
const NUMBER = /^[\w.@-]{1,100}$/;
const BY_MAGIC: ReadonlyMap<string, TestCard> = new Map(TEST_CARDS.map((card) => [card.magic, card]));

/** `visa#7`: another number that does as `visa` does. Of one name alone all have one number, as those who type it in have. */
export function testCard(given: string): TestCard | undefined {
  const [name = '', number, ...more] = given.split('#');
  const card = BY_NAME.get(name);
  if (card === undefined || number === undefined) return card;
  return more.length === 0 && NUMBER.test(number) ? { ...card, number } : undefined;
}

export function testCardByMagic(id: string): TestCard | undefined {
  return BY_MAGIC.get(id);
}

/** As the body of a refusal and the last error of a payment say it. */
export function errorOf({ code, declineCode, message, adviceCode, networkAdviceCode, networkDeclineCode }: Decline) {
  return {
    code,
    message,
    ...(declineCode === undefined ? {} : { decline_code: declineCode }),
    ...(adviceCode === undefined ? {} : { advice_code: adviceCode }),
    ...(networkAdviceCode === undefined ? {} : { network_advice_code: networkAdviceCode }),
    ...(networkDeclineCode === undefined ? {} : { network_decline_code: networkDeclineCode }),
  };
}
