// The calls to the service, by the Connect protocol with JSON, and what every call tells about the connection.
import { Code, ConnectError, createClient, type Interceptor } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { signal } from '@preact/signals';
import { LogExportService } from '../../gen/logexport/v1/service_pb';

// Where the page came from, without a slash at its end: also right below a proxy's path.
export const baseUrl = new URL('.', document.baseURI).href.replace(/\/$/, '');

// Whether the service answers. While it does not, pages keep what they have and go on trying.
export const connection = signal<{ up: true } | { up: false; since: number; message: string }>({ up: true });

// Counts the calls that were refused because nobody is logged in.
export const refusals = signal(0);

function noteFailure(error: unknown): void {
  const failure = ConnectError.from(error);
  if (failure.code === Code.Canceled) return;
  if (failure.code === Code.Unauthenticated) refusals.value += 1;
  if (isUnreachable(failure)) {
    if (connection.peek().up) connection.value = { up: false, since: Date.now(), message: failure.rawMessage };
  } else {
    noteAnswer();
  }
}

function noteAnswer(): void {
  if (!connection.peek().up) connection.value = { up: true };
}

// Whether an error means that the service did not answer, rather than that it refused.
export function isUnreachable(failure: ConnectError): boolean {
  if (failure.code === Code.Unavailable) return true;
  // What `fetch` throws where there is nobody at the other end; a broken stream ends the same way.
  return failure.code === Code.Unknown && failure.details.length === 0 && failure.cause instanceof TypeError;
}

const observer: Interceptor = (next) => async (request) => {
  try {
    const answer = await next(request);
    noteAnswer();
    return answer;
  } catch (error) {
    noteFailure(error);
    throw error;
  }
};

const CALL_TIMEOUT_MS = 20_000;

export const api = createClient(
  LogExportService,
  createConnectTransport({ baseUrl, interceptors: [observer] }),
);

// Options of a call that ends by itself. Streams take only a signal.
export function within(abort?: AbortSignal, timeoutMs = CALL_TIMEOUT_MS): { signal?: AbortSignal; timeoutMs: number } {
  return abort ? { signal: abort, timeoutMs } : { timeoutMs };
}

// Id of a write, so that trying again after a lost answer does it once. `crypto.randomUUID` is not there on plain http.
export function newRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
