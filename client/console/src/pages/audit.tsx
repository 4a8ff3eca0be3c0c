// Who did or tried to do what.
import { useState } from 'preact/hooks';
import { AuditOutcome, AuditOutcomeSchema, type AuditEntry, type VerifyAuditResponse } from '../../gen/logexport/v1/audit_pb';
import { RoleSchema } from '../../gen/logexport/v1/options_pb';
import { LogExportService } from '../../gen/logexport/v1/service_pb';
import { api, within } from '../rpc/client';
import { describe, type Failure } from '../rpc/failure';
import { forbidden } from '../rpc/methods';
import { useCall } from '../live/use_call';
import { places, route, setQuery } from '../router';
import { printable } from '../text/printable';
import { parseTime } from '../text/times';
import { count, counted, valuesOf, wordOf } from '../text/words';
import { ActionButton } from '../ui/action';
import { SelectField, TextField } from '../ui/fields';
import { FailureNotice, Waiting } from '../ui/failure_notice';
import { Empty, PageTitle, Table } from '../ui/layout';
import { Pager } from '../ui/pager';
import { Badge, type Tone } from '../ui/state';
import { Id, Text } from '../ui/text';
import { Time } from '../ui/time';
import { Missing, isMissing } from './missing';

const TONES: Record<number, Tone> = { [AuditOutcome.DONE]: 'good', [AuditOutcome.REFUSED]: 'bad', [AuditOutcome.FAILED]: 'warn' };
const VERIFY_MS = 300_000;

function Changes({ entry }: { entry: AuditEntry }) {
  return (
    <>
      {entry.changes.map(({ field, oldValue, newValue }) => (
        <div key={field}><code>{printable(field)}</code> <del><Text value={oldValue || 'default'} length={80} /></del> → <ins><Text value={newValue || 'default'} length={80} /></ins></div>
      ))}
      {entry.furtherRefusals > 0n && <div class="small">and {counted(entry.furtherRefusals, 'refusal')} more like it</div>}
    </>
  );
}

function Verified({ answer }: { answer: VerifyAuditResponse }) {
  return (
    <div class={answer.intact ? 'notice good' : 'notice bad'} role="status">
      <p><Badge tone={answer.intact ? 'good' : 'bad'} word={answer.intact ? 'intact' : 'not intact'} /> {counted(answer.entries, 'entry', 'entries')} checked, {count(answer.firstSequence)} to {count(answer.lastSequence)}.
        {answer.unverifiable > 0n && <> {count(answer.unverifiable)} cannot be checked: the keys {answer.missingKeys.map(printable).join(', ')} are missing.</>}</p>
      {answer.problems.map(({ sequence, message }) => <p key={`${sequence}${message}`}>{sequence > 0n && <strong>Entry {count(sequence)}: </strong>}<Text value={message} /></p>)}
      {answer.anchor && <p class="small">Keep this outside the store, for a later check: <Id value={answer.anchor} /></p>}
    </div>
  );
}

function Verify() {
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<VerifyAuditResponse>();
  const [failure, setFailure] = useState<Failure>();
  const verify = async (): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    try {
      setAnswer(await api.verifyAudit({}, within(undefined, VERIFY_MS)));
    } catch (error) {
      setFailure(describe(error));
    }
    setBusy(false);
  };
  return (
    <>
      <p class="buttons"><ActionButton method="VerifyAudit" label={busy ? 'Checking…' : 'Check that it is intact'} busy={busy} onClick={() => void verify()} /></p>
      <FailureNotice failure={failure} doing="It could not be checked" />
      {answer && <Verified answer={answer} />}
    </>
  );
}

function words(text: string | null): string[] {
  return (text ?? '').split(',').map((word) => word.trim()).filter(Boolean);
}

export function Audit() {
  const { query } = route.value;
  const refused = forbidden('ListAudit');
  const value = (name: string): string => query.get(name) ?? '';
  const reading = useCall(`${query} ${refused}`, async (options) => (refused ? undefined : await api.listAudit({
    exporters: words(value('exporters')), methods: words(value('methods')), callers: words(value('callers')),
    outcomes: valuesOf(AuditOutcomeSchema).filter(({ word }) => words(value('outcomes')).includes(word)).map((known) => known.value),
    since: parseTime(value('since')), until: parseTime(value('until')), afterSequence: /^\d{1,18}$/.test(value('after')) ? BigInt(value('after')) : 0n, pageToken: value('page'),
  }, options)));
  const list = reading.data;
  const text = (label: string, name: string, placeholder: string) => (
    <TextField label={label} value={value(name)} placeholder={placeholder} onInput={() => undefined} onChange={(typed) => setQuery({ [name]: typed })} />
  );
  return (
    <>
      <PageTitle title="Audit" />
      <p class="lead">Every call that changed something or showed raw logs, or tried to. The entries form a signed chain.</p>
      {refused ? <p class="notice">{refused}</p> : isMissing(reading.failure) ? <Missing call="ListAudit" instead="The service's log has a line for each write." /> : (
        <>
          <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
            {text('Exporters', 'exporters', 'all')}
            <SelectField label="Call" value={value('methods')} onInput={(methods) => setQuery({ methods })}
              options={[{ value: '', text: 'all' }, ...LogExportService.methods.map(({ name }) => ({ value: name, text: name }))]} />
            {text('Callers', 'callers', 'all')}
            <SelectField label="Outcome" value={value('outcomes')} onInput={(outcomes) => setQuery({ outcomes })}
              options={[{ value: '', text: 'all' }, ...valuesOf(AuditOutcomeSchema).map(({ word }) => ({ value: word, text: word }))]} />
            {text('Since', 'since', '-2d')}
            {text('Until', 'until', 'now')}
          </form>
          {!list ? <Waiting failure={reading.failure} doing="The audit could not be read" /> : (
            <>
              <FailureNotice failure={reading.failure} doing="The audit could not be read again" />
              {list.entries.length === 0 ? <Empty><p>{query.size > 0 ? <>Nothing matches. <a href={places.audit()}>Show everything</a></> : 'Nobody has done anything yet.'}</p></Empty> : (
                <Table caption="Entries, newest first" rows={list.entries} rowKey={(entry) => String(entry.sequence)} columns={[
                  { title: 'No.', number: true, cell: (entry) => count(entry.sequence) },
                  { title: 'When', cell: (entry) => <Time at={entry.time} /> },
                  { title: 'Who', cell: (entry) => <span title={`${wordOf(RoleSchema, entry.role)}, ${printable(entry.address)}`}><Text value={entry.caller?.name ?? ''} length={60} />{entry.caller?.verified === false && <span class="small"> (claimed)</span>}</span> },
                  { title: 'Call', cell: (entry) => <code title={entry.callId}>{printable(entry.method)}</code> },
                  { title: 'Exporter', cell: (entry) => entry.exporter && <a href={places.exporter(entry.exporter)}>{printable(entry.exporter)}</a> },
                  { title: 'Outcome', cell: (entry) => <><Badge tone={TONES[entry.outcome] ?? 'calm'} word={wordOf(AuditOutcomeSchema, entry.outcome)} /> {entry.errorReason && <code>{printable(entry.errorReason)}</code>}</> },
                  { title: 'What changed', wide: true, cell: (entry) => <Changes entry={entry} /> },
                  { title: 'Way', cell: (entry) => printable(entry.way) },
                  { title: 'Reason', cell: (entry) => <Text value={entry.reason} length={100} /> },
                ]} />
              )}
              <Pager nextToken={list.nextPageToken} shown={list.entries.length} />
              <Verify />
            </>
          )}
        </>
      )}
    </>
  );
}
