// All exporters, worst first: how each one is doing and what to do.
import { ExporterOrder, type ExporterSummary } from '../../gen/logexport/v1/exporter_pb';
import { Health, HealthSchema } from '../../gen/logexport/v1/status_pb';
import { api, within } from '../rpc/client';
import { forbidden } from '../rpc/methods';
import { mapBounded } from '../live/bounded';
import { useCall } from '../live/use_call';
import { href, places, route, setQuery } from '../router';
import { durationText, secondsOf } from '../text/durations';
import { printable } from '../text/printable';
import { count, rate, sentence, valuesOf, wordOf } from '../text/words';
import { Advice } from '../ui/advice';
import { TextField } from '../ui/fields';
import { FailureNotice, Waiting } from '../ui/failure_notice';
import { Empty, PageTitle, Table } from '../ui/layout';
import { Pager } from '../ui/pager';
import { ExporterBadge, HealthBadge } from '../ui/state';
import { Text } from '../ui/text';
import { Time } from '../ui/time';
import { lastRate } from './run_numbers';

// What a row shows. A service that tells no verdicts in its list is asked for each exporter.
interface Row {
  summary: ExporterSummary;
  health: Health;
  verdict: string;
  action: string;
  lag: ExporterSummary['lag'];
  failures: number;
  deadLetters: bigint;
  runId: string;
  logsPerSecond: number;
  readable: boolean;
}

const EVERY_MS = 10_000;
const AT_ONCE = 6;

function rowOf(summary: ExporterSummary): Row {
  const health = valuesOf(HealthSchema).find(({ constant }) => constant === summary.health)?.value ?? Health.UNSPECIFIED;
  return { ...summary, summary, health, lag: summary.lag, failures: summary.consecutiveFailures, readable: true };
}

async function rowByStatus(summary: ExporterSummary, options: ReturnType<typeof within>): Promise<Row> {
  const row = rowOf(summary);
  try {
    const status = await api.getStatus({ exporter: summary.exporter }, options);
    const run = status.activeRun ?? status.lastSuccess;
    return {
      ...row, health: status.verdict?.health ?? Health.UNSPECIFIED, verdict: status.verdict?.summary ?? '', action: status.verdict?.action ?? '',
      lag: status.lag, failures: status.consecutiveFailures, deadLetters: status.deadLetters, runId: run?.runId ?? '', logsPerSecond: (run && lastRate(run)) ?? 0,
    };
  } catch (error) {
    // Deleted meanwhile, or not readable: the others are still worth showing.
    if (options.signal?.aborted) throw error;
    return { ...row, health: Health.FAILING, readable: false };
  }
}

function worstFirst(one: Row, other: Row): number {
  const lag = (row: Row): number => (row.lag ? secondsOf(row.lag) : 0);
  return other.health - one.health || lag(other) - lag(one) || one.summary.exporter.localeCompare(other.summary.exporter);
}

function CountFilter({ rows }: { rows: Row[] }) {
  const chosen = route.value.query.get('health') ?? '';
  const counts = [Health.FAILING, Health.ATTENTION, Health.WELL].map((health) => ({
    word: wordOf(HealthSchema, health), health, number: rows.filter((row) => row.health === health).length,
  }));
  const query = Object.fromEntries(route.value.query);
  return (
    <nav class="counts" aria-label="By verdict">
      <a href={href([], { ...query, health: undefined })} aria-current={chosen === '' ? 'true' : undefined}><strong>{count(rows.length)}</strong> on this page</a>
      {counts.map(({ word, health, number }) => (
        <a key={word} href={href([], { ...query, health: word })} aria-current={chosen === word ? 'true' : undefined} class={number === 0 ? 'zero' : ''}>
          <strong>{count(number)}</strong> <HealthBadge health={health} />
        </a>
      ))}
    </nav>
  );
}

export function Overview() {
  const { query } = route.value;
  const page = query.get('page') ?? '';
  const health = query.get('health') ?? '';
  const words = (query.get('q') ?? '').toLowerCase();
  const reading = useCall(page, async (options) => {
    const list = await api.listExporters({ pageSize: 50, pageToken: page, orderBy: ExporterOrder.WORST_FIRST, includeVerdicts: true }, options);
    const told = list.exporters.every((summary) => summary.health !== '');
    const rows = told ? list.exporters.map(rowOf) : await mapBounded(list.exporters, AT_ONCE, (summary) => rowByStatus(summary, options));
    return { rows: rows.sort(worstFirst), next: list.nextPageToken, total: list.totalSize, failing: list.totalFailing ?? 0n };
  }, EVERY_MS);

  if (!reading.data) return <><PageTitle title="Overview" /><Waiting failure={reading.failure} doing="The exporters could not be read" /></>;
  const { rows, next, total, failing } = reading.data;
  const shown = rows.filter((row) => (!health || wordOf(HealthSchema, row.health) === health)
    && (!words || `${row.summary.exporter} ${row.summary.auth0Domain} ${row.verdict}`.toLowerCase().includes(words)));
  const creation = forbidden('CreateExporter');
  return (
    <>
      <PageTitle title="Overview">
        <a class="button" href={places.newExporter()} title={creation}>New exporter</a>
      </PageTitle>
      <FailureNotice failure={reading.failure} doing="The exporters could not be read again" />
      {rows.length === 0 ? (
        <Empty>
          <p><strong>There is no exporter yet.</strong> An exporter moves the logs of one Auth0 tenant to one Segment source.</p>
          <p><a href={places.newExporter()}>Create one</a>, or start the service with AUTH0_DOMAIN, AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET and SEGMENT_KEY set.</p>
        </Empty>
      ) : (
        <>
          <div class="filters">
            <CountFilter rows={rows} />
            <TextField label="Find" type="search" value={query.get('q') ?? ''} placeholder="name, tenant, verdict" onInput={(q) => setQuery({ q, page }, false)} />
          </div>
          {shown.length === 0 ? <Empty><p>No exporter here matches. <a href={places.overview()}>Show all</a></p></Empty> : (
            <Table caption="Exporters, worst first" rows={shown} rowKey={(row) => row.summary.exporter} columns={[
              { title: 'Exporter', cell: ({ summary }) => (
                <><a class="name" href={places.exporter(summary.exporter)}>{printable(summary.exporter)}</a><br /><span class="small"><Text value={summary.auth0Domain} length={60} /></span></>
              ) },
              { title: 'Verdict', wide: true, cell: (row) => row.readable ? (
                <><HealthBadge health={row.health} /> <Text value={sentence(row.verdict)} /> <Advice text={row.action} exporter={row.summary.exporter} /></>
              ) : <span class="none">not readable now</span> },
              { title: 'State', cell: ({ summary }) => <ExporterBadge state={summary.state} /> },
              { title: 'Lag', number: true, cell: ({ lag, summary }) => lag ? <a href={places.exporter(summary.exporter)}>{durationText(lag)}</a> : <span class="none">none</span> },
              { title: 'Logs/s', number: true, cell: ({ logsPerSecond, runId, summary }) => logsPerSecond > 0
                ? <a href={places.run(summary.exporter, runId)}>{rate(logsPerSecond)}</a> : <span class="none">none</span> },
              { title: 'Failed in a row', number: true, cell: ({ failures, summary }) => failures > 0
                ? <a href={places.runs(summary.exporter, { states: 'failed' })}>{count(failures)}</a> : '0' },
              { title: 'Dead letters', number: true, cell: ({ deadLetters, summary }) => deadLetters > 0n
                ? <a href={places.deadLetters(summary.exporter)}>{count(deadLetters)}</a> : '0' },
              { title: 'Next run', cell: ({ summary }) => <Time at={summary.nextRunTime} as="distance" /> },
            ]} />
          )}
          {total > BigInt(rows.length) && <p class="small">{count(failing)} of all {count(total)} failed in their last run.</p>}
          <Pager nextToken={next} shown={rows.length} {...(total > 0n ? { total } : {})} />
        </>
      )}
    </>
  );
}
