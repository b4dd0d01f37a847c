// The totals stream: connects, reconnects, and says in which state it is. One stream at a time.

/** Opens streams for ranges; `onTotals` gets each message, `onState` one of `live`, `database`, `console`. */
export function createLive({ onTotals, onState }) {
  let source;
  return {
    open(minutes) {
      source?.close();
      source = new EventSource(`/api/live?minutes=${minutes}`);
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
