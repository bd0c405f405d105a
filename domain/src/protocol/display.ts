// What a case's display can show of a text: the letters of the firmware's font, in one line, no longer than it takes.

/** Ten small rows on the display: it scrolls through them once or twice while the sentence stands. */
export const SENTENCE_LENGTH_MAX = 160;
/** Whoever is told stands before the case now; a sentence that was held up would meet somebody else. */
export const SENTENCE_VALID_SECONDS = 10;

/** Besides ASCII; as firmware/app/glyphs.py has them, drawn or written otherwise. test/firmware/screens.spec.ts compares. */
export const DISPLAY_LETTERS = 'áéíóúñüÁÉÍÓÚÑÜàèòùâêîôûäëïöÄÖãõ¿¡€£¥×çÇåøì’‘“”–—ºª';

/** Empty where nothing of the text can be shown. */
export function displayText(text: string): string {
  // The bound first: a text of ten megabytes costs no time.
  const head = text.slice(0, SENTENCE_LENGTH_MAX);
  const letters = Array.from(head.normalize('NFC'), shown).join('');
  return letters.replace(/\s+/g, ' ').trim();
}

/** A command of payloads.ts before it has its number. */
export interface SayCommand {
  readonly type: 'say';
  readonly at: number;
  readonly exp: number;
  readonly text: string;
}

/** undefined where nothing of the text can be shown. */
export function sayCommand(text: string, atMs: number): SayCommand | undefined {
  const shownText = displayText(text);
  const at = Math.floor(atMs / 1000);
  return shownText === '' ? undefined : { type: 'say', at, exp: at + SENTENCE_VALID_SECONDS, text: shownText };
}

/** The letter; without its mark where the font lacks the mark; nothing where it lacks the letter. */
function shown(letter: string): string {
  if (isShown(letter)) return letter;
  if (/\s/.test(letter)) return ' ';
  const [bare = ''] = letter.normalize('NFD');
  return isShown(bare) ? bare : '';
}

function isShown(letter: string): boolean {
  return (letter >= ' ' && letter <= '~') || (letter !== '' && DISPLAY_LETTERS.includes(letter));
}
