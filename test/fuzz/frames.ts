// What somebody may say on a socket.

/** Frames that no WebSocket speaks, or none that is polite: unmasked, of a false length, reserved, a bomb's head, deep text. */
export const FRAMES = [
  '8100',
  '81fe',
  '81ff7fffffffffffffff',
  'ff80',
  '8000',
  '0980',
  '88820000000003e8',
  '897e0100',
  'c18500000000',
  '818400000000',
].map((hex) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.from('null')]));
