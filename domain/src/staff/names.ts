// What the staff may be called, and whose name is taken for whose: a name is of one script, and no two of a team look alike.
import { Fault } from '../fault.ts';

export const STAFF_NAME_LENGTH_MAX = 60;

/** As it is shown: no space around it, none twice. Without `@`, so that no name is somebody's address. */
export function staffName(given: string): string | Fault {
  const name = given.normalize('NFC').trim().replace(/\s+/g, ' ');
  const isGood = name !== '' && name.length <= STAFF_NAME_LENGTH_MAX && !/[@\p{Cc}\p{Cf}]/u.test(name);
  if (!isGood) return new Fault('staff.bad-name', 'a name has 1 to 60 characters and no @');
  return isOfOneScript(name)
    ? name
    : new Fault('staff.name-letters', "a name is of one script: its letters, digits, spaces and . ' - alone");
}

/** What two people may not share: by it somebody signs in, however they write it. */
export function loginKey(nameOrEmail: string): string {
  return nameOrEmail.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase();
}

/** Whether somebody in a list or in the log would be taken for the other. */
export function looksAlike(one: string, other: string): boolean {
  const looks = looksOf(other);
  return looksOf(one).some((look) => looks.includes(look));
}

/** Digits, and what stands between names: O’Brien, Anna-Maria, J. R., Marcel·la, ジャン・ポール. */
const BETWEEN = /^[0-9 .'’·・-]$/;
/** Of Latin what people write names with; no letters of phonetics, which look like others. */
const LATIN = /^(?:[A-Za-zªºßẞÆæŒœØøÐðĐđÞþĦħŁłŊŋŦŧıƏə]|[\u0300-\u036f])$/;
/** A script that is not here nobody is named in yet. */
const SCRIPTS = [
  LATIN,
  ...['Greek', 'Cyrillic'].map((script) => lettersOf([script], String.raw`\u0300-\u036f`)),
  ...['Armenian', 'Georgian', 'Hebrew', 'Arabic', 'Ethiopic', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Tamil'],
  ...['Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Thai', 'Lao', 'Khmer', 'Myanmar'],
  // Written together.
  ...[
    ['Han', 'Hiragana', 'Katakana', 'Bopomofo'],
    ['Hangul', 'Han'],
  ],
].map((each) => (each instanceof RegExp ? each : lettersOf([each].flat())));

function lettersOf(scripts: readonly string[], more = ''): RegExp {
  const all = scripts.map((script) => String.raw`\p{Script_Extensions=${script}}`).join('');
  return new RegExp(String.raw`^(?=[\p{L}\p{M}\p{Nd}])[${all}${more}]$`, 'u');
}

/** U+3164 and its like are letters, and nothing is seen of them. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/u;
/** On nothing, or a tower of them, which covers its neighbours: a letter of Vietnamese has two. */
const ODD_MARKS = /(?:^|[^\p{L}\p{M}])\p{M}|[\u0300-\u036f]{4}/u;

function isOfOneScript(name: string): boolean {
  const apart = name.normalize('NFD');
  if (UNSEEN.test(name) || ODD_MARKS.test(apart) || !/[\p{L}\p{Nd}]/u.test(apart)) return false;
  return SCRIPTS.some((script) => [...apart].every((letter) => BETWEEN.test(letter) || script.test(letter)));
}

/** Letters and the Latin ones that they look like, capitals as capitals (Unicode's confusables.txt, and what a small print blurs). */
const LOOKS_LIKE = new Map<string, string>(
  [
    // Latin
    ['ØøÐðĐđÞþĦħŁłŊŋŦŧı', 'OoDdDdPpHhLlNnTti'],
    // Greek
    ['ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϜͿ', 'ABEZHIKMNOPTYXCFJ'],
    ['αβγεηικμνοσρτυχωϲϳ', 'abyenikuvooptuxwcj'],
    // Cyrillic
    ['АВСԀЕҒԌНІӀЈКМОӨРԚЅТУҮѴԜѠХЬ', 'ABCDEFGHIIJKMOOPQSTYYVWWXb'],
    ['авсԁеєғԍнһіӏјкмоөпрԛгѕтуүѵԝѡхьи', 'abcdeefghhiljkmoonpqrstyyvwwxbu'],
    // Armenian
    ['ՕՍՏԼ', 'OUSL'],
    ['օսոհցզյ', 'ounhgqj'],
    // Arabic as Persian writes it
    ['يىك', 'ییک'],
  ].flatMap(([letters, latin]) => [...letters!].map((letter, at) => [letter, [...latin!][at]!] as const)),
);
const TWO_AS_ONE = { æ: 'ae', œ: 'oe', rn: 'm', vv: 'w' } as const;

/** As it is written, where I and l and 1 are one; in small letters, where they are three; and of its own script, in another case. */
function looksOf(name: string): readonly string[] {
  // An accent is overlooked; what stands at a letter of Devanagari or kana is a sound.
  const bare = name.normalize('NFKD').replace(/([\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}])\p{M}+/gu, '$1');
  const latin = [...bare].map((letter) => LOOKS_LIKE.get(letter) ?? letter).join('');
  // Among capitals nobody reads a small l, nor a one.
  const plain = latin.replace(/\S*\p{Lu}\S*\p{Lu}\S*/gu, (word) => word.replace(/[l1]/g, 'I'));
  return [latin.replace(/[Il]/g, '1'), plain, bare].map((text) => {
    const small = text
      .toLowerCase()
      .replace(/0/g, 'o')
      .replace(/5/g, 's')
      .replace(/[^\p{L}\p{M}\p{N}]/gu, '')
      .replace(/æ|œ|rn|vv/g, (two) => TWO_AS_ONE[two as keyof typeof TWO_AS_ONE]);
    // A name of nothing else is itself.
    return small === '' ? text : small;
  });
}
