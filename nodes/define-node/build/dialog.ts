// Makes the html of a node, its editor definition and its dialog, from the node's contract.
import type { Contract, Property } from '@tapcase/define-node';
import { editorScript } from './editor-script.ts';

/** For a property without an icon of its own. */
const ICONS = { ref: 'cog', secret: 'key', rows: 'list', name: 'tag', other: 'pencil' } as const;

/** The whole file: Node-RED reads the definition and the template out of it. */
export function dialogHtml(contract: Contract): string {
  const dialog = new Dialog(contract);
  return `<script type="text/javascript">
${editorScript(contract)}</script>

<script type="text/html" data-template-name="${contract.type}">
${dialog.nameRow()}
${Object.entries(contract.properties)
  .map(([name, property]) => dialog.rowsOf(name, property))
  .join('\n')}
</script>
`;
}

class Dialog {
  readonly #type: string;
  readonly #prefix: string;

  constructor({ type, category }: Contract) {
    this.#type = type;
    this.#prefix = category === 'config' ? 'node-config-input' : 'node-input';
  }

  nameRow(): string {
    const placeholder = ` data-i18n="[placeholder]${this.#type}.label.name"`;
    return this.#row('name', ICONS.name, `<input type="text" id="${this.#prefix}-name"${placeholder}>`);
  }

  rowsOf(name: string, property: Property): string {
    const rows = this.#fields(name, property);
    if (property.tip) rows.push(`  <div class="form-tips" data-i18n="${this.#type}.tip.${name}"></div>`);
    return property.only === undefined
      ? rows.join('\n')
      : [`  <div id="${this.#prefix}-${name}-only">`, ...rows, '  </div>'].join('\n');
  }

  #fields(name: string, property: Property): string[] {
    const id = `${this.#prefix}-${name}`;
    const icon = property.icon ?? (property.kind in ICONS ? ICONS[property.kind as keyof typeof ICONS] : ICONS.other);
    switch (property.kind) {
      case 'ref':
        return [this.#row(name, icon, `<input type="text" id="${id}">`)];
      case 'text':
        return [this.#row(name, icon, `<input type="text" id="${id}"${placeholderOf(property.placeholder)}>`)];
      case 'number': {
        const bounds = `placeholder="${property.default}" title="${property.min} … ${property.max}"`;
        const input = `<input type="text" inputmode="decimal" id="${id}" ${bounds} style="width: 120px">`;
        return [this.#row(name, icon, `${input} ${this.#unit(name)}`)];
      }
      case 'flag':
        return [this.#row(name, icon, `<input type="checkbox" id="${id}" style="width: auto">`)];
      case 'choice': {
        const options = property.of.map(
          (value) => `<option value="${value}" data-i18n="${this.#type}.choice.${name}.${value}"></option>`,
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

  #unit(name: string): string {
    return `<span data-i18n="${this.#type}.unit.${name}"></span>`;
  }
}

function placeholderOf(text: string | undefined): string {
  return text === undefined ? '' : ` placeholder="${text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}"`;
}
