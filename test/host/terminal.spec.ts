// What the terminal of npm start shows of what happens: one line a visit, a code set apart, a warning with what to do.
import assert from 'node:assert/strict';
import { adviceFor } from '../../host/advice.ts';
import { type EndedVisit, type Happening, type Hooks, watchFlows } from '../../host/happenings.ts';
import { createTerminal, greeting, visitLine, wantsColour } from '../../host/terminal.ts';

const PLACES = {
  shopUrl: 'http://localhost:8080',
  staffUrl: 'http://localhost:8085',
  edgeUrl: 'http://localhost:8081',
  caseUrl: 'http://localhost:8080/case/123/virtual',
  stripeUrl: 'http://localhost:8083',
  stateFolder: '/srv/shop',
  logFile: '/srv/shop/log.txt',
};

function bench(colour = false) {
  const lines: string[] = [];
  let nowMs = new Date(2001, 1, 3, 14, 3, 22).getTime();
  const terminal = createTerminal({
    places: PLACES,
    write: (line) => lines.push(line),
    colour,
    now: () => nowMs,
  });
  const tell = (happening: Happening) => {
    lines.length = 0;
    terminal.happened(happening);
    return [...lines];
  };
  return { terminal, tell, later: (ms: number) => (nowMs += ms) };
}

const VISIT: EndedVisit = {
  id: 'v1',
  caseId: '123',
  outcome: 'charged',
  totalMinor: 400,
  chargedMinor: 400,
  flagged: false,
  currency: 'usd',
  items: [{ name: 'Cola', count: 2 }],
  sinceShutMs: 412,
};
const fault = (code: string, message = 'it failed'): Happening => ({
  kind: 'fault',
  code,
  message,
  source: 'see.left',
});

describe('the terminal of a shop', () => {
  it('tells a visit in one line: where, how it ended, what was taken, how soon', () => {
    const cases: readonly [Partial<EndedVisit>, string][] = [
      [{}, 'case 123  charged $4.00  2 x Cola  (0.4 s after the door’s report)'],
      [{ sinceShutMs: null }, 'case 123  charged $4.00  2 x Cola'],
      [
        { currency: 'jpy', items: [...VISIT.items, { name: 'Chips', count: 1 }], sinceShutMs: null },
        'case 123  charged ¥400  2 x Cola, 1 x Chips',
      ],
      [{ currency: 'kwd', chargedMinor: 1230, sinceShutMs: null, items: [] }, 'case 123  charged KWD\u00a01.230'],
      [
        { outcome: 'partly_paid', chargedMinor: 5, sinceShutMs: null, items: [] },
        'case 123  charged $0.05 of $4.00, the rest is owed',
      ],
      [{ outcome: 'owed', sinceShutMs: null, items: [] }, 'case 123  owed $4.00, nothing could be charged'],
      [{ outcome: 'released', sinceShutMs: null, items: [] }, 'case 123  nothing taken, nothing charged'],
      [{ outcome: 'unused', sinceShutMs: null, items: [] }, 'case 123  the door was not opened, nothing charged'],
      [{ outcome: 'refused', sinceShutMs: null, items: [] }, 'case 123  the card was refused, the door stayed shut'],
    ];
    for (const [change, line] of cases) assert.equal(visitLine({ ...VISIT, ...change }), line);
    assert.deepEqual(bench().tell({ kind: 'visit', visit: VISIT }), [`14:03:22  ${visitLine(VISIT)}`]);
  });

  it('says where a person decides a visit that nobody can be sure of, and where one should look', () => {
    const { tell } = bench();
    assert.match(
      tell({ kind: 'visit', visit: { ...VISIT, outcome: 'in_review' } }).join('\n'),
      /a person must decide.*\n +to do +decide at http:\/\/localhost:8085\/dashboard\/reviews; why: http:\/\/localhost:8085\/why\/v1$/,
    );
    assert.match(
      tell({ kind: 'visit', visit: { ...VISIT, flagged: true } }).join('\n'),
      /charged.*\n +to do +a person should look: http:\/\/localhost:8085\/dashboard\/money/,
    );
  });

  it('sets a sign-in code apart, with one empty line between two', () => {
    const { tell } = bench();
    const mail: Happening = { kind: 'mail', summary: 'sign-in code for a@b.example: 123456' };
    assert.deepEqual(tell(mail), ['', '    Sign-in code for a@b.example: 123456', '']);
    assert.deepEqual(tell(mail), ['    Sign-in code for a@b.example: 123456', '']);
    tell({ kind: 'visit', visit: VISIT });
    assert.equal(tell(mail).length, 3);
  });

  it('warns of a fault with its code and what to do, and of the same one a minute later, with how often it came', () => {
    const { tell, later } = bench();
    const first = tell(fault('camera.covered', 'the camera sees nothing'));
    assert.match(first[0]!, /^14:03:22 {2}warning {2}the camera sees nothing \(camera\.covered at see\.left\)$/);
    assert.match(first[1]!, /^ {10}to do {4}.*http:\/\/localhost:8080\/case\/123\/virtual/);
    later(59_999);
    assert.deepEqual(tell(fault('camera.covered')), []);
    assert.equal(tell(fault('camera.frozen')).length, 2);
    later(1);
    assert.match(tell(fault('camera.covered', 'the camera sees nothing'))[0]!, /, and 1 more since it was last said$/);
  });

  it('says nothing of what somebody else was told, and points to the log where it knows no better', () => {
    const { tell } = bench();
    for (const code of ['session.expired', 'request.invalid', 'visit.unknown', 'frame.bad-mac', 'stripe.bad-signature'])
      assert.deepEqual(tell(fault(code)), [], code);
    assert.match(
      tell(fault('node.bug', 'x is not a function'))[1]!,
      /to do +see what came before it in \/srv\/shop\/log\.txt/,
    );
    assert.match(adviceFor('constructor.name', PLACES)!, /log\.txt/);
    assert.match(adviceFor('stripe.unreachable', PLACES)!, /stand-in is at http:\/\/localhost:8083/);
    assert.match(adviceFor('stripe.unreachable', { ...PLACES, stripeUrl: null })!, /STRIPE_SECRET_KEY/);
  });

  it('an error that no Catch took is told, with the log as the place to look', () => {
    const { tell } = bench();
    const error: Happening = { kind: 'error', text: 'error: [Broker] it broke' };
    assert.match(tell(error).join('\n'), /warning {2}error: \[Broker\] it broke\n +to do +see .*log\.txt$/);
    assert.deepEqual(tell(error), []);
  });

  it('tells two unknown errors apart, and remembers no more of them than it may', () => {
    const { tell } = bench();
    for (let each = 0; each < 300; each += 1) assert.equal(tell(fault('node.unknown', `error ${each}`)).length, 2);
    assert.deepEqual(tell(fault('node.unknown', 'error 299')), []);
    assert.equal(tell(fault('node.unknown', 'error 0')).length, 2);
  });

  it('tells once what is wrong with a case, again when something else is, and when it is well', () => {
    const { tell } = bench();
    const is = (wrong: string) => tell({ kind: 'case', caseId: '123', wrong });
    assert.deepEqual(is(''), []);
    assert.match(is('the power is gone').join('\n'), /warning {2}case 123: the power is gone\n +to do +undo at /);
    assert.deepEqual(is('the power is gone'), []);
    assert.equal(is('not heard of').length, 2);
    assert.deepEqual(is(''), ['14:03:22  case 123 is well again']);
  });

  it('says what the machine itself needs', () => {
    const said = bench().tell({ kind: 'health', warnings: ['disk-nearly-full', 'hot'] });
    assert.match(said.join('\n'), /disk nearly full\n.*make room.*\/srv\/shop\n.*hot\n.*let it cool/);
  });

  it('is coloured for a person at a terminal only, and not where NO_COLOR is set', () => {
    const tty = { isTTY: true };
    assert.equal(wantsColour(tty, {}), true);
    assert.equal(wantsColour(tty, { NO_COLOR: '' }), true);
    assert.equal(wantsColour(tty, { NO_COLOR: '1' }), false);
    assert.equal(wantsColour(tty, { TERM: 'dumb' }), false);
    assert.equal(wantsColour({}, {}), false);
    const sgr = '\u001b[';
    const all: readonly Happening[] = [fault('camera.covered'), { kind: 'mail', summary: 'x' }];
    for (const happening of all) {
      assert.ok(bench(true).tell(happening).join('').includes(sgr));
      assert.ok(!bench(false).tell(happening).join('').includes(sgr));
    }
  });

  it('greets with every address, and where the log is', () => {
    const asked = { places: PLACES, caseId: '123', worldUrl: 'http://localhost:8082' };
    const text = greeting({ ...asked, mailIsHere: true });
    for (const part of [
      '/case/123',
      '/case/123/virtual',
      ':8085/dashboard/money',
      ':8085/sign-in',
      ':8085/editor',
      ':8081/editor',
      '/srv/shop/log.txt',
    ])
      assert.ok(text.includes(part), part);
    assert.match(text, /codes are shown here/);
    assert.match(greeting({ ...asked, mailIsHere: false }), /your server sends the codes/);
  });
});

describe('what is read from the flows', () => {
  function watch() {
    const hooks = new Map<string, (event: never) => void>();
    const heard: Happening[] = [];
    const stand: Hooks = { add: (name, hook) => hooks.set(name, hook), remove: () => hooks.clear() };
    const stop = watchFlows(stand, (happening) => heard.push(happening));
    const call = (name: string, event: unknown) => hooks.get(name)?.(event as never);
    return {
      heard,
      stop,
      receive: (id: string, type: string, msg: unknown) =>
        call('onReceive.terminal', { msg, destination: { id, node: { type } } }),
      send: (type: string, msg: unknown) => call('onSend.terminal', [{ msg, source: { node: { type } } }]),
    };
  }

  it('a message of any shape harms no flow', () => {
    const { heard, receive, send, stop } = watch();
    const odd = [
      undefined,
      null,
      3,
      'visit',
      [],
      { visit: 3 },
      { visit: { phase: 'done', endedAtMs: Date.now() } },
      { error: 1 },
    ];
    for (const one of odd) {
      for (const msg of [one, { visit: one, error: one, mail: one, health: one, payload: one }]) {
        receive('faults.in', 'link in', msg);
        receive('faults.warning', 'link in', msg);
        receive('x', 'tapcase-mail', msg);
        send('tapcase-desk', msg);
      }
    }
    assert.deepEqual(
      heard.filter(({ kind }) => kind !== 'fault'),
      [],
    );
    stop();
    receive('x', 'tapcase-mail', { mail: { summary: 'a code' } });
    assert.ok(!heard.some(({ kind }) => kind === 'mail'));
  });

  it('a visit that ended is told once, whichever node has it, and not again when its debt is paid an hour later', () => {
    const { heard, receive } = watch();
    const endedAtMs = Date.now();
    const catalog = { currency: 'usd', products: [{ sku: 'cola', name: { en: 'Cola', es: 'Cola' } }] };
    const basket = {
      lines: [
        { sku: 'cola', count: 1 },
        { sku: 'gone', count: 2 },
      ],
    };
    const visit = { ...VISIT, catalog, basket, phase: 'done', endedAtMs };
    receive('a', 'link in', {
      visit: { ...visit, phase: 'closed', outcome: null, endedAtMs: null, enteredAtMs: endedAtMs - 700 },
    });
    assert.equal(heard.length, 0);
    receive('a', 'link in', { visit });
    receive('b', 'tapcase-view', { visit });
    receive('c', 'tapcase-view', { visit: { ...visit, id: 'old', endedAtMs: endedAtMs - 3_600_000 } });
    assert.equal(heard.length, 1);
    const [told] = heard;
    assert.ok(told?.kind === 'visit');
    assert.equal(told.visit.sinceShutMs, 700);
    assert.deepEqual(told.visit.items, [
      { name: 'Cola', count: 1 },
      { name: 'gone', count: 2 },
    ]);
  });
});
