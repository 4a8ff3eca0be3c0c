// An active run as it goes on.
import { useEffect, useState } from 'preact/hooks';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { ErrorOriginSchema, RunState, type Report, type RunWait } from '../../gen/logexport/v1/report_pb';
import { WatchPhase, type WatchRunResponse } from '../../gen/logexport/v1/run_pb';
import { useWatch } from '../live/watch_run';
import { now } from '../live/now';
import { places } from '../router';
import { durationText } from '../text/durations';
import { distance, elapsed } from '../text/times';
import { capital, count, counted, rate, sentence, wordOf } from '../text/words';
import { ActionButton } from '../ui/action';
import { FailureNotice } from '../ui/failure_notice';
import { Facts, Section } from '../ui/layout';
import { Badge, RunBadge } from '../ui/state';
import { Text } from '../ui/text';
import { CancelRunDialog } from './exporter_actions';
import { LedgerTable } from './ledger';
import { lastRate } from './run_numbers';

function Wait({ wait }: { wait: RunWait }) {
  if (wait.forPlace) {
    return (
      <p class="notice warn">
        <Badge tone="warn" word="waiting for its turn" />
        {wait.since && <> since {distance(timestampDate(wait.since), now.value)}</>}; as many runs as allowed are at work
      </p>
    );
  }
  const whom = capital(wordOf(ErrorOriginSchema, wait.target));
  return (
    <p class="notice warn">
      <Badge tone="warn" word={wait.rateLimited ? 'waiting for a rate limit' : 'trying again'} /> {whom}
      {wait.since && <> since {distance(timestampDate(wait.since), now.value)}</>}
      {wait.failedAttempts > 0 && <>, {counted(wait.failedAttempts, 'failed attempt')}</>}
      {wait.nextAttemptTime && <>; next attempt {distance(timestampDate(wait.nextAttemptTime), now.value)}</>}
      {wait.lastError && <><br /><Text value={sentence(wait.lastError.message)} /> <code>{wait.lastError.reason}</code></>}
    </p>
  );
}

function Progress({ message }: { message: WatchRunResponse }) {
  const { percent, eta, logsPerSecond, report } = message;
  const average = report && lastRate(report);
  return (
    <>
      {percent !== undefined && (
        <progress max={100} value={percent} aria-label="How far the run is, by the time its logs cover">{Math.round(percent)} %</progress>
      )}
      <div class="inline"><Facts items={[
        ['Settled', <><strong>{rate(logsPerSecond)}</strong> logs/s</>],
        average !== undefined && ['On average', `${rate(average)} logs/s`],
        percent !== undefined && ['Done', `${percent.toFixed(percent < 10 ? 1 : 0)} %`],
        eta && ['Left', durationText(eta)],
        ['Running for', (void now.value, elapsed(report?.startTime, undefined))],
        report && report.retries > 0n && ['Retries', count(report.retries)],
      ]} /></div>
    </>
  );
}

// Follows the run; tells `onEnd` once, when it has ended. `onReport` gets every report.
export function RunLive({ exporter, runId, title, onEnd, onReport }: {
  exporter: string; runId: string; title: string; onEnd?: () => void; onReport?: (report: Report) => void;
}) {
  const watch = useWatch(exporter, runId);
  const [cancelling, setCancelling] = useState(false);
  const report = watch.last?.report;
  const ended = watch.last?.phase === WatchPhase.FINAL;
  useEffect(() => {
    if (report) onReport?.(report);
  }, [report]);
  useEffect(() => {
    if (ended) onEnd?.();
  }, [ended]);
  return (
    <Section title={title} aside={!ended && (
      <span class="aside">
        {watch.connected ? <Badge tone="busy" word="live" /> : watch.failure ? null : <Badge tone="calm" word="reconnecting" />}
        <ActionButton method="CancelRun" label="Cancel run" onClick={() => setCancelling(true)} />
      </span>
    )}>
      <FailureNotice failure={watch.failure} doing="The run cannot be followed" />
      {report && watch.last ? (
        <>
          <p><a href={places.run(exporter, runId)}><RunBadge report={report} /></a>{report.state === RunState.QUEUED && ' It starts when the active run ends.'}</p>
          {!ended && report.state === RunState.RUNNING && <Progress message={watch.last} />}
          {report.waits.map((wait) => <Wait key={wait.target} wait={wait} />)}
          <LedgerTable report={report} />
        </>
      ) : !watch.failure && <p class="waiting" role="status">Connecting…</p>}
      {cancelling && <CancelRunDialog exporter={exporter} runId={runId} onClose={() => setCancelling(false)} />}
    </Section>
  );
}
