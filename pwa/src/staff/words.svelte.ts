// The staff's texts in the language that was chosen.
import { chosenLanguage } from '../chosen-language.svelte.ts';
import { STAFF_WORDS } from './words.ts';

const words = $derived(STAFF_WORDS[chosenLanguage.code]);
const moment = $derived(new Intl.DateTimeFormat(chosenLanguage.locale, { dateStyle: 'medium', timeStyle: 'short' }));

export const text = {
  get words() {
    return words;
  },
  /** Day and minute, where its reader is. */
  time: (atMs: number): string => moment.format(atMs),
};
