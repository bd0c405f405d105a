// The virtual case's page: draws the state that the simulator sends, and turns hands into its requests.
import { buildTrouble, showTrouble } from './trouble.js';
import { chooseWords, LANGUAGES } from './words.js';

const caseId = decodeURIComponent(location.pathname.split('/')[2] ?? '');
const base = `/sim/cases/${encodeURIComponent(caseId)}`;
const $ = (id) => document.getElementById(id);
const SLOTS_PER_BOARD = 12;
const BOARDS = 3;
/** A press that moves less than this is a click. */
const DRAG_PX = 6;
/** Let a burst of changes settle before asking the cameras again. */
const CAMERA_MS = 150;
const NOTICE_MS = 4000;

let state = null;
let lost = false;
let language = new URLSearchParams(location.search).get('lang') ?? navigator.language.slice(0, 2);
let words = chooseWords(language);
const pieces = new Map();

buildShelves();
buildTrouble(post);
$('case-id').textContent = caseId;
$('language').addEventListener('click', () => speak(words.other));
$('door').addEventListener('click', toggleDoor);
$('door-button').addEventListener('click', toggleDoor);
speak(language);
listen();
fetch('/sim/public-url')
  .then((answer) => answer.json())
  .then(({ publicUrl }) => {
    $('tap').href = `${publicUrl}/case/${encodeURIComponent(caseId)}`;
  })
  .catch(() => setLost(true));

function listen() {
  const events = new EventSource(`${base}/events`);
  events.addEventListener('state', ({ data }) => {
    const before = state;
    state = JSON.parse(data);
    setLost(false);
    show(before);
  });
  // The browser tries again by itself; after a refusal (an unknown case) it does not, and neither do we.
  events.addEventListener('error', () => setLost(true));
}

function setLost(value) {
  lost = value;
  document.body.classList.toggle('lost', lost);
  const pill = $('link');
  pill.textContent = pillWord();
  pill.dataset.lost = String(lost || state?.dark === true || state?.conditions.radio === false);
}

function pillWord() {
  if (lost) return words.lost;
  if (state?.dark) return words.isDark;
  if (state?.conditions.radio === false) return words.radioCut;
  return state?.ready ? words.ready : words.starting;
}

/** Every word on the page, again in another language. */
function speak(wanted) {
  words = chooseWords(wanted);
  language = words.code;
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = words[element.dataset.t];
  $('language').textContent = LANGUAGES[words.other].name;
  $('language').lang = words.other;
  document.title = `${words.title} ${caseId}`;
  for (const number of [0, 1]) $(`camera-${number}`).alt = words.camera(number);
  setLost(lost);
  if (state !== null) show(state);
}

function show(before) {
  const open = state.door === 'open';
  const cabinet = $('cabinet');
  cabinet.dataset.door = state.door;
  // A bolt that is stuck back holds nothing, whatever the lock thinks.
  const holds = state.locked && !state.conditions.boltStuck;
  cabinet.dataset.locked = String(holds);
  $('door-button').textContent = open ? words.close : holds ? words.isLocked : words.open;
  $('door-button').disabled = !open && holds;
  $('mass').textContent = `${new Intl.NumberFormat(language, { minimumFractionDigits: 1 }).format(state.massGrams)} g`;
  $('hand').setAttribute('aria-label', words.hand);
  $('hand-words').textContent = state.hand.length > 0 ? words.handFull : words.handEmpty;
  showPieces(open);
  showController();
  showTrouble(state, words, language);
  if (before === null || before.door !== state.door || before.shelf.length !== state.shelf.length) lookThroughCameras();
}

function buildShelves() {
  for (let board = 0; board < BOARDS; board++) {
    const row = document.createElement('div');
    row.className = 'board';
    for (let column = 0; column < SLOTS_PER_BOARD; column++) {
      const slot = document.createElement('div');
      slot.className = 'slot';
      slot.id = `slot-${board * SLOTS_PER_BOARD + column}`;
      row.append(slot);
    }
    $('shelves').append(row);
  }
}

/** Moves only what moved, so that focus and pictures stay. */
function showPieces(open) {
  for (const { item, sku, slot } of state.shelf) place(item, sku, $(`slot-${slot}`), words.takeIt(sku), open);
  for (const { item, sku } of state.hand) place(item, sku, $('held'), words.putItBack(sku), open);
}

function place(item, sku, home, label, enabled) {
  const piece = pieces.get(item) ?? makePiece(item, sku);
  if (piece.parentElement !== home) home.append(piece);
  piece.setAttribute('aria-label', label);
  piece.title = label;
  piece.setAttribute('aria-disabled', String(!enabled));
  // Behind a shut door nothing can be reached.
  piece.tabIndex = enabled ? 0 : -1;
}

function makePiece(item, sku) {
  const piece = document.createElement('button');
  piece.type = 'button';
  piece.className = 'piece';
  piece.dataset.item = String(item);
  const picture = document.createElement('img');
  picture.src = `/pictures/${sku}.svg`;
  picture.alt = '';
  picture.draggable = false;
  piece.append(picture);
  piece.addEventListener('pointerdown', (event) => startDrag(event, piece));
  piece.addEventListener('click', () => {
    if (piece.dataset.dragged === 'true') delete piece.dataset.dragged;
    else move(piece);
  });
  pieces.set(item, piece);
  return piece;
}

function isHeld(piece) {
  return piece.parentElement === $('held');
}

async function move(piece) {
  const held = isHeld(piece);
  const focused = document.activeElement === piece;
  // Where a keyboard goes on: the next piece in the same place.
  const row = [...document.querySelectorAll(held ? '#held .piece' : '#shelves .piece')];
  const next = row[row.indexOf(piece) + 1] ?? row[row.indexOf(piece) - 1] ?? $('door-button');
  const done = await post(held ? 'put-back' : 'take', { item: Number(piece.dataset.item) });
  if (done && focused) next.focus();
}

function startDrag(down, piece) {
  if (state?.door !== 'open' || !down.isPrimary || down.button !== 0) return;
  const target = isHeld(piece) ? $('cabinet') : $('hand');
  let ghost = null;
  piece.setPointerCapture(down.pointerId);
  const over = ({ clientX, clientY }) => {
    const { left, right, top, bottom } = target.getBoundingClientRect();
    return clientX >= left && clientX <= right && clientY >= top && clientY <= bottom;
  };
  const drag = (event) => {
    if (ghost === null && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < DRAG_PX) return;
    ghost ??= makeGhost(piece);
    ghost.style.left = `${event.clientX}px`;
    ghost.style.top = `${event.clientY}px`;
    target.dataset.over = String(over(event));
  };
  const end = (event) => {
    for (const [name, handler] of Object.entries(handlers)) piece.removeEventListener(name, handler);
    delete target.dataset.over;
    piece.classList.remove('away');
    if (ghost === null) return;
    ghost.remove();
    // The browser makes a click of this press; it is not one. A later press must count again.
    piece.dataset.dragged = 'true';
    setTimeout(() => delete piece.dataset.dragged);
    if (event.type === 'pointerup' && over(event)) move(piece);
  };
  const handlers = { pointermove: drag, pointerup: end, pointercancel: end };
  for (const [name, handler] of Object.entries(handlers)) piece.addEventListener(name, handler);
}

function makeGhost(piece) {
  const picture = piece.querySelector('img');
  const ghost = picture.cloneNode();
  ghost.className = 'ghost';
  ghost.width = picture.getBoundingClientRect().width;
  piece.classList.add('away');
  document.body.append(ghost);
  return ghost;
}

function toggleDoor() {
  if (state !== null) post('door', { open: state.door !== 'open' });
}

async function post(action, body) {
  try {
    const answer = await fetch(`${base}/${action}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.ok) return true;
    const { error } = await answer.json();
    notice(words.refusals[error.code] ?? error.message);
  } catch {
    setLost(true);
  }
  return false;
}

let noticeTimer;
function notice(text) {
  $('notice').textContent = text;
  $('notice').className = 'refused';
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => {
    $('notice').textContent = '';
  }, NOTICE_MS);
}

function showController() {
  drawOled();
  const [red, green, blue] = state.led;
  const brightest = Math.max(red, green, blue);
  const led = $('led');
  // A NeoPixel at a tenth still dazzles where the same RGB on a screen is nearly black: keep the hue, lift the light.
  const lift = brightest === 0 ? 0 : (255 / brightest) * (0.55 + (0.45 * brightest) / 255);
  const colour = `rgb(${[red, green, blue].map((value) => Math.round(value * lift)).join(' ')})`;
  led.style.background = brightest === 0 ? '' : colour;
  led.style.boxShadow = brightest === 0 ? '' : `0 0 14px 5px ${colour}`;
  led.title = `RGB ${red} ${green} ${blue}`;
  $('buzzer').dataset.on = String(state.buzzer);
}

/** The SSD1306's memory: a byte is eight pixels one below the other, lowest bit on top. */
function drawOled() {
  const canvas = $('oled');
  const { width, height } = canvas;
  const bytes = Uint8Array.from(atob(state.oled), (letter) => letter.charCodeAt(0));
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const lit = (bytes[x + (y >> 3) * width] >> (y & 7)) & 1;
      image.data.set(lit ? [190, 228, 255, 255] : [3, 6, 11, 255], (y * width + x) * 4);
    }
  }
  context.putImageData(image, 0, 0);
  canvas.setAttribute('aria-label', words.display);
}

let cameraTimer;
let look = 0;
function lookThroughCameras() {
  clearTimeout(cameraTimer);
  cameraTimer = setTimeout(() => {
    look += 1;
    for (const number of [0, 1]) $(`camera-${number}`).src = `${base}/camera/${number}?look=${look}`;
  }, CAMERA_MS);
}
