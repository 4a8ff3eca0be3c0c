// Making an exporter.
import { useState } from 'preact/hooks';
import type { CreateExporterResponse } from '../../gen/logexport/v1/exporter_pb';
import { ConfigForm } from '../form/config_form';
import { changeOf, discard, edit, editsOf, undo } from '../form/draft';
import { violationsByPath } from '../form/violations';
import { api, newRequestId, within } from '../rpc/client';
import { describe, type Failure } from '../rpc/failure';
import { forbidden } from '../rpc/methods';
import { go } from '../router';
import { printable } from '../text/printable';
import { ActionButton } from '../ui/action';
import { announce } from '../ui/announcer';
import { SelectField, TextField } from '../ui/fields';
import { FailureNotice } from '../ui/failure_notice';
import { PageTitle, Section } from '../ui/layout';
import { Probes } from '../ui/probes';
import { Text } from '../ui/text';

// No exporter can have this name, so the draft is mixed up with none.
const DRAFT = '+';

export function NewExporter() {
  const [name, setName] = useState('');
  const [start, setStart] = useState('earliest');
  const [failure, setFailure] = useState<Failure>();
  const [checked, setChecked] = useState<CreateExporterResponse>();
  const [busy, setBusy] = useState(false);
  const [requestId, setRequestId] = useState(newRequestId);
  const edits = editsOf(DRAFT);
  const change = changeOf(edits);
  const refused = forbidden('CreateExporter');
  const nameError = failure?.violations.find(({ field }) => field === 'exporter')?.description;

  const send = async (validateOnly: boolean): Promise<void> => {
    setBusy(true);
    setFailure(undefined);
    setChecked(undefined);
    try {
      const config = { ...change.config, startFrom: start };
      const answer = await api.createExporter({ exporter: name.trim(), config, validateOnly, probe: validateOnly, requestId: validateOnly ? '' : requestId }, within(undefined, 60_000));
      if (validateOnly) setChecked(answer);
      else {
        discard(DRAFT);
        announce(`${answer.exporter} is created.`);
        go(['exporters', answer.exporter]);
      }
    } catch (error) {
      const told = describe(error);
      if (!told.unreachable) setRequestId(newRequestId());
      setFailure(told);
    }
    setBusy(false);
  };

  const because = name.trim() === '' ? 'Give it a name first.' : change.errors.size > 0 ? 'Some values cannot be read; see the form.' : '';
  return (
    <>
      <PageTitle title="New exporter" />
      <p class="lead">An exporter moves the logs of one Auth0 tenant to one Segment source. It needs the tenant's domain, the id and secret of a machine-to-machine application with the scope <code>read:logs</code>, and the write key of the source.</p>
      {refused && <p class="notice">{refused}</p>}
      <Section title="Name and start">
        <div class="settings">
          <TextField label="Name" value={name} onInput={setName} error={nameError} hint="Lower-case letters, digits and -, beginning with a letter." />
          <SelectField label="Begin with" value={start} onInput={setStart} options={[{ value: 'earliest', text: 'the oldest log that Auth0 keeps' }, { value: 'latest', text: 'logs from now on' }]} />
        </div>
      </Section>
      <ConfigForm stored={undefined} edits={edits} errors={new Map([...violationsByPath(failure), ...change.errors])} locked={refused !== ''}
        onEdit={(path, text) => edit(DRAFT, path, text)} onUndo={(path) => undo(DRAFT, path)} />
      <section class="changes" aria-label="Create it">
        <FailureNotice failure={failure} doing="It is refused" />
        {checked && (
          <div class="notice good" role="status"><p>These settings are right.</p>
            {checked.warnings.map((warning) => <p key={warning}><strong>Note:</strong> <Text value={printable(warning)} /></p>)}
            <Probes probes={checked.probes} /></div>
        )}
        <div class="buttons">
          <ActionButton method="CreateExporter" label={busy ? 'Working…' : 'Create'} kind="primary" busy={busy} because={because} onClick={() => void send(false)} />
          <ActionButton method="CreateExporter" label="Check and try live" busy={busy} because={because} onClick={() => void send(true)} />
        </div>
      </section>
    </>
  );
}
