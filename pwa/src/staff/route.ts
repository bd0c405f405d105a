// Decides which of the staff's pages an address is.
import type { Permission } from '@tapcase/domain/protocol';

export type StaffPage = 'home' | 'team' | 'audit' | 'restock' | 'account';

export type StaffRoute =
  | { readonly kind: StaffPage | 'sign-in' | 'unknown' }
  | { readonly kind: 'invite'; readonly token: string };

/** In the order of the menu, with what somebody must be allowed to see it. */
export const PAGES: readonly { readonly kind: StaffPage; readonly path: string; readonly needs?: Permission }[] = [
  { kind: 'home', path: '/' },
  { kind: 'team', path: '/team', needs: 'staff.manage' },
  { kind: 'audit', path: '/audit', needs: 'audit.see' },
  { kind: 'restock', path: '/restock', needs: 'restock' },
  { kind: 'account', path: '/account' },
];

export function staffRouteOf(pathname: string): StaffRoute {
  const path = pathname.length > 1 ? pathname.replace(/\/$/, '') : pathname;
  const [, token] = /^\/invite\/([\w-]+)$/.exec(path) ?? [];
  if (token !== undefined) return { kind: 'invite', token };
  if (path === '/sign-in') return { kind: 'sign-in' };
  return { kind: PAGES.find((page) => page.path === path)?.kind ?? 'unknown' };
}

/** Where to go after signing in: an address of this origin, or none. */
export function nextOf(search: string): string | undefined {
  const next = new URLSearchParams(search).get('next') ?? '';
  // Two slashes, or one and its mirror image, would lead to another host.
  return /^\/(?![/\\])[\w\-./?=&#%]*$/.test(next) ? next : undefined;
}
