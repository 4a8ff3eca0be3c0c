// Dialogs: one that shows, and one that asks before something is done and tells how it went.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { newRequestId } from '../rpc/client';
import { describe, type Failure } from '../rpc/failure';
import { announce } from './announcer';
import { FailureNotice } from './failure_notice';
import { TextField } from './fields';

export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog ref={element} aria-labelledby={heading} onClose={onClose}
      onCancel={(event) => {
        // The browser's own closing would leave our state behind.
        event.preventDefault();
        onClose();
      }}>
      <h2 id={heading}>{title}</h2>
      {children}
    </dialog>
  );
}

export interface Doing {
  reason: string;
  // Stays the same when a call is repeated after its answer was lost, so that it is carried out once.
  requestId: string;
}

export function ActionDialog({ title, confirm, danger = false, typed = '', withReason = true, children, perform, onClose }: {
  title: string;
  // What the button says, e.g. `Pause`.
  confirm: string;
  danger?: boolean;
  // What has to be typed before it can be done. Empty: nothing.
  typed?: string;
  withReason?: boolean;
  children?: ComponentChildren;
  // Does it; answers what was done, in a sentence.
  perform: (doing: Doing) => Promise<string>;
  // Called once it is done or given up.
  onClose: (done: boolean) => void;
}) {
  const [reason, setReason] = useState('');
  const [words, setWords] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const requestId = useRef(newRequestId());
  const missing = typed !== '' && words.trim() !== typed;

  const submit = async (): Promise<void> => {
    if (busy || missing) return;
    setBusy(true);
    setFailure(undefined);
    try {
      announce(await perform({ reason: reason.trim(), requestId: requestId.current }));
      onClose(true);
    } catch (error) {
      const told = describe(error);
      if (told.unreachable) told.advice.push('It may have been carried out. Trying again here does it at most once.');
      else requestId.current = newRequestId();
      setFailure(told);
      setBusy(false);
    }
  };

  return (
    <Dialog title={title} onClose={() => onClose(false)}>
      <form onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}>
        {children}
        {withReason && <TextField label="Reason" value={reason} onInput={setReason} hint="Why; it is kept with what you do." />}
        {typed && <TextField label={`Type ${typed} to confirm`} value={words} onInput={setWords} />}
        <FailureNotice failure={failure} />
        <div class="buttons">
          <button type="submit" class={danger ? 'danger' : 'primary'} aria-disabled={busy || missing}>{busy ? 'Working…' : confirm}</button>
          <button type="button" onClick={() => onClose(false)}>Cancel</button>
        </div>
      </form>
    </Dialog>
  );
}
