/** What `formatYaml` writes. */
export type YamlValue = string | null | readonly string[] | { readonly [key: string]: YamlValue };

/** Text that YAML 1.1 reads as the same text when nothing stands around it. */
const PLAIN = /^[A-Za-z][A-Za-z0-9_./=@+-]*$/;
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;

/** Characters; PyYAML takes a key without a mark of its own up to 1024. */
const LONGEST_KEY = 120;

/**
 * Writes a mapping as YAML 1.1 in the layout of PyYAML's `dump`: blocks, keys in order, ASCII alone. Text that could mean
 * anything else is quoted; a line is never folded.
 */
export function formatYaml(value: { readonly [key: string]: YamlValue }): string {
  return formatMapping(value, '');
}

function formatMapping(value: { readonly [key: string]: YamlValue }, indent: string): string {
  return Object.keys(value)
    .sort()
    .map((key) => {
      const name = formatText(key);
      const start = name.length > LONGEST_KEY ? `${indent}? ${name}\n${indent}:` : `${indent}${name}:`;
      return start + formatMember(value[key] ?? null, indent);
    })
    .join('');
}

function formatMember(value: YamlValue, indent: string): string {
  if (value === null) return ' null\n';
  if (typeof value === 'string') return ` ${formatText(value)}\n`;
  if (isList(value)) {
    return value.length === 0
      ? ' []\n'
      : `\n${value.map((item) => `${indent}- ${formatText(item)}\n`).join('')}`;
  }
  return Object.keys(value).length === 0 ? ' {}\n' : `\n${formatMapping(value, `${indent}  `)}`;
}

function isList(value: YamlValue): value is readonly string[] {
  return Array.isArray(value);
}

function formatText(text: string): string {
  if (PLAIN.test(text) && !WORDS.test(text)) return text;
  return `"${[...text].map(escape).join('')}"`;
}

/** PyYAML reads a pair of surrogates as two characters, so what lies beyond 16 bits has an escape of its own. */
function escape(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (character >= ' ' && character <= '~') return character;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  return code > 0xffff ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`;
}
