// What a person at a shop's terminal can do about a fault, by its code; faults that nobody at the terminal can do anything
// about stay in the log.

/** Where the pages of this shop are. */
export interface Places {
  readonly shopUrl: string;
  readonly staffUrl: string;
  readonly edgeUrl: string;
  readonly caseUrl: string;
  readonly stateFolder: string;
  readonly logFile: string;
  /** The stand-in's address; null where a real account is used. */
  readonly stripeUrl: string | null;
}

type Advice = (places: Places) => string;

/** The phone, the browser or the sender was told, or the shop copes by itself: nothing for the terminal. */
const NOBODY = null;

const SEE_CAMERAS: Advice = ({ edgeUrl, caseUrl }) =>
  `uncover or mend them at ${caseUrl}; what they see: ${edgeUrl}/dashboard/technician`;
const MAKE_ROOM: Advice = ({ stateFolder }) => `make room on the disk, or let this user write in ${stateFolder}`;
const SEE_MONEY: Advice = ({ staffUrl }) => `look at ${staffUrl}/dashboard/money`;
const SET_IN_EDITOR: Advice = ({ staffUrl, edgeUrl }) =>
  `put it right in the editor (${staffUrl}/editor, ${edgeUrl}/editor) and press Deploy`;

/** By the whole code first, else by its area. Whatever is in neither is for a person, with the log as the place to look. */
const ADVICE: Readonly<Record<string, Advice | typeof NOBODY>> = {
  camera: SEE_CAMERAS,
  'camera.no-program': () => 'install ffmpeg to have video; the shop sells without it',
  'camera.busy': NOBODY,
  'camera.closing': NOBODY,
  'detr.superseded': NOBODY,
  'detr.closing': NOBODY,
  detr: () => 'see whether MODEL_DIR names a whole model (docs/detector.md); until then the scale alone decides',
  'detr.timeout': () => 'nothing, if it stays one: this machine is busy, and the scale decides alone',
  'state.unwritable': MAKE_ROOM,
  'snapshot.unwritable': MAKE_ROOM,
  'picture.unwritable': MAKE_ROOM,
  'recorder.disk-full': MAKE_ROOM,
  'recorder.no-folder': MAKE_ROOM,
  'recorder.read-only': MAKE_ROOM,
  'recorder.card-failing': MAKE_ROOM,
  'camera.recording-failed': MAKE_ROOM,
  'firmware.unwritable': MAKE_ROOM,
  ledger: MAKE_ROOM,
  money: SEE_MONEY,
  'stripe.ambiguous': SEE_MONEY,
  'stripe.live-key': () => 'give a test key: STRIPE_SECRET_KEY=sk_test_... npm start',
  'stripe.bad-signature': NOBODY,
  'stripe.bad-event': NOBODY,
  'stripe.foreign-session': NOBODY,
  'stripe.in-flight': NOBODY,
  'stripe.key-reused': SEE_MONEY,
  stripe: ({ stripeUrl }) =>
    stripeUrl === null
      ? 'see whether this machine reaches api.stripe.com and STRIPE_SECRET_KEY is right; what was begun is asked again'
      : `nothing, if it stays one: what was begun is asked again. The stand-in is at ${stripeUrl}`,
  mail: () => 'see SMTP_HOST, SMTP_PORT, SMTP_USER, SMTP_PASSWORD, MAIL_FROM; the customer can ask for another code',
  'mail.invalid': NOBODY,
  device: ({ staffUrl }) =>
    `see ${staffUrl}/dashboard/sensors; if somebody changed the board or the Pi’s card, say so there`,
  'ledger.restored': SEE_MONEY,
  'seq.reused': ({ staffUrl }) => `see ${staffUrl}/dashboard/sensors: a board was changed, or its memory erased`,
  'seq.leap': ({ staffUrl }) => `see ${staffUrl}/dashboard/sensors: a device counts wrongly`,
  'door.forced': ({ caseUrl }) => `look at the door: ${caseUrl}`,
  // How the case is says the same, with its end.
  'door.fault': NOBODY,
  // Their hold is let go and their phone says why; where it comes again and again, the radio is slow or the case is not well.
  'door.refused': ({ staffUrl }) => `nothing, if it stays one; else see how the case is: ${staffUrl}/dashboard/sensors`,
  config: SET_IN_EDITOR,
  shop: SET_IN_EDITOR,
  catalog: SET_IN_EDITOR,
  hook: ({ staffUrl }) =>
    `look at that own flow in ${staffUrl}/editor; until it answers well the shop does as it was shipped`,
  firmware: ({ staffUrl }) => `see tab "82 Firmware" in ${staffUrl}/editor`,
  // Somebody's request, who has the answer; or a device's frame, which is counted and sent again.
  audit: NOBODY,
  card: NOBODY,
  case: NOBODY,
  customer: NOBODY,
  debt: NOBODY,
  frame: NOBODY,
  image: NOBODY,
  learning: NOBODY,
  live: NOBODY,
  message: NOBODY,
  payload: NOBODY,
  picture: NOBODY,
  push: NOBODY,
  reconcile: NOBODY,
  refund: NOBODY,
  report: NOBODY,
  request: NOBODY,
  review: NOBODY,
  seq: NOBODY,
  session: NOBODY,
  // Whoever gave the order has the answer.
  staff: NOBODY,
  'sign-in': NOBODY,
  topic: NOBODY,
  visit: NOBODY,
};

/** One sentence without its full stop; undefined for a fault that is not for the terminal. */
export function adviceFor(code: string, places: Places): string | undefined {
  const area = code.split('.')[0] ?? '';
  const advice = Object.hasOwn(ADVICE, code) ? ADVICE[code] : Object.hasOwn(ADVICE, area) ? ADVICE[area] : SEE_LOG;
  return advice?.(places);
}

const SEE_LOG: Advice = ({ logFile }) => `see what came before it in ${logFile}`;

const HEALTH: Readonly<Record<string, Advice>> = {
  hot: () => 'let it cool',
  'disk-nearly-full': MAKE_ROOM,
  'under-voltage': () => 'give it a stronger supply',
};

export function healthAdvice(warning: string, places: Places): string {
  return (HEALTH[warning] ?? SEE_LOG)(places);
}
