// Text from logs and other systems, made safe to look at.

// Controls, and characters that turn the direction of writing: they could make a text look like another one.
// Line ends and tabs are kept where the text is shown in several lines.
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
const LINES = /[\t\n\r\u2028\u2029]/gu;
const LONE_SURROGATE = /\p{Surrogate}/gu;

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
}

export function printableLines(text: string): string {
  return text.replace(HIDDEN, escaped).replace(LONE_SURROGATE, '\ufffd');
}

export function printable(text: string): string {
  return printableLines(text).replace(LINES, ' ');
}

// The first characters of a long text; never half of a pair.
export function shortened(text: string, length: number): string {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  return /[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut;
}

// JSON with a line for each member, or the text as it is where it is none. Numbers stay as they were written, since
// parsing would round large ones: only white space is put in.
export function indentedJson(text: string): string {
  let out = '';
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; ++i) {
    const c = text[i] as string;
    if (inString) {
      out += c;
      if (c === '\\') out += text[++i] ?? '';
      else if (c === '"') inString = false;
      continue;
    }
    if (/\s/.test(c)) continue;
    if (c === '"') inString = true;
    if (c === '{' || c === '[') {
      const close = c === '{' ? '}' : ']';
      let next = i + 1;
      while (next < text.length && /\s/.test(text[next] as string)) ++next;
      if (text[next] === close) {
        out += c + close;
        i = next;
        continue;
      }
      depth += 1;
      out += `${c}\n${'  '.repeat(Math.min(depth, 50))}`;
    } else if (c === '}' || c === ']') {
      depth = Math.max(0, depth - 1);
      out += `\n${'  '.repeat(Math.min(depth, 50))}${c}`;
    } else if (c === ',') {
      out += `,\n${'  '.repeat(Math.min(depth, 50))}`;
    } else {
      out += c === ':' ? ': ' : c;
    }
  }
  return out;
}
