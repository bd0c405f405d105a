// Makes the script that tells Node-RED's editor about a node: defaults, validation, and what its dialog does when it opens.
import type { Contract, NodeShape, Properties } from '@tapcase/define-node';

/** One call of `RED.nodes.registerType`. What a contract does not need is left out. */
export function editorScript(contract: Contract): string {
  const { type, category } = contract;
  const lines = [
    `category: ${js(category)},`,
    ...('outputs' in contract ? [`color: ${js(contract.color)},`, `icon: ${js(contract.icon)},`] : []),
    `defaults: ${defaultsScript(contract)},`,
    ...credentialsScript(contract),
    ...('outputs' in contract ? portsScript(contract) : []),
    `label: function () { return this.name || this._(${js(`${type}.palette`)}); },`,
    ...dialogScript(contract),
  ];
  const body = lines.map((line) => `    ${line}`).join('\n');
  return `(function () {\n${helpersScript(contract)}  RED.nodes.registerType(${js(type)}, {\n${body}\n  });\n})();\n`;
}

function portsScript(contract: Contract<NodeShape>): string[] {
  const { type, inputs, outputs } = contract;
  return [
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
    const json = js(data);
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
      return `between(${property.min}, ${property.max}, ${property.whole ?? false})`;
    case 'text':
      return property.is === undefined ? '' : `when(${property.is}, ${!(property.required ?? false)})`;
    case 'typed':
      return `typed(${js(`${name}Type`)})`;
    case 'rows':
      return `function (rows) { return rows === undefined || rows.length <= ${property.max}; }`;
    default:
      return '';
  }
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
const WHEN = `  const when = (pattern, orEmpty) => (value) =>
    value === undefined || (value === '' && orEmpty !== false) || /^\\$\\{\\w+\\}$/.test(value) || pattern.test(value);
`;
const TYPED = `  const typed = (typeField) => {
    const inner = RED.validators.typedInput(typeField);
    return function (value, options) { return value === undefined ? true : inner.call(this, value, options); };
  };
`;

function dialogScript(contract: Contract): string[] {
  const properties = Object.entries(contract.properties);
  const prefix = contract.category === 'config' ? '#node-config-input-' : '#node-input-';
  const isSimple = properties.every(([, { kind }]) => kind === 'ref' || kind === 'secret');
  if (isSimple && contract.version === 1) return [];
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
  open.push(...onlyScript(contract, prefix));
  for (const [name, columns] of rows) open.push(...rowsScript(contract.type, `${prefix}${name}-rows`, name, columns));
  const save = rows.map(([name]) => saveRowsScript(`${prefix}${name}-rows`, name));
  if (contract.version > 1) save.push(`this.version = ${contract.version};`);
  return [
    `oneditprepare: function () {\n      const node = this;\n${indented(open)}\n    },`,
    ...(save.length === 0 ? [] : [`oneditsave: function () {\n      const node = this;\n${indented(save)}\n    },`]),
  ];
}

/** What is shown beside some choices only comes and goes as they are made. */
function onlyScript({ properties }: Contract, prefix: string): string[] {
  const shown = Object.entries(properties).flatMap(([name, { only }]) => (only === undefined ? [] : [[name, only]]));
  if (shown.length === 0) return [];
  return [
    `for (const [name, only] of ${js(shown)}) {`,
    `  const shows = () => Object.keys(only).every((other) => only[other].includes($(${js(prefix)} + other).val()));`,
    `  const show = () => $(${js(prefix)} + name + '-only').toggle(shows());`,
    `  for (const other of Object.keys(only)) $(${js(prefix)} + other).on('change', show);`,
    '  show();',
    '}',
  ];
}

/** An older node's dialog shows what the runtime makes of it: migrated, and with the defaults that it lacks. */
function fillScript({ defaults, migrate = {}, version }: Contract, prefix: string): string[] {
  const plain = Object.fromEntries(
    Object.entries(defaults).filter(([name, { type }]) => type === undefined && name !== 'version'),
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
    '  if (value === saved[name]) continue;',
    '  if (Array.isArray(value)) { node[name] = value.slice(); continue; }',
    `  const field = $(${js(prefix)} + name);`,
    "  if (field.is(':checkbox')) field.prop('checked', value); else field.val(value);",
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

type Columns = Extract<Properties[string], { kind: 'rows' }>['of'];

function rowsScript(type: string, list: string, name: string, columns: Columns): string[] {
  return [
    `$(${js(list)}).css({ minHeight: '120px' }).editableList({`,
    '  removable: true, sortable: true,',
    '  addItem: function (container, _index, row) {',
    "    container.css({ display: 'flex', gap: '6px', alignItems: 'center' });",
    ...Object.entries(columns).map(([column, cell]) => `    ${cellScript(type, name, column, cell)}`),
    '  },',
    '});',
    `for (const row of node.${name} || []) $(${js(list)}).editableList('addItem', row);`,
  ];
}

function cellScript(type: string, name: string, column: string, cell: Columns[string]): string {
  const label = `node._(${js(`${type}.row.${name}.${column}`)})`;
  const value = `(row[${js(column)}] === undefined ? ${js(cell.default)} : row[${js(column)}])`;
  const end = `.addClass(${js(`row-${column}`)}).attr({ title: ${label}, placeholder: ${label}, 'aria-label': ${label} })`;
  switch (cell.kind) {
    case 'flag':
      return `$('<input type="checkbox" style="width: auto">')${end}.prop('checked', ${value}).appendTo(container);`;
    case 'choice': {
      const options = cell.of.map(
        (option) =>
          `$('<option>').val(${js(option)}).text(node._(${js(`${type}.choice.${name}-${column}.${option}`)}))`,
      );
      return `$('<select>')${end}.append(${options.join(', ')}).val(${value}).appendTo(container);`;
    }
    default:
      return `$('<input type="text" style="flex: 1; min-width: 0">')${end}.val(${value}).appendTo(container);`;
  }
}

function saveRowsScript(list: string, name: string): string {
  return [
    `node.${name} = $(${js(list)}).editableList('items').toArray().map(function (item) {`,
    '  const row = {};',
    '  $(item).find(\'[class*="row-"]\').each(function () {',
    '    const column = /(?:^| )row-(\\w+)/.exec(this.className)[1];',
    "    row[column] = this.type === 'checkbox' ? this.checked : $(this).val();",
    '  });',
    '  return row;',
    '});',
  ].join('\n      ');
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `      ${line}`).join('\n');
}

/** JSON that also stands inside a script element. */
function js(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
