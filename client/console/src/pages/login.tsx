// Logging in: by a link from the command line, or with a token.
import { useEffect, useState } from 'preact/hooks';
import { findCaller, logInWithToken, loginNotice, phase } from '../rpc/session';
import { describe, type Failure } from '../rpc/failure';
import { FailureNotice } from '../ui/failure_notice';
import { TextField } from '../ui/fields';

const RETRY_MS = 3_000;

export function Login() {
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure>();

  const unreachable = phase.value === 'unreachable';
  useEffect(() => {
    if (!unreachable) return undefined;
    const timer = setInterval(() => void findCaller(), RETRY_MS);
    return () => clearInterval(timer);
  }, [unreachable]);

  const submit = async (): Promise<void> => {
    if (busy || !token.trim()) return;
    setBusy(true);
    setFailure(undefined);
    try {
      await logInWithToken(token.trim());
      setToken('');
    } catch (error) {
      setFailure(describe(error));
    }
    setBusy(false);
  };

  if (phase.value === 'starting') return <main class="login"><p class="waiting" role="status">Connecting…</p></main>;
  return (
    <main class="login" id="main">
      <h1><span class="mark" aria-hidden="true" />Auth0 Logs to Segment</h1>
      {loginNotice.value && <p class="notice warn" role="status">{loginNotice.value}</p>}
      {unreachable ? (
        <>
          <p>The service cannot be asked who you are. This page goes on trying.</p>
          <button type="button" class="primary" onClick={() => void findCaller()}>Try again</button>
        </>
      ) : (
        <>
          <p>On the machine of the service, or wherever logexportctl reaches it, run</p>
          <pre class="command">logexportctl open-console</pre>
          <p>It opens this page logged in, with your own role. Or paste a token:</p>
          <form onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}>
            <TextField label="Token" type="password" value={token} onInput={setToken} autoComplete="current-password"
              hint="One from the service's token file. It is exchanged for a session and not kept." />
            <FailureNotice failure={failure} />
            <div class="buttons"><button type="submit" class="primary" aria-disabled={busy}>{busy ? 'Logging in…' : 'Log in'}</button></div>
          </form>
        </>
      )}
    </main>
  );
}
