// The runs of an exporter, newest first, with filters that stand in the address.
import { RunErrorReasonSchema } from '../../gen/logexport/v1/errors_pb';
import { RunKind, RunKindSchema, RunStateSchema, TriggerSchema, type Report } from '../../gen/logexport/v1/report_pb';
import { api } from '../rpc/client';
import { useCall } from '../live/use_call';
import { places, route, setQuery } from '../router';
import { printable } from '../text/printable';
import { elapsed, parseTime } from '../text/times';
import { count, rate, valuesOf, wordOf } from '../text/words';
import { CheckField, SelectField, TextField } from '../ui/fields';
import { FailureNotice, Waiting } from '../ui/failure_notice';
import { Empty, PageTitle, Table } from '../ui/layout';
import { Pager } from '../ui/pager';
import { RunBadge, stopText } from '../ui/state';
import { Id, Text } from '../ui/text';
import { Time } from '../ui/time';
import type { DescEnum } from '@bufbuild/protobuf';
import { LedgerBar } from './ledger';
import { lastRate } from './run_numbers';

// The values of an enum that a filter names by word, e.g. `failed`.
function chosen(type: DescEnum, words: string): number[] {
  const wanted = words.split(',').map((word) => word.trim().toLowerCase());
  return valuesOf(type).filter(({ word }) => wanted.includes(word)).map(({ value }) => value);
}

function options(type: DescEnum, all: string): { value: string; text: string }[] {
  return [{ value: '', text: all }, ...valuesOf(type).map(({ word }) => ({ value: word, text: word }))];
}

function Filters() {
  const { query } = route.value;
  const value = (name: string): string => query.get(name) ?? '';
  const bad = (name: string): string | undefined => value(name) && !parseTime(value(name)) ? 'A time: -2h, 2026-11-01, 2026-11-01 14:00' : undefined;
  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <SelectField label="State" value={value('states')} options={options(RunStateSchema, 'all')} onInput={(states) => setQuery({ states })} />
      <SelectField label="Kind" value={value('kinds')} options={options(RunKindSchema, 'all')} onInput={(kinds) => setQuery({ kinds })} />
      <SelectField label="Started by" value={value('triggers')} options={options(TriggerSchema, 'all')} onInput={(triggers) => setQuery({ triggers })} />
      <SelectField label="Error" value={value('reasons')} onInput={(reasons) => setQuery({ reasons })}
        options={[{ value: '', text: 'any or none' }, ...valuesOf(RunErrorReasonSchema).map(({ constant }) => ({ value: constant, text: constant }))]} />
      <TextField label="Since" value={value('since')} placeholder="-2h, 2026-11-01" error={bad('since')} onInput={() => undefined} onChange={(since) => setQuery({ since })} />
      <TextField label="Until" value={value('until')} placeholder="now" error={bad('until')} onInput={() => undefined} onChange={(until) => setQuery({ until })} />
      <CheckField label="Only with logs" value={value('min') === '1'} onInput={(on) => setQuery({ min: on ? '1' : undefined })} />
    </form>
  );
}

export function runColumns(exporter: string) {
  return [
    { title: 'Run', cell: (run: Report) => <a href={places.run(exporter, run.runId)}><Id value={run.runId} short={13} /></a> },
    { title: 'State', cell: (run: Report) => <RunBadge report={run} /> },
    { title: 'Ended by', cell: (run: Report) => <Text value={stopText(run)} length={60} /> },
    { title: 'Started', cell: (run: Report) => <Time at={run.startTime ?? run.createTime} /> },
    { title: 'Took', number: true, cell: (run: Report) => elapsed(run.startTime, run.endTime) },
    { title: 'Logs', number: true, cell: (run: Report) => <>{count(run.ledger?.fetched ?? 0n)}<LedgerBar ledger={run.ledger} /></> },
    { title: 'Dead letters', number: true, cell: (run: Report) => count(run.ledger?.deadLettered ?? 0n) },
    { title: 'Logs/s', number: true, cell: (run: Report) => {
      const speed = lastRate(run);
      return speed === undefined ? '' : rate(speed);
    } },
    { title: 'Started by', wide: true, cell: (run: Report) => (
      <>{run.kind !== RunKind.EXPORT && <strong>{wordOf(RunKindSchema, run.kind)}, </strong>}{wordOf(TriggerSchema, run.trigger)}
        {run.requester?.name && run.requester.name !== 'schedule' && <>, <Text value={run.requester.name} length={60} /></>}
        {(run.idleRuns ?? 0n) > 1n && <>, {count(run.idleRuns!)} runs that found nothing</>}
        {run.reason && <>: <Text value={run.reason} length={80} /></>}</>
    ) },
  ];
}

export function Runs({ exporter }: { exporter: string }) {
  const { query } = route.value;
  const reading = useCall(`${exporter} ${query}`, (call) => api.getReports({
    exporter,
    states: chosen(RunStateSchema, query.get('states') ?? ''),
    kinds: chosen(RunKindSchema, query.get('kinds') ?? ''),
    triggers: chosen(TriggerSchema, query.get('triggers') ?? ''),
    errorReasons: query.get('reasons')?.split(',').filter(Boolean) ?? [],
    since: parseTime(query.get('since') ?? ''),
    until: parseTime(query.get('until') ?? ''),
    minLogs: query.get('min') === '1' ? 1n : 0n,
    pageToken: query.get('page') ?? '',
  }, call), query.has('page') ? 0 : 5_000);
  const filtered = [...query.keys()].some((key) => key !== 'page');
  return (
    <>
      <PageTitle title="Runs" about={printable(exporter)} />
      <Filters />
      {!reading.data ? <Waiting failure={reading.failure} doing="The runs could not be read" /> : (
        <>
          <FailureNotice failure={reading.failure} doing="The runs could not be read again" />
          {reading.data.reports.length === 0 ? (
            <Empty>{filtered ? <p>No run matches. <a href={places.runs(exporter)}>Show all runs</a></p>
              : <p>No run yet. The first one starts by the schedule; <a href={places.exporter(exporter)}>the status page</a> starts one at once.</p>}</Empty>
          ) : <Table caption="Runs, newest first" rows={reading.data.reports} rowKey={(run) => run.runId} columns={runColumns(exporter)} />}
          <Pager nextToken={reading.data.nextPageToken} total={reading.data.totalSize} lowerBound={reading.data.totalSizeIsLowerBound} shown={reading.data.reports.length} />
        </>
      )}
    </>
  );
}
