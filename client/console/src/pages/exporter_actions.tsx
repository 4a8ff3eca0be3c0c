// What an operator does with an exporter: run, pause, resume, test its notifications.
import { useState } from 'preact/hooks';
import { OnActive, RunDisposition, RunDispositionSchema } from '../../gen/logexport/v1/run_pb';
import { api, within } from '../rpc/client';
import { go } from '../router';
import { printable } from '../text/printable';
import { wordOf } from '../text/words';
import { CheckField, SelectField, TextField } from '../ui/fields';
import { ActionDialog } from '../ui/dialog';

interface DialogProps {
  exporter: string;
  onClose: (done: boolean) => void;
}

export function RunNowDialog({ exporter, onClose }: DialogProps) {
  const [dryRun, setDryRun] = useState(false);
  const [maxLogs, setMaxLogs] = useState('');
  const [onActive, setOnActive] = useState(String(OnActive.JOIN));
  const wrong = maxLogs.trim() !== '' && !/^\d{1,15}$/.test(maxLogs.trim());
  return (
    <ActionDialog title={`Run ${printable(exporter)} now`} confirm="Run now" onClose={onClose}
      perform={async (doing) => {
        if (wrong) throw new Error('The most logs must be a whole number.');
        const answer = await api.runNow({
          exporter, dryRun, onActive: Number(onActive) as OnActive, maxLogs: maxLogs.trim() ? BigInt(maxLogs.trim()) : 0n, ...doing,
        }, within());
        if (answer.run) go(['exporters', exporter, 'runs', answer.run.runId]);
        return answer.disposition === RunDisposition.JOINED ? 'This run was active already.' : `The run is ${wordOf(RunDispositionSchema, answer.disposition)}.`;
      }}>
      <p>The run exports from the checkpoint on, also while the schedule is paused. It goes on whatever becomes of this page.</p>
      <CheckField label="Dry run" value={dryRun} onInput={setDryRun} hint="Read and map, but send and move nothing." />
      <TextField label="Most logs" value={maxLogs} onInput={setMaxLogs} placeholder="as configured" error={wrong ? 'A whole number' : undefined} />
      <SelectField label="If a run is active already" value={onActive} onInput={setOnActive} options={[
        { value: String(OnActive.JOIN), text: 'show that one, if it is the same' },
        { value: String(OnActive.QUEUE), text: 'start after it' },
        { value: String(OnActive.REJECT), text: 'do nothing' },
      ]} />
    </ActionDialog>
  );
}

export function PauseDialog({ exporter, onClose }: DialogProps) {
  const [cancelActive, setCancelActive] = useState(false);
  return (
    <ActionDialog title={`Pause ${printable(exporter)}`} confirm="Pause" onClose={onClose}
      perform={async (doing) => {
        await api.pauseExporter({ exporter, cancelActive, ...doing }, within());
        return 'It is paused. No scheduled run starts until it is resumed.';
      }}>
      <p>No scheduled run starts until it is resumed. Logs wait at Auth0 meanwhile, as long as the tenant's plan keeps them.</p>
      <CheckField label="Also end the active run" value={cancelActive} onInput={setCancelActive} hint="It commits what is settled." />
    </ActionDialog>
  );
}

export function ResumeDialog({ exporter, onClose }: DialogProps) {
  return (
    <ActionDialog title={`Resume ${printable(exporter)}`} confirm="Resume" onClose={onClose}
      perform={async (doing) => {
        await api.resumeExporter({ exporter, ...doing }, within());
        return 'It runs by its schedule again.';
      }}>
      <p>It goes on from the checkpoint with the next scheduled run.</p>
    </ActionDialog>
  );
}

export function CancelRunDialog({ exporter, runId, onClose }: DialogProps & { runId: string }) {
  return (
    <ActionDialog title="Cancel the run" confirm="Cancel the run" danger onClose={onClose}
      perform={async (doing) => {
        await api.cancelRun({ exporter, runId, ...doing }, within());
        return 'The run is ending. What is settled stays settled.';
      }}>
      <p>The batches in flight are finished and committed. The next run goes on from there.</p>
    </ActionDialog>
  );
}

export function TestNotificationDialog({ exporter, onClose }: DialogProps) {
  return (
    <ActionDialog title="Test the notification" confirm="Send" onClose={onClose}
      perform={async (doing) => {
        const { delivered, httpStatus, message } = await api.testNotification({ exporter, ...doing }, within());
        if (!delivered) throw new Error(`It was not delivered${httpStatus ? ` (status ${httpStatus})` : ''}: ${message}`);
        return `It was delivered: ${message || `status ${httpStatus}`}`;
      }}>
      <p>Sends a message to the webhook of {printable(exporter)} and tells what was answered.</p>
    </ActionDialog>
  );
}
