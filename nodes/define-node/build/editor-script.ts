// Makes the script that tells Node-RED's editor about a node: defaults, validation, and what its dialog does when it opens.
import { type Contract, type NodeShape, type Properties, type Property, TEXT_LENGTH_MAX } from '@tapcase/define-node';

type Columns = Extract<Property, { kind: 'rows' }>['of'];

/** One call of `RED.nodes.registerType`. What a contract does not need is left out. */
export function editorScript(contract: Contract): string {
  const { type, category } = contract;
  const lines = [
    `category: ${js(category)},`,
    ...('outputs' in contract ? [`color: ${js(contract.color)},`, `icon: ${js(contract.icon)},`] : []),
    `defaults: ${defaultsScript(contract)},`,
    ...credentialsScript(contract),
    ...('outputs' in contract ? portsScript(contract) : []),
    `label: function () { return ${nameScript(contract)}; },`,
    ...dialogScript(contract),
  ];
  const body = lines.map((line) => `    ${line}`).join('\n');
  return `(function () {\n${helpersScript(contract)}  RED.nodes.registerType(${js(type)}, {\n${body}\n  });\n})();\n`;
}

/** A choice that is made says what the node is for; a text that is given tells it from others of its type. */
function nameScript({ type, properties, calledBy = [] }: Contract): string {
  const palette = `this._(${js(`${type}.palette`)})`;
  const given = calledBy.map((name) =>
    properties[name]?.kind === 'choice'
      ? `(this.${name} && this._(${js(`${type}.choice.${name}.`)} + this.${name}))`
      : `(this.${name} && ${palette} + ' ' + this.${name})`,
  );
  return ['this.name', ...given, palette].join(' || ');
}

function portsScript(contract: Contract<NodeShape>): string[] {
  const { type, inputs, outputs, align } = contract;
  return [
    ...(align === undefined ? [] : [`align: ${js(align)},`]),
    `inputs: ${inputs},`,
    `outputs: ${outputs.length},`,
    `outputLabels: function (index) { return this._(${js(`${type}.output.`)} + ${js(outputs)}[index]); },`,
    // The palette asks before the texts are there when the editor has no catalog for the language.
    `paletteLabel: function () { return this._ ? this._(${js(`${type}.palette`)}) : ${js(type)}; },`,
    `labelStyle: function () { return this.name ? 'node_label_italic' : ''; },`,
    ...onlyOneScript(contract),
  ];
}

/** A node that comes from the palette takes the config node it needs, where there is only one: nobody has to know its name. */
function onlyOneScript({ defaults }: Contract): string[] {
  const needed = Object.entries(defaults).flatMap(([name, { type, required }]) =>
    type !== undefined && required === true ? [[name, type]] : [],
  );
  if (needed.length === 0) return [];
  return [
    'onadd: function () {',
    `  for (const [name, type] of ${js(needed)}) {`,
    '    const there = [];',
    '    RED.nodes.eachConfig((config) => { if (config.type === type) there.push(config.id); });',
    '    if (!this[name] && there.length === 1) this[name] = there[0];',
    '  }',
    '},',
  ];
}

function defaultsScript({ defaults, properties }: Contract): string {
  const entries = Object.entries(defaults).map(([name, data]) => {
    const validate = validateScript(name, properties);
    // JSON has no word for it, and the editor takes it as said: the property is known, and a new node has none.
    const json = data.value === undefined ? '{"value":undefined}' : js(data);
    return `      ${js(name)}: ${validate === '' ? json : `${json.slice(0, -1)},"validate":${validate}}`},`;
  });
  return `{\n${entries.join('\n')}\n    }`;
}

/** A property that is absent is never wrong: the runtime takes its default. So is a whole `${VARIABLE}`. */
function validateScript(name: string, properties: Properties): string {
  const property = properties[name];
  if (property === undefined) return isVariableName(name, properties) ? 'when(/^([A-Za-z_][A-Za-z0-9_]*)?$/)' : '';
  switch (property.kind) {
    case 'number':
    case 'text':
      return plainScript(property);
    case 'typed':
      return `typed(${js(`${name}Type`)})`;
    case 'rows':
      return `rows(${property.max}, ${columnsScript(property.of)})`;
    default:
      return '';
  }
}

/** '' where anything goes. */
function plainScript(property: Property): string {
  if (property.kind === 'number') return `between(${property.min}, ${property.max}, ${property.whole ?? false})`;
  if (property.kind !== 'text') return '';
  const { is, required = false, max } = property;
  if (is === undefined && max === undefined) return '';
  return `when(${is ?? '/^/'}, ${!required}${max === undefined ? '' : `, ${max}`})`;
}

/** A row's cells by their columns: what is checked of each. */
function columnsScript(columns: Columns): string {
  const checks = Object.entries(columns).map(([column, cell]) => {
    const required = cell.kind === 'text' && cell.required ? 'when(/./, false)' : '() => true';
    return `${js(column)}: ${plainScript(cell) || required}`;
  });
  return `{ ${checks.join(', ')} }`;
}

function isVariableName(name: string, properties: Properties): boolean {
  return name.endsWith('Env') && properties[name.slice(0, -'Env'.length)]?.kind === 'secret';
}

function credentialsScript({ secrets }: Contract): string[] {
  if (secrets.length === 0) return [];
  return [`credentials: ${js(Object.fromEntries(secrets.map((name) => [name, { type: 'password' }])))},`];
}

function helpersScript(contract: Contract): string {
  const script = defaultsScript(contract);
  const helpers: string[] = [];
  if (script.includes('rows(')) helpers.push(ROWS);
  if (script.includes('between(')) helpers.push(BETWEEN);
  if (script.includes('when(')) helpers.push(WHEN);
  if (script.includes('typed(')) helpers.push(TYPED);
  return helpers.join('');
}

const BETWEEN = `  const between = (min, max, whole) => (value) => {
    const text = String(value ?? '').trim();
    if (text === '' || /^\\$\\{\\w+\\}$/.test(text)) return true;
    const number = Number(text);
    return number >= min && number <= max && (!whole || Number.isInteger(number));
  };
`;
const WHEN = `  const when = (pattern, orEmpty, max) => (value) => {
    if (value === undefined || /^\\$\\{\\w+\\}$/.test(value)) return true;
    const text = String(value).trim();
    return text === '' ? orEmpty !== false : pattern.test(text) && text.length <= (max || Infinity);
  };
`;
const ROWS = `  const rows = (max, columns) => (list) =>
    list === undefined ||
    (list.length <= max && list.every((row) => Object.keys(columns).every((name) => columns[name](row[name]))));
`;
const TYPED = `  const typed = (typeField) => {
    const inner = RED.validators.typedInput(typeField);
    return function (value, options) { return value === undefined ? true : inner.call(this, value, options); };
  };
`;

function dialogScript(contract: Contract): string[] {
  const properties = Object.entries(contract.properties);
  const prefix = contract.category === 'config' ? '#node-config-input-' : '#node-input-';
  const isSimple = properties.every(
    ([, { kind, only }]) => only === undefined && (kind === 'ref' || kind === 'secret'),
  );
  if (isSimple && contract.version === 1 && contract.earlier === undefined) return [];
  const typed = properties.flatMap(([name, property]) =>
    property.kind === 'typed' ? [[name, property.types, property.default.type] as const] : [],
  );
  const rows = properties.flatMap(([name, property]) =>
    property.kind === 'rows' ? [[name, property.of] as const] : [],
  );
  const open = [...fillScript(contract, prefix)];
  if (typed.length > 0) {
    open.push(
      `for (const [name, types, first] of ${js(typed)}) $(${js(prefix)} + name).typedInput({ default: first, types: types, typeField: ${js(prefix)} + name + 'Type' });`,
    );
  }
  open.push(...onlyScript(contract, prefix), ...explainScript(contract, prefix), ...earlierScript(contract, prefix));
  for (const [name, columns] of rows) open.push(...rowsScript(contract.type, `${prefix}${name}-rows`, name, columns));
  const save = rows.map(([name]) => saveRowsScript(`${prefix}${name}-rows`, name));
  if (contract.version > 1) save.push(`this.version = ${contract.version};`);
  save.push(...forgetScript(contract, prefix));
  return [
    `oneditprepare: function () {\n      const node = this;\n${indented(open)}\n    },`,
    ...(save.length === 0 ? [] : [`oneditsave: function () {\n      const node = this;\n${indented(save)}\n    },`]),
  ];
}

/** What is shown beside some choices only comes and goes as they are made, and what goes with a text as it is typed. */
function onlyScript({ properties }: Contract, prefix: string): string[] {
  const shown = Object.entries(properties).flatMap(([name, { only }]) => (only === undefined ? [] : [[name, only]]));
  if (shown.length === 0) return [];
  return [
    'const is = (value, wanted) => {',
    "  const given = Boolean(value) && value.trim() !== '' && value !== '_ADD_';",
    "  return wanted === 'given' ? given : wanted === 'empty' ? !given : wanted.includes(value);",
    '};',
    `for (const [name, only] of ${js(shown)}) {`,
    `  const shows = () => Object.keys(only).every((other) => is($(${js(prefix)} + other).val(), only[other]));`,
    `  const show = () => $(${js(prefix)} + name + '-only').toggle(shows());`,
    `  for (const other of Object.keys(only)) $(${js(prefix)} + other).on('change input', show);`,
    '  show();',
    '}',
  ];
}

/** What a choice means is told of the value that is chosen. */
function explainScript({ type, properties }: Contract, prefix: string): string[] {
  const told = Object.entries(properties).flatMap(([name, property]) =>
    property.kind === 'choice' && property.explained !== undefined ? [[name, property.explained]] : [],
  );
  if (told.length === 0) return [];
  return [
    `for (const [name, parts] of ${js(told)}) {`,
    `  const choice = $(${js(prefix)} + name);`,
    '  const tell = () => {',
    `    for (const part of parts) $(${js(prefix)} + name + '-' + part).text(node._(${js(`${type}.`)} + part + '.' + (choice.val() || 'empty')));`,
    '  };',
    "  choice.on('change', tell);",
    '  tell();',
    '}',
  ];
}

/** Values of an earlier release, as long as nothing is chosen in their place. */
function earlierScript({ type, earlier }: Contract, prefix: string): string[] {
  if (earlier === undefined) return [];
  return [
    `const earlier = ${js(earlier.properties)}.filter((name) => node[name] !== undefined).map((name) => name + ' ' + node[name]);`,
    `$(${js(`${prefix}earlier`)}).text(node._(${js(`${type}.tip.earlier`)}) + ' ' + earlier.join(', ')).toggle(earlier.length > 0);`,
  ];
}

function forgetScript({ earlier }: Contract, prefix: string): string[] {
  if (earlier === undefined) return [];
  return [
    `const instead = $(${js(`${prefix}${earlier.until}`)}).val();`,
    `if (instead && instead !== '_ADD_') for (const name of ${js(earlier.properties)}) delete node[name];`,
  ];
}

/** An older node's dialog shows what the runtime makes of it: migrated, and with the defaults that it lacks. */
function fillScript({ defaults, migrate = {}, version }: Contract, prefix: string): string[] {
  const plain = Object.fromEntries(
    Object.entries(defaults).filter(
      ([name, { type, value }]) => type === undefined && value !== undefined && name !== 'version',
    ),
  );
  const names = js(Object.keys(defaults));
  const steps = Array.from({ length: version - 1 }, (_, at) => `${at + 1}: ${migrationSource(migrate[at + 1])}`);
  return [
    `const saved = Object.fromEntries(${names}.filter((name) => node[name] !== undefined).map((name) => [name, node[name]]));`,
    ...(version === 1
      ? ['const shown = saved;']
      : [
          `const steps = { ${steps.join(', ')} };`,
          'let shown = Object.assign({}, node, saved);',
          `if (node.id !== undefined) for (let at = node.version || 1; at < ${version}; at += 1) shown = steps[at](shown);`,
        ]),
    `const missing = ${js(plain)};`,
    'for (const name of Object.keys(missing)) {',
    '  const value = shown[name] === undefined ? missing[name].value : shown[name];',
    `  const field = $(${js(prefix)} + name);`,
    // No option has the value of a flag that this property once was.
    "  if (value === saved[name] && !(typeof value === 'boolean' && field.is('select'))) continue;",
    '  if (Array.isArray(value)) { node[name] = value.slice(); continue; }',
    "  if (field.is(':checkbox')) field.prop('checked', value); else field.val(String(value));",
    '}',
  ];
}

/** The dialog runs the very function, so it must be an expression that stands alone. */
function migrationSource(migrate: unknown): string {
  const source = `(${String(migrate)})`;
  try {
    new Function(`return ${source};`);
  } catch (cause) {
    throw new Error(`a migration is not an arrow function of its own: ${String(migrate).slice(0, 80)}`, { cause });
  }
  return source;
}

function rowsScript(type: string, list: string, name: string, columns: Columns): string[] {
  return [
    `const check_${name} = ${columnsScript(columns)};`,
    `$(${js(list)}).css({ minHeight: '120px' }).editableList({`,
    '  removable: true, sortable: true,',
    '  addItem: function (container, _index, row) {',
    "    container.css({ display: 'flex', gap: '6px', alignItems: 'center' });",
    ...Object.entries(columns).flatMap(([column, cell]) =>
      cellScript(type, name, column, cell).map((line) => `    ${line}`),
    ),
    '  },',
    '});',
    `for (const row of node.${name} || []) $(${js(list)}).editableList('addItem', row);`,
  ];
}

/** One field of a row, checked as it is typed. */
function cellScript(type: string, name: string, column: string, cell: Columns[string]): string[] {
  const label = `node._(${js(`${type}.row.${name}.${column}`)})`;
  const value = `(row[${js(column)}] === undefined ? ${js(cell.default ?? '')} : row[${js(column)}])`;
  const end = `.addClass(${js(`row-${column}`)}).attr({ title: ${label}, placeholder: ${label}, 'aria-label': ${label} })`;
  const checked = `.on('input change', function () { $(this).toggleClass('input-error', !check_${name}[${js(column)}](this.value)); }).trigger('input')`;
  switch (cell.kind) {
    case 'flag':
      return [`$('<input type="checkbox" style="width: auto">')${end}.prop('checked', ${value}).appendTo(container);`];
    case 'choice': {
      const options = cell.of.map(
        (option) =>
          `$('<option>').val(${js(option)}).text(node._(${js(`${type}.choice.${name}-${column}.${option || 'empty'}`)}))`,
      );
      return [
        `$('<select style="width: auto">')${end}.append(${options.join(', ')}).val(${value}).appendTo(container);`,
      ];
    }
    case 'number': {
      const bounds = `step="${cell.whole ? 1 : 'any'}" min="${cell.min}" max="${cell.max}"`;
      const field = `$('<input type="number" ${bounds} style="width: 90px">')${end}.val(${value})${checked}.appendTo(container);`;
      if (cell.unit === undefined) return [field];
      return [field, `$('<span>').text(node._(${js(`${type}.unit.${name}-${column}`)})).appendTo(container);`];
    }
    case 'text': {
      const field = `<input type="text" maxlength="${cell.max ?? TEXT_LENGTH_MAX}" style="flex: 1; min-width: 0">`;
      return [`$('${field}')${end}.val(${value})${checked}.appendTo(container);`];
    }
    default:
      throw new TypeError(`no such kind of column: ${JSON.stringify(cell satisfies never)}`);
  }
}

/** A number is stored as one. Rows that nobody has changed stay as they were stored: a look at a node changes no line. */
function saveRowsScript(list: string, name: string): string {
  return [
    `const rows_${name} = $(${js(list)}).editableList('items').toArray().map(function (item) {`,
    '  const row = {};',
    '  $(item).find(\'[class*="row-"]\').each(function () {',
    '    const column = /(?:^| )row-(\\w+)/.exec(this.className)[1];',
    "    if (this.type === 'checkbox') row[column] = this.checked;",
    "    else row[column] = this.type === 'number' && this.value !== '' ? Number(this.value) : $(this).val();",
    '  });',
    '  return row;',
    '});',
    'const asText = (rows) => JSON.stringify((rows || []).map((row) =>',
    '  Object.keys(row).sort().map((column) => [column, String(row[column])])));',
    `if (asText(rows_${name}) !== asText(node.${name})) node.${name} = rows_${name};`,
  ].join('\n      ');
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `      ${line}`).join('\n');
}

/** JSON that also stands inside a script element. */
function js(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
