// Tells what an action did: visibly for a while, and to screen readers.
import { signal } from '@preact/signals';

const message = signal('');
let timer = 0;

export function announce(text: string): void {
  message.value = text;
  window.clearTimeout(timer);
  timer = window.setTimeout(() => {
    message.value = '';
  }, 8_000);
}

export function Announcer() {
  return <div class={message.value ? 'announcer shown' : 'announcer'} role="status" aria-live="polite">{message.value}</div>;
}
