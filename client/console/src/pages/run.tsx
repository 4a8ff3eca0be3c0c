// One run: what it did, why it ended, and what can be done from here.
import { useEffect, useState } from 'preact/hooks';
import { FilterReasonSchema, RunErrorReasonSchema, WarningCodeSchema } from '../../gen/logexport/v1/errors_pb';
import {
  ErrorOriginSchema, RunKind, RunKindSchema, StopReasonSchema, TriggerSchema, type Report,
} from '../../gen/logexport/v1/report_pb';
import { api } from '../rpc/client';
import { useCall } from '../live/use_call';
import { places, route } from '../router';
import { durationText } from '../text/durations';
import { printable } from '../text/printable';
import { elapsed } from '../text/times';
import { bytes, capital, commentOf, commentOfConstant, count, rate, sentence, wordOf } from '../text/words';
import { FailureNotice, Waiting } from '../ui/failure_notice';
import { Empty, Facts, PageTitle, Section, Table } from '../ui/layout';
import { Badge, RunBadge } from '../ui/state';
import { Id, Text } from '../ui/text';
import { Time } from '../ui/time';
import { Advice } from '../ui/advice';
import { forbidden } from '../rpc/methods';
import { LedgerTable } from './ledger';
import { RunLive } from './run_live';
import { isActive, lastRate } from './run_numbers';

function ErrorSection({ report }: { report: Report }) {
  const { error } = report;
  if (!error) return null;
  return (
    <div class="notice bad" role="note">
      <p><strong>{capital(wordOf(ErrorOriginSchema, error.origin))}:</strong> <Text value={sentence(error.message)} length={2000} /> <code title={commentOfConstant(RunErrorReasonSchema, error.reason)}>{printable(error.reason)}</code></p>
      {error.action && <p><strong>To do:</strong> <Advice text={error.action} exporter={report.exporter} /></p>}
      <p class="small">{error.retryable ? 'The next run may succeed by itself.' : 'The next run fails the same way until this is done.'} Nothing was skipped: it goes on from the checkpoint.</p>
    </div>
  );
}

function WarningSection({ report }: { report: Report }) {
  if (report.warnings.length === 0) return null;
  return (
    <Section title="Warnings">
      <ul class="plain">{report.warnings.map((warning) => (
        <li key={warning.code + warning.message}><Badge tone="warn" word={printable(warning.code)} about={commentOfConstant(WarningCodeSchema, warning.code)} />{' '}
          <Text value={sentence(warning.message)} />{warning.count > 1n && <span class="small"> {count(warning.count)} times</span>}</li>
      ))}</ul>
    </Section>
  );
}

function ByType({ report }: { report: Report }) {
  if (report.byType.length === 0) return null;
  return (
    <Section title="By log type">
      <Table small caption="Logs by type, most frequent first" rows={report.byType} rowKey={(row) => row.type} columns={[
        { title: 'Type', cell: (row) => <code>{printable(row.type) || '(none)'}</code> },
        { title: 'Fetched', number: true, cell: (row) => count(row.fetched) },
        { title: 'Accepted', number: true, cell: (row) => count(row.accepted) },
        { title: 'Filtered', number: true, cell: (row) => count(row.filtered) },
        { title: 'Dead letters', number: true, cell: (row) => row.deadLettered > 0n
          ? <a href={places.deadLetters(report.exporter, { types: row.type })}>{count(row.deadLettered)}</a> : '0' },
      ]} />
    </Section>
  );
}

function Filtered({ report }: { report: Report }) {
  const asked = route.value.query.get('show') === 'filtered';
  useEffect(() => {
    if (asked) document.getElementById('filtered')?.scrollIntoView();
  }, [asked]);
  const reasons = Object.entries(report.filteredByReason);
  if (reasons.length === 0) return null;
  return (
    <Section title="Left out by configuration" id="filtered">
      <Facts items={reasons.map(([reason, number]) => [printable(reason), <span title={commentOfConstant(FilterReasonSchema, reason)}>{count(number)} <span class="small">{commentOfConstant(FilterReasonSchema, reason)}</span></span>])} />
    </Section>
  );
}

function Account({ report }: { report: Report }) {
  const speed = lastRate(report);
  return (
    <div class="columns">
      <Section title="What it did">
        <LedgerTable report={report} />
        <Facts items={[
          report.newLogs !== undefined && ['New ones', `${count(report.newLogs)} that no run had settled before`],
          speed !== undefined && ['Pace', `${rate(speed)} logs/s`],
          ['Took', elapsed(report.startTime, report.endTime)],
          report.limitWait && ['Waited for limits', durationText(report.limitWait)],
          ['Logs of', <>{report.firstLogTime ? <><Time at={report.firstLogTime} /> to <Time at={report.lastLogTime} /></> : <span class="none">no logs</span>}</>],
          report.window && ['Window', <><Time at={report.window.start} /> to <Time at={report.window.end} /></>],
        ]} />
      </Section>
      <Section title="How it was started and ended">
        <Facts items={[
          ['Started', <><Time at={report.startTime} /> by {wordOf(TriggerSchema, report.trigger)}</>],
          report.requester?.name ? ['Asked for by', <><Text value={report.requester?.name ?? ''} />{report.requester?.verified === false && report.requester.name !== 'schedule' && <span class="small"> (claimed)</span>}</>] : undefined,
          report.reason !== '' && ['Reason', <Text value={report.reason} />],
          ['Ended', report.endTime ? <><Time at={report.endTime} />, <span title={commentOf(StopReasonSchema, report.stopReason)}>{wordOf(StopReasonSchema, report.stopReason)}</span></> : <span class="none">not yet</span>],
          ['Configuration', <a href={places.versions(report.exporter)}>version {count(report.configVersion)}</a>],
          report.kind === RunKind.EXPORT && ['Checkpoint before', <Id value={report.checkpointBefore} />],
          report.kind === RunKind.EXPORT && ['Checkpoint after', <Id value={report.checkpointAfter} />],
          report.firstUnsettled !== '' && ['First unsettled', <Id value={report.firstUnsettled} />],
        ]} />
      </Section>
      <Section title="Traffic">
        <Facts items={[
          ['Pages read', count(report.pages)],
          ['Calls to Auth0', count(report.apiCalls?.auth0 ?? 0n)],
          ['Calls to Segment', count(report.apiCalls?.segment ?? 0n)],
          ['Batches accepted', count(report.batches)],
          ['Events accepted', count(report.ledger?.eventsAccepted ?? 0n)],
          ['Sent', bytes(report.bytesSent)],
          ['Retries', count(report.retries)],
        ]} />
      </Section>
    </div>
  );
}

export function Run({ exporter, runId }: { exporter: string; runId: string }) {
  // `newest` is whichever run is the newest one.
  const reading = useCall(`${exporter} ${runId}`, (options) => api.getReport({ exporter, runId: runId === 'newest' ? '' : runId }, options));
  const [live, setLive] = useState<Report>();
  const stored = reading.data?.report;
  const report = stored && live && live.sequence > stored.sequence ? live : stored;
  const title = `Run ${printable((stored?.runId ?? runId).slice(0, 13))}`;
  if (!stored || !report) {
    return reading.failure?.reason === 'RUN_NOT_FOUND'
      ? <><PageTitle title={title} about={exporter} /><Empty><p>There is no such run, or its report was removed by age. <a href={places.runs(exporter)}>All runs</a></p></Empty></>
      : <><PageTitle title={title} about={exporter} /><Waiting failure={reading.failure} doing="The run could not be read" /></>;
  }
  const cannotReplay = forbidden('SetCheckpoint');
  return (
    <>
      <PageTitle title={title} about={exporter}>
        <RunBadge report={report} />
        {report.kind !== RunKind.EXPORT && <span title={commentOf(RunKindSchema, report.kind)}>{wordOf(RunKindSchema, report.kind)}</span>}
        <Id value={report.runId} />
        {!isActive(report) && report.kind === RunKind.EXPORT && (
          <span class="toolbar">
            <a class="button" href={places.replay(exporter, { to: 'run', at: report.runId })} title={cannotReplay}>Replay from its start</a>
            {report.checkpointAfter && <a class="button" href={places.replay(exporter, { to: 'after', at: report.checkpointAfter })} title={cannotReplay}>Replay from its end</a>}
          </span>
        )}
      </PageTitle>
      <FailureNotice failure={reading.failure} doing="The run could not be read again" />
      <ErrorSection report={report} />
      {isActive(stored) && <RunLive exporter={exporter} runId={stored.runId} title="Progress" onReport={setLive} onEnd={reading.refresh} />}
      {!isActive(stored) && <Account report={report} />}
      <WarningSection report={report} />
      <Filtered report={report} />
      <ByType report={report} />
    </>
  );
}
