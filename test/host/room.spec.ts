// Room for so many at once, which comes back in time, for each by itself.
import assert from 'node:assert/strict';
import { roomFor } from '../../host/room.ts';

describe('room', () => {
  const taken = (take: () => boolean, times: number) => Array.from({ length: times }, take).filter(Boolean).length;

  it('is for so many at once, then for as many as come back in time, and never for more', () => {
    let nowMs = 1_000;
    const room = roomFor({ burst: 10, perSecond: 2 }, () => nowMs);
    const take = () => room.take('ann');
    assert.equal(taken(take, 50), 10);
    nowMs += 400;
    assert.equal(taken(take, 50), 0);
    nowMs += 100;
    assert.equal(taken(take, 50), 1);
    nowMs += 3_600_000;
    assert.equal(taken(take, 50), 10);
    // A clock that was put back gives nothing and takes nothing away.
    nowMs -= 60_000;
    assert.equal(taken(take, 50), 0);
  });

  it('is each one’s own', () => {
    const room = roomFor({ burst: 3, perSecond: 1 }, () => 0);
    assert.equal(
      taken(() => room.take('ann'), 9),
      3,
    );
    assert.equal(
      taken(() => room.take('ben'), 9),
      3,
    );
  });

  it('is less for what weighs more; what does not fit takes nothing', () => {
    const room = roomFor({ burst: 10, perSecond: 1 }, () => 0);
    assert.deepEqual(
      [room.take('ann', 8), room.take('ann', 3), room.take('ann', 2), room.take('ann', 1)],
      [true, false, true, false],
    );
  });

  it('remembers whoever is short of it, however many others come', () => {
    let nowMs = 0;
    const room = roomFor({ burst: 2, perSecond: 1 }, () => nowMs);
    for (let at = 0; at < 999; at += 1) room.take(`${at}`);
    nowMs += 1_000;
    room.take('ann', 2);
    for (let at = 0; at < 500; at += 1) room.take(`other ${at}`);
    assert.equal(room.take('ann'), false);
  });
});
