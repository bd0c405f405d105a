// The whole shop as a new user starts it: launcher, world, firmware, cameras, cloud, edge and Stripe's stand-in. One shop
// serves all these stories in turn, for its start costs more than most of them. What is sold is gone: of each kind there
// are six pieces for all of them together.
import { story, withPatientShop } from './shop-bench.ts';
import { closedCase } from './stories/closed-case.ts';
import { edgeSignOn } from './stories/edge-sign-on.ts';
import { edgeTroubles } from './stories/edge-troubles.ts';
import { ownFlows } from './stories/own-flows.ts';
import { pulledPlug } from './stories/pulled-plug.ts';
import { purchases } from './stories/purchase.ts';
import { sessions } from './stories/sessions.ts';
import { storm } from './stories/storm.ts';
import { EDGE_PASSWORD, stranger } from './stories/stranger.ts';
import { turnedAway } from './stories/turned-away.ts';

describe('the whole shop', () => {
  const bench = withPatientShop({
    env: { EDITOR_PASSWORD: EDGE_PASSWORD },
    // One story holds the door open longer than it may be; another hears from the case's statuses how its door is.
    limits: { open_too_long_ms: 1_000, status_ms: 2_000 },
    recorded: true,
  });

  story('a purchase, from tap to receipt', bench, purchases);
  story('a stranger at the front door', bench, stranger);
  story('a storm of strangers', bench, storm);
  story('customers at the front door', bench, sessions);
  story('the cloud’s staff at the Pi', bench, edgeSignOn);
  story('a tap at a case that lets nobody in', bench, closedCase);
  story('a tap at a case that opens nothing', bench, turnedAway);
  story('an operator’s own flows', bench, ownFlows);
  story('a visit whose cameras are no help', bench, edgeTroubles);
  story('a plug pulled from the edge during a visit', bench, pulledPlug);
});
