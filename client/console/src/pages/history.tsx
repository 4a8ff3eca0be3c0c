// What happened to an exporter, on one time line.
import { HistoryKind, HistoryKindSchema, type HistoryEntry } from '../../gen/logexport/v1/history_pb';
import { api } from '../rpc/client';
import { useCall } from '../live/use_call';
import { places, route, setQuery } from '../router';
import { printable } from '../text/printable';
import { parseTime } from '../text/times';
import { sentence, valuesOf, wordOf } from '../text/words';
import { SelectField, TextField } from '../ui/fields';
import { FailureNotice, Waiting } from '../ui/failure_notice';
import { Empty, PageTitle, Table } from '../ui/layout';
import { Pager } from '../ui/pager';
import { Badge, type Tone } from '../ui/state';
import { Text } from '../ui/text';
import { Time } from '../ui/time';
import { Missing, isMissing } from './missing';

const TONES: Record<number, Tone> = { [HistoryKind.RUN]: 'busy', [HistoryKind.OWNER]: 'warn' };

function Link({ exporter, entry }: { exporter: string; entry: HistoryEntry }) {
  if (entry.runId) return <a href={places.run(exporter, entry.runId)}>the run</a>;
  if (entry.configVersion > 0n) return <a href={places.versions(exporter)}>the version</a>;
  if (entry.auditSequence > 0n) return <a href={places.audit({ after: String(entry.auditSequence - 1n), exporters: exporter })}>the audit</a>;
  return null;
}

export function History({ exporter }: { exporter: string }) {
  const { query } = route.value;
  const kinds = query.get('kinds') ?? '';
  const reading = useCall(`${exporter} ${query}`, (options) => api.listHistory({
    exporter, kinds: valuesOf(HistoryKindSchema).filter(({ word }) => kinds.split(',').includes(word)).map(({ value }) => value),
    since: parseTime(query.get('since') ?? ''), until: parseTime(query.get('until') ?? ''), pageToken: query.get('page') ?? '',
  }, options));
  const list = reading.data;
  return (
    <>
      <PageTitle title="History" about={printable(exporter)} />
      <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
        <SelectField label="What" value={kinds} onInput={(chosen) => setQuery({ kinds: chosen })}
          options={[{ value: '', text: 'everything' }, ...valuesOf(HistoryKindSchema).map(({ word }) => ({ value: word, text: word }))]} />
        <TextField label="Since" value={query.get('since') ?? ''} placeholder="-2d" onInput={() => undefined} onChange={(since) => setQuery({ since })} />
        <TextField label="Until" value={query.get('until') ?? ''} placeholder="now" onInput={() => undefined} onChange={(until) => setQuery({ until })} />
      </form>
      {isMissing(reading.failure) ? <Missing call="ListHistory" instead="The pages of runs and versions show parts of it." />
        : !list ? <Waiting failure={reading.failure} doing="The history could not be read" /> : (
          <>
            <FailureNotice failure={reading.failure} doing="The history could not be read again" />
            {list.entries.length === 0 ? <Empty><p>{query.size > 0 ? <>Nothing matches. <a href={places.history(exporter)}>Show everything</a></> : 'Nothing has happened yet.'}</p></Empty> : (
              <Table caption="What happened, newest first" rows={list.entries} rowKey={(entry) => `${entry.kind}${entry.runId}${entry.checkpointVersion}${entry.configVersion}${entry.auditSequence}${entry.time?.seconds}${entry.time?.nanos}`} columns={[
                { title: 'When', cell: (entry) => <Time at={entry.time} /> },
                { title: 'What', cell: (entry) => <Badge tone={TONES[entry.kind] ?? 'calm'} word={wordOf(HistoryKindSchema, entry.kind)} /> },
                { title: 'Told', wide: true, cell: (entry) => <><Text value={sentence(entry.summary)} /> <Link exporter={exporter} entry={entry} /></> },
                { title: 'By', cell: (entry) => <><Text value={entry.by?.name ?? ''} length={60} />{entry.by && !entry.by.verified && entry.by.name !== 'schedule' && <span class="small"> (claimed)</span>}</> },
                { title: 'Reason', cell: (entry) => <Text value={entry.reason} length={100} /> },
              ]} />
            )}
            <Pager nextToken={list.nextPageToken} shown={list.entries.length} />
          </>
        )}
    </>
  );
}
