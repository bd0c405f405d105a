// What a camera's address means, and how to speak of it without telling its password.

export type Address =
  /** `camera` is libcamera's index or id. */
  | { readonly kind: 'rpicam'; readonly camera: string }
  | { readonly kind: 'v4l2'; readonly device: string }
  /** A whole still picture for each GET; video at `<url>/stream`. */
  | { readonly kind: 'http'; readonly url: string }
  | FfmpegAddress;

export interface FfmpegAddress {
  readonly kind: 'ffmpeg';
  /** ffmpeg's arguments up to and with `-i <input>`. */
  readonly input: readonly string[];
  /** The same for ffprobe, which does not know all of them; undefined where only ffmpeg can read it. */
  readonly look: readonly string[] | undefined;
  /** A clip or a drawn picture, which begins alike at each start: that says nothing of a frozen sensor. */
  readonly repeats: boolean;
  /** What of them no log may show. */
  readonly secret: string;
}

const ADDRESS_LENGTH_MAX = 1_000;

/** Undefined for what is no address of a camera. */
export function parseAddress(text: string): Address | undefined {
  if (text.length > ADDRESS_LENGTH_MAX) return undefined;
  const [, scheme = '', rest = ''] = /^([a-z0-9]+):(.+)$/.exec(text) ?? [];
  switch (scheme) {
    case 'rpicam':
      return /^\d{1,2}$/.test(rest) || rest.startsWith('/') ? { kind: 'rpicam', camera: rest } : undefined;
    case 'v4l2':
      return rest.startsWith('/dev/') ? { kind: 'v4l2', device: rest } : undefined;
    case 'http':
    case 'https':
      return URL.canParse(text) ? { kind: 'http', url: text.replace(/\/$/, '') } : undefined;
    case 'rtsp':
    case 'rtsps':
      return URL.canParse(text) ? rtspAddress(text) : undefined;
    case 'file':
      return fileAddress(rest);
    case 'ffmpeg':
      return ffmpegAddress(rest);
    default:
      return undefined;
  }
}

/** Over TCP: a lost packet of UDP is a grey picture. */
function rtspAddress(url: string): Address {
  const input = ['-rtsp_transport', 'tcp', '-i', url];
  return { kind: 'ffmpeg', input, look: input, repeats: false, secret: url };
}

/** A recorded clip stands in for a camera: again and again, as fast as it was recorded. */
function fileAddress(rest: string): Address {
  const path = rest.replace(/^\/\/(?=\/)/, '');
  const look = ['-i', `file:${path}`];
  return { kind: 'ffmpeg', input: ['-re', '-stream_loop', '-1', ...look], look, repeats: true, secret: '' };
}

/** One input, or ffmpeg's own options with `-i` among them; no option holds a space. */
function ffmpegAddress(rest: string): Address | undefined {
  if (!rest.startsWith('-'))
    return { kind: 'ffmpeg', input: ['-i', rest], look: ['-i', rest], repeats: false, secret: rest };
  const input = rest.trim().split(/\s+/);
  if (!input.includes('-i')) return undefined;
  return { kind: 'ffmpeg', input, look: undefined, repeats: input.includes('lavfi'), secret: rest };
}

/** What a program said, without users, passwords and tokens of addresses. */
export function redact(text: string, address: Address): string {
  const secret = address.kind === 'ffmpeg' ? address.secret : address.kind === 'http' ? address.url : '';
  const named = secret === '' ? text : text.replaceAll(secret, '(address)');
  return named.replace(/:\/\/[^\s'"]*@/g, '://').replace(/\?[^\s'":]*/g, '');
}
