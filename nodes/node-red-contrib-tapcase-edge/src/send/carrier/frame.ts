// A signed frame on its way, and which serial line it goes over, if any.

import { configText, invalidProperty, parsed, phrase, readFields } from '@tapcase/define-node';
import { Fault, FRAME_BYTES_MAX, parseTopic } from '@tapcase/domain';

export interface CarrierConfig {
  /** Undefined: there is no serial line, frames go over the network. */
  readonly path: string | undefined;
  readonly baud: number;
}

export interface CarriedFrame {
  readonly topic: string;
  readonly payload: Uint8Array;
}

const BAUD_MIN = 1_200;
/** What the ESP32's and the Pi's UARTs are both sure of over a metre of wire. */
const BAUD_MAX = 921_600;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export function parseCarrier(raw: unknown): CarrierConfig | Fault {
  const path = configText(raw, 'serialPort');
  if (path !== 'none' && !/^\/\S{1,200}$/.test(path)) {
    return invalidProperty('serialPort', phrase('wants a path such as /dev/serial0, or none'));
  }
  return parsed(() => ({
    path: path === 'none' ? undefined : path,
    baud: readFields(raw, 'config.invalid').whole('baud', { min: BAUD_MIN, max: BAUD_MAX }),
  }));
}

/** The same frame, or why no line can carry it. What comes over the line is held to the same. */
export function checkedFrame(frame: CarriedFrame): CarriedFrame | Fault {
  const { topic, payload } = frame;
  const parts = parseTopic(topic);
  if (parts instanceof Fault) return parts;
  if (payload.length > FRAME_BYTES_MAX) {
    return new Fault('frame.too-long', `frame of ${payload.length} bytes, limit ${FRAME_BYTES_MAX}`, { topic });
  }
  // Compact JSON and hex have no line end; whatever has one is no frame.
  if (payload.length === 0 || payload.includes(LINE_FEED) || payload.includes(CARRIAGE_RETURN)) {
    return new Fault('frame.malformed', 'the frame is empty or has a line end', { topic });
  }
  return frame;
}
