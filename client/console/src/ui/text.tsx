// Texts from outside: shown whole if they are short, cut with a way to the rest if not, and never more than text.
import { useState } from 'preact/hooks';
import { indentedJson, printable, printableLines, shortened } from '../text/printable';
import { bytes } from '../text/words';

const SHORT = 300;
const SHOWN = 20_000;

// A text in one line. What is beyond 300 characters is one click away.
export function Text({ value, length = SHORT }: { value: string; length?: number }) {
  const [whole, setWhole] = useState(false);
  if (value.length <= length) return <bdi>{printable(value)}</bdi>;
  return (
    <>
      <bdi class="long">{printable(shortened(value, whole ? SHOWN : length))}{whole && value.length <= SHOWN ? '' : '…'}</bdi>{' '}
      <button type="button" class="link" onClick={() => setWhole(!whole)}>
        {whole ? 'less' : `more (${bytes(value.length)})`}
      </button>
    </>
  );
}

// An id: in fixed width, cut in the middle by the style sheet if there is no room, whole on hover.
export function Id({ value, short = 0 }: { value: string; short?: number }) {
  if (!value) return <span class="none">none</span>;
  const clean = printable(shortened(value, 200));
  const shown = short > 0 && clean.length > short + 1 ? `${clean.slice(0, short)}…` : clean;
  return <code class={shown === clean ? 'id' : 'id short'} title={clean}>{shown}</code>;
}

function download(name: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = `${name.replace(/[^\w.-]+/g, '_').slice(0, 100) || 'log'}.json`;
  link.click();
  URL.revokeObjectURL(address);
}

async function copy(content: string, tell: (text: string) => void): Promise<void> {
  try {
    await navigator.clipboard.writeText(content);
    tell('Copied');
  } catch {
    tell('Not allowed here');
  }
}

// A comment of the schema: what stands between backticks is code.
export function Comment({ text }: { text: string }) {
  return <>{printable(text).split('`').map((part, i) => (i % 2 === 1 ? <code key={i}>{part}</code> : part))}</>;
}

// JSON, indented, with what it takes to carry it away. Long ones are cut on the screen only.
export function Json({ value, name }: { value: string; name: string }) {
  const [copied, setCopied] = useState('Copy');
  const shown = printableLines(indentedJson(shortened(value, SHOWN)));
  return (
    <figure class="json">
      <pre tabIndex={0} aria-label={`${name} as JSON`}><bdi>{shown}</bdi></pre>
      <figcaption>
        {value.length > SHOWN && <span>The first {bytes(SHOWN)} of {bytes(value.length)}. </span>}
        <button type="button" class="link" onClick={() => void copy(value, setCopied)}>{copied}</button>{' '}
        <button type="button" class="link" onClick={() => download(name, value)}>Download</button>
      </figcaption>
    </figure>
  );
}
