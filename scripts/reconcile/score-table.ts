// A score as a person reads it: one figure a line, each share with its count and its 95 % interval.
import {
  type Calibration,
  formatMinor,
  type ItemScore,
  type MoneyScore,
  type Rate,
  type ScoreResult,
} from '@tapcase/domain';

const NAME_CHARS = 28;

export function scoreTable(result: ScoreResult): string {
  const { exactBaskets, exactCharges, overcharged, netOvercharged, undercharged, review } = result;
  const verdicts = Object.entries(result.verdicts).map(([verdict, visits]) => `${verdict} ${visits}`);
  const rows: (readonly [string, string])[] = [
    ['visits with a truth', String(result.visits)],
    ['exact baskets', share(exactBaskets)],
    ['exact charges', share(exactCharges)],
    ['overcharged visits', share(overcharged)],
    ['overcharged in total', share(netOvercharged)],
    ['undercharged visits', share(undercharged)],
    ['review (disputed)', share(review)],
    ['verdicts', verdicts.join(', ')],
    ['no basket explains it', String(result.unanswered)],
    ['search at its work limit', String(result.limited)],
    ['pieces, best basket', items(result.items)],
    ['pieces, charged', items(result.chargedItems)],
    ...Object.entries(result.money).flatMap(([currency, money]) => moneyRows(currency, money)),
    ...calibrationRows(result.calibration),
  ];
  return rows.map(([name, value]) => `${name.padEnd(NAME_CHARS)}${value}\n`).join('');
}

function share({ count, of, rate, low, high }: Rate): string {
  return `${percent(rate)} (${count} of ${of}; 95 %: ${percent(low)} to ${percent(high)})`;
}

function items({ precision, recall, f1, right, named, taken }: ItemScore): string {
  const counts = `${right} right of ${named} named and ${taken} taken`;
  return `precision ${percent(precision)}, recall ${percent(recall)}, F1 ${percent(f1)} (${counts})`;
}

function moneyRows(currency: string, money: MoneyScore): (readonly [string, string])[] {
  const amount = (amountMinor: number) => formatMinor(amountMinor, currency);
  const { overchargedMinor, underchargedMinor, netOverchargedMinor, netUnderchargedMinor } = money;
  return [
    ['charged, and what was taken', `${amount(money.chargedMinor)}, ${amount(money.truthMinor)}`],
    ['overcharged, gross and net', `${amount(overchargedMinor)}, ${amount(netOverchargedMinor)}`],
    ['undercharged, gross and net', `${amount(underchargedMinor)}, ${amount(netUnderchargedMinor)}`],
  ];
}

/** Only bins with visits in them. */
function calibrationRows({ bins, expectedError, brier, logLossNats }: Calibration): (readonly [string, string])[] {
  return [
    [
      'expected calibration error',
      `${decimal(expectedError)}; Brier ${decimal(brier)}, log loss ${decimal(logLossNats)} nats`,
    ],
    ...bins
      .filter(({ right }) => right.of > 0)
      .map(({ from, to, statedMean, right }): readonly [string, string] => [
        `  stated ${from} to ${to}`,
        `${percent(statedMean)} stated, right ${share(right)}`,
      ]),
  ];
}

function percent(part: number | null): string {
  return part === null ? '-' : `${(100 * part).toFixed(2)} %`;
}

function decimal(value: number | null): string {
  return value === null ? '-' : value.toFixed(4);
}
