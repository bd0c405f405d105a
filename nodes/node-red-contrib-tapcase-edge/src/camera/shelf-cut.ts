// What of a picture is shelf, as dialogs store it and as it travels with the picture.
import { asFields, type Fault, invalidProperty, phrase } from '@tapcase/define-node';

/** What is taken off at each edge, as a part of the picture's width or height. */
export interface Cuts {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export interface ShelfCut {
  readonly cuts: Cuts;
  /** What becomes of what is not shelf: gone, or there and not to be recognised. */
  readonly outside: 'cut' | 'blur';
}

export const WHOLE: ShelfCut = { cuts: { left: 0, top: 0, right: 0, bottom: 0 }, outside: 'cut' };

/** A tenth of the picture is the least that can be called a shelf. */
export const CUT_SUM_MAX = 90;

/** Each in percent; undefined where none of the four is set. */
export function shelfCut(
  percents: { readonly [K in keyof Cuts]: number | undefined },
  outside: ShelfCut['outside'],
): ShelfCut | undefined | Fault {
  const { left, top, right, bottom } = percents;
  if ([left, top, right, bottom].every((percent) => percent === undefined)) return undefined;
  const part = (percent = 0) => percent / 100;
  const cuts = { left: part(left), top: part(top), right: part(right), bottom: part(bottom) };
  return checkedCut({ cuts, outside }) ?? tooMuch();
}

/** What a camera said of its picture; undefined for anything else. */
export function travelledCut(raw: unknown): ShelfCut | undefined {
  const { cuts, outside } = asFields(raw);
  const { left, top, right, bottom } = asFields(cuts);
  if (![left, top, right, bottom].every((part) => typeof part === 'number' && part >= 0)) return undefined;
  if (outside !== 'cut' && outside !== 'blur') return undefined;
  return checkedCut({ cuts: { left, top, right, bottom } as Cuts, outside });
}

function checkedCut(cut: ShelfCut): ShelfCut | undefined {
  const { left, top, right, bottom } = cut.cuts;
  // Sums of parts are a hair off: 55 % and 35 % must pass.
  return Math.max(left + right, top + bottom) * 100 > CUT_SUM_MAX + 1e-6 ? undefined : cut;
}

function tooMuch(): Fault {
  return invalidProperty(
    'cut',
    phrase('leaves less than __percent__ % of the picture', { percent: 100 - CUT_SUM_MAX }),
  );
}
