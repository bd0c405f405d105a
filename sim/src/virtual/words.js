// Every word of the virtual case's page, in English and Spanish.

const PRODUCTS = {
  en: { cola: 'cola', soda: 'lemon soda', water: 'water', chips: 'chips', juice: 'orange juice', candy: 'candy bar' },
  es: {
    cola: 'cola',
    soda: 'gaseosa de limón',
    water: 'agua',
    chips: 'papas fritas',
    juice: 'jugo de naranja',
    candy: 'barra de dulce',
  },
};

export const LANGUAGES = {
  en: {
    code: 'en',
    name: 'English',
    other: 'es',
    title: 'Virtual case',
    explain: 'You are the customer: tap to unlock, open the door, take what you like, close the door.',
    ready: 'Ready',
    starting: 'Starting…',
    lost: 'Connection lost, trying again…',
    light: 'Light',
    buzzer: 'Buzzer',
    tap: 'Tap here',
    tapMore: "opens the customer's page",
    scale: 'On the scale',
    cameras: 'What the cameras see',
    display: "The controller's display",
    hand: 'In your hand',
    handEmpty: 'Your hand is empty. Drag products here, or press Enter on one.',
    handFull: 'In your hand. Drag back to the shelf to put something back.',
    open: 'Open the door',
    close: 'Close the door',
    isLocked: 'Door is locked',
    camera: (number) => (number === 0 ? 'View from the upper left' : 'View from the upper right'),
    takeIt: (sku) => `Take: ${PRODUCTS.en[sku] ?? sku}`,
    putItBack: (sku) => `Put back: ${PRODUCTS.en[sku] ?? sku}`,
    refusals: {
      'sim.locked': 'The door is locked. Tap to unlock it.',
      'sim.door-closed': 'The door is closed.',
      'sim.none-left': 'That is no longer on the shelf.',
      'sim.not-in-hand': 'That is no longer in your hand.',
    },
  },
  es: {
    code: 'es',
    name: 'Español',
    other: 'en',
    title: 'Vitrina virtual',
    explain: 'Usted es el cliente: acerque el teléfono, abra la puerta, tome lo que quiera y cierre la puerta.',
    ready: 'Lista',
    starting: 'Iniciando…',
    lost: 'Sin conexión, reintentando…',
    light: 'Luz',
    buzzer: 'Zumbador',
    tap: 'Toque aquí',
    tapMore: 'abre la página del cliente',
    scale: 'En la balanza',
    cameras: 'Lo que ven las cámaras',
    display: 'Pantalla del controlador',
    hand: 'En su mano',
    handEmpty: 'Su mano está vacía. Arrastre productos aquí o pulse Intro sobre uno.',
    handFull: 'En su mano. Arrastre al estante para devolver algo.',
    open: 'Abrir la puerta',
    close: 'Cerrar la puerta',
    isLocked: 'Puerta cerrada con llave',
    camera: (number) => (number === 0 ? 'Vista desde arriba a la izquierda' : 'Vista desde arriba a la derecha'),
    takeIt: (sku) => `Tomar: ${PRODUCTS.es[sku] ?? sku}`,
    putItBack: (sku) => `Devolver: ${PRODUCTS.es[sku] ?? sku}`,
    refusals: {
      'sim.locked': 'La puerta está cerrada con llave. Toque para abrirla.',
      'sim.door-closed': 'La puerta está cerrada.',
      'sim.none-left': 'Eso ya no está en el estante.',
      'sim.not-in-hand': 'Eso ya no está en su mano.',
    },
  },
};

/** The words of a language, English where there is none. */
export function chooseWords(code) {
  return Object.hasOwn(LANGUAGES, code) ? LANGUAGES[code] : LANGUAGES.en;
}
