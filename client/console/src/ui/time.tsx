// A point in time: local, with UTC and the distance on hover.
import type { Timestamp } from '@bufbuild/protobuf/wkt';
import { now } from '../live/now';
import { dateOf, distance, localText, utcText } from '../text/times';

// `as`: the local time, or how far away it is.
export function Time({ at, as = 'time' }: { at: Timestamp | undefined; as?: 'time' | 'distance' }) {
  if (!at) return <span class="none">none</span>;
  const date = dateOf(at);
  const shown = as === 'time' ? localText(date) : distance(date, now.value);
  const beside = as === 'time' ? distance(date) : localText(date);
  return <time dateTime={date.toISOString()} title={`${utcText(date)} · ${beside}`}>{shown}</time>;
}
