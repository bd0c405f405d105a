// The origin that phones use, as dialogs store it.
import { configText } from '@tapcase/define-node';
import { Fault, type FaultCode } from '@tapcase/domain';

/** Without a slash at the end; '' when none is given or its environment variable is not set. Else the Fault with `code`. */
export function publicUrlOf(raw: unknown, code: FaultCode): string | Fault {
  const url = configText(raw, 'publicUrl').replace(/\/+$/, '');
  if (url === '' || (/^https?:\/\//.test(url) && URL.canParse(url))) return url;
  return new Fault(code, 'publicUrl: wants an address that begins with https://', { where: 'publicUrl' });
}
