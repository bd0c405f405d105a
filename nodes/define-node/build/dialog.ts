// Makes the html of a node, its editor definition and its dialog, from the node's contract.
import type { Contract, Property } from '@tapcase/define-node';
import { editorScript } from './editor-script.ts';

/** For a property without an icon of its own. */
const ICONS = { ref: 'cog', secret: 'key', rows: 'list', name: 'tag', other: 'pencil' } as const;

/** The whole file: Node-RED reads the definition and the template out of it. */
export function dialogHtml(contract: Contract): string {
  const dialog = new Dialog(contract);
  const rows = [dialog.nameRow(), ...dialog.propertyRows(), ...dialog.earlierRow()].join('\n');
  return `<script type="text/javascript">
${editorScript(contract)}</script>

<script type="text/html" data-template-name="${contract.type}">
${contract.wide ? `${WIDE}\n<div class="define-node-wide">\n${rows}\n</div>` : rows}
</script>
`;
}

/** Labels of Node-RED's own have 100 px. */
const WIDE = `  <style>
    .define-node-wide .form-row label { width: 230px; }
    .define-node-wide .form-row input[type='text'], .define-node-wide .form-row select { width: 220px; }
  </style>`;

class Dialog {
  readonly #contract: Contract;
  readonly #type: string;
  readonly #prefix: string;

  constructor(contract: Contract) {
    this.#contract = contract;
    this.#type = contract.type;
    this.#prefix = contract.category === 'config' ? 'node-config-input' : 'node-input';
  }

  nameRow(): string {
    const placeholder = ` data-i18n="[placeholder]${this.#type}.label.name"`;
    return this.#row('name', ICONS.name, `<input type="text" id="${this.#prefix}-name"${placeholder}>`);
  }

  propertyRows(): string[] {
    let group: string | undefined;
    return Object.entries(this.#contract.properties).flatMap(([name, property]) => {
      const begins = property.group !== undefined && property.group !== group;
      group = property.group;
      return begins ? [this.#heading(property.group), this.#rowsOf(name, property)] : [this.#rowsOf(name, property)];
    });
  }

  /** Filled in when the dialog opens; empty it is not seen. */
  earlierRow(): string[] {
    return this.#contract.earlier === undefined ? [] : [`  <div class="form-tips" id="${this.#prefix}-earlier"></div>`];
  }

  #heading(group: string | undefined): string {
    return `  <h4 data-i18n="${this.#type}.group.${group}"></h4>`;
  }

  #rowsOf(name: string, property: Property): string {
    const rows = this.#fields(name, property);
    if (property.tip) rows.push(`  <div class="form-tips" data-i18n="${this.#type}.tip.${name}"></div>`);
    if (property.kind === 'choice')
      rows.push(...(property.explained ?? []).flatMap((what) => this.#explained(name, what)));
    return property.only === undefined
      ? rows.join('\n')
      : [`  <div id="${this.#prefix}-${name}-only">`, ...rows, '  </div>'].join('\n');
  }

  #explained(name: string, what: string): string[] {
    const code = `<code id="${this.#prefix}-${name}-${what}" style="white-space: pre-wrap"></code>`;
    return [`  <div class="form-tips"><p data-i18n="${this.#type}.explain.${what}"></p>${code}</div>`];
  }

  #fields(name: string, property: Property): string[] {
    const id = `${this.#prefix}-${name}`;
    const icon = property.icon ?? (property.kind in ICONS ? ICONS[property.kind as keyof typeof ICONS] : ICONS.other);
    switch (property.kind) {
      case 'ref':
        return [this.#row(name, icon, `<input type="text" id="${id}">`)];
      case 'text':
        return [
          this.#row(name, icon, `<input type="text" id="${id}"${this.#hint(name, property, property.placeholder)}>`),
        ];
      case 'number': {
        const bounds = `title="${property.min} … ${property.max}"${this.#hint(name, property, property.default)}`;
        const input = `<input type="text" inputmode="decimal" id="${id}" ${bounds} style="width: 120px">`;
        return [this.#row(name, icon, property.unit === undefined ? input : `${input} ${this.#unit(name)}`)];
      }
      case 'flag':
        return [this.#row(name, icon, `<input type="checkbox" id="${id}" style="width: auto">`)];
      case 'choice': {
        const options = property.of.map(
          (value) => `<option value="${value}" data-i18n="${this.#type}.choice.${name}.${value || 'empty'}"></option>`,
        );
        return [this.#row(name, icon, `<select id="${id}">${options.join('')}</select>`)];
      }
      case 'typed': {
        const unit = property.unit === undefined ? '' : ` ${this.#unit(name)}`;
        const width = property.unit === undefined ? '70%' : '50%';
        const input = `<input type="text" id="${id}" style="width: ${width}"><input type="hidden" id="${id}Type">`;
        return [this.#row(name, icon, `${input}${unit}`)];
      }
      case 'rows':
        return [
          this.#row(name, icon, '', ' style="margin-bottom: 0"'),
          `  <div class="form-row"><ol id="${id}-rows"></ol></div>`,
        ];
      case 'secret': {
        const attributes = `autocomplete="new-password"${placeholderOf(property.placeholder)}`;
        return [
          this.#row(name, icon, `<input type="password" id="${id}" ${attributes}>`),
          this.#row(`${name}Env`, ICONS.secret, `<input type="text" id="${id}Env">`),
        ];
      }
      default:
        throw new TypeError(`no such kind of property: ${JSON.stringify(property satisfies never)}`);
    }
  }

  #row(name: string, icon: string, field: string, style = ''): string {
    const text = `<span data-i18n="${this.#type}.label.${name}"></span>`;
    const label = `<label for="${this.#prefix}-${name}"><i class="fa fa-${icon}"></i> ${text}</label>`;
    return `  <div class="form-row"${style}>\n    ${label}\n${field === '' ? '' : `    ${field}\n`}  </div>`;
  }

  /** What stands in the field while it is empty. */
  #hint(name: string, { hint }: Property, otherwise: string | number | undefined): string {
    return hint ? ` data-i18n="[placeholder]${this.#type}.hint.${name}"` : placeholderOf(otherwise);
  }

  #unit(name: string): string {
    return `<span data-i18n="${this.#type}.unit.${name}"></span>`;
  }
}

function placeholderOf(text: string | number | undefined): string {
  return text === undefined ? '' : ` placeholder="${String(text).replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`;
}
