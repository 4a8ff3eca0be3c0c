// The time, for what is shown as a distance from it.
import { signal } from '@preact/signals';

// Moves every second while the page is visible.
export const now = signal(Date.now());

setInterval(() => {
  if (!document.hidden) now.value = Date.now();
}, 1_000);
