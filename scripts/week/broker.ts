// A broker and a mobile network in one process and in virtual time: late, lost, doubled, both ways.

import type { Clock } from '../../sim/src/case/clock.ts';
import type { Dial } from '../../sim/src/modem/broker-link.ts';
import { chance, type Random } from './dice.ts';
import type { World } from './world.ts';

/** LTE-M: from the modem to the broker and back takes 60 to 900 ms on a good day. */
const LATENCY_MS = [60, 900] as const;
/** Now and then a frame hangs in the network. */
const LATE_MS = [5_000, 40_000] as const;
const LATE_SHARE = 0.01;
/** QoS 1 delivers at least once. */
const TWICE_SHARE = 0.05;
const TWICE_MS = [20, 60_000] as const;
/** The broker has it, and the flow behind it dies before the ledger does. */
const LOST_SHARE = 0.03;
/** A frame whose own confirmation is lost with the connection. */
const BROKEN_SHARE = 0.002;
const CONNECT_MS = [400, 3_000] as const;
const STUCK_LOOK_MS = 1_000;

export interface Frame {
  readonly topic: string;
  readonly payload: Uint8Array;
}

export interface Broker {
  readonly dial: Dial;
  /** To whoever is subscribed now; frames for nobody are gone (the sessions are clean). */
  publish(frame: Frame): void;
  /** Bytes in frames that crossed the radio, up and down. */
  readonly traffic: Traffic;
  /** While it is `mute`, what it has for the modem gets lost; while it is `stuck`, it says of no frame that it has it. */
  readonly trouble: { mute: boolean; stuck: boolean };
}

export interface Traffic {
  frames: number;
  payloadBytes: number;
  topicBytes: number;
}

export interface BrokerOptions {
  readonly world: Pick<World, 'after' | 'sleep'> & { readonly clock: Pick<Clock, 'nowMs'> };
  readonly random: Random;
  readonly toCloud: (frame: Frame) => void;
  readonly onDelivered: (frame: Frame) => void;
  /** The modem heard that the broker has its frame. */
  readonly onTaken?: () => void;
  /** A quiet network, for measuring. */
  readonly calm?: boolean;
}

interface Session {
  readonly topics: Set<string>;
  readonly deliver: (frame: Frame) => void;
  readonly lose: () => void;
  /** Frames of one connection keep their order, unless one hangs. */
  freeAtMs: number;
}

export function startBroker({ world, random, toCloud, onDelivered, onTaken, calm = false }: BrokerOptions): Broker {
  const { clock } = world;
  const traffic: Traffic = { frames: 0, payloadBytes: 0, topicBytes: 0 };
  const between = ([least, most]: readonly [number, number]) => least + random() * (most - least);
  const happens = (share: number) => !calm && chance(random, share);
  const trouble = { mute: false, stuck: false };
  let session: Session | undefined;

  const count = ({ topic, payload }: Frame) => {
    traffic.frames += 1;
    traffic.payloadBytes += payload.length;
    traffic.topicBytes += topic.length;
  };
  /** In order, or late. */
  const carry = (free: { freeAtMs: number }, arrive: () => void) => {
    if (happens(LATE_SHARE)) return world.after(between(LATE_MS), arrive);
    const atMs = Math.max(free.freeAtMs, clock.nowMs() + between(calm ? [LATENCY_MS[0], LATENCY_MS[0]] : LATENCY_MS));
    free.freeAtMs = atMs;
    world.after(atMs - clock.nowMs(), arrive);
  };
  const up = (frame: Frame, free: { freeAtMs: number }) => {
    count(frame);
    if (happens(LOST_SHARE)) return;
    carry(free, () => toCloud(frame));
    if (happens(TWICE_SHARE)) world.after(between(TWICE_MS), () => toCloud(frame));
  };
  const down = (frame: Frame) => {
    const to = session;
    if (to === undefined || trouble.mute || !to.topics.has(frame.topic)) return;
    const arrive = () => {
      // What was on its way to a connection that is gone is gone.
      if (session !== to) return;
      count(frame);
      onDelivered(frame);
      to.deliver(frame);
    };
    carry(to, arrive);
    if (happens(TWICE_SHARE)) world.after(between(TWICE_MS), arrive);
  };

  const dial: Dial = async () => {
    await world.sleep(between(calm ? [CONNECT_MS[0], CONNECT_MS[0]] : CONNECT_MS));
    const free = { freeAtMs: 0 };
    let ended = false;
    const end = () => {
      ended = true;
      if (session === own) session = undefined;
    };
    const own: Session = {
      topics: new Set(),
      freeAtMs: 0,
      deliver: ({ topic, payload }) => link.onMessage(topic, payload),
      lose: () => {
        end();
        link.onClose();
      },
    };
    const link: Awaited<ReturnType<Dial>> = {
      get connected() {
        return !ended;
      },
      publish: async (topic, payload) => {
        const broken = happens(BROKEN_SHARE);
        // The broker may have what the modem never hears of.
        if (!broken || chance(random, 0.5)) up({ topic, payload: Uint8Array.from(payload) }, free);
        await world.sleep(between(LATENCY_MS));
        while (trouble.stuck && !ended) await world.sleep(STUCK_LOOK_MS);
        if (ended) throw new Error('the connection is gone');
        if (!broken) return onTaken?.();
        own.lose();
        throw new Error('the connection broke');
      },
      subscribe: async (topic) => {
        await world.sleep(between(LATENCY_MS));
        own.topics.add(topic);
      },
      end,
      onMessage: () => {},
      onClose: () => {},
    };
    // One connection a client: the broker drops an older one.
    session = own;
    return link;
  };
  return {
    dial,
    traffic,
    trouble,
    publish: (frame) => {
      if (!happens(LOST_SHARE)) down(frame);
    },
  };
}
