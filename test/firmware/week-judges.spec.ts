// Who judges a rough week sees what must not happen: each is shown a wrong one, and a right one beside it.
import assert from 'node:assert/strict';
import { Contact } from '../../scripts/week/contact.ts';
import { dice } from '../../scripts/week/dice.ts';
import { Door } from '../../scripts/week/door.ts';
import { DoorEvents } from '../../scripts/week/events.ts';
import { Silence } from '../../scripts/week/silence.ts';
import { TenSeconds } from '../../scripts/week/ten-seconds.ts';

const noWords = () => {};

describe('the judge of a rough week', () => {
  let nowMs: number;
  beforeEach(() => {
    nowMs = 0;
  });

  it('sees who was shut out before his ten seconds were over, and nobody else', () => {
    const table: [string, number, (judge: TenSeconds) => void, number][] = [
      ['locked after nine seconds', 9_000, () => {}, 1],
      ['locked after ten', 10_000, () => {}, 0],
      ['had opened the door', 2_000, (judge) => judge.opened(), 0],
      ['the plug was pulled', 2_000, (judge) => judge.dark(), 0],
    ];
    for (const [name, passedMs, between, lost] of table) {
      const judge = new TenSeconds(() => nowMs, noWords);
      judge.released();
      nowMs += passedMs;
      between(judge);
      judge.locked('the lock shut');
      assert.equal(judge.lost, lost, name);
    }
  });

  it('measures how long a powered modem carried nothing without a step of its ladder', () => {
    const judge = new Silence(() => nowMs, noWords);
    judge.step();
    nowMs = 60_000;
    judge.carried();
    nowMs = 100_000;
    judge.end();
    // Without power nobody is silent.
    nowMs = 900_000;
    judge.step();
    nowMs = 950_000;
    judge.end();
    assert.equal(judge.longestMs, 60_000);
    assert.equal(judge.carriedAtMs, 60_000);
  });

  const event = (board: string, seq: number, type = 'forced', visit = '') => ({ board, seq, type, visit });

  it('knows an event by its board and its number, and leaves out what went away inside a board', () => {
    const events = new DoorEvents(noWords);
    const [told, acked, kept, ofNext] = [event('a', 1), event('a', 2), event('a', 3), event('b', 1)];
    for (const one of [told, acked, kept, ofNext]) events.put(one);
    events.acked('a', 2);
    events.retire('a', []);
    const { sent, recorded, ackedAndGone, duplicates } = events.reckon([[told, ofNext]], new Set());
    // Nothing of the third is known to anybody; the second was called safe and is nowhere.
    assert.deepEqual(
      { sent, recorded, ackedAndGone, duplicates },
      { sent: 3, recorded: 2, ackedAndGone: 1, duplicates: 0 },
    );
  });

  it('counts a ledger that was replaced, and calls twice only what stands twice in one', () => {
    const events = new DoorEvents(noWords);
    const [early, late] = [event('a', 1), event('a', 2)];
    for (const one of [early, late]) events.put(one);
    const both = events.reckon([[early, late], [early]], new Set());
    assert.deepEqual([both.sent, both.recorded, both.duplicates], [2, 2, 0]);
    assert.equal(events.reckon([[early, late, late]], new Set()).duplicates, 1);
    // Under the name of another board it is the same event.
    const misnamed = events.reckon([[early, event('b', 2)]], new Set());
    assert.deepEqual([misnamed.recorded, misnamed.misnamed, misnamed.duplicates], [2, 1, 0]);
    assert.equal(events.reckon([[early, late, event('a', 9)]], new Set()).recorded, 3);
  });

  it('misses the end of a visit, but for one whose board was taken away', () => {
    const events = new DoorEvents(noWords);
    const end = event('a', 1, 'closed', 'visit01');
    events.put(end);
    events.acked('a', 1);
    events.retire('a', ['visit01', 'visit02']);
    assert.equal(events.reckon([[end]], new Set(['visit01', 'visit02', 'visit03'])).withoutEnd, 1);
    assert.equal(events.reckon([[]], new Set(['visit01'])).withoutEnd, 1);
  });
});

describe('a contact of a rough week', () => {
  it('bounces for at most a fifth of a second, and then says what is so', () => {
    let nowMs = 0;
    let stirred = 0;
    const contact = new Contact({
      random: dice(1, 1),
      nowMs: () => nowMs,
      stir: () => {
        stirred += 1;
      },
    });
    let wrong = 0;
    for (let move = 0; move < 100; move += 1) {
      const on = move % 2 === 0;
      for (let ms = 0; ms < 1_000; ms += 1) {
        if (ms === 500) contact.shake(0);
        const said = contact.read(on);
        if (said !== on) wrong += 1;
        if ((ms >= 201 && ms < 500) || ms >= 701) assert.equal(said, on, `${ms} ms after it moved`);
        nowMs += 1;
      }
    }
    assert.ok(wrong > 100 && contact.bounces > 130, `${wrong} wrong, ${contact.bounces} bounces`);
    assert.equal(stirred, contact.bounces);
  });
});

describe('the judge of the lock', () => {
  const unlock = (id: string) => ({ topic: 'case/1/cmd', payload: Buffer.from(`{"type":"unlock","id":"${id}"}|mac`) });

  it('takes the newer of two commands for the one that was obeyed, also where the older one comes twice', () => {
    const door = new Door(() => 0);
    for (const id of ['visit01', 'visit02', 'visit01']) door.delivered(unlock(id));
    door.release(noWords);
    assert.deepEqual([...door.released], ['visit02']);
  });

  it('sees a release without a command, a second one for the same, and one while customers are kept out', () => {
    let nowMs = 0;
    const door = new Door(() => nowMs);
    door.release(noWords);
    door.delivered(unlock('visit01'));
    door.release(noWords);
    door.delivered(unlock('visit01'));
    door.release(noWords);
    door.keepsOut(true);
    nowMs = 5_000;
    door.delivered(unlock('visit02'));
    door.release(noWords);
    assert.equal(door.withoutCommand, 3);
  });
});
