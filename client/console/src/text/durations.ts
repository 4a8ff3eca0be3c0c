// Durations as text, and text as durations: `90s`, `2d`, `1h30m`, as on the command line.
import { create } from '@bufbuild/protobuf';
import { DurationSchema, type Duration } from '@bufbuild/protobuf/wkt';

const UNITS: readonly [string, number][] = [['d', 86_400], ['h', 3_600], ['m', 60], ['s', 1]];

export function secondsOf(duration: Duration): number {
  return Number(duration.seconds) + duration.nanos / 1e9;
}

// For reading: the two largest units.
export function durationText(duration: Duration | number): string {
  const total = typeof duration === 'number' ? duration : secondsOf(duration);
  if (total < 0) return `-${durationText(-total)}`;
  if (total > 0 && total < 1) return `${Math.round(total * 1000)} ms`;
  if (total < 10 && total % 1 !== 0) return `${total.toFixed(1)} s`;
  let rest = Math.round(total);
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const number = Math.floor(rest / size);
    rest -= number * size;
    if (number > 0) parts.push(`${number} ${unit === 'm' ? 'min' : unit}`);
    if (parts.length === 2 || (parts.length === 1 && number === 0)) break;
  }
  return parts.join(' ') || '0 s';
}

// For writing: exact, and what `parseDuration` reads.
export function durationInput(duration: Duration): string {
  let rest = Number(duration.seconds);
  if (rest < 0 || duration.nanos < 0) return `${secondsOf(duration)}s`;
  let text = '';
  for (const [unit, size] of UNITS) {
    const number = Math.floor(rest / size);
    rest -= number * size;
    if (unit === 's' && duration.nanos !== 0) text += `${number + duration.nanos / 1e9}s`;
    else if (number > 0) text += `${number}${unit}`;
  }
  return text || '0s';
}

// Those that `parseDuration` reads, from the longest to the shortest.
const READ: readonly [string, number][] = [['w', 604_800_000], ['d', 86_400_000], ['h', 3_600_000], ['m', 60_000], ['s', 1000], ['ms', 1], ['us', 0.001]];

// Undefined where the text is no duration. `min` and spaces, which `durationText` writes, are read as well.
export function parseDuration(text: string): Duration | undefined {
  const parts = text.trim().replace(/\s+/g, '').replace(/min/g, 'm');
  if (parts === '0') return create(DurationSchema);
  if (!/^(\d+(\.\d+)?(ms|us|[wdhms]))+$/.test(parts)) return undefined;
  let milliseconds = 0;
  let previous = Infinity;
  for (const [, number, unit] of parts.matchAll(/(\d+(?:\.\d+)?)(ms|us|[wdhms])/g)) {
    const size = READ.find(([name]) => name === unit)?.[1] ?? 0;
    // 30m1h and 5m5m are slips.
    if (size >= previous) return undefined;
    previous = size;
    milliseconds += Number(number) * size;
  }
  // The schema's own limit of a duration is 10,000 years.
  if (!(milliseconds < 3e14)) return undefined;
  const seconds = Math.floor(milliseconds / 1000);
  return create(DurationSchema, { seconds: BigInt(seconds), nanos: Math.round((milliseconds - seconds * 1000) * 1e6) });
}
