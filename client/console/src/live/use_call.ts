// Reading from the service for as long as a page shows it.
import { ConnectError } from '@connectrpc/connect';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isUnreachable, within } from '../rpc/client';
import { describe, type Failure } from '../rpc/failure';

export interface Reading<T> {
  // What was read last. Stays while it is read again, also when that fails.
  data: T | undefined;
  failure: Failure | undefined;
  loading: boolean;
  refresh: () => void;
}

const RETRY_MS = [1_000, 2_000, 4_000, 8_000];

// Makes the call once, again whenever `key` changes, every `everyMs` (0: never) while the page is visible, and whenever
// the service did not answer. `call` must depend on nothing but `key`.
export function useCall<T>(key: string, call: (options: ReturnType<typeof within>) => Promise<T>, everyMs = 0): Reading<T> {
  const [state, setState] = useState<{ data?: T; failure?: Failure; loading: boolean }>({ loading: true });
  const [round, setRound] = useState(0);
  const latest = useRef(call);
  latest.current = call;

  useEffect(() => {
    const abort = new AbortController();
    let timer = 0;
    let failures = 0;
    let due = false;

    const read = async (): Promise<void> => {
      due = false;
      try {
        const data = await latest.current(within(abort.signal));
        if (abort.signal.aborted) return;
        failures = 0;
        setState({ data, loading: false });
        if (everyMs > 0) schedule(everyMs);
      } catch (error) {
        if (abort.signal.aborted) return;
        setState((before) => ({ ...before, failure: describe(error), loading: false }));
        if (isUnreachable(ConnectError.from(error))) schedule(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] as number);
        else if (everyMs > 0) schedule(everyMs * 2);
      }
    };
    const schedule = (milliseconds: number): void => {
      timer = window.setTimeout(() => {
        if (document.hidden) due = true;
        else void read();
      }, milliseconds);
    };
    const onVisible = (): void => {
      if (!document.hidden && due) void read();
    };

    setState((before) => ({ ...before, loading: true }));
    document.addEventListener('visibilitychange', onVisible);
    void read();
    return () => {
      abort.abort();
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    };
  }, [key, everyMs, round]);

  return { data: state.data, failure: state.failure, loading: state.loading, refresh: () => setRound((before) => before + 1) };
}
