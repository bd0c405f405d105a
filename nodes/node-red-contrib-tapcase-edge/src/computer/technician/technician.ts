// Keeps what a technician wants to see of an edge at one glance, the computer's own health among it, and gives it to a page no
// more than once a second; and tells, once, when the computer begins to need a person.
import { defineNode, fillEmpty, isGiven, type NodeContext, parsed, type SettingsHolder } from '@tapcase/define-node';
import { Fault, orThrow } from '@tapcase/domain';
import { EMPTY_BOARD, tell } from './board.ts';
import { technician as contract, healthOf, parseMessage, type Told } from './contract.ts';
import { type HealthConfig, healthStatus, parseHealthConfig, watchHealth } from './health.ts';
import type { Health, HealthSources } from './read-health.ts';

/** Two cameras and thirty nodes speak often; nobody reads faster. */
const TELL_MS = 1_000;
/** A disk fills and a Pi heats up in minutes. */
const HEALTH_MS = 10_000;

type Output = 'board' | 'unwell';

/** `sources`, `healthMs`: tests have their own machine, and look at it more often. */
export function technician(sources: Omit<HealthSources, 'folder'> = {}, healthMs = HEALTH_MS) {
  return defineNode({
    ...contract,
    parseMessage,
    build: (config, node) => {
      let board = EMPTY_BOARD;
      let due: NodeJS.Timeout | undefined;
      node.onClose(() => clearTimeout(due));
      const show = (told: Told) => {
        board = tell(board, told, node.now());
        due ??= setTimeout(() => {
          due = undefined;
          node.emit({ to: 'board', add: { payload: board } });
        }, TELL_MS);
      };
      const health = healthConfigOf(config, node);
      keepLooking(health instanceof Fault ? health : watchHealth(sources, health), healthMs, node, show);
      return (told) => {
        show(told);
        return undefined;
      };
    },
  });
}

export default technician();

/** A wrong setting stops the look at the computer and leaves the board: that is where a technician reads of it. */
function healthConfigOf(
  { state, ...own }: { readonly state: string; readonly folder: string; readonly diskFreeMbMin: string },
  node: NodeContext<Output>,
): HealthConfig | Fault {
  return parsed(() => {
    const theirs = isGiven(state) ? node.use<SettingsHolder>(state, 'tapcase-edge').settings : {};
    return orThrow(parseHealthConfig(fillEmpty({ diskFreeMbMin: 'diskFreeMbMin' })(own, theirs)));
  });
}

/** From when all nodes are there: a warning that comes before would be lost on its way. */
function keepLooking(
  watch: ReturnType<typeof watchHealth> | Fault,
  everyMs: number,
  node: NodeContext<Output>,
  show: (told: Told) => void,
): void {
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const look = async () => {
    if (watch instanceof Fault) return node.fail(watch);
    const { health, isNew } = await watch();
    if (isOver) return;
    timer = setTimeout(look, everyMs);
    show({ kind: 'health', health: healthOf(health) });
    node.status(healthStatus(health), looksOf(health));
    if (isNew) node.emit({ to: 'unwell', add: { health } });
  };
  const start = () => void look();
  node.RED.events.once('flows:started', start);
  node.onClose(() => {
    node.RED.events.removeListener('flows:started', start);
    isOver = true;
    clearTimeout(timer);
  });
}

function looksOf({ warnings }: Health): 'did' | 'needs-person' {
  return warnings.length > 0 ? 'needs-person' : 'did';
}
