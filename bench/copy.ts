// What the copy of a message that leaves a node costs: a visit with the catalog frozen into it, a report, a picture.
import { copyMessage } from '@tapcase/define-node';
import { Bench } from 'tinybench';

const PRODUCTS = 40;
const product = (n: number) => ({
  sku: `sku-${n}`,
  name: { en: `Product ${n}`, es: `Producto ${n}` },
  priceMinor: 200 + n,
  massGrams: 300 + n,
  toleranceGrams: 5,
  labels: ['bottle'],
  picture: `/pictures/${n}.png`,
});
const catalog = { currency: 'usd', products: Array.from({ length: PRODUCTS }, (_, n) => product(n)) };
const visit = {
  id: 'abcdefghijkl',
  caseId: '1',
  phase: 'open',
  language: 'en',
  catalog,
  card: { brand: 'visa', last4: '4242' },
};
const messages = {
  'a report': {
    _msgid: '1',
    topic: 'case/1/door',
    payload: { type: 'door', id: 'abcdefghijkl', seq: 3, grams: -355.2 },
  },
  [`a visit with ${PRODUCTS} products`]: {
    _msgid: '2',
    visit,
    hold: { id: visit.id, attempt: 1, metadata: { case: '1' } },
  },
  'a picture of 100 kB': { _msgid: '3', payload: Buffer.alloc(100_000, 7), camera: 'top' },
  'a picture of 6 MB': { _msgid: '4', payload: Buffer.alloc(6_000_000, 7), camera: 'top' },
};

const bench = new Bench({ time: 500 });
for (const [name, message] of Object.entries(messages)) {
  bench.add(`copy ${name}`, () => {
    copyMessage(message);
  });
  bench.add(`structuredClone ${name}`, () => {
    structuredClone(message);
  });
}
await bench.run();
console.table(
  bench.tasks.map(({ name, result }) => {
    if (!('latency' in result)) throw new Error(`${name} did not run`);
    return {
      what: name,
      'median us': (result.latency.p50 * 1000).toFixed(1),
      'p99 us': (result.latency.p99 * 1000).toFixed(1),
    };
  }),
);
