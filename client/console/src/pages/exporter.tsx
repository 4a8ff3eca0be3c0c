// One exporter: how it is doing, what comes next, and how it went.
import { useState } from 'preact/hooks';
import { ExporterState } from '../../gen/logexport/v1/exporter_pb';
import { WarningCodeSchema } from '../../gen/logexport/v1/errors_pb';
import type { GetStatusResponse } from '../../gen/logexport/v1/status_pb';
import { api } from '../rpc/client';
import { useCall } from '../live/use_call';
import { places } from '../router';
import { durationText } from '../text/durations';
import { dateOf } from '../text/times';
import { printable } from '../text/printable';
import { commentOfConstant, count, sentence } from '../text/words';
import { ActionButton } from '../ui/action';
import { Advice } from '../ui/advice';
import { checkpointText } from '../ui/checkpoint';
import { FailureNotice, Waiting } from '../ui/failure_notice';
import { Facts, PageTitle, Section } from '../ui/layout';
import { Badge, ExporterBadge, HealthBadge, RunBadge, stopText } from '../ui/state';
import { Id, Text } from '../ui/text';
import { Time } from '../ui/time';
import { PauseDialog, ResumeDialog, RunNowDialog, TestNotificationDialog } from './exporter_actions';
import { DeleteExporterDialog } from './delete_exporter';
import { RunLive } from './run_live';
import { Trends } from './trends';
import type { Report } from '../../gen/logexport/v1/report_pb';

const EVERY_MS = 5_000;

function RunLine({ run, exporter }: { run: Report | undefined; exporter: string }) {
  if (!run) return <span class="none">none</span>;
  return <><a href={places.run(exporter, run.runId)}><RunBadge report={run} /></a> {stopText(run)} <Time at={run.endTime ?? run.startTime} as="distance" /></>;
}

function Warnings({ status }: { status: GetStatusResponse }) {
  if (status.warnings.length === 0) return null;
  return (
    <Section title="Warnings">
      <ul class="plain">
        {status.warnings.map((warning) => (
          <li key={warning.code + warning.message}>
            <Badge tone="warn" word={printable(warning.code)} about={commentOfConstant(WarningCodeSchema, warning.code)} />{' '}
            <Text value={sentence(warning.message)} />{warning.count > 1n && <span class="small"> {count(warning.count)} times</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Completeness({ status }: { status: GetStatusResponse }) {
  const told = status.completeness;
  if (!told) return null;
  return (
    <>
      {told.confirmedUntil ? <>confirmed up to <Time at={told.confirmedUntil} /></> : <>not confirmed: <Text value={told.notConfirmedReason} /></>}
      {told.lateLogs > 0n && <>, <a href={places.runs(status.exporter, { kinds: 'completeness' })}>{count(told.lateLogs)} came late</a></>}
    </>
  );
}

// Seconds from one scheduled run to the next; 0 while none is scheduled.
function periodOf({ nextRunTimes: [first, second] }: GetStatusResponse): number {
  return first && second ? (dateOf(second).getTime() - dateOf(first).getTime()) / 1000 : 0;
}

type Open = 'run' | 'pause' | 'resume' | 'notify' | 'delete' | undefined;

function Dialogs({ open, exporter, close }: { open: Open; exporter: string; close: () => void }) {
  switch (open) {
    case 'run': return <RunNowDialog exporter={exporter} onClose={close} />;
    case 'pause': return <PauseDialog exporter={exporter} onClose={close} />;
    case 'resume': return <ResumeDialog exporter={exporter} onClose={close} />;
    case 'notify': return <TestNotificationDialog exporter={exporter} onClose={close} />;
    case 'delete': return <DeleteExporterDialog exporter={exporter} onClose={close} />;
  }
  return null;
}

export function Exporter({ exporter }: { exporter: string }) {
  const reading = useCall(exporter, (options) => api.getStatus({ exporter }, options), EVERY_MS);
  const [open, setOpen] = useState<Open>();
  const status = reading.data;
  if (!status) return <><PageTitle title="Status" about={exporter} /><Waiting failure={reading.failure} doing="The status could not be read" /></>;
  const paused = Boolean(status.pause);
  const close = (): void => {
    setOpen(undefined);
    reading.refresh();
  };
  return (
    <>
      <PageTitle title="Status" about={exporter}>
        <div class="toolbar">
          <ActionButton method="RunNow" label="Run now" kind="primary" onClick={() => setOpen('run')} />
          {paused ? <ActionButton method="ResumeExporter" label="Resume" onClick={() => setOpen('resume')} />
            : <ActionButton method="PauseExporter" label="Pause" onClick={() => setOpen('pause')} />}
          <ActionButton method="TestNotification" label="Test notification" onClick={() => setOpen('notify')} />
          <ActionButton method="DeleteExporter" label="Delete" onClick={() => setOpen('delete')} />
        </div>
      </PageTitle>
      <FailureNotice failure={reading.failure} doing="The status could not be read again" />
      {status.verdict && (
        <p class="verdict"><HealthBadge health={status.verdict.health} /> <Text value={sentence(status.verdict.summary)} length={1000} />{' '}
          <Advice text={status.verdict.action} exporter={exporter} /></p>
      )}
      <div class="columns">
        <Section title="Now">
          <Facts items={[
            ['State', <ExporterBadge state={status.state} />],
            status.pause && ['Paused', <>by <Text value={status.pause.pausedBy?.name ?? ''} />, <Time at={status.pause.pauseTime} as="distance" />{status.pause.reason && <>: <Text value={status.pause.reason} /></>}</>],
            ['Lag', status.lag ? <strong>{durationText(status.lag)}</strong> : <span class="none">not known before the first run</span>],
            ['Caught up', <Time at={status.lastCaughtUpTime} as="distance" />],
            ['Next runs', status.nextRunTimes.length === 0 ? <span class="none">{paused ? 'none while paused' : 'none'}</span>
              : <>{status.nextRunTimes.slice(0, 3).map((time, i) => <span key={i}>{i > 0 && ', '}<Time at={time} /></span>)}</>],
            status.queuedRun && ['Queued', <RunLine run={status.queuedRun} exporter={exporter} />],
            ['Completeness', <Completeness status={status} />],
          ]} />
        </Section>
        <Section title="Runs">
          <Facts items={[
            ['Last run', <RunLine run={status.lastRun} exporter={exporter} />],
            ['Last success', <RunLine run={status.lastSuccess} exporter={exporter} />],
            ['Failed in a row', status.consecutiveFailures ? <a href={places.runs(exporter, { states: 'failed' })}>{count(status.consecutiveFailures)}</a> : '0'],
            ['Dead letters', <a href={places.deadLetters(exporter)}>{count(status.deadLetters)}</a>],
            ['Scheduled runs', <>{count(status.scheduleCounters?.started ?? 0n)} started, {count(status.scheduleCounters?.skipped ?? 0n)} skipped, {count(status.scheduleCounters?.missed ?? 0n)} missed</>],
          ]} />
        </Section>
        <Section title="Place">
          <Facts items={[
            ['Checkpoint after', <Id value={checkpointText(status.checkpoint)} />],
            ['Of', <Time at={status.checkpoint?.logTime} />],
            ['Moved', <><Time at={status.checkpoint?.updateTime} as="distance" />{status.checkpoint && <> by <Text value={status.checkpoint.updatedBy?.name || 'a run'} /></>}</>],
            ['Rate budget', status.rateBudget ? <>{count(status.rateBudget.remaining)} of {count(status.rateBudget.limit)} left, full <Time at={status.rateBudget.resetTime} as="distance" /></>
              : <span class="none">not known yet</span>],
            ['Configuration', <a href={places.versions(exporter)}>version {count(status.configVersion)}</a>],
            ['Message ids', <Id value={status.messageNamespace} />],
          ]} />
        </Section>
      </div>
      {status.activeRun && <RunLive exporter={exporter} runId={status.activeRun.runId} title="Active run" onEnd={reading.refresh} />}
      {status.activeSideRun && <RunLive exporter={exporter} runId={status.activeSideRun.runId} title="Active beside it" onEnd={reading.refresh} />}
      <Warnings status={status} />
      {status.lastRun || status.state === ExporterState.RUNNING ? <Trends exporter={exporter} newest={status.lastRun?.runId ?? ''} period={periodOf(status)} /> : (
        <Section title="No run yet"><p>The first run starts by the schedule, or at once with <em>Run now</em>. <a href={places.preview(exporter)}>Preview</a> shows what it would send.</p></Section>
      )}
      <Dialogs open={open} exporter={exporter} close={close} />
    </>
  );
}
