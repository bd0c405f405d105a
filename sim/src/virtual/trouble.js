// The part of the virtual case's page where a person makes trouble and watches the controller cope.

const $ = (id) => document.getElementById(id);
/** While a slider is dragged: often enough to follow, seldom enough for a simulator. */
const SLIDER_MS = 120;

const SLIDERS = [
  { input: 'temperature', output: 'temperature-out', name: 'temperatureC' },
  { input: 'battery', output: 'battery-out', name: 'batteryVolts' },
];

/** `post(action, body)` asks the simulator. */
export function buildTrouble(post) {
  for (const button of document.querySelectorAll('[data-power]'))
    button.addEventListener('click', () => post('conditions', { power: button.dataset.power }));
  for (const button of document.querySelectorAll('[data-switch]'))
    button.addEventListener('click', () => {
      const pressed = button.getAttribute('aria-pressed') === 'true';
      // A pressed switch is trouble; radio is the one that is well when it is on.
      post('conditions', { [button.dataset.switch]: button.dataset.off === 'true' ? pressed : !pressed });
    });
  $('brown-out').addEventListener('click', () => post('brown-out', {}));
  $('swap-board').addEventListener('click', () => post('board', {}));
  $('copy-ledger').addEventListener('click', () => post('ledger/copy', {}));
  $('put-back').addEventListener('click', () => post('ledger/put-back', {}));
  for (const { input, name } of SLIDERS) {
    let timer;
    $(input).addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        timer = undefined;
        delete $(input).dataset.held;
        post('conditions', { [name]: Number($(input).value) });
      }, SLIDER_MS);
      $(input).dataset.held = 'true';
    });
  }
}

export function showTrouble(state, words, language) {
  const { conditions, dark } = state;
  const number = (value, digits) =>
    new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
  const celsius = `${number(conditions.temperatureC, 1)} °C`;
  for (const button of document.querySelectorAll('[data-power]'))
    button.setAttribute('aria-pressed', String(button.dataset.power === conditions.power));
  for (const button of document.querySelectorAll('[data-switch]'))
    button.setAttribute('aria-pressed', String(conditions[button.dataset.switch] !== (button.dataset.off === 'true')));
  $('brown-out').disabled = conditions.power === 'none';
  // What a person is dragging stays under the finger.
  for (const { input, name } of SLIDERS)
    if ($(input).dataset.held !== 'true') $(input).value = String(conditions[name]);
  $('temperature-out').textContent = celsius;
  $('battery-out').textContent = `${number(conditions.batteryVolts, 2)} V`;
  $('fact-temperature').textContent = celsius;
  $('fact-power').textContent = words[conditions.power];
  $('fact-radio').textContent = radioWord(state, words);
  $('fact-bolt').textContent = conditions.boltStuck ? words.stuck : state.locked ? words.held : words.released;
  $('dark').hidden = !dark && !conditions.displayGone;
  $('dark').textContent = dark ? words.isDark : words.isUnplugged;
  document.body.classList.toggle('dark', dark);
  showCloud(state.cloud, words, language);
  showLog(state.log, words, language);
}

/** A shop whose ledger is elsewhere has no such hands. */
function showCloud(cloud, words, language) {
  $('cloud').hidden = cloud === null;
  if (cloud === null) return;
  const { copiedAtMs, isBusy } = cloud;
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'medium', hourCycle: 'h23' });
  $('copy-ledger').disabled = isBusy;
  $('put-back').disabled = isBusy || copiedAtMs === null;
  const text = isBusy ? words.atLedger : copiedAtMs === null ? words.noCopy : words.copyOf(time.format(copiedAtMs));
  // A screen reader reads what is new, and only that.
  if ($('copy').textContent !== text) $('copy').textContent = text;
}

function radioWord({ conditions, dark, ready }, words) {
  if (dark) return words.off;
  if (!conditions.radio) return words.noCoverage;
  return ready ? words.connected : words.searching;
}

/** The newest on top; lines that stand stay, so that a screen reader reads only what is new. */
function showLog(lines, words, language) {
  const list = $('log');
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'medium', hourCycle: 'h23' });
  const known = new Map([...list.children].map((line) => [line.dataset.number, line]));
  for (const { number, atMs, kind, what, detail, times } of lines) {
    const line = known.get(String(number)) ?? list.insertBefore(makeLine(number), list.firstChild);
    known.delete(String(number));
    line.dataset.kind = kind;
    const [when, who, text] = line.children;
    when.textContent = time.format(atMs);
    who.textContent = words.kinds[kind];
    // The firmware's own words have no translation.
    const said = kind === 'says' ? what : (words.did[what] ?? what);
    const told = kind === 'sends' || kind === 'hears' ? inWords(detail, words) : detail;
    text.textContent = `${said}${told === '' ? '' : ` ${told}`}${times > 1 ? ` ×${times}` : ''}`;
  }
  for (const gone of known.values()) gone.remove();
}

/** "#17 · mass 355.2" as people say it; what has no words stays as it is. */
function inWords(detail, words) {
  return detail
    .split(' · ')
    .map((part) => {
      const [name, ...value] = part.split(' ');
      return Object.hasOwn(words.facts, name) ? words.facts[name](value.join(' ')) : part;
    })
    .join(' · ');
}

function makeLine(number) {
  const line = document.createElement('li');
  line.dataset.number = String(number);
  line.append(document.createElement('time'), document.createElement('b'), document.createElement('span'));
  return line;
}
