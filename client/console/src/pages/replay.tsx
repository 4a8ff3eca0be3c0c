// Exporting again: from an earlier checkpoint, or a window of time. What it would do is shown before it is done.
import { create } from '@bufbuild/protobuf';
import { useState } from 'preact/hooks';
import {
  CheckpointDirection, CheckpointDirectionSchema, EarliestSchema, LatestSchema, SetCheckpointRequestSchema, type Checkpoint,
  type ReplayEstimate, type SetCheckpointRequest, type SetCheckpointResponse,
} from '../../gen/logexport/v1/checkpoint_pb';
import { WarningCodeSchema } from '../../gen/logexport/v1/errors_pb';
import { RunNowRequestSchema, type RunNowRequest, type RunNowResponse } from '../../gen/logexport/v1/run_pb';
import { api, within } from '../rpc/client';
import { useCall, type Reading } from '../live/use_call';
import { go, places, route, setQuery } from '../router';
import { durationText } from '../text/durations';
import { printable } from '../text/printable';
import { parseTime } from '../text/times';
import { commentOfConstant, counted, sentence, wordOf } from '../text/words';
import { ActionButton } from '../ui/action';
import { checkpointText } from '../ui/checkpoint';
import { ActionDialog } from '../ui/dialog';
import { CheckField, Choice, TextField } from '../ui/fields';
import { FailureNotice } from '../ui/failure_notice';
import { Empty, Facts, PageTitle, Section } from '../ui/layout';
import { Badge } from '../ui/state';
import { Id, Text } from '../ui/text';
import { Time } from '../ui/time';

const TARGETS = [
  { value: 'run', text: 'Start of a run' },
  { value: 'after', text: 'After a log' },
  { value: 'time', text: 'A time' },
  { value: 'earliest', text: 'The oldest log' },
  { value: 'latest', text: 'The newest log' },
  { value: 'window', text: 'A window' },
] as const;
type Target = (typeof TARGETS)[number]['value'];

function targetOf(query: URLSearchParams): Target {
  return TARGETS.find(({ value }) => value === query.get('to'))?.value ?? 'time';
}

// What the address asks for; undefined while something is missing or wrong.
function checkpointRequest(exporter: string, target: Target, query: URLSearchParams): SetCheckpointRequest | undefined {
  const request = create(SetCheckpointRequestSchema, { exporter, drain: query.get('drain') === '1', runNow: query.get('start') !== '0' });
  const value = (query.get('at') ?? '').trim();
  switch (target) {
    case 'run': request.target = { case: 'runStart', value }; return value ? request : undefined;
    case 'after':
      request.target = { case: 'logId', value };
      request.inclusive = query.get('inclusive') === '1';
      return value ? request : undefined;
    case 'time': {
      const time = parseTime(value);
      if (time) request.target = { case: 'time', value: time };
      return time ? request : undefined;
    }
    case 'earliest': request.target = { case: 'earliest', value: create(EarliestSchema) }; return request;
    case 'latest': request.target = { case: 'latest', value: create(LatestSchema) }; return request;
    case 'window': return undefined;
  }
}

function windowRequest(exporter: string, query: URLSearchParams): RunNowRequest | undefined {
  const start = parseTime(query.get('at') ?? '');
  const until = query.get('until') ?? '';
  const end = parseTime(until);
  if (!start || (until && !end)) return undefined;
  return create(RunNowRequestSchema, { exporter, window: end ? { start, end } : { start }, newMessageIds: query.get('newids') === '1' });
}

function Estimate({ estimate }: { estimate: ReplayEstimate | undefined }) {
  if (!estimate) return null;
  return (
    <p class="estimate">
      {estimate.exact ? '' : 'About '}<strong>{counted(estimate.logs, 'log')}</strong> would be read again
      {estimate.duration && <>, in about {durationText(estimate.duration)}</>}.
      {estimate.logsBeyondDedupe > 0n && <> About {counted(estimate.logsBeyondDedupe, 'log')} of them are older than 24 hours: Segment may count them again.</>}
    </p>
  );
}

function Place({ checkpoint }: { checkpoint: Checkpoint | undefined }) {
  return <><Id value={checkpointText(checkpoint)} />{checkpoint?.logTime && <> <span class="small">of <Time at={checkpoint.logTime} /></span></>}</>;
}

function CheckpointPreview({ answer }: { answer: SetCheckpointResponse }) {
  const skips = answer.direction === CheckpointDirection.SKIP;
  return (
    <>
      <Facts items={[
        ['Checkpoint now', <Place checkpoint={answer.previous} />],
        ['Checkpoint then', <Place checkpoint={answer.checkpoint} />],
        ['Direction', <Badge tone={skips ? 'bad' : 'good'} word={wordOf(CheckpointDirectionSchema, answer.direction)} />],
      ]} />
      {skips && <p class="notice bad">This moves forward: the logs between are never exported.</p>}
      <Estimate estimate={answer.estimate} />
      <ul class="plain">{answer.warnings.map((warning) => (
        <li key={warning.code}><Badge tone="warn" word={printable(warning.code)} about={commentOfConstant(WarningCodeSchema, warning.code)} /> <Text value={sentence(warning.message)} /></li>
      ))}</ul>
    </>
  );
}

function TargetFields({ target }: { target: Target }) {
  const { query } = route.value;
  const value = query.get('at') ?? '';
  const timeError = (text: string): string | undefined => (text && !parseTime(text) ? 'A time: -2h, 2026-11-01 14:00, or with its zone' : undefined);
  switch (target) {
    case 'run': return <TextField label="Run" value={value} onInput={() => undefined} onChange={(at) => setQuery({ at, to: target })} hint="Its id, or the first eight characters. What it exported is exported again." />;
    case 'after': return (
      <>
        <TextField label="Log id" value={value} onInput={() => undefined} onChange={(at) => setQuery({ at, to: target })} hint="Such as “checkpoint after” of a run." />
        <CheckField label="Export that log itself, too" value={query.get('inclusive') === '1'} onInput={(on) => setQuery({ inclusive: on ? '1' : undefined })} />
      </>
    );
    case 'time': return <TextField label="From" value={value} error={timeError(value)} placeholder="-2h" onInput={() => undefined} onChange={(at) => setQuery({ at, to: target })} hint="-2h, 2026-11-01 14:00 (your time), or with its zone. It begins one minute before." />;
    case 'window': return (
      <>
        <p>The checkpoint stays where it is.</p>
        <TextField label="From" value={value} error={timeError(value)} placeholder="-3h" onInput={() => undefined} onChange={(at) => setQuery({ at, to: target })} hint="-3h, 2026-11-01 14:00 (your time), or with its zone." />
        <TextField label="To" value={query.get('until') ?? ''} error={timeError(query.get('until') ?? '')} placeholder="now" onInput={() => undefined} onChange={(until) => setQuery({ until })} />
        <CheckField label="New message ids" value={query.get('newids') === '1'} onInput={(on) => setQuery({ newids: on ? '1' : undefined })} hint="Segment counts the events again instead of dropping them as repeats." />
      </>
    );
    case 'earliest': return <p>Everything that Auth0 still keeps is exported again.</p>;
    case 'latest': return <p>What is older and not exported is skipped for good.</p>;
  }
}

type Previewed = { checkpoint?: SetCheckpointResponse; window?: RunNowResponse };

function PreviewSection({ reading, ready }: { reading: Reading<Previewed | undefined>; ready: boolean }) {
  if (!ready) return <Empty><p>Say from where; what it would do is shown here before anything is done.</p></Empty>;
  if (reading.loading) return <p class="waiting" role="status">Looking at what it would do…</p>;
  if (reading.failure) return <FailureNotice failure={reading.failure} doing="It would be refused" />;
  if (reading.data?.checkpoint) return <CheckpointPreview answer={reading.data.checkpoint} />;
  if (reading.data?.window) return <><p>The checkpoint stays where it is.</p><Estimate estimate={reading.data.window.estimate} /></>;
  return null;
}

export function Replay({ exporter }: { exporter: string }) {
  const { query } = route.value;
  const target = targetOf(query);
  const [skipping, setSkipping] = useState(false);
  const [starting, setStarting] = useState(false);
  const move = target === 'window' ? undefined : checkpointRequest(exporter, target, query);
  const window = target === 'window' ? windowRequest(exporter, query) : undefined;
  const ready = Boolean(move ?? window);
  const reading = useCall<Previewed | undefined>(`${exporter} ${query}`, async (options) => {
    // `allowSkip` only lets the preview answer; doing it asks.
    if (move) return { checkpoint: await api.setCheckpoint({ ...move, allowSkip: true, validateOnly: true }, options) };
    if (window) return { window: await api.runNow({ ...window, validateOnly: true }, options) };
    return undefined;
  });
  const previewed = reading.loading ? undefined : reading.data;
  const skips = previewed?.checkpoint?.direction === CheckpointDirection.SKIP;
  const because = !ready ? 'Say from where first.' : reading.failure ? 'It would be refused; see the preview.' : !previewed ? 'The preview is not there yet.' : '';

  const perform = async (doing: { reason: string; requestId: string }): Promise<string> => {
    if (window) {
      const { run } = await api.runNow({ ...window, ...doing }, within());
      if (run) go(['exporters', exporter, 'runs', run.runId]);
      return 'The window is being exported again.';
    }
    if (!move) throw new Error('Say from where first.');
    const version = previewed?.checkpoint?.previous?.version;
    // Only if nothing has moved it since the preview; draining a run moves it.
    const guard = version !== undefined && !move.drain ? { expectedVersion: version } : {};
    const answer = await api.setCheckpoint({ ...move, ...guard, allowSkip: skips, ...doing }, within());
    if (answer.run) go(['exporters', exporter, 'runs', answer.run.runId]);
    else go(['exporters', exporter]);
    return `The checkpoint is moved${answer.run ? ', and a run has started from it' : ''}.`;
  };

  const chooseTarget = (to: string): void => setQuery({ to, at: undefined, until: undefined, inclusive: undefined, newids: undefined });

  return (
    <>
      <PageTitle title="Replay" about={printable(exporter)} />
      <p class="lead">Logs are exported again with the ids they had, so Segment drops what it already has within its look-back of 24 hours or more.</p>
      <div class="columns two">
        <Section title="From where">
          <Choice label="Export again from" value={target} options={TARGETS} onInput={chooseTarget} />
          <TargetFields target={target} key={target} />
          {target !== 'window' && (
            <>
              <CheckField label="Start a run at once" value={query.get('start') !== '0'} onInput={(on) => setQuery({ start: on ? undefined : '0' })} />
              <CheckField label="End an active run first" value={query.get('drain') === '1'} onInput={(on) => setQuery({ drain: on ? '1' : undefined })} hint="It commits what is settled. Without this, an active run refuses the move." />
            </>
          )}
        </Section>
        <Section title="What it would do">
          <div aria-live="polite"><PreviewSection reading={reading} ready={ready} /></div>
          <div class="buttons">
            {target === 'window' ? <ActionButton method="RunNow" label="Export the window again" kind="primary" because={because} onClick={() => setStarting(true)} />
              : <ActionButton method="SetCheckpoint" label={skips ? 'Skip these logs' : 'Replay'} kind={skips ? 'danger' : 'primary'} because={because} onClick={() => (skips ? setSkipping(true) : setStarting(true))} />}
            <a href={places.preview(exporter, target === 'after' ? { after: query.get('at') ?? undefined } : {})}>Preview the events</a>
          </div>
        </Section>
      </div>
      {starting && (
        <ActionDialog title={target === 'window' ? 'Export the window again' : 'Replay'} confirm={target === 'window' ? 'Export again' : 'Replay'} perform={perform} onClose={() => setStarting(false)}>
          <Estimate estimate={previewed?.checkpoint?.estimate ?? previewed?.window?.estimate} />
          {move && <p>The checkpoint of {printable(exporter)} is moved to <Place checkpoint={previewed?.checkpoint?.checkpoint} />.</p>}
        </ActionDialog>
      )}
      {skipping && (
        <ActionDialog title="Skip logs for good" confirm="Skip them" danger typed={exporter} perform={perform} onClose={() => setSkipping(false)}>
          <p>The logs between the checkpoint now and then are never exported.</p>
        </ActionDialog>
      )}
    </>
  );
}
