// For what the service that the page talks to cannot do, e.g. because it is of an earlier version.
import type { Failure } from '../rpc/failure';

export function isMissing(failure: Failure | undefined): boolean {
  return failure?.code.startsWith('UNIMPLEMENTED') ?? false;
}

export function Missing({ call, instead }: { call: string; instead: string }) {
  return (
    <div class="notice warn" role="note">
      <p><strong>This service cannot answer this yet:</strong> it has no call <code>{call}</code>. {instead}</p>
    </div>
  );
}
