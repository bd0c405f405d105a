// Says what this shop takes for an e-mail address, everywhere one comes in.
import type { FieldReader } from '@tapcase/define-node';

/** RFC 5321 section 4.5.3.1.3 leaves 254 characters between the angle brackets. */
const LENGTH_MAX = 254;
/**
 * One address of plain ASCII, nothing that could start a header line, a second recipient or a comment. ASCII only, because
 * lower-casing other letters can turn two addresses into one (the Kelvin sign becomes k).
 */
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+$/;

/** The address in field `name`, lower-cased: one person is one customer however the phone capitalises. */
export function readEmail(read: FieldReader, name: string): string {
  return read.text(name, { max: LENGTH_MAX, pattern: ADDRESS }).toLowerCase();
}
