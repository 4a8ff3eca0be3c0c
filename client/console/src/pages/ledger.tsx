// The account of a run's logs, in a way that shows that it adds up.
import type { Ledger, Report } from '../../gen/logexport/v1/report_pb';
import { places } from '../router';
import { dateOf } from '../text/times';
import { count } from '../text/words';
import { isActive } from './run_numbers';

const PARTS = [
  ['accepted', 'accepted', 'Segment accepted all of their events.'],
  ['filtered', 'filtered', 'Left out by configuration.'],
  ['deadLettered', 'dead letters', 'Kept, because Segment can never accept one of their events.'],
  ['unsettled', 'unsettled', 'None of these yet. The next run reads them again.'],
] as const;

function deadLettersOf(report: Report): string {
  return places.deadLetters(report.exporter, {
    since: report.startTime && dateOf(report.startTime).toISOString(),
    // What is recorded in the last moment still counts.
    until: report.endTime && new Date(dateOf(report.endTime).getTime() + 1000).toISOString(),
  });
}

// The shares as a bar; the numbers stand beside it, so it is hidden from screen readers.
export function LedgerBar({ ledger, active = false }: { ledger: Ledger | undefined; active?: boolean }) {
  const whole = Number(ledger?.fetched ?? 0n);
  if (!ledger || whole === 0) return null;
  let at = 0;
  return (
    <svg class="ledger-bar" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
      {PARTS.map(([part]) => {
        const share = (Number(ledger[part]) / whole) * 100;
        // One of a million is still there to be seen.
        const width = share > 0 ? Math.max(share, 0.6) : 0;
        const x = at;
        at += share;
        return <rect key={part} class={`part-${active && part === 'unsettled' ? 'inFlight' : part}`} x={x} y="0" width={width} height="6" />;
      })}
    </svg>
  );
}

// Of an active run, what is unsettled is on its way.
export function LedgerTable({ report }: { report: Report }) {
  const { ledger } = report;
  const active = isActive(report);
  if (!ledger) return null;
  return (
    <div class="ledger">
      <LedgerBar ledger={ledger} active={active} />
      <dl>
        <div class="whole"><dt>fetched</dt><dd>{count(ledger.fetched)}</dd></div>
        {PARTS.map(([part, title, about], i) => (
          <div key={part} title={about}>
            <dt><span class={`key part-${active && part === 'unsettled' ? 'inFlight' : part}`} aria-hidden="true" />{i === 0 ? '= ' : '+ '}{active && part === 'unsettled' ? 'in flight' : title}</dt>
            <dd>{part === 'deadLettered' && ledger[part] > 0n ? <a href={deadLettersOf(report)}>{count(ledger[part])}</a>
              : part === 'filtered' && ledger[part] > 0n ? <a href={`${places.run(report.exporter, report.runId)}?show=filtered`}>{count(ledger[part])}</a>
                : count(ledger[part])}</dd>
          </div>
        ))}
      </dl>
      {ledger.acceptedAhead > 0n && <p class="small">{count(ledger.acceptedAhead)} of the unsettled were accepted already, behind an unsettled one. They are sent again with the same ids.</p>}
    </div>
  );
}
