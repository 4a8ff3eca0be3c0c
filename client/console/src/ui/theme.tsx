// Dark or light: as the system has it, unless chosen here.
import { signal, effect } from '@preact/signals';

const THEMES = ['system', 'light', 'dark'] as const;
type Choice = (typeof THEMES)[number];
const KEY = 'logexport-theme';

function stored(): Choice {
  try {
    const value = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === value) ?? 'system';
  } catch {
    return 'system';
  }
}

const theme = signal<Choice>(stored());

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  try {
    localStorage.setItem(KEY, theme.value);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
});

// What plots, which are drawn, have to know: whether it is dark now.
const system = window.matchMedia('(prefers-color-scheme: dark)');
const systemIsDark = signal(system.matches);
system.addEventListener('change', (event) => {
  systemIsDark.value = event.matches;
});

export function isDark(): boolean {
  return theme.value === 'system' ? systemIsDark.value : theme.value === 'dark';
}

export function Theme() {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] as Choice;
  return (
    <button type="button" class="link" title={`Switch to ${next}`} onClick={() => {
      theme.value = next;
    }}>Theme: {theme.value}</button>
  );
}
