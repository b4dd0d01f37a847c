// The totals stream: connects, reconnects, and says in which state it is. One stream at a time.
/** @import { Totals } from '../answers.ts' */
/** @typedef {'live' | 'database' | 'console'} LiveState */

/**
 * Opens streams for ranges; `onTotals` gets each message, `onState` each state.
 * @param {{ onTotals: (totals: Totals) => void, onState: (state: LiveState) => void }} handlers
 */
export function createLive({ onTotals, onState }) {
  /** @type {EventSource | undefined} */
  let current;
  return {
    /** @param {string} minutes */
    open(minutes) {
      current?.close();
      const source = new EventSource(`/api/live?minutes=${minutes}`);
      current = source;
      source.addEventListener('totals', ({ data }) => {
        onState('live');
        onTotals(JSON.parse(data));
      });
      source.addEventListener('unavailable', () => onState('database'));
      source.addEventListener('error', () => {
        onState('console');
        // The browser gives up for good on an answer that is no stream, such as 503 while the console restarts.
        if (source.readyState === EventSource.CLOSED) setTimeout(() => this.open(minutes), 2_000);
      });
    },
  };
}
