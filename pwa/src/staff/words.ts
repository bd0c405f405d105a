// Every sentence of the staff's pages in every language. The compiler refuses a language that lacks one.
import type { ActName, ActView, StaffRole } from '@tapcase/domain/protocol';
import { money } from '../money.ts';
import type { StaffPage } from './route.ts';

type Told = Pick<ActView, 'subject' | 'detail'>;

const SOME_BROWSER = 'a browser';

const en = {
  languageName: 'English',
  chooseLanguage: 'Language',
  loading: 'One moment…',
  retry: 'Try again',
  cancel: 'Cancel',
  errorCode: (code: string) => `Code: ${code}`,
  menu: 'Pages',
  pages: {
    home: 'Home',
    team: 'Team',
    audit: 'Log',
    restock: 'Restock',
    account: 'You',
  } as Readonly<Record<StaffPage, string>>,
  roles: {
    owner: 'Owner',
    operator: 'Operator',
    technician: 'Technician',
    restocker: 'Restocker',
  } as Readonly<Record<StaffRole, string>>,
  roleMay: {
    owner: 'everything, and the team',
    operator: 'money, reviews, prices, own flows, cases; not the flows as shipped',
    technician: 'see how the cases are, say that one has a new board, read the flows; no money',
    restocker: 'restock, and nothing else',
  } as Readonly<Record<StaffRole, string>>,
  signOut: 'Sign out',

  signInTitle: 'Sign in',
  signInText: 'These pages are for the staff of this shop.',
  sessionEnded: 'You were signed out here. Sign in to go on.',
  withPasskey: 'Sign in with a passkey',
  withPassword: 'Use password and code instead',
  noPasskeysHere:
    'Passkeys do not work at this address: they need https and a name, or localhost. Use password and code.',
  login: 'Name or e-mail',
  password: 'Password',
  code: 'Code from your app',
  signIn: 'Sign in',
  lostKey: 'Nothing lets you in? An owner can make you a new link.',

  inviteTitle: 'Welcome',
  inviteLead: (role: string) => `You were invited as ${role.toLowerCase()}.`,
  returnTitle: (name: string) => `Welcome back, ${name}`,
  returnLead: 'Choose what lets you in from now on. What did so before ends.',
  inviteMay: (may: string) => `You may: ${may}.`,
  yourName: 'Your name',
  yourNameText: 'It stands beside what you do.',
  yourEmail: 'E-mail (if you like)',
  makePasskey: 'Use a passkey',
  makePasskeyText: 'Your phone, computer or security key lets you in. Nothing to remember, nothing to be stolen.',
  makePassword: 'Password and codes instead',
  inviteOverTitle: 'This link is over',
  inviteOverText: 'It was used, revoked, or is older than three days. Ask for a new one.',

  setPasswordTitle: 'A password, and an app for codes',
  scan: 'Scan this with an app for codes, such as the one your phone brings.',
  scanManual: 'Or type this into the app:',
  onThisDevice: 'Open in an app on this device',
  newPassword: 'Password',
  newPasswordText: 'Twelve characters or more. Three or four words are good.',
  firstCode: 'The code that the app shows now',
  savePassword: 'Save',

  homeTitle: (name: string) => `Hello, ${name}`,
  homeLinks: {
    editor: ['The flows', 'How the shop works, drawn. Prices and catalog too.'],
    money: ['Money', 'Visits to look at, open debts, refunds, the daily report.'],
    reviews: ['Reviews', 'What only a person can tell.'],
    sensors: ['Sensors', 'What each case has learned of its scale.'],
    team: ['Team', 'Who works here, as what, and where they are signed in.'],
    audit: ['Log', 'Who did what, and when.'],
    restock: ['Restock', 'What the cases lack.'],
    account: ['You', 'What lets you in, and where you are signed in.'],
  } as Readonly<Record<HomeLink, readonly [string, string]>>,

  restockTitle: 'Restock',
  restockNone: 'Nothing to restock yet',
  restockNoneText: 'As soon as cases report what they lack, it stands here.',

  teamTitle: 'Team',
  invite: 'Invite somebody',
  inviteName: 'Name',
  inviteRole: 'Role',
  makeLink: 'Make the link',
  linkTitle: (name: string) => `A link for ${name}`,
  linkText: (until: string) =>
    `Send it to them yourself. It lets one person in, once, until ${until}. It is not shown again.`,
  copy: 'Copy',
  copied: 'Copied',
  done: 'Done',
  invitations: 'Invited, not here yet',
  invitedBy: (name: string, until: string) => `invited by ${name}, until ${until}`,
  revoke: 'Revoke',
  you: 'you',
  disabled: 'may not sign in',
  ways: (passkeys: number, password: boolean) =>
    [passkeys > 0 ? `${passkeys} ${passkeys === 1 ? 'passkey' : 'passkeys'}` : '', password ? 'password' : '']
      .filter((way) => way !== '')
      .join(', '),
  signedInAt: (count: number) =>
    count === 0 ? 'not signed in' : `signed in in ${count === 1 ? 'one browser' : `${count} browsers`}`,
  change: 'Change',
  disable: 'Disable',
  disableText: (name: string) => `${name} is signed out everywhere at once. You can let them in again.`,
  enable: 'Let in again',
  newLink: 'Link for a new way in',
  newLinkText: 'For somebody who lost their key or phone. When it is used, what let them in before ends.',
  endAll: 'End all sessions',
  end: 'End',

  sessions: 'Signed in',
  thisBrowser: 'this browser',
  someBrowser: SOME_BROWSER,
  seen: (at: string) => `last seen ${at}`,
  noSessions: 'Nowhere.',
  endOthers: 'End all others',

  accountTitle: 'You',
  passkeys: 'Passkeys',
  somePasskey: 'A passkey',
  passkeysNone: 'None yet. A passkey is quicker than a password, and nobody can guess it.',
  passkeyFacts: (added: string, used: string | null) =>
    used === null ? `added ${added}, not used yet` : `added ${added}, last used ${used}`,
  addPasskey: 'Add a passkey',
  remove: 'Remove',
  passwordTitle: 'Password and codes',
  passwordNone: 'Not set. It is for a browser that has no passkey.',
  passwordSet: (at: string) => `Set ${at}.`,
  setPassword: 'Set a password',
  changePassword: 'Change it',
  signInAgain: 'Sign in again',

  auditTitle: 'Log',
  auditText: 'Who did what. Nothing here can be changed or taken away.',
  auditNone: 'Nothing yet.',
  auditEverybody: 'Everybody',
  auditPerson: 'Person',
  auditOlder: 'Older',
  somebody: 'Somebody unknown',
  /** Who made a link that no person made, as the ledger has it. */
  machines: { 'the first start': 'the first start', 'the terminal': 'the terminal' } as Readonly<
    Record<string, string>
  >,
  from: (address: string) => `from ${address}`,
  acts: {
    'signed-in': ({ detail }) => wayIn(detail),
    'signed-out': () => 'signed out',
    guessed: ({ subject }) => `tried too many passwords of ${subject}`,
    joined: ({ detail }) => `joined, invited by ${plain(detail.madeBy)}`,
    'let-in-again': ({ detail }) => `has a new way in, by a link from ${plain(detail.madeBy)}`,
    invited: ({ subject, detail }) => `invited ${subject} as ${plain(detail.role)}`,
    'invitation-revoked': ({ subject }) => `revoked the invitation of ${subject}`,
    'link-made': ({ subject }) =>
      subject === null ? 'made a link for the first owner' : `made a new link for ${subject}`,
    'role-changed': ({ subject, detail }) => `changed ${subject} from ${plain(detail.from)} to ${plain(detail.to)}`,
    disabled: ({ subject }) => `lets ${subject} in no more`,
    enabled: ({ subject }) => `lets ${subject} in again`,
    'session-ended': ({ subject }) => `ended a session of ${subject}`,
    'sessions-ended': ({ subject, detail }) =>
      `ended ${detail.ended === 1 ? 'one session' : `${plain(detail.ended)} sessions`} of ${subject}`,
    'passkey-added': ({ subject }) => `added the passkey “${subject}”`,
    'passkey-removed': ({ subject }) => `removed the passkey “${subject}”`,
    'password-set': () => 'set a password',
    refund: ({ subject, detail }) => `gave ${sum(detail, 'en') ?? 'money'} back for visit ${subject}${because(detail)}`,
    waive: ({ subject, detail }) =>
      `forgave ${after(sum(detail, 'en'), ' of ')}what visit ${subject} owes${because(detail)}`,
    lower: ({ subject, detail }) =>
      `lowered what visit ${subject} costs${before(' to ', sum(detail, 'en'))}${because(detail)}`,
    'review-decided': ({ subject, detail }) => `decided the review of visit ${subject}${because(detail)}`,
    'learning-forgotten': ({ subject }) => `had ${subject} forget what it learned`,
    'learning-run': () => 'had the cases learn',
    'price-changed': ({ subject }) => `changed the price of ${subject}`,
    'flows-deployed': ({ detail }) => `deployed flows${because(detail)}`,
    'lock-down': ({ subject }) => `locked case ${subject}`,
    'sale-opened': ({ subject }) => `opened case ${subject} for sale`,
    restart: ({ subject }) => `restarted ${subject}`,
    tare: ({ subject }) => `set the scale of ${subject} to zero`,
    'board-expected': ({ subject }) => `said that ${subject} has a new board`,
  } as Readonly<Record<ActName, (told: Told) => string>>,

  unknownTitle: 'There is nothing here',
  unknownText: 'The address may be mistyped, or your role does not open it.',
  failedTitle: 'This page could not be loaded',

  faults: {
    'net.unreachable': 'The shop cannot be reached. Check the connection and try again.',
    'net.timeout': 'The shop did not answer in time. Try again.',
    'staff.wrong': 'Name, password or code are not right. A code is good once: wait for the next one.',
    'staff.too-many-tries': 'Too many tries. Wait a while, or use a passkey.',
    'staff.passkey-refused': 'This passkey does not open anything here.',
    'staff.challenge-over': 'This took too long. Please begin again.',
    'staff.busy': 'Many people sign in at this moment. Try again in a few seconds.',
    'staff.invitation-over': 'This link was used, revoked, or is older than three days.',
    'staff.code-wrong': 'This is not the code that the app shows now. Try the next one.',
    'staff.password-short': 'The password needs twelve characters or more.',
    'staff.password-long': 'The password has more than 200 characters.',
    'staff.password-weak':
      'Somebody would guess this password. Take three or four words that have nothing to do with you.',
    'staff.bad-name': 'A name has 1 to 60 characters and no @.',
    'staff.name-letters':
      "A name is of one alphabet, as people write names: its letters, digits, spaces and . ' - and nothing else.",
    'staff.bad-email': 'This is no e-mail address.',
    'staff.name-taken': 'Somebody else of the team has this name, one that looks like it, or this address.',
    'staff.last-owner': 'There must be an owner: make somebody else one first.',
    'staff.last-way': 'Nothing else would let you in: add another way first.',
    'staff.passkey-known': 'This passkey is known already.',
    'staff.too-many-passkeys': 'Ten passkeys are enough: remove one first.',
    'staff.too-many-invitations': 'Fifty invitations are open: revoke some first.',
    'staff.sign-in-again': 'You signed in a while ago. Sign in again to change what lets people in.',
    'staff.not-allowed': 'Your role does not let you do this.',
    'staff.signed-out': 'You are not signed in.',
    'staff.unknown': 'That is gone already. Load the page again.',
    'passkey.cancelled': 'Nothing was done: the passkey was not used, or took too long.',
    'passkey.known': 'This device has a passkey for these pages already.',
    'passkey.failed': 'This browser could not use a passkey here.',
  } as Readonly<Record<string, string>>,
  alreadyThere: (name: string) => `It is this person: ${name}.`,
  faultUnavailable: 'The shop cannot read its books just now. Try again in a moment.',
  faultOther: 'That did not work. Please try again.',
};

export type HomeLink = 'editor' | 'money' | 'reviews' | 'sensors' | 'team' | 'audit' | 'restock' | 'account';
export type StaffWords = typeof en;

/** A detail as it was written down: a role, a name, a number. */
function plain(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '?';
}

function wayIn({ way, browser }: Told['detail']): string {
  if (way === 'edge') return 'signed in at a case’s computer';
  const by = way === 'invitation' ? 'their link' : way === 'password' ? 'password and code' : 'a passkey';
  return `signed in with ${by}: ${plain(browser) || SOME_BROWSER}`;
}

/** What an order about money was of; those written down before amounts had a currency say none. */
function sum({ amountMinor, totalMinor, currency }: Told['detail'], locale: string): string | undefined {
  const minor = amountMinor ?? totalMinor;
  return typeof minor === 'number' && typeof currency === 'string' ? money(minor, currency, locale) : undefined;
}

const before = (words: string, said: string | undefined) => (said === undefined ? '' : words + said);
const after = (said: string | undefined, words: string) => (said === undefined ? '' : said + words);

/** Of one Deploy. */
const CHANGES_SHOWN_MAX = 5;

/** Why an order was given, what a Deploy changed; as the person or the flows have it. */
function because({ reason, note, changes }: Told['detail']): string {
  const parts = [reason, note].filter((text) => typeof text === 'string' && text !== '').map(plain);
  if (Array.isArray(changes)) parts.push(...changes.slice(0, CHANGES_SHOWN_MAX).map(plain));
  if (Array.isArray(changes) && changes.length > CHANGES_SHOWN_MAX) parts.push('…');
  return parts.length === 0 ? '' : `: ${parts.join(' · ')}`;
}

const es: StaffWords = {
  languageName: 'Español',
  chooseLanguage: 'Idioma',
  loading: 'Un momento…',
  retry: 'Intentar de nuevo',
  cancel: 'Cancelar',
  errorCode: (code) => `Código: ${code}`,
  menu: 'Páginas',
  pages: { home: 'Inicio', team: 'Equipo', audit: 'Registro', restock: 'Reponer', account: 'Tú' },
  roles: { owner: 'Propietario', operator: 'Operador', technician: 'Técnico', restocker: 'Reponedor' },
  roleMay: {
    owner: 'todo, y el equipo',
    operator: 'dinero, revisiones, precios, flujos propios, vitrinas; no los flujos de fábrica',
    technician: 'ver cómo están las vitrinas, decir que una tiene una placa nueva, leer los flujos; nada de dinero',
    restocker: 'reponer, y nada más',
  },
  signOut: 'Salir',

  signInTitle: 'Entrar',
  signInText: 'Estas páginas son para el personal de la tienda.',
  sessionEnded: 'Tu sesión aquí ha terminado. Entra para seguir.',
  withPasskey: 'Entrar con una llave de acceso',
  withPassword: 'Usar contraseña y código',
  noPasskeysHere:
    'Las llaves de acceso no funcionan en esta dirección: necesitan https y un nombre, o localhost. Usa contraseña y código.',
  login: 'Nombre o correo',
  password: 'Contraseña',
  code: 'Código de tu aplicación',
  signIn: 'Entrar',
  lostKey: '¿Nada te deja entrar? Un propietario puede hacerte un enlace nuevo.',

  inviteTitle: 'Te damos la bienvenida',
  inviteLead: (role) => `Te han invitado como ${role.toLowerCase()}.`,
  returnTitle: (name) => `Hola de nuevo, ${name}`,
  returnLead: 'Elige con qué entras a partir de ahora. Lo de antes deja de servir.',
  inviteMay: (may) => `Puedes: ${may}.`,
  yourName: 'Tu nombre',
  yourNameText: 'Aparece junto a lo que haces.',
  yourEmail: 'Correo (si quieres)',
  makePasskey: 'Usar una llave de acceso',
  makePasskeyText: 'Tu teléfono, ordenador o llave de seguridad te deja entrar. Nada que recordar, nada que robar.',
  makePassword: 'Contraseña y códigos',
  inviteOverTitle: 'Este enlace ya no sirve',
  inviteOverText: 'Se usó, se anuló o tiene más de tres días. Pide uno nuevo.',

  setPasswordTitle: 'Una contraseña y una aplicación de códigos',
  scan: 'Escanéalo con una aplicación de códigos, por ejemplo la de tu teléfono.',
  scanManual: 'O escribe esto en la aplicación:',
  onThisDevice: 'Abrir en una aplicación de este dispositivo',
  newPassword: 'Contraseña',
  newPasswordText: 'Doce caracteres o más. Tres o cuatro palabras van bien.',
  firstCode: 'El código que muestra ahora la aplicación',
  savePassword: 'Guardar',

  homeTitle: (name) => `Hola, ${name}`,
  homeLinks: {
    editor: ['Los flujos', 'Cómo funciona la tienda, dibujado. También precios y catálogo.'],
    money: ['Dinero', 'Visitas por mirar, deudas, reembolsos, el informe del día.'],
    reviews: ['Revisiones', 'Lo que solo una persona puede decir.'],
    sensors: ['Sensores', 'Lo que cada vitrina ha aprendido de su báscula.'],
    team: ['Equipo', 'Quién trabaja aquí, con qué papel y dónde tiene sesión.'],
    audit: ['Registro', 'Quién hizo qué y cuándo.'],
    restock: ['Reponer', 'Lo que falta en las vitrinas.'],
    account: ['Tú', 'Con qué entras y dónde tienes sesión.'],
  },

  restockTitle: 'Reponer',
  restockNone: 'Todavía no hay nada que reponer',
  restockNoneText: 'En cuanto las vitrinas digan qué les falta, aparecerá aquí.',

  teamTitle: 'Equipo',
  invite: 'Invitar a alguien',
  inviteName: 'Nombre',
  inviteRole: 'Papel',
  makeLink: 'Hacer el enlace',
  linkTitle: (name) => `Un enlace para ${name}`,
  linkText: (until) => `Envíaselo tú. Deja entrar a una persona, una vez, hasta el ${until}. No se vuelve a mostrar.`,
  copy: 'Copiar',
  copied: 'Copiado',
  done: 'Listo',
  invitations: 'Con invitación, aún no están',
  invitedBy: (name, until) => `invitación ${ofInSpanish(name)}, hasta el ${until}`,
  revoke: 'Anular',
  you: 'tú',
  disabled: 'no puede entrar',
  ways: (passkeys, password) =>
    [
      passkeys > 0 ? `${passkeys} ${passkeys === 1 ? 'llave de acceso' : 'llaves de acceso'}` : '',
      password ? 'contraseña' : '',
    ]
      .filter((way) => way !== '')
      .join(', '),
  signedInAt: (count) => (count === 0 ? 'sin sesión' : count === 1 ? 'una sesión' : `${count} sesiones`),
  change: 'Cambiar',
  disable: 'Desactivar',
  disableText: (name) => `Se cierran ya todas las sesiones de ${name}. Puedes dejarle entrar otra vez.`,
  enable: 'Dejar entrar otra vez',
  newLink: 'Enlace para volver a entrar',
  newLinkText: 'Para quien perdió su llave o teléfono. Al usarlo, lo que le dejaba entrar antes deja de servir.',
  endAll: 'Cerrar todas las sesiones',
  end: 'Cerrar',

  sessions: 'Sesiones',
  thisBrowser: 'este navegador',
  someBrowser: 'un navegador',
  seen: (at) => `última vez ${at}`,
  noSessions: 'Ninguna.',
  endOthers: 'Cerrar las demás sesiones',

  accountTitle: 'Tú',
  passkeys: 'Llaves de acceso',
  somePasskey: 'Una llave de acceso',
  passkeysNone: 'Ninguna todavía. Es más rápida que una contraseña y nadie puede adivinarla.',
  passkeyFacts: (added, used) =>
    used === null ? `añadida el ${added}, aún sin usar` : `añadida el ${added}, usada el ${used}`,
  addPasskey: 'Añadir una llave de acceso',
  remove: 'Quitar',
  passwordTitle: 'Contraseña y códigos',
  passwordNone: 'Sin contraseña. Es para un navegador que no tiene llave de acceso.',
  passwordSet: (at) => `Puesta el ${at}.`,
  setPassword: 'Poner una contraseña',
  changePassword: 'Cambiarla',
  signInAgain: 'Entrar de nuevo',

  auditTitle: 'Registro',
  auditText: 'Quién hizo qué. Nada de esto se puede cambiar ni borrar.',
  auditNone: 'Nada todavía.',
  auditEverybody: 'Todas las personas',
  auditPerson: 'Persona',
  auditOlder: 'Anteriores',
  somebody: 'Alguien desconocido',
  machines: { 'the first start': 'el primer arranque', 'the terminal': 'la terminal' },
  from: (address) => `desde ${address}`,
  acts: {
    'signed-in': ({ detail }) => wayInSpanish(detail),
    'signed-out': () => 'salió',
    guessed: ({ subject }) => `probó demasiadas contraseñas de ${subject}`,
    joined: ({ detail }) => `se unió, por invitación ${ofInSpanish(detail.madeBy)}`,
    'let-in-again': ({ detail }) => `tiene otra forma de entrar, por un enlace ${ofInSpanish(detail.madeBy)}`,
    invited: ({ subject, detail }) => `invitó a ${subject} como ${roleInSpanish(detail.role)}`,
    'invitation-revoked': ({ subject }) => `anuló la invitación de ${subject}`,
    'link-made': ({ subject }) =>
      subject === null ? 'hizo un enlace para el primer propietario' : `hizo un enlace nuevo para ${subject}`,
    'role-changed': ({ subject, detail }) =>
      `cambió el papel de ${subject}: ${roleInSpanish(detail.from)} → ${roleInSpanish(detail.to)}`,
    disabled: ({ subject }) => `ya no deja entrar a ${subject}`,
    enabled: ({ subject }) => `deja entrar otra vez a ${subject}`,
    'session-ended': ({ subject }) => `cerró una sesión de ${subject}`,
    'sessions-ended': ({ subject, detail }) =>
      `cerró ${detail.ended === 1 ? 'una sesión' : `${plain(detail.ended)} sesiones`} de ${subject}`,
    'passkey-added': ({ subject }) => `añadió la llave de acceso «${subject}»`,
    'passkey-removed': ({ subject }) => `quitó la llave de acceso «${subject}»`,
    'password-set': () => 'puso una contraseña',
    refund: ({ subject, detail }) =>
      `devolvió ${sum(detail, 'es') ?? 'dinero'} de la visita ${subject}${because(detail)}`,
    waive: ({ subject, detail }) =>
      `perdonó ${after(sum(detail, 'es'), ' de ')}lo que debe la visita ${subject}${because(detail)}`,
    lower: ({ subject, detail }) =>
      `rebajó lo que cuesta la visita ${subject}${before(' a ', sum(detail, 'es'))}${because(detail)}`,
    'review-decided': ({ subject, detail }) => `decidió la revisión de la visita ${subject}${because(detail)}`,
    'learning-forgotten': ({ subject }) => `hizo que ${subject} olvide lo aprendido`,
    'learning-run': () => 'hizo que las vitrinas aprendan',
    'price-changed': ({ subject }) => `cambió el precio de ${subject}`,
    'flows-deployed': ({ detail }) => `publicó flujos${because(detail)}`,
    'lock-down': ({ subject }) => `bloqueó la vitrina ${subject}`,
    'sale-opened': ({ subject }) => `abrió a la venta la vitrina ${subject}`,
    restart: ({ subject }) => `reinició ${subject}`,
    tare: ({ subject }) => `puso a cero la báscula de ${subject}`,
    'board-expected': ({ subject }) => `dijo que ${subject} tiene una placa nueva`,
  },

  unknownTitle: 'Aquí no hay nada',
  unknownText: 'Puede que la dirección esté mal escrita o que tu papel no la abra.',
  failedTitle: 'No se pudo cargar esta página',

  faults: {
    'net.unreachable': 'No se puede llegar a la tienda. Mira la conexión e inténtalo de nuevo.',
    'net.timeout': 'La tienda no respondió a tiempo. Inténtalo de nuevo.',
    'staff.wrong':
      'El nombre, la contraseña o el código no son correctos. Un código vale una vez: espera al siguiente.',
    'staff.too-many-tries': 'Demasiados intentos. Espera un rato o usa una llave de acceso.',
    'staff.passkey-refused': 'Esta llave de acceso no abre nada aquí.',
    'staff.challenge-over': 'Ha tardado demasiado. Empieza de nuevo.',
    'staff.busy': 'Mucha gente entra en este momento. Inténtalo en unos segundos.',
    'staff.invitation-over': 'Este enlace se usó, se anuló o tiene más de tres días.',
    'staff.code-wrong': 'No es el código que muestra ahora la aplicación. Prueba con el siguiente.',
    'staff.password-short': 'La contraseña necesita doce caracteres o más.',
    'staff.password-long': 'La contraseña tiene más de 200 caracteres.',
    'staff.password-weak':
      'Alguien adivinaría esta contraseña. Usa tres o cuatro palabras que no tengan que ver contigo.',
    'staff.bad-name': 'Un nombre tiene de 1 a 60 caracteres y ninguna @.',
    'staff.name-letters':
      "Un nombre es de un solo alfabeto, como se escriben los nombres: sus letras, cifras, espacios y . ' - y nada más.",
    'staff.bad-email': 'Esto no es una dirección de correo.',
    'staff.name-taken': 'Otra persona del equipo tiene este nombre, uno que se le parece, o este correo.',
    'staff.last-owner': 'Tiene que haber un propietario: nombra antes a otra persona.',
    'staff.last-way': 'Nada más te dejaría entrar: añade antes otra forma.',
    'staff.passkey-known': 'Esta llave de acceso ya se conoce.',
    'staff.too-many-passkeys': 'Diez llaves de acceso bastan: quita antes una.',
    'staff.too-many-invitations': 'Hay cincuenta invitaciones abiertas: anula antes algunas.',
    'staff.sign-in-again': 'Entraste hace un rato. Entra de nuevo para cambiar con qué se entra.',
    'staff.not-allowed': 'Tu papel no te permite hacer esto.',
    'staff.signed-out': 'No tienes sesión.',
    'staff.unknown': 'Eso ya no está. Carga la página de nuevo.',
    'passkey.cancelled': 'No se hizo nada: la llave de acceso no se usó o tardó demasiado.',
    'passkey.known': 'Este dispositivo ya tiene una llave de acceso para estas páginas.',
    'passkey.failed': 'Este navegador no pudo usar aquí una llave de acceso.',
  },
  alreadyThere: (name) => `Es esta persona: ${name}.`,
  faultUnavailable: 'La tienda no puede leer sus libros en este momento. Inténtalo enseguida.',
  faultOther: 'No ha funcionado. Inténtalo de nuevo.',
};

function roleInSpanish(role: unknown): string {
  return es.roles[role as StaffRole]?.toLowerCase() ?? plain(role);
}

/** "de Ann", "del primer arranque". */
function ofInSpanish(name: unknown): string {
  return `de ${es.machines[String(name)] ?? plain(name)}`.replace(/^de el /, 'del ');
}

function wayInSpanish({ way, browser }: Told['detail']): string {
  if (way === 'edge') return 'entró en el ordenador de una vitrina';
  const by = way === 'invitation' ? 'su enlace' : way === 'password' ? 'contraseña y código' : 'una llave de acceso';
  return `entró con ${by}: ${plain(browser) || es.someBrowser}`;
}

export const STAFF_WORDS = { en, es } as const;
