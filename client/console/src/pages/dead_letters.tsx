// Logs that Segment can never accept: why, the logs themselves, and what to do with them.
import { useState } from 'preact/hooks';
import { Role } from '../../gen/logexport/v1/options_pb';
import { DeadLetterReasonSchema } from '../../gen/logexport/v1/errors_pb';
import type { DeadLetter } from '../../gen/logexport/v1/dead_letter_pb';
import { api } from '../rpc/client';
import { useCall } from '../live/use_call';
import { places, route, setQuery } from '../router';
import { printable } from '../text/printable';
import { parseTime } from '../text/times';
import { commentOfConstant, count, counted, sentence, valuesOf } from '../text/words';
import { ActionButton } from '../ui/action';
import { Dialog } from '../ui/dialog';
import { SelectField, TextField } from '../ui/fields';
import { FailureNotice, Waiting } from '../ui/failure_notice';
import { Empty, PageTitle, Table } from '../ui/layout';
import { Pager } from '../ui/pager';
import { Badge } from '../ui/state';
import { Id, Json, Text } from '../ui/text';
import { Time } from '../ui/time';
import { PurgeDialog, RedriveDialog, type Letters } from './dead_letter_actions';

function LogDialog({ exporter, logId, onClose }: { exporter: string; logId: string; onClose: () => void }) {
  const reading = useCall(logId, (options) => api.listDeadLetters({ exporter, logIds: [logId], includeLog: true }, options));
  const letter = reading.data?.deadLetters[0];
  return (
    <Dialog title="The log as read from Auth0" onClose={onClose}>
      {letter ? <Json value={letter.logJson} name={`log ${printable(letter.logId)}`} />
        : reading.data ? <p>It is not kept any more.</p> : <Waiting failure={reading.failure} doing="The log could not be read" />}
      <div class="buttons"><button type="button" onClick={onClose}>Close</button></div>
    </Dialog>
  );
}

function Filters() {
  const { query } = route.value;
  const value = (name: string): string => query.get(name) ?? '';
  const bad = (name: string): string | undefined => (value(name) && !parseTime(value(name)) ? 'A time: -2h, 2026-11-01' : undefined);
  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      <SelectField label="Reason" value={value('reasons')} onInput={(reasons) => setQuery({ reasons })}
        options={[{ value: '', text: 'all' }, ...valuesOf(DeadLetterReasonSchema).map(({ constant }) => ({ value: constant, text: constant }))]} />
      <TextField label="Log types" value={value('types')} placeholder="all; s,fp" onInput={() => undefined} onChange={(types) => setQuery({ types })} />
      <TextField label="Since" value={value('since')} placeholder="-2d" error={bad('since')} onInput={() => undefined} onChange={(since) => setQuery({ since })} />
      <TextField label="Until" value={value('until')} placeholder="now" error={bad('until')} onInput={() => undefined} onChange={(until) => setQuery({ until })} />
    </form>
  );
}

function words(text: string | null): string[] {
  return (text ?? '').split(/[,\s]+/).filter(Boolean);
}

export function DeadLetters({ exporter }: { exporter: string }) {
  const { query } = route.value;
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<'redrive' | 'purge' | undefined>();
  const [shownLog, setShownLog] = useState('');
  const reading = useCall(`${exporter} ${query}`, (options) => api.listDeadLetters({
    exporter, reasons: words(query.get('reasons')), types: words(query.get('types')),
    since: parseTime(query.get('since') ?? ''), until: parseTime(query.get('until') ?? ''), pageToken: query.get('page') ?? '',
  }, options));
  const list = reading.data;
  const filtered = ['reasons', 'types', 'since', 'until'].some((name) => query.get(name));
  const total = list?.totalSize ?? 0n;
  const letters: Letters = selected.size > 0 ? { logIds: [...selected], number: BigInt(selected.size) }
    : { reasons: words(query.get('reasons')), types: words(query.get('types')), until: parseTime(query.get('until') ?? ''), all: !filtered, number: total };
  // The calls filter by less than the list does.
  const whole = selected.size === 0;
  const noRedrive = total === 0n ? 'There are none.' : whole && (query.get('since') || query.get('until')) ? 'A redrive of all that match goes by reason and type only: clear the times, or select some.' : '';
  const noPurge = total === 0n ? 'There are none.' : whole && (query.get('since') || query.get('types')) ? 'A purge of all that match goes by reason and “until” only: clear the others, or select some.' : '';
  const toggle = (logId: string): void => {
    const next = new Set(selected);
    if (!next.delete(logId)) next.add(logId);
    setSelected(next);
  };
  const here = list?.deadLetters ?? [];
  const allHere = here.length > 0 && here.every(({ logId }) => selected.has(logId));
  const what = selected.size > 0 ? `${count(selected.size)} selected` : filtered ? `all ${count(total)} that match` : `all ${count(total)}`;
  return (
    <>
      <PageTitle title="Dead letters" about={printable(exporter)}>
        <div class="toolbar">
          <ActionButton method="RedriveDeadLetters" label={`Redrive ${what}`} kind="primary" because={noRedrive} onClick={() => setOpen('redrive')} />
          <ActionButton method="PurgeDeadLetters" label={`Purge ${what}`} kind="danger" because={noPurge} onClick={() => setOpen('purge')} />
        </div>
      </PageTitle>
      <Filters />
      {!list ? <Waiting failure={reading.failure} doing="The dead letters could not be read" /> : (
        <>
          <FailureNotice failure={reading.failure} doing="The dead letters could not be read again" />
          {here.length === 0 ? (
            <Empty>{filtered ? <p>None matches. <a href={places.deadLetters(exporter)}>Show all</a></p>
              : <p><strong>There are none.</strong> A log comes here when Segment can never accept one of its events; it is kept until it is redriven or purged, and the export goes on meanwhile.</p>}</Empty>
          ) : (
            <Table<DeadLetter> caption={`${counted(total, 'dead letter')}, newest first`} rows={here} rowKey={(letter) => letter.logId} columns={[
              { title: 'Select', cell: (letter) => <input type="checkbox" aria-label={`Select ${printable(letter.logId)}`} checked={selected.has(letter.logId)} onInput={() => toggle(letter.logId)} /> },
              { title: 'Log', cell: (letter) => <Id value={letter.logId} short={28} /> },
              { title: 'Type', cell: (letter) => <code>{printable(letter.type)}</code> },
              { title: 'Reason', cell: (letter) => <Badge tone="warn" word={printable(letter.reason)} about={commentOfConstant(DeadLetterReasonSchema, letter.reason)} /> },
              { title: 'What was wrong', wide: true, cell: (letter) => <Text value={sentence(letter.message)} /> },
              { title: 'Of', cell: (letter) => <Time at={letter.logTime} /> },
              { title: 'Tried', number: true, cell: (letter) => <>{count(letter.attempts)}×</> },
              { title: 'By run', cell: (letter) => letter.runId ? <a href={places.run(exporter, letter.runId)}><Id value={letter.runId} short={13} /></a> : '' },
              { title: 'Raw log', cell: (letter) => <ActionButton method="ListDeadLetters" role={Role.OPERATOR} label="Show" onClick={() => setShownLog(letter.logId)} /> },
            ]} />
          )}
          {here.length > 0 && (
            <p class="buttons">
              <button type="button" class="link" onClick={() => setSelected(new Set(allHere ? [] : [...selected, ...here.map(({ logId }) => logId)]))}>{allHere ? 'Select none' : 'Select all on this page'}</button>
              {selected.size > 0 && <button type="button" class="link" onClick={() => setSelected(new Set())}>Clear the selection</button>}
            </p>
          )}
          <Pager nextToken={list.nextPageToken} total={total} lowerBound={list.totalSizeIsLowerBound} shown={here.length} />
        </>
      )}
      {shownLog && <LogDialog exporter={exporter} logId={shownLog} onClose={() => setShownLog('')} />}
      {open === 'redrive' && <RedriveDialog exporter={exporter} letters={letters} onClose={() => setOpen(undefined)} />}
      {open === 'purge' && <PurgeDialog exporter={exporter} letters={letters} onClose={(done) => {
        setOpen(undefined);
        if (done) setSelected(new Set());
        reading.refresh();
      }} />}
    </>
  );
}
