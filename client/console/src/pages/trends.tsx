// How an exporter went over time, from the series that the service sums up of its runs.
import { useMemo, useState } from 'preact/hooks';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import type { SeriesPoint } from '../../gen/logexport/v1/series_pb';
import { api } from '../rpc/client';
import { serviceNow } from '../rpc/session';
import { useCall } from '../live/use_call';
import { Plot, type Line } from '../plots/plot';
import { go, places, route, setQuery } from '../router';
import { durationText, secondsOf } from '../text/durations';
import { dateOf, distance } from '../text/times';
import { count, rate } from '../text/words';
import { Choice } from '../ui/fields';
import { FailureNotice } from '../ui/failure_notice';
import { Section, Table } from '../ui/layout';
import { Time } from '../ui/time';
import { Missing, isMissing } from './missing';

const RANGES = [
  { value: '1h', text: '1 h', seconds: 3_600 },
  { value: '6h', text: '6 h', seconds: 21_600 },
  { value: '1d', text: '1 day', seconds: 86_400 },
  { value: '7d', text: '7 days', seconds: 604_800 },
  { value: '30d', text: '30 days', seconds: 2_592_000 },
] as const;
// About as many as a plot of this width shows apart.
const STEPS = 120;
const EVERY_MS = 30_000;

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
const short = (value: number): string => (value >= 10_000 ? compact.format(value) : rate(value));

interface Series {
  times: number[];
  outcomes: Line[];
  pace: Line[];
  lag: Line[];
  took: Line[];
  waits: Line[];
}

// Outcomes lie on each other: the largest sum is drawn first, and the next one over it.
function seriesOf(points: readonly SeriesPoint[]): Series {
  const part = (name: 'accepted' | 'filtered' | 'deadLettered' | 'unsettled'): number[] => points.map(({ ledger }) => Number(ledger?.[name] ?? 0n));
  const [accepted, filtered, dead, unsettled] = [part('accepted'), part('filtered'), part('deadLettered'), part('unsettled')];
  const sum = (...parts: number[][]): number[] => points.map((_, i) => parts.reduce((total, values) => total + (values[i] ?? 0), 0));
  const seconds = (read: (point: SeriesPoint) => SeriesPoint['lag']): (number | null)[] => points.map((point) => {
    const duration = read(point);
    return duration ? secondsOf(duration) : null;
  });
  return {
    times: points.map(({ startTime }) => (startTime ? dateOf(startTime).getTime() / 1000 : 0)),
    outcomes: [
      { title: '+ unsettled', colour: 'part-unsettled', values: sum(accepted, filtered, dead, unsettled), bars: true },
      { title: '+ dead letters', colour: 'part-deadLettered', values: sum(accepted, filtered, dead), bars: true },
      { title: '+ filtered', colour: 'part-filtered', values: sum(accepted, filtered), bars: true },
      { title: 'accepted', colour: 'part-accepted', values: accepted, bars: true },
    ],
    pace: [{ title: 'logs/s', colour: 'accent', values: points.map(({ logsPerSecond }) => logsPerSecond) }],
    lag: [{ title: 'lag', colour: 'accent', values: seconds(({ lag }) => lag) }],
    took: [{ title: 'longest', colour: 'accent', values: seconds(({ longestRun }) => longestRun) }],
    waits: [{ title: 'waited', colour: 'warn', values: seconds(({ limitWait }) => limitWait), bars: true }],
  };
}

function Numbers({ exporter, points }: { exporter: string; points: readonly SeriesPoint[] }) {
  return (
    <Table small caption="The numbers of the plots, newest first" rows={[...points].reverse()} rowKey={(point) => String(point.startTime?.seconds)} columns={[
      { title: 'From', cell: (point) => <Time at={point.startTime} /> },
      { title: 'Runs', number: true, cell: (point) => <a href={places.run(exporter, point.runId)}>{count(point.runs)}</a> },
      { title: 'Failed', number: true, cell: (point) => count(point.failedRuns) },
      { title: 'Fetched', number: true, cell: (point) => count(point.ledger?.fetched ?? 0n) },
      { title: 'Accepted', number: true, cell: (point) => count(point.ledger?.accepted ?? 0n) },
      { title: 'Dead letters', number: true, cell: (point) => count(point.ledger?.deadLettered ?? 0n) },
      { title: 'Logs/s', number: true, cell: (point) => rate(point.logsPerSecond) },
      { title: 'Lag', number: true, cell: (point) => (point.lag ? durationText(point.lag) : '') },
      { title: 'Longest', number: true, cell: (point) => (point.longestRun ? durationText(point.longestRun) : '') },
      { title: 'Waited', number: true, cell: (point) => (point.limitWait ? durationText(point.limitWait) : '') },
    ]} />
  );
}

// `newest`: the last run, so that its end is seen at once. `period`: seconds from one scheduled run to the next, 0 if not
// known; by itself so much time is shown that some twenty of them are in it.
export function Trends({ exporter, newest, period }: { exporter: string; newest: string; period: number }) {
  const chosen = RANGES.find(({ value }) => value === route.value.query.get('range')) ?? RANGES.find(({ seconds }) => seconds >= period * 20) ?? RANGES[4];
  const [asTable, setAsTable] = useState(false);
  const reading = useCall(`${exporter} ${newest} ${chosen.value}`, (options) => {
    // Whole seconds, so that steps are round ones.
    const now = Math.ceil(serviceNow() / 1000);
    return api.getSeries({ exporter, steps: STEPS, since: timestampFromMs((now - chosen.seconds) * 1000), until: timestampFromMs(now * 1000) }, options);
  }, EVERY_MS);
  const points = reading.data?.points;
  const series = useMemo(() => seriesOf(points ?? []), [points]);
  if (isMissing(reading.failure)) return <Section title="Over time"><Missing call="GetSeries" instead="The page of runs has the numbers of each run." /></Section>;
  const { since, until } = reading.data ?? {};
  const open = (index: number): void => {
    const point = points?.[index];
    if (point) go(['exporters', exporter, 'runs', point.runId]);
  };
  const end = until ? dateOf(until).getTime() / 1000 : 0;
  const first = series.times[0] ?? end;
  // From the first run on, so that what is there fills the plot.
  const begin = Math.max(since ? dateOf(since).getTime() / 1000 : 0, Math.min(first - (end - first) * 0.04, end - 300));
  const plot = (title: string, lines: Line[], format: (value: number) => string) => (
    <Plot title={title} times={series.times} lines={lines} format={format} range={[begin, end]} onClick={open} />
  );
  const failed = (points ?? []).reduce((sum, { failedRuns }) => sum + failedRuns, 0n);
  const runs = (points ?? []).reduce((sum, point) => sum + point.runs, 0n);
  return (
    <Section title="Over time" aside={<Choice label="Time shown" value={chosen.value} options={RANGES} onInput={(value) => setQuery({ range: value }, false)} />}>
      <FailureNotice failure={reading.failure} doing="The series could not be read" />
      {!points && !reading.failure && <p class="waiting" role="status">Loading…</p>}
      {points && points.length === 0 ? <p class="none">No run in this time. Choose a longer one.</p> : points && (
        <>
          <p class="small">
            <a href={places.runs(exporter, { since: `-${chosen.value}`, kinds: 'export' })}>{count(runs)} runs</a> since {distance(new Date(begin * 1000))},{' '}
            <a href={places.runs(exporter, { since: `-${chosen.value}`, kinds: 'export', states: 'failed' })}>{count(failed)} failed</a>; steps of {reading.data?.step && durationText(reading.data.step)}. A click opens the last run of a step.
          </p>
          <div class="plots">
            {plot('Logs by outcome', series.outcomes, short)}
            {plot('Lag at the end of runs', series.lag, durationText)}
            {plot('Logs settled per second', series.pace, short)}
            {plot('Longest run', series.took, durationText)}
            {plot('Waiting for rate limits', series.waits, durationText)}
          </div>
          <p class="buttons"><button type="button" class="link" aria-expanded={asTable} onClick={() => setAsTable(!asTable)}>{asTable ? 'Hide the numbers' : 'Show the numbers'}</button></p>
          {asTable && <Numbers exporter={exporter} points={points} />}
        </>
      )}
    </Section>
  );
}
