// A checkpoint as text.
import type { Checkpoint } from '../../gen/logexport/v1/checkpoint_pb';
import { dateOf, utcText } from '../text/times';

export function checkpointText(checkpoint: Checkpoint | undefined): string {
  switch (checkpoint?.position.case) {
    case 'logId': return checkpoint.position.value;
    case 'pending': {
      const { place } = checkpoint.position.value;
      return place.case === 'time' ? utcText(dateOf(place.value)) : place.case ?? '';
    }
  }
  return '';
}
