// What of a picture is shelf, as dialogs store it and as it travels with the picture.
import { asFields } from '@tapcase/define-node';
import { Fault } from '@tapcase/domain';

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
const CUT_SUM_MAX = 90;

/** Percent in `cutLeft`, `cutTop`, `cutRight`, `cutBottom`, and `outside`; undefined where all four are empty. */
export function storedCut(raw: unknown): ShelfCut | undefined | Fault {
  const { cutLeft, cutTop, cutRight, cutBottom, outside = '' } = asFields(raw);
  const stored = { left: cutLeft, top: cutTop, right: cutRight, bottom: cutBottom };
  if (Object.values(stored).every((value) => value === undefined || String(value).trim() === '')) return undefined;
  if (outside !== 'cut' && outside !== 'blur' && outside !== '') {
    return new Fault('config.invalid', 'outside wants cut or blur');
  }
  const cuts: Record<string, number> = {};
  for (const [edge, value] of Object.entries(stored)) {
    const percent = Number(value ?? 0);
    if (!(percent >= 0 && percent <= CUT_SUM_MAX)) {
      return new Fault('config.invalid', `the cut at the ${edge} wants 0 to ${CUT_SUM_MAX}`);
    }
    cuts[edge] = percent / 100;
  }
  return checkedCut({ cuts: cuts as unknown as Cuts, outside: outside === '' ? 'cut' : outside }) ?? tooMuch();
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
  return new Fault('config.invalid', `opposite cuts leave less than ${100 - CUT_SUM_MAX} % of the picture`);
}
