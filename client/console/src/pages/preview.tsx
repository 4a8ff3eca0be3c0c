// The next logs beside the events they would become.
import { PreviewOutcome, PreviewOutcomeSchema, type PreviewedLog } from '../../gen/logexport/v1/preview_pb';
import { changeOf, editsOf } from '../form/draft';
import { api, within } from '../rpc/client';
import { forbidden } from '../rpc/methods';
import { useCall } from '../live/use_call';
import { places, route, setQuery } from '../router';
import { printable } from '../text/printable';
import { counted, wordOf } from '../text/words';
import { CheckField, SelectField, TextField } from '../ui/fields';
import { Waiting } from '../ui/failure_notice';
import { Empty, PageTitle } from '../ui/layout';
import { Badge, type Tone } from '../ui/state';
import { Id, Json } from '../ui/text';
import { Time } from '../ui/time';
import type { Leaf } from '../form/leaves';

// The only settings that can be tried in a preview.
const MAPPING = new Set(['mapping', 'details', 'anonymous_id', 'identify']);
function previewable(leaf: Leaf): boolean {
  return ['filter', 'profile', 'privacy'].includes(leaf.section) || (leaf.section === 'segment' && MAPPING.has(leaf.field.name));
}

const TONES: Record<number, Tone> = { [PreviewOutcome.SEND]: 'good', [PreviewOutcome.FILTER]: 'calm', [PreviewOutcome.DEAD_LETTER]: 'warn' };

function Pair({ log }: { log: PreviewedLog }) {
  return (
    <article class="pair" aria-label={`Log ${printable(log.logId)}`}>
      <header>
        <Badge tone={TONES[log.outcome] ?? 'calm'} word={wordOf(PreviewOutcomeSchema, log.outcome)} />{log.reason && <code>{printable(log.reason)}</code>}
        <code>{printable(log.type)}</code> <Time at={log.logTime} /> <Id value={log.logId} short={28} />
      </header>
      <div class="columns two">
        <div><h2>Log of Auth0</h2><Json value={log.logJson} name={`log ${log.logId}`} /></div>
        <div><h2>{counted(log.eventsJson.length, 'event')} for Segment</h2>
          {log.eventsJson.length === 0 ? <p class="none">Nothing is sent.</p> : log.eventsJson.map((event, i) => <Json key={i} value={event} name={`event ${i + 1} of ${log.logId}`} />)}</div>
      </div>
    </article>
  );
}

export function Preview({ exporter }: { exporter: string }) {
  const { query } = route.value;
  const refused = forbidden('PreviewExport');
  const edits = editsOf(exporter);
  const withDraft = query.get('draft') === '1' && edits.size > 0;
  const maxLogs = Number(query.get('logs') ?? 3) || 3;
  const after = query.get('after')?.trim() ?? '';
  const reading = useCall(`${exporter} ${query} ${refused}`, async (options) => {
    if (refused) return undefined;
    const draft = withDraft ? { config: changeOf(edits, previewable).config } : {};
    return await api.previewExport({ exporter, maxLogs, afterLogId: after, ...draft }, within(options.signal, 60_000));
  });
  const logs = reading.data?.logs ?? [];
  return (
    <>
      <PageTitle title="Preview" about={printable(exporter)} />
      <p class="lead">The next logs after the checkpoint, beside the exact events they would become. Nothing is sent or moved. Raw logs are shown, so the audit names who looked.</p>
      <form class="filters" aria-label="What to preview" onSubmit={(event) => event.preventDefault()}>
        <SelectField label="Logs" value={String(maxLogs)} onInput={(count) => setQuery({ logs: count })} options={['3', '10', '30', '100'].map((value) => ({ value, text: value }))} />
        <TextField label="After log" value={after} placeholder="the checkpoint" onInput={() => undefined} onChange={(id) => setQuery({ after: id })} />
        {edits.size > 0 && <CheckField label="With the changes that are not stored" value={withDraft} onInput={(on) => setQuery({ draft: on ? '1' : undefined })} hint="Of filter, profile, privacy and mapping." />}
      </form>
      {refused ? <p class="notice">{refused}</p> : reading.loading ? <p class="waiting" role="status">Reading from Auth0…</p>
        : !reading.data ? <Waiting failure={reading.failure} doing="No preview" />
          : logs.length === 0 ? <Empty><p>There is no log after the checkpoint: everything is exported. <a href={places.runs(exporter)}>A run</a> tells which log it began after; a preview can begin there.</p></Empty>
            : <>{logs.map((log) => <Pair key={log.logId} log={log} />)}
              <nav class="pager" aria-label="Pages"><button type="button" class="link" onClick={() => setQuery({ after: logs[logs.length - 1]?.logId })}>The next ones</button></nav></>}
    </>
  );
}
