// Asks a camera that serves still pictures for one, within bounds of time and bytes.
import { Fault } from '@tapcase/domain';

/** A 4K PNG stays below this. */
const BYTES_MAX = 20_000_000;

/** `camera.unreachable` when nothing comes in `answerMs`, `camera.bad-picture` when too much does. */
export async function fetchStill(address: string, answerMs: number): Promise<Buffer> {
  try {
    const { url, headers } = withoutPassword(address);
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(answerMs) });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Fault('camera.unreachable', `the camera answered ${response.status}`);
    }
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body) {
      length += chunk.length;
      if (length > BYTES_MAX) throw new Fault('camera.bad-picture', `the picture is over ${BYTES_MAX} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (thrown) {
    if (thrown instanceof Fault) throw thrown;
    // Without the cause: its text may hold the address.
    throw new Fault('camera.unreachable', 'the camera does not answer');
  }
}

/** fetch refuses an address with a user in it. */
function withoutPassword(address: string): { url: URL; headers: Record<string, string> } {
  const url = new URL(address);
  const { username, password } = url;
  if (username === '' && password === '') return { url, headers: {} };
  url.username = '';
  url.password = '';
  const secret = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  return { url, headers: { authorization: `Basic ${secret}` } };
}
