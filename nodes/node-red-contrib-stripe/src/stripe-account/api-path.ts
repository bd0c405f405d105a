// Which paths of Stripe's API may be called: the key goes with each call, so nothing else ever gets one.

const LENGTH_MAX = 500;
/** Letters, digits and the marks of ids; what else an id has is percent-encoded. No query: that is made of the parameters. */
const PATH = /^\/v[12](\/([\w.~:@!$'()*+,;=-]|%[0-9A-Fa-f]{2})+)+$/;

export function isApiPath(path: unknown): path is string {
  if (typeof path !== 'string' || path.length > LENGTH_MAX || !PATH.test(path)) return false;
  // Whoever reads it on the way may decode it first: `..` would leave the thing that was meant, a hidden `/` name another.
  return path.split('/').every((part) => {
    const plain = decoded(part);
    return plain !== undefined && plain !== '.' && plain !== '..' && !/[/\\?#\p{Cc}]/u.test(plain);
  });
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
