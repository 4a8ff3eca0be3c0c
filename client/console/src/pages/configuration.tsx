// The settings of an exporter: looked at, changed, checked, tried, stored.
import { useState } from 'preact/hooks';
import type { GetConfigResponse, UpdateConfigResponse } from '../../gen/logexport/v1/configuration_pb';
import { changeOf, discard, edit, editsOf, undo, type Edits } from '../form/draft';
import { ConfigForm } from '../form/config_form';
import { leaves, textOf, valueAt, type Leaf } from '../form/leaves';
import { violationsByPath } from '../form/violations';
import { api, within } from '../rpc/client';
import { describe, type Failure } from '../rpc/failure';
import { forbidden } from '../rpc/methods';
import { useCall } from '../live/use_call';
import { places } from '../router';
import { printable } from '../text/printable';
import { count, counted, wordOf } from '../text/words';
import { ActionButton } from '../ui/action';
import { ActionDialog } from '../ui/dialog';
import { CheckField } from '../ui/fields';
import { FailureNotice, Waiting } from '../ui/failure_notice';
import { PageTitle, Section, Table } from '../ui/layout';
import { Probes } from '../ui/probes';
import { Text } from '../ui/text';
import { Time } from '../ui/time';
import { TestNotificationDialog } from './exporter_actions';

const PROBE_MS = 60_000;

// As a person reads it; undefined is the default.
function shownValue(leaf: Leaf, text: string | undefined): string {
  if (text === undefined) return 'default';
  if (leaf.field.fieldKind === 'enum') return text === '' || text === '0' ? 'default' : wordOf(leaf.field.enum, Number(text));
  return leaf.secret && !/^(env|file):/.test(text) ? '********' : text.replaceAll('\n', ', ') || '(empty)';
}

function Difference({ edits, stored }: { edits: Edits; stored: GetConfigResponse }) {
  const rows = leaves.filter(({ path }) => edits.has(path)).map((leaf) => ({
    path: leaf.path, before: textOf(leaf, valueAt(stored.config, leaf)), after: edits.get(leaf.path), leaf,
  }));
  return (
    <Table caption="What changes" rows={rows} rowKey={({ path }) => path} columns={[
      { title: 'Setting', cell: ({ path }) => <code>{path}</code> },
      { title: 'Now', cell: ({ before, leaf }) => <del><Text value={before === '' ? 'default' : shownValue(leaf, before)} /></del> },
      { title: 'Then', cell: ({ after, leaf }) => <ins><Text value={shownValue(leaf, after)} /></ins> },
    ]} />
  );
}

function Checked({ answer }: { answer: UpdateConfigResponse }) {
  return (
    <div class="notice good" role="status">
      <p>{answer.changedFields.length === 0 ? 'Nothing would change.' : <>These settings are right. {counted(answer.changedFields.length, 'setting')} would change.</>}</p>
      {answer.warnings.map((warning) => <p key={warning}><strong>Note:</strong> <Text value={warning} /></p>)}
      <Probes probes={answer.probes} />
    </div>
  );
}

function StoredProbes({ exporter }: { exporter: string }) {
  const [notify, setNotify] = useState(false);
  const [asked, setAsked] = useState(0);
  const reading = useCall(`${exporter} ${asked} ${notify}`, (options) => (asked === 0 ? Promise.resolve(undefined)
    : api.probeExporter({ exporter, notify }, within(options.signal, PROBE_MS))));
  return (
    <Section title="Try the stored settings" aside={<ActionButton method="ProbeExporter" label="Try them live" busy={asked > 0 && reading.loading} onClick={() => setAsked(asked + 1)} />}>
      <p class="hint">Asks Auth0 for a token and a log, and Segment for an answer. Nothing is exported.</p>
      <CheckField label="Also send a test message" value={notify} onInput={(on) => {
        setAsked(0);
        setNotify(on);
      }} />
      {asked > 0 && reading.loading && <p class="waiting" role="status">Trying…</p>}
      <FailureNotice failure={reading.failure} doing="They could not be tried" />
      {!reading.loading && reading.data && <Probes probes={reading.data.probes} />}
    </Section>
  );
}

export function Configuration({ exporter }: { exporter: string }) {
  const reading = useCall(exporter, (options) => api.getConfig({ exporter }, options));
  const [checked, setChecked] = useState<UpdateConfigResponse>();
  const [failure, setFailure] = useState<Failure>();
  const [busy, setBusy] = useState('');
  const [open, setOpen] = useState<'save' | 'notify' | undefined>();
  const [probe, setProbe] = useState(false);
  const stored = reading.data;
  const title = <PageTitle title="Configuration" about={printable(exporter)}>
    {stored && <span class="small">version <a href={places.versions(exporter)}>{count(stored.version)}</a>, stored <Time at={stored.updateTime} as="distance" /> by <Text value={stored.updatedBy?.name ?? ''} />{stored.reason && <>: <Text value={stored.reason} /></>}</span>}
    <span class="toolbar"><ActionButton method="TestNotification" label="Test notification" onClick={() => setOpen('notify')} /></span>
  </PageTitle>;
  if (!stored) return <>{title}<Waiting failure={reading.failure} doing="The configuration could not be read" /></>;

  const edits = editsOf(exporter);
  const change = changeOf(edits);
  const errors = new Map([...violationsByPath(failure), ...change.errors]);
  const notEditable = forbidden('UpdateConfig');
  const because = edits.size === 0 ? 'Nothing is changed.' : change.errors.size > 0 ? 'Some values cannot be read; see the form.' : '';
  const request = { exporter, config: change.config, updateMask: change.mask, etag: stored.etag };
  const touch = (action: () => void): void => {
    setChecked(undefined);
    setFailure(undefined);
    action();
  };
  const check = async (live: boolean): Promise<void> => {
    setBusy(live ? 'probe' : 'check');
    setFailure(undefined);
    setChecked(undefined);
    try {
      setChecked(await api.updateConfig({ ...request, validateOnly: true, probe: live }, within(undefined, PROBE_MS)));
    } catch (error) {
      setFailure(describe(error));
    }
    setBusy('');
  };

  return (
    <>
      {title}
      <FailureNotice failure={reading.failure} doing="The configuration could not be read again" />
      {notEditable && <p class="notice">{notEditable} You can look at the settings.</p>}
      {stored.differsFromFile.length > 0 && (
        <p class="notice warn">Differs from the file and environment that the service started with: {stored.differsFromFile.map((path) => <code key={path}>{printable(path)} </code>)}</p>
      )}
      <ConfigForm stored={stored.config} edits={edits} errors={errors} locked={notEditable !== ''}
        onEdit={(path, text) => touch(() => edit(exporter, path, text))} onUndo={(path) => touch(() => undo(exporter, path))} />
      <StoredProbes exporter={exporter} />
      {edits.size > 0 && (
        <section class="changes" aria-label="Changes that are not stored">
          <Difference edits={edits} stored={stored} />
          <FailureNotice failure={failure} doing="These settings are refused" />
          {checked && <Checked answer={checked} />}
          <div class="buttons">
            <ActionButton method="UpdateConfig" label="Review and store" kind="primary" because={because} onClick={() => setOpen('save')} />
            <ActionButton method="UpdateConfig" label={busy === 'check' ? 'Checking…' : 'Check'} busy={busy !== ''} because={because} onClick={() => void check(false)} />
            <ActionButton method="UpdateConfig" label={busy === 'probe' ? 'Trying…' : 'Check and try live'} busy={busy !== ''} because={because} onClick={() => void check(true)} />
            <a href={places.preview(exporter, { draft: '1' })}>Preview with them</a>
            <button type="button" class="link" onClick={() => touch(() => discard(exporter))}>Discard all</button>
          </div>
        </section>
      )}
      {open === 'notify' && <TestNotificationDialog exporter={exporter} onClose={() => setOpen(undefined)} />}
      {open === 'save' && (
        <ActionDialog title="Store these settings" confirm="Store" onClose={() => setOpen(undefined)}
          perform={async (doing) => {
            try {
              const answer = await api.updateConfig({ ...request, probe, ...doing }, within(undefined, PROBE_MS));
              discard(exporter);
              reading.refresh();
              return `Stored as version ${count(answer.version)}${answer.effectiveAfterRun ? ', from the next run on' : ''}.`;
            } catch (error) {
              // The form marks the fields; the dialog says it, too.
              setFailure(describe(error));
              throw error;
            }
          }}>
          <Difference edits={edits} stored={stored} />
          <CheckField label="Try them live before storing" value={probe} onInput={setProbe} hint="A failed check stores nothing." />
        </ActionDialog>
      )}
    </>
  );
}
