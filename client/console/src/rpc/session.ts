// Logging in and out. The session is a cookie that scripts cannot read; what is known of it here is who the caller is.
import { Code, ConnectError } from '@connectrpc/connect';
import { errorFromJson } from '@connectrpc/connect/protocol-connect';
import { timestampMs } from '@bufbuild/protobuf/wkt';
import { batch, effect, signal } from '@preact/signals';
import type { Role } from '../../gen/logexport/v1/options_pb';
import { replace } from '../router';
import { api, baseUrl, refusals, within } from './client';

export interface Caller {
  name: string;
  verified: boolean;
  role: Role;
  serviceVersion: string;
}

// Whom the service takes us for; undefined while nobody is logged in or this is not known yet.
export const caller = signal<Caller | undefined>(undefined);
export type Phase = 'starting' | 'out' | 'in' | 'unreachable';
export const phase = signal<Phase>('starting');
// Why the login page is shown, if there is something to say.
export const loginNotice = signal('');

let clockOffsetMs = 0;

// The time on the service's clock, as far as that was told: this machine's may be wrong.
export function serviceNow(): number {
  return Date.now() + clockOffsetMs;
}

const LOGIN_PATH = '/session';

// Its errors look like those of calls.
async function exchange(method: 'POST' | 'DELETE', body?: object): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(`${baseUrl}${LOGIN_PATH}`, {
      method,
      headers: { 'Content-Type': 'application/json', 'Connect-Protocol-Version': '1' },
      ...(body ? { body: JSON.stringify(body) } : {}),
      credentials: 'same-origin',
      cache: 'no-store',
      redirect: 'error',
    });
  } catch (error) {
    throw new ConnectError('The service does not answer.', Code.Unavailable, undefined, undefined, error);
  }
  if (answer.ok) return;
  const unexplained = new ConnectError(`The service answered with status ${answer.status}.`, Code.Unknown);
  throw errorFromJson(await answer.json().catch(() => ({})), answer.headers, unexplained);
}

export async function logInWithToken(token: string): Promise<void> {
  await exchange('POST', { token });
  await findCaller();
}

export async function logOut(): Promise<void> {
  await exchange('DELETE');
  batch(() => {
    caller.value = undefined;
    phase.value = 'out';
    loginNotice.value = 'You are logged out.';
  });
}

// Asks the service who we are. Ends in one of the phases, never with an error.
export async function findCaller(): Promise<void> {
  try {
    const asked = Date.now();
    const answer = await api.getCaller({}, within());
    if (answer.serviceTime) clockOffsetMs = timestampMs(answer.serviceTime) - (asked + Date.now()) / 2;
    batch(() => {
      caller.value = {
        name: answer.caller?.name ?? '',
        verified: answer.caller?.verified ?? false,
        role: answer.role,
        serviceVersion: answer.serviceVersion,
      };
      phase.value = 'in';
      loginNotice.value = '';
    });
  } catch (error) {
    const failure = ConnectError.from(error);
    phase.value = failure.code === Code.Unauthenticated ? 'out' : 'unreachable';
    if (phase.value === 'unreachable') loginNotice.value = failure.rawMessage;
  }
}

// The one-time code of a link from `logexportctl open-console`, and its removal from the address, so that it stays in
// no history.
function takeCode(): string {
  const match = /^#code=([\w~.-]+)$/.exec(location.hash);
  if (!match?.[1]) return '';
  replace(`${location.pathname}${location.search}#/`);
  return match[1];
}

export async function start(): Promise<void> {
  const code = takeCode();
  if (code) {
    try {
      await exchange('POST', { code });
    } catch (error) {
      loginNotice.value = `The link did not log you in: ${ConnectError.from(error).rawMessage}`;
    }
  }
  await findCaller();
}

// A session that ended while the page was open.
effect(() => {
  if (refusals.value > 0 && phase.peek() === 'in') {
    phase.value = 'out';
    loginNotice.value = 'Your session has ended. Log in again to go on where you were.';
  }
});
