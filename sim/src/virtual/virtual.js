// The virtual case: draws the state that the simulation streams, and sends what the person does.

const caseId = location.pathname.split('/')[2];
const base = `/sim/cases/${caseId}`;
const element = (id) => document.getElementById(id);
const BOARDS = 3;
const SLOTS = 12;

let state;

element('case-id').textContent = caseId;
buildBoards();
fetch('/sim/public-url')
  .then((answer) => answer.json())
  .then(({ publicUrl }) => {
    element('tap').href = `${publicUrl}/case/${caseId}`;
  });

const events = new EventSource(`${base}/events`);
events.addEventListener('state', (event) => {
  element('lost').hidden = true;
  draw(JSON.parse(event.data));
});
events.addEventListener('error', () => {
  element('lost').hidden = false;
});

element('door').addEventListener('click', () => act('door', { open: state?.door !== 'open' }));

async function act(action, body) {
  const answer = await fetch(`${base}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (answer.status === 409) element('door-words').textContent = (await answer.json()).error.message;
}

function buildBoards() {
  for (let board = 0; board < BOARDS; board += 1) {
    const row = document.createElement('div');
    row.className = 'board';
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const place = document.createElement('div');
      place.className = 'slot';
      place.id = `slot-${board * SLOTS + slot}`;
      row.append(place);
    }
    element('boards').append(row);
  }
}

function draw(next) {
  const moved = JSON.stringify([state?.shelf, state?.door]) !== JSON.stringify([next.shelf, next.door]);
  const handed = JSON.stringify(state?.hand) !== JSON.stringify(next.hand);
  state = next;
  const open = state.door === 'open';
  document.querySelector('.cabinet').classList.toggle('open', open);
  element('door-words').textContent = open ? 'Shut the door' : state.locked ? 'Locked' : 'Open the door';
  element('lock').textContent = state.locked ? 'locked' : 'unlocked';
  element('led').style.background = `rgb(${brighter(state.led).join(' ')})`;
  element('led').style.boxShadow = state.led.some(Boolean) ? `0 0 12px rgb(${brighter(state.led).join(' ')})` : 'none';
  element('buzzer').classList.toggle('on', state.buzzer);
  element('scale').textContent = `${Math.round(state.massGrams).toLocaleString('en')} g`;
  drawOled(state.oled);
  if (moved) drawShelf(open);
  if (moved || handed) drawHand(open);
  if (moved) for (const n of [0, 1]) element(`camera-${n}`).src = `${base}/camera/${n}?${Date.now()}`;
}

/** A NeoPixel at a third of its power is bright to the eye, and dim on a screen. */
function brighter(led) {
  const top = Math.max(...led);
  return top === 0 ? [40, 46, 52] : led.map((value) => Math.round((value / top) * 255));
}

/** MONO_VLSB: byte = page * 128 + column, bit 0 on top. */
function drawOled(base64) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const context = element('oled').getContext('2d');
  const image = context.createImageData(128, 64);
  for (let y = 0; y < 64; y += 1) {
    for (let x = 0; x < 128; x += 1) {
      const lit = (bytes[(y >> 3) * 128 + x] >> (y & 7)) & 1;
      image.data.set(lit ? [190, 228, 255, 255] : [5, 8, 11, 255], (y * 128 + x) * 4);
    }
  }
  context.putImageData(image, 0, 0);
}

function drawShelf(open) {
  for (const slot of document.querySelectorAll('.slot')) slot.replaceChildren();
  for (const item of state.shelf) element(`slot-${item.slot}`).append(piece(item, open, 'take'));
}

function drawHand(open) {
  const pieces = state.hand.map((item) => piece(item, open, 'put-back'));
  element('hand').replaceChildren(...(pieces.length > 0 ? pieces : [open ? 'Drag products here.' : 'Nothing.']));
}

/** Click, Enter or drag: from the shelf into the hand, from the hand back. */
function piece({ item, sku }, open, action) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'piece';
  button.disabled = !open;
  button.title = `${action === 'take' ? 'Take' : 'Put back'}: ${sku}`;
  const picture = document.createElement('img');
  picture.src = `/pictures/${sku}.svg`;
  picture.alt = sku;
  button.append(picture);
  let dropped = false;
  button.addEventListener('click', () => {
    if (!dropped) act(action, { item });
    dropped = false;
  });
  button.addEventListener('pointerdown', (down) => {
    if (!open) return;
    let ghost;
    const move = (event) => {
      if (!ghost && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < 8) return;
      ghost ??= startDrag(button, picture);
      ghost.style.left = `${event.clientX}px`;
      ghost.style.top = `${event.clientY}px`;
    };
    const end = (event) => {
      document.removeEventListener('pointermove', move);
      document.removeEventListener('pointercancel', end);
      if (!ghost) return;
      ghost.remove();
      button.classList.remove('dragged');
      dropped = true;
      setTimeout(() => {
        dropped = false;
      });
      const target = document.elementFromPoint(event.clientX, event.clientY);
      const wanted = action === 'take' ? '#hand, aside' : '.cabinet';
      if (target?.closest(wanted)) act(action, { item });
    };
    document.addEventListener('pointermove', move);
    document.addEventListener('pointerup', end, { once: true });
    document.addEventListener('pointercancel', end);
  });
  return button;
}

function startDrag(button, picture) {
  const ghost = picture.cloneNode();
  ghost.className = 'ghost';
  document.body.append(ghost);
  button.classList.add('dragged');
  return ghost;
}
