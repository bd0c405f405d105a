// A person's decision about a basket: what it costs, and that no customer ever pays more than it.
import assert from 'node:assert/strict';
import { correctedBasket, Fault, planCorrection, planWaiver } from '@tapcase/domain';
import fc from 'fast-check';
import { DEMO } from './demo-catalog.ts';

const code = (result: unknown) => (result instanceof Fault ? result.code : result);

describe('a corrected basket', () => {
  it('adds equal products up, leaves out what is 0, and costs what the visit’s catalog says', () => {
    const lines = [
      { sku: 'chips', count: 1 },
      { sku: 'cola', count: 1 },
      { sku: 'soda', count: 0 },
      { sku: 'cola', count: 1 },
    ];
    assert.deepEqual(correctedBasket(lines, DEMO), {
      lines: [
        { sku: 'cola', count: 2 },
        { sku: 'chips', count: 1 },
      ],
      totalMinor: 550,
    });
    assert.deepEqual(correctedBasket([], DEMO), { lines: [], totalMinor: 0 });
  });

  it('with a product that was not for sale then, or a count that cannot be, is refused', () => {
    assert.equal(code(correctedBasket([{ sku: 'beer', count: 1 }], DEMO)), 'review.unknown-sku');
    assert.equal(code(correctedBasket([{ sku: 'cola', count: 1_000 }], DEMO)), 'review.bad-lines');
    assert.notEqual(code(correctedBasket([{ sku: 'cola', count: 999 }], DEMO)), 'review.bad-lines');
    const twice = [999, 1].map((count) => ({ sku: 'cola', count }));
    assert.equal(code(correctedBasket(twice, DEMO)), 'review.bad-lines');
    assert.equal(code(correctedBasket([{ sku: 'cola', count: -1 }], DEMO)), 'review.bad-lines');
  });
});

describe('the money of a review', () => {
  /** Any visit as the ladder, debts and staff can leave it. */
  const money = fc
    .record({
      basketMinor: fc.nat(5_000),
      received: fc.double({ min: 0, max: 1, noNaN: true }),
      given: fc.double({ min: 0, max: 1, noNaN: true }),
      waived: fc.double({ min: 0, max: 1, noNaN: true }),
      isOwed: fc.boolean(),
    })
    .map(({ basketMinor, received, given, waived, isOwed }) => {
      const receivedMinor = Math.floor(basketMinor * received);
      const unpaidMinor = basketMinor - receivedMinor;
      const waivedMinor = isOwed ? Math.floor(unpaidMinor * waived) : unpaidMinor;
      const givenMinor = Math.floor(receivedMinor * given);
      return { basketMinor, receivedMinor, givenMinor, waivedMinor, owedMinor: unpaidMinor - waivedMinor };
    });

  it('never lets a customer pay more than the corrected basket costs, and never gives back more than was received', () => {
    fc.assert(
      fc.property(money, fc.nat(6_000), (before, costsMinor) => {
        const { owedMinor, refundMinor, forgiveMinor, raiseMinor } = planCorrection(before, costsMinor);
        const paysMinor = before.receivedMinor - before.givenMinor - refundMinor + owedMinor;
        assert.ok(paysMinor <= costsMinor);
        assert.ok(refundMinor >= 0 && refundMinor <= before.receivedMinor - before.givenMinor);
        assert.ok(forgiveMinor >= 0 && forgiveMinor <= before.owedMinor);
        assert.ok(raiseMinor === 0 || raiseMinor === costsMinor - before.basketMinor);
      }),
    );
  });

  it('takes nothing back that staff gave or let go: who paid all pays exactly the difference', () => {
    const all = { basketMinor: 400, receivedMinor: 400, givenMinor: 150, waivedMinor: 0, owedMinor: 0 };
    assert.deepEqual(planCorrection(all, 600), { raiseMinor: 200, owedMinor: 200, forgiveMinor: 0, refundMinor: 0 });
    assert.deepEqual(planCorrection(all, 300), { raiseMinor: 0, owedMinor: 0, forgiveMinor: 0, refundMinor: 0 });
    assert.deepEqual(planCorrection(all, 200), { raiseMinor: 0, owedMinor: 0, forgiveMinor: 0, refundMinor: 50 });
    const letGo = { basketMinor: 400, receivedMinor: 300, givenMinor: 0, waivedMinor: 100, owedMinor: 0 };
    assert.equal(planCorrection(letGo, 600).owedMinor, 200);
  });

  it('a waiver asks for nothing more, and gives back only what staff say', () => {
    fc.assert(
      fc.property(money, fc.boolean(), (before, givesBack) => {
        const { owedMinor, refundMinor, raiseMinor } = planWaiver(before, givesBack);
        const left = before.receivedMinor - before.givenMinor;
        assert.deepEqual([owedMinor, raiseMinor, refundMinor], [0, 0, givesBack ? left : 0]);
      }),
    );
  });

  it('what somebody else paid too much goes back', () => {
    const over = { basketMinor: 400, receivedMinor: 500, givenMinor: 0, waivedMinor: 0, owedMinor: 0 };
    assert.equal(planCorrection(over, 400).refundMinor, 100);
    assert.deepEqual(planCorrection(over, 450), { raiseMinor: 50, owedMinor: 0, forgiveMinor: 0, refundMinor: 50 });
    // A ledger that was put back knows no basket, and learnt what was received for it.
    const restored = { ...over, basketMinor: 0, receivedMinor: 440 };
    assert.deepEqual(planCorrection(restored, 200), {
      ...{ raiseMinor: 200, owedMinor: 0, forgiveMinor: 0, refundMinor: 240 },
    });
    assert.equal(planCorrection({ ...restored, givenMinor: 300 }, 200).refundMinor, 0);
    assert.equal(planWaiver(over, false).refundMinor, 100, 'a waiver keeps no more than the basket');
    assert.equal(planWaiver({ ...over, givenMinor: 60 }, false).refundMinor, 40);
    assert.equal(planWaiver(restored, false).refundMinor, 0, 'nobody knows what would be too much');
  });
});
