// The pages of one exporter, under its name.
import { printable } from '../text/printable';
import { places } from '../router';
import { Empty, PageTitle } from '../ui/layout';
import { Configuration } from './configuration';
import { DeadLetters } from './dead_letters';
import { Exporter } from './exporter';
import { History } from './history';
import { Preview } from './preview';
import { Replay } from './replay';
import { Run } from './run';
import { Runs } from './runs';
import { Versions } from './versions';

const TABS: readonly [page: string, title: string, to: (exporter: string) => string][] = [
  ['', 'Status', places.exporter],
  ['runs', 'Runs', places.runs],
  ['replay', 'Replay', places.replay],
  ['dead-letters', 'Dead letters', places.deadLetters],
  ['configuration', 'Configuration', places.configuration],
  ['versions', 'Versions', places.versions],
  ['preview', 'Preview', places.preview],
  ['history', 'History', places.history],
];

function Inner({ exporter, page, item }: { exporter: string; page: string; item: string }) {
  switch (page) {
    case '': return <Exporter exporter={exporter} />;
    case 'runs': return item ? <Run key={item} exporter={exporter} runId={item} /> : <Runs exporter={exporter} />;
    case 'replay': return <Replay exporter={exporter} />;
    case 'dead-letters': return <DeadLetters exporter={exporter} />;
    case 'configuration': return <Configuration exporter={exporter} />;
    case 'versions': return <Versions exporter={exporter} />;
    case 'preview': return <Preview exporter={exporter} />;
    case 'history': return <History exporter={exporter} />;
  }
  return <><PageTitle title="Not found" /><Empty><p>An exporter has no such page.</p></Empty></>;
}

export function ExporterFrame({ exporter, page, item }: { exporter: string; page: string; item: string }) {
  return (
    <>
      <nav class="tabs" aria-label={`Exporter ${exporter}`}>
        <a class="crumb" href={places.exporter(exporter)}><bdi>{printable(exporter)}</bdi></a>
        {TABS.map(([name, title, to]) => <a key={title} href={to(exporter)} aria-current={name === page ? 'page' : undefined}>{title}</a>)}
      </nav>
      <Inner exporter={exporter} page={page} item={item} />
    </>
  );
}
