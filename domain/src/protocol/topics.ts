// Names the MQTT topics of a case and says which device owns each.
import { Fault } from '../fault.ts';

/** The controller is the ESP32-S3 at the lock and the scale; the pi sees. Each has its own key. */
export type Device = 'controller' | 'pi';

/** What follows `case/{id}/` in a topic. */
export type Channel = 'cmd' | 'vision/cmd' | 'door' | 'status' | 'vision';

const DEVICE_OF: Readonly<Record<Channel, Device>> = {
  cmd: 'controller',
  door: 'controller',
  status: 'controller',
  'vision/cmd': 'pi',
  vision: 'pi',
};

/** 1 to 32 of letters, digits, dash and underscore: never a topic wildcard, a slash or a path. */
export const CASE_ID = /^[A-Za-z0-9_-]{1,32}$/;

export interface TopicParts {
  readonly caseId: string;
  readonly channel: Channel;
  /** Whose key signs this topic, in either direction. */
  readonly device: Device;
}

export function topicOf(caseId: string, channel: Channel): string {
  return `case/${caseId}/${channel}`;
}

export function deviceOf(channel: Channel): Device {
  return DEVICE_OF[channel];
}

/** The parts of a topic, or `topic.unknown`. */
export function parseTopic(topic: string): TopicParts | Fault {
  const [root, caseId, ...rest] = topic.split('/');
  const channel = rest.join('/');
  if (root !== 'case' || caseId === undefined || !CASE_ID.test(caseId) || !isChannel(channel)) {
    return new Fault('topic.unknown', 'not a topic of a case', { topic: topic.slice(0, 128) });
  }
  return { caseId, channel, device: DEVICE_OF[channel] };
}

function isChannel(text: string): text is Channel {
  return Object.hasOwn(DEVICE_OF, text);
}
