// Decides which page an address is. Anything that is not one of ours is `unknown`.

export type Route =
  | { readonly kind: 'home' }
  | { readonly kind: 'visits' }
  | { readonly kind: 'devices' }
  | { readonly kind: 'case'; readonly id: string }
  | { readonly kind: 'visit'; readonly id: string }
  /** Why a visit ended as it did: for its customer, or for staff. */
  | { readonly kind: 'why' | 'staff-why'; readonly id: string }
  | { readonly kind: 'unknown' };

/** Ids are never percent-encoded, so an address with anything else in it is not ours. */
const WITH_ID = /^\/(case|visit|why)\/([A-Za-z0-9_-]{1,64})(\/why)?\/?$/;

export function routeOf(pathname: string): Route {
  if (pathname === '/') return { kind: 'home' };
  if (/^\/visits\/?$/.test(pathname)) return { kind: 'visits' };
  if (/^\/devices\/?$/.test(pathname)) return { kind: 'devices' };
  const [, kind, id, why] = WITH_ID.exec(pathname) ?? [];
  if (id === undefined) return { kind: 'unknown' };
  if (why !== undefined) return kind === 'visit' ? { kind: 'why', id } : { kind: 'unknown' };
  if (kind === 'why') return { kind: 'staff-why', id };
  return kind === 'case' ? { kind: 'case', id } : { kind: 'visit', id };
}

export const casePath = (id: string): string => `/case/${encodeURIComponent(id)}`;
export const visitsPath = '/visits';
export const devicesPath = '/devices';
export const visitPath = (id: string): string => `/visit/${encodeURIComponent(id)}`;
export const whyPath = (visitId: string): string => `${visitPath(visitId)}/why`;
/** The staff's page of money, which is not of this app. */
export const deskPath = '/dashboard/money';
