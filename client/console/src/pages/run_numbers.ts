// Numbers that are worked out from a report.
import { RunState, type Report } from '../../gen/logexport/v1/report_pb';
import { dateOf } from '../text/times';

export function isActive(report: Report): boolean {
  return report.state === RunState.RUNNING || report.state === RunState.QUEUED;
}

// From start to end, or until now. Undefined while it has not started.
export function runSeconds(report: Report): number | undefined {
  if (!report.startTime) return undefined;
  const end = report.endTime ? dateOf(report.endTime).getTime() : Date.now();
  return Math.max(0, (end - dateOf(report.startTime).getTime()) / 1000);
}

export function settledLogs(report: Report): number {
  const { accepted = 0n, filtered = 0n, deadLettered = 0n } = report.ledger ?? {};
  return Number(accepted + filtered + deadLettered);
}

// Logs settled per second, over the whole run. Undefined for runs without logs.
export function lastRate(report: Report): number | undefined {
  const seconds = runSeconds(report);
  const logs = settledLogs(report);
  return seconds && logs ? logs / seconds : undefined;
}
