// A failed call in words: what the command line says of it.
import { Code, ConnectError } from '@connectrpc/connect';
import {
  BadRequestSchema, ErrorInfoSchema, HelpSchema, PreconditionFailureSchema, QuotaFailureSchema, RequestInfoSchema,
  RetryInfoSchema,
} from '../../gen/google/rpc/error_details_pb';
import { durationText } from '../text/durations';
import { isUnreachable } from './client';

export interface Failure {
  message: string;
  // Code and reason as the command line writes them, e.g. `ABORTED, RUN_ALREADY_ACTIVE`.
  code: string;
  reason: string;
  violations: { field: string; description: string }[];
  // Further lines: conditions, quotas, when to try again, where there is more.
  advice: string[];
  metadata: Record<string, string>;
  // The service did not answer: a write may have been carried out.
  unreachable: boolean;
}

function codeName(code: Code): string {
  return (Code[code] ?? 'Unknown').replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
}

export function describe(error: unknown): Failure {
  const failure = ConnectError.from(error);
  const info = failure.findDetails(ErrorInfoSchema)[0];
  const advice: string[] = [];
  for (const { violations } of failure.findDetails(PreconditionFailureSchema)) {
    for (const violation of violations) {
      if (violation.description !== failure.rawMessage) advice.push(`${violation.type}: ${violation.description}`);
    }
  }
  for (const { violations } of failure.findDetails(QuotaFailureSchema)) {
    for (const violation of violations) advice.push(`${violation.subject}: ${violation.description}`);
  }
  const retry = failure.findDetails(RetryInfoSchema)[0]?.retryDelay;
  if (retry) advice.push(`Try again in ${durationText(retry)}.`);
  for (const { links } of failure.findDetails(HelpSchema)) {
    for (const link of links) advice.push(`See ${link.url} (${link.description}).`);
  }
  const requestId = failure.findDetails(RequestInfoSchema)[0]?.requestId;
  if (requestId) advice.push(`The service's log has more under ${requestId}.`);
  const unreachable = isUnreachable(failure);
  if (unreachable && !info) advice.push('Is the service running? This page goes on trying.');
  return {
    message: unreachable && !info ? 'The service does not answer.' : failure.rawMessage || 'The call failed.',
    code: codeName(failure.code) + (info ? `, ${info.reason}` : ''),
    reason: info?.reason ?? '',
    violations: failure.findDetails(BadRequestSchema).flatMap(({ fieldViolations }) =>
      fieldViolations.map(({ field, description }) => ({ field, description }))),
    advice,
    metadata: info ? { ...info.metadata } : {},
    unreachable: unreachable || failure.code === Code.DeadlineExceeded,
  };
}
