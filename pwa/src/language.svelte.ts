// The customer's texts in the language that was chosen. Every text is read through here.
import type { Language } from '@tapcase/domain/protocol';
import { chosenLanguage } from './chosen-language.svelte.ts';
import { WORDS } from './words.ts';

const words = $derived(WORDS[chosenLanguage.code]);

export const language = {
  get code() {
    return chosenLanguage.code;
  },
  get words() {
    return words;
  },
  /** For Intl: the phone's own variant of the language ("es-MX") where it has one. */
  get locale() {
    return chosenLanguage.locale;
  },
  choose(chosen: Language) {
    chosenLanguage.choose(chosen);
  },
};
