// Which numbers of each case and channel were seen.
import { EMPTY_WINDOW, type SeenWindow } from '@tapcase/domain';
import type { Db } from './rows.ts';

/** Locked: two deliveries of one report at once are judged one after the other. */
export async function windowOf(tx: Db, caseId: string, channel: string): Promise<SeenWindow> {
  const locked = () =>
    tx
      .selectFrom('device_seqs')
      .select(['highest', 'bitmap'])
      .where('case_id', '=', caseId)
      .where('channel', '=', channel)
      .forUpdate();
  let row = await locked().executeTakeFirst();
  if (row === undefined) {
    // The first of its life; of two at once the second waits here for the row of the first.
    await tx
      .insertInto('device_seqs')
      .values({ case_id: caseId, channel, ...EMPTY_WINDOW })
      .onConflict((conflict) => conflict.columns(['case_id', 'channel']).doNothing())
      .execute();
    row = await locked().executeTakeFirstOrThrow();
  }
  return { highest: Number(row.highest), bitmap: row.bitmap };
}

export async function putWindow(
  tx: Db,
  caseId: string,
  channel: string,
  { highest, bitmap }: SeenWindow,
): Promise<void> {
  await tx
    .insertInto('device_seqs')
    .values({ case_id: caseId, channel, highest, bitmap })
    .onConflict((conflict) => conflict.columns(['case_id', 'channel']).doUpdateSet({ highest, bitmap }))
    .execute();
}
