// Those who only hold on to what they have: slow connections that never finish a request, and phones that watch a visit. Whoever is
// let go comes back at once.
import type { Socket } from 'node:net';
import { Gone, opened, type Target } from '../../../test/fuzz/wire.ts';

export interface Crowd {
  /** How many are connected in this moment. */
  count(): number;
  /** How many connections have ended, whoever ended them. */
  ended(): number;
  leave(): void;
}

/** A letter for each of them in this time: none is ever quiet long enough to be called idle by a byte count. */
const LETTER_MS = 5_000;
/** Those who are let go come back no faster than this, or the crowd would be a flood. */
const BACK_MS = 100;

type Habit = (socket: Socket) => void;

const dribble = (socket: Socket, head: string, letter: string) => {
  socket.write(head);
  const timer = setInterval(() => socket.write(letter), LETTER_MS);
  socket.once('close', () => clearInterval(timer));
};

/** A head without end, a body without end, and nothing at all. */
const SLOW: readonly Habit[] = [
  (socket) => dribble(socket, 'POST /api/sign-in HTTP/1.1\r\nhost: shop.test\r\nx-slow: ', 'x'),
  (socket) =>
    dribble(
      socket,
      'POST /api/sign-in HTTP/1.1\r\nhost: shop.test\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n{"email":"',
      'x',
    ),
  () => {},
];

export function slowCrowd(count: number, target: (number: number) => Target): Promise<Crowd> {
  return crowd(count, target, (number) => SLOW[number % SLOW.length]!);
}

/** A phone that watches is locked or loses its network after so long, and each a little later than the one before. */
const WATCHES_MS = 5_000;
const LATER_MS = 37;

export interface Watchers extends Crowd {
  /** How many were shown something. */
  shown(): number;
  /** How often one was told that too many watch. */
  refused(): number;
}

/** `ask`: the whole request of each. They go without a word, and come back. */
export async function watchers(
  count: number,
  target: (number: number) => Target,
  ask: (number: number) => string,
): Promise<Watchers> {
  const seen = new Set<number>();
  let refused = 0;
  const watching = await crowd(count, target, (number) => (socket) => {
    socket.on('data', (data) => {
      if (data.includes('event: visit')) seen.add(number);
      if (data.includes('live.too-many')) refused += 1;
    });
    socket.write(ask(number));
    const timer = setTimeout(() => socket.resetAndDestroy(), WATCHES_MS + number * LATER_MS);
    socket.once('close', () => clearTimeout(timer));
  });
  return { ...watching, shown: () => seen.size, refused: () => refused };
}

async function crowd(
  count: number,
  target: (number: number) => Target,
  habit: (number: number) => Habit,
): Promise<Crowd> {
  const sockets = new Set<Socket>();
  let isOver = false;
  let ended = 0;
  const join = async (number: number): Promise<void> => {
    const socket = await opened(target(number));
    if (isOver) return void socket.destroy();
    sockets.add(socket);
    socket.resume();
    socket.once('close', () => {
      sockets.delete(socket);
      if (isOver) return;
      ended += 1;
      setTimeout(() => join(number).catch(missed), BACK_MS);
    });
    habit(number)(socket);
  };
  /** A shop that is gone is found by those who ask it something. */
  const missed = (thrown: unknown) => {
    if (!(thrown instanceof Gone)) throw thrown;
  };
  for (let number = 0; number < count; number += 1) await join(number);
  return {
    count: () => sockets.size,
    ended: () => ended,
    leave: () => {
      isOver = true;
      for (const socket of sockets) socket.destroy();
    },
  };
}
