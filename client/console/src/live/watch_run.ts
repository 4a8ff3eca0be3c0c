// Following a run by WatchRun, over restarts of the service.
import { Code, ConnectError } from '@connectrpc/connect';
import { useEffect, useState } from 'preact/hooks';
import { WatchPhase, type WatchRunResponse } from '../../gen/logexport/v1/run_pb';
import { api } from '../rpc/client';
import { describe, type Failure } from '../rpc/failure';

export interface Watch {
  // The last message.
  last: WatchRunResponse | undefined;
  // Whether messages are arriving. False while the service is away; then it is tried again.
  connected: boolean;
  // Why following ended without the run's end, e.g. that there is no such run.
  failure: Failure | undefined;
}

// The service sends a heartbeat every 5 seconds; a stream that is silent for longer than this is dead.
const SILENCE_MS = 20_000;
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000];
const FINAL_CODES = new Set([Code.NotFound, Code.PermissionDenied, Code.InvalidArgument, Code.Unimplemented, Code.Unauthenticated]);

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> => new Promise((resolve) => {
  const timer = setTimeout(resolve, milliseconds);
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    resolve();
  }, { once: true });
});

// Browsers open six connections to a server at most, all tabs together; one that nobody sees must not hold any for long.
const HIDDEN_MS = 5_000;

function untilVisible(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener('visibilitychange', look);
      signal.removeEventListener('abort', look);
      resolve();
    };
    document.addEventListener('visibilitychange', look);
    signal.addEventListener('abort', look);
    look();
  });
}

// Calls `end` once the page has been hidden for a while; answers how to stop looking.
function whenHidden(end: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = (): void => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(end, HIDDEN_MS);
  };
  document.addEventListener('visibilitychange', look);
  return () => {
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', look);
  };
}

// Follows until the run has ended or `stop` is aborted. `tell` gets every message, and whether they are arriving.
export async function followRun(exporter: string, runId: string, stop: AbortSignal, tell: (watch: Partial<Watch>) => void): Promise<void> {
  let afterSequence = 0n;
  let failures = 0;
  while (!stop.aborted) {
    await untilVisible(stop);
    const stream = new AbortController();
    const end = (): void => stream.abort();
    stop.addEventListener('abort', end, { once: true });
    const visible = whenHidden(end);
    let watchdog = setTimeout(end, SILENCE_MS);
    try {
      for await (const message of api.watchRun({ exporter, runId, afterSequence }, { signal: stream.signal })) {
        clearTimeout(watchdog);
        watchdog = setTimeout(end, SILENCE_MS);
        failures = 0;
        afterSequence = message.sequence;
        tell({ last: message, connected: true, failure: undefined });
        if (message.phase === WatchPhase.FINAL) return;
      }
    } catch (error) {
      const failure = ConnectError.from(error);
      if (stop.aborted) return;
      if (FINAL_CODES.has(failure.code)) {
        tell({ connected: false, failure: describe(failure) });
        return;
      }
    } finally {
      clearTimeout(watchdog);
      visible();
      stop.removeEventListener('abort', end);
    }
    if (stop.aborted) return;
    tell({ connected: false });
    await pause(RETRY_MS[Math.min(failures++, RETRY_MS.length - 1)] as number, stop);
  }
}

// Follows a run while a page shows it; an empty id follows nothing.
export function useWatch(exporter: string, runId: string): Watch {
  const [watch, setWatch] = useState<Watch>({ last: undefined, connected: false, failure: undefined });
  useEffect(() => {
    setWatch({ last: undefined, connected: false, failure: undefined });
    if (!runId) return undefined;
    const stop = new AbortController();
    void followRun(exporter, runId, stop.signal, (news) => {
      if (!stop.signal.aborted) setWatch((before) => ({ ...before, ...news }));
    });
    return () => stop.abort();
  }, [exporter, runId]);
  return watch;
}
