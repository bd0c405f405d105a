// Owns which language a page speaks: the browser's own until its person chooses, then theirs.
import type { Language } from '@tapcase/domain/protocol';
import { recall, remember } from './memory.ts';

const KEY = 'tapcase.language';

const first = initial();
let code = $state<Language>(first);
const locale = $derived(localeOf(code));

// Whoever chooses another language sets it again.
document.documentElement.lang = first;

export const chosenLanguage = {
  get code() {
    return code;
  },
  /** For Intl: the browser's own variant of the language ("es-MX") where it has one. */
  get locale() {
    return locale;
  },
  choose(chosen: Language) {
    code = chosen;
    document.documentElement.lang = chosen;
    remember(KEY, chosen);
  },
};

function initial(): Language {
  const chosen = recall(KEY);
  if (chosen === 'en' || chosen === 'es') return chosen;
  return navigator.language.toLowerCase().startsWith('es') ? 'es' : 'en';
}

function localeOf(wanted: Language): string {
  return navigator.languages.find((tag) => tag.toLowerCase().split('-')[0] === wanted) ?? wanted;
}
