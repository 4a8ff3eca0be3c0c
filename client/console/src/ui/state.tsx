// States by word, shape and colour, so that none of the three is needed alone.
import { ExporterState, ExporterStateSchema } from '../../gen/logexport/v1/exporter_pb';
import { RunState, RunStateSchema, StopReason, StopReasonSchema, type Report } from '../../gen/logexport/v1/report_pb';
import { ProbeState, ProbeStateSchema } from '../../gen/logexport/v1/config_pb';
import { Health, HealthSchema } from '../../gen/logexport/v1/status_pb';
import { commentOf, wordOf } from '../text/words';

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'calm';

const SHAPES: Record<Tone, string> = {
  good: 'M2.5 7.5 5.5 10.5 11.5 3.5',
  warn: 'M7 2 12.5 12H1.5ZM7 5.5v3M7 10v.6',
  bad: 'M3 3l8 8M11 3l-8 8',
  busy: 'M4 2.5 11 7 4 11.5Z',
  calm: 'M3 7h8',
};

export function Badge({ tone, word, about = '' }: { tone: Tone; word: string; about?: string }) {
  return (
    <span class={`badge ${tone}`} title={about}>
      <svg viewBox="0 0 14 14" aria-hidden="true" class="shape"><path d={SHAPES[tone]} /></svg>
      {word}
    </span>
  );
}

const HEALTH_TONES: Record<number, Tone> = { [Health.WELL]: 'good', [Health.ATTENTION]: 'warn', [Health.FAILING]: 'bad' };
export function HealthBadge({ health }: { health: Health }) {
  return <Badge tone={HEALTH_TONES[health] ?? 'calm'} word={wordOf(HealthSchema, health)} about={commentOf(HealthSchema, health)} />;
}

const EXPORTER_TONES: Record<number, Tone> = {
  [ExporterState.IDLE]: 'good', [ExporterState.RUNNING]: 'busy', [ExporterState.PAUSED]: 'calm', [ExporterState.FAILING]: 'bad',
};
export function ExporterBadge({ state }: { state: ExporterState }) {
  return <Badge tone={EXPORTER_TONES[state] ?? 'calm'} word={wordOf(ExporterStateSchema, state)} about={commentOf(ExporterStateSchema, state)} />;
}

const RUN_TONES: Record<number, Tone> = {
  [RunState.QUEUED]: 'calm', [RunState.RUNNING]: 'busy', [RunState.SUCCEEDED]: 'good', [RunState.FAILED]: 'bad', [RunState.CANCELLED]: 'calm',
};
export function RunBadge({ report }: { report: Report }) {
  const deadLetters = report.state === RunState.SUCCEEDED && (report.ledger?.deadLettered ?? 0n) > 0n;
  return <Badge tone={deadLetters ? 'warn' : RUN_TONES[report.state] ?? 'calm'} word={wordOf(RunStateSchema, report.state)}
    about={deadLetters ? 'Some of its logs are kept as dead letters.' : commentOf(RunStateSchema, report.state)} />;
}

// Why a run ended: for a failed one the error's reason, which says more.
export function stopText(report: Report): string {
  if (report.error?.reason) return report.error.reason;
  return report.stopReason === StopReason.UNSPECIFIED ? '' : wordOf(StopReasonSchema, report.stopReason);
}

const PROBE_TONES: Record<number, Tone> = {
  [ProbeState.PASSED]: 'good', [ProbeState.WARNING]: 'warn', [ProbeState.FAILED]: 'bad', [ProbeState.SKIPPED]: 'calm',
};
export function ProbeBadge({ state }: { state: ProbeState }) {
  return <Badge tone={PROBE_TONES[state] ?? 'calm'} word={wordOf(ProbeStateSchema, state)} about={commentOf(ProbeStateSchema, state)} />;
}
