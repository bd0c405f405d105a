// Decides which page an address is. Anything that is not one of ours is `unknown`.

export type Route =
  | { readonly kind: 'home' }
  | { readonly kind: 'visits' }
  | { readonly kind: 'case'; readonly id: string }
  | { readonly kind: 'visit'; readonly id: string }
  | { readonly kind: 'unknown' };

/** Ids are never percent-encoded, so an address with anything else in it is not ours. */
const WITH_ID = /^\/(case|visit)\/([A-Za-z0-9_-]{1,64})\/?$/;

export function routeOf(pathname: string): Route {
  if (pathname === '/') return { kind: 'home' };
  if (/^\/visits\/?$/.test(pathname)) return { kind: 'visits' };
  const [, kind, id] = WITH_ID.exec(pathname) ?? [];
  if (id === undefined) return { kind: 'unknown' };
  return kind === 'case' ? { kind: 'case', id } : { kind: 'visit', id };
}

export const casePath = (id: string): string => `/case/${encodeURIComponent(id)}`;
export const visitsPath = '/visits';
export const visitPath = (id: string): string => `/visit/${encodeURIComponent(id)}`;
