// What to do, as the service says it. It speaks of commands; here they lead to the page that does the same.
import { places } from '../router';
import { printable } from '../text/printable';
import { sentence } from '../text/words';

const PAGES: Record<string, { text: string; to: (exporter: string) => string }> = {
  'get-report': { text: 'Open the newest run', to: (exporter) => places.run(exporter, 'newest') },
  'get-reports': { text: 'Open the runs', to: places.runs },
  'list-dead-letters': { text: 'Open the dead letters', to: places.deadLetters },
  'resume-exporter': { text: 'Resume it', to: places.exporter },
  'run-now': { text: 'Run it now', to: places.exporter },
  'update-config': { text: 'Open the configuration', to: places.configuration },
  'test-notification': { text: 'Test the notification', to: places.configuration },
  'set-checkpoint': { text: 'Open the replay', to: places.replay },
};

export function Advice({ text, exporter }: { text: string; exporter: string }) {
  if (!text) return null;
  const command = /^logexportctl ([a-z-]+)/.exec(text);
  const page = command?.[1] ? PAGES[command[1]] : undefined;
  if (page) return <a class="advice" href={page.to(exporter)} title={`On the command line: ${printable(text)}`}>{page.text}</a>;
  return <span class="advice"><bdi>{printable(sentence(text))}</bdi></span>;
}
