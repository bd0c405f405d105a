// What people see of a shop, in a real browser: customers, staff, technician and whoever changes its flows. One shop and one
// browser serve all these stories in turn, for their start costs more than most of them. What is sold is gone: of each kind there
// are six pieces for all of them together.
import { story, withBrowser } from './shop-bench.ts';
import { devices } from './stories/devices.ts';
import { editor } from './stories/editor.ts';
import { money } from './stories/money.ts';
import { pictures } from './stories/pictures.ts';
import { purchase } from './stories/purchase.ts';
import { reviews } from './stories/reviews.ts';
import { sensors } from './stories/sensors.ts';
import { technician } from './stories/technician.ts';
import { troubles } from './stories/troubles.ts';
import { why } from './stories/why.ts';

describe('in the browser', () => {
  const bench = withBrowser();

  // Looks at the visits of the shop, and there are none but its own yet; starts all flows again, before anybody is in the
  // middle of a visit.
  story('the editor', bench, editor);
  // Teaches the case with visits of its own, and takes them away.
  story('the sensors page in the browser', bench, sensors);
  // Sees the full shelf.
  story('the technician’s page in the browser', bench, technician);
  // Takes a certain cola.
  story('why, in the browser', bench, why);
  story('a purchase in the browser', bench, purchase);
  story('where a customer is signed in, in the browser', bench, devices);
  story('money in the browser', bench, money);
  story('trouble at the virtual case', bench, troubles);
  story('pictures, in the browser', bench, pictures);
  story('reviews in the browser', bench, reviews);
});
