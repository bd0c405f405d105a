// What each role of the staff may do: one table, read wherever somebody asks for something.

export const ROLES = ['owner', 'operator', 'technician', 'restocker'] as const;
export type StaffRole = (typeof ROLES)[number];

/** A thing that is asked for, and refused or not, as one. */
export type Permission =
  /** Invite, change a role, disable, end sessions of others. */
  | 'staff.manage'
  | 'audit.see'
  | 'money.see'
  /** Refund, waive, lower. */
  | 'money.order'
  /** Say what was taken, where nobody could tell. */
  | 'reviews.decide'
  /** Products, prices, weights. */
  | 'catalog.change'
  | 'flows.read'
  /** Deploy tabs of the shop's own making. */
  | 'flows.own'
  /** Deploy everything, the tabs as shipped included. */
  | 'flows.core'
  | 'device.see'
  /** Say that a case has another board. */
  | 'device.order'
  | 'restock';

type Row = Readonly<Record<StaffRole, boolean>>;

const row = (owner: boolean, operator: boolean, technician: boolean, restocker: boolean): Row => ({
  owner,
  operator,
  technician,
  restocker,
});

const YES = true;
const no = false;

/** Every cell is written down: whoever adds a permission decides it for each role. */
const TABLE: Readonly<Record<Permission, Row>> = {
  //                      owner operator technician restocker
  'staff.manage': /*  */ row(YES, no, no, no),
  // It names colleagues and where they signed in from.
  'audit.see': /*     */ row(YES, YES, no, no),
  'money.see': /*     */ row(YES, YES, no, no),
  'money.order': /*   */ row(YES, YES, no, no),
  'reviews.decide': /**/ row(YES, YES, no, no),
  'catalog.change': /**/ row(YES, YES, no, no),
  'flows.read': /*    */ row(YES, YES, YES, no),
  'flows.own': /*     */ row(YES, YES, no, no),
  // What is charged and when a door opens is decided there: no mistake of an operator's reaches it.
  'flows.core': /*    */ row(YES, no, no, no),
  'device.see': /*    */ row(YES, YES, YES, no),
  'device.order': /*  */ row(YES, YES, YES, no),
  restock: /*         */ row(YES, YES, no, YES),
};

export const PERMISSIONS = Object.keys(TABLE) as readonly Permission[];

export function may(role: StaffRole, permission: Permission): boolean {
  return TABLE[permission][role];
}

export function permissionsOf(role: StaffRole): readonly Permission[] {
  return PERMISSIONS.filter((permission) => may(role, permission));
}

export function isRole(value: unknown): value is StaffRole {
  return ROLES.some((role) => role === value);
}
