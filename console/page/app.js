// The page: wires the drop zone, the stream of totals and the range switch. All state is in the stores, none here.
import { byId } from './elements.js';
import { createLive } from './live.js';
import { createPhotos } from './photos.js';
import { createTotalsView } from './totals-view.js';

const STATES = {
  live: 'Live',
  database: 'Waiting for Cloud SQL',
  console: 'Reconnecting',
};

const addPhotos = createPhotos();
const drop = byId('drop');
const input = /** @type {HTMLInputElement} */ (byId('files'));
const status = byId('status');

input.addEventListener('change', () => {
  addPhotos(input.files ?? []);
  // Else choosing the same file again would be no change.
  input.value = '';
});
// Files that miss the zone must not replace the page.
for (const type of ['dragover', 'drop']) window.addEventListener(type, (event) => event.preventDefault());
window.addEventListener('dragover', () => drop.classList.add('over'));
window.addEventListener('dragleave', (event) => event.relatedTarget ?? drop.classList.remove('over'));
window.addEventListener('drop', (event) => {
  drop.classList.remove('over');
  addPhotos(event.dataTransfer?.files ?? []);
});

const live = createLive({
  onTotals: createTotalsView(),
  onState: (state) => {
    if (status.dataset.state === state) return;
    status.dataset.state = state;
    status.textContent = STATES[state];
    const notice = byId('chart-notice');
    if (state === 'live') return;
    notice.hidden = false;
    notice.textContent =
      state === 'database'
        ? 'Cloud SQL does not answer, or the analytics worker has not made its tables yet. The chart comes back by itself.'
        : 'The console does not answer. This page keeps trying and comes back by itself.';
  },
});

const ranges = byId('ranges');
const chosen = () => /** @type {HTMLInputElement} */ (ranges.querySelector(':checked')).value;
ranges.addEventListener('change', () => live.open(chosen()));
live.open(chosen());
