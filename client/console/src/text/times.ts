// Times: shown as local ones, with UTC beside them where there is room, and read from what people type.
import { timestampDate, timestampFromDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import { durationText, parseDuration, secondsOf } from './durations';

export function dateOf(time: Timestamp): Date {
  return timestampDate(time);
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const dayWithYear = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

// The local time: without the date if it is today, without the year if it is this one.
export function localText(date: Date, now = new Date()): string {
  if (date.toDateString() === now.toDateString()) return clock.format(date);
  const format = date.getFullYear() === now.getFullYear() ? day : dayWithYear;
  return `${format.format(date)} ${clock.format(date)}`;
}

export function utcText(date: Date): string {
  const text = date.toISOString().replace('T', ' ').replace('Z', '');
  return `${text.replace(/\.000$/, '')} UTC`;
}

// `5 min 3 s ago`, `in 2 h`.
export function distance(date: Date, now = Date.now()): string {
  const seconds = (date.getTime() - now) / 1000;
  if (Math.abs(seconds) < 1) return 'now';
  const text = durationText(Math.round(Math.abs(seconds)));
  return seconds > 0 ? `in ${text}` : `${text} ago`;
}

export function localZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'local time';
}

// Between two times, or from one until now.
export function elapsed(start: Timestamp | undefined, end: Timestamp | undefined): string {
  if (!start) return '';
  return durationText(Math.max(0, ((end ? dateOf(end).getTime() : Date.now()) - dateOf(start).getTime()) / 1000));
}

// What people type for a time: `-2h`, `2026-11-01`, `2026-11-01 14:00` (local), RFC 3339. Undefined where it is none.
export function parseTime(text: string): Timestamp | undefined {
  const words = text.trim();
  if (words.startsWith('-')) {
    const back = parseDuration(words.slice(1));
    return back ? timestampFromDate(new Date(Date.now() - secondsOf(back) * 1000)) : undefined;
  }
  if (words === 'now') return timestampFromDate(new Date());
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:\d{2})?)?$/.exec(words);
  if (!match) return undefined;
  const date = new Date(`${match[1]}T${match[2] ?? '00:00'}${match[3] ?? ''}`);
  return Number.isNaN(date.getTime()) ? undefined : timestampFromDate(date);
}
