// What went wrong, where it went wrong.
import type { Failure } from '../rpc/failure';
import { sentence } from '../text/words';
import { Text } from './text';

export function FailureNotice({ failure, doing }: { failure: Failure | undefined; doing?: string }) {
  if (!failure) return null;
  return (
    <div class="notice bad" role="alert">
      <p><strong>{doing ? `${doing}: ` : ''}</strong><Text value={sentence(failure.message)} length={1000} /> <code>{failure.code}</code></p>
      {failure.violations.length > 0 && (
        <ul>{failure.violations.map(({ field, description }) => <li key={field + description}><code>{field}</code>: <Text value={description} /></li>)}</ul>
      )}
      {Object.entries(failure.metadata).length > 0 && (
        <p class="small">{Object.entries(failure.metadata).map(([key, value]) => `${key} ${value}`).join(', ')}</p>
      )}
      {failure.advice.map((line) => <p key={line}><Text value={line} /></p>)}
    </div>
  );
}

// What a page shows in the place of what could not be read yet.
export function Waiting({ failure, doing }: { failure: Failure | undefined; doing: string }) {
  return failure ? <FailureNotice failure={failure} doing={doing} /> : <p class="waiting" role="status">Loading…</p>;
}
