// Where a photo can be dropped, and is followed until its renditions are there, or the reason why there are none.
// The script does all of it (photos-browser.ts): it sends the file straight to the store.

const TYPES = 'image/jpeg,image/png,image/webp,image/avif,image/gif';

export const DropPhotos = () => (
  <section class="panel" aria-labelledby="photos-title" data-photos>
    <h2 id="photos-title">Photos</h2>
    <p class="muted">
      Drop a photo: it goes to S3 by a signed URL, a function cuts it into renditions, each becomes one event
      on Kafka, and the numbers above move.
    </p>
    <label class="drop" data-drop hidden>
      <input type="file" multiple accept={TYPES} aria-describedby="photos-hint" />
      <strong>Drop photos here, or choose some</strong>
      <span class="hint" id="photos-hint">
        JPEG, PNG, WebP, AVIF or GIF, up to 50 MiB each
      </span>
    </label>
    <noscript>
      <p class="notice">
        To send photos to the store takes a script. <code>npm run feed</code> sends samples without one.
      </p>
    </noscript>
    <ol class="dropped" role="list" data-dropped />
    <p class="visually-hidden" role="status" data-photo-news />
    <template data-photo-entry>
      <li class="dropped-photo">
        <p class="dropped-head">
          <strong data-name />
          <span class="hint" data-state-words />
        </p>
        <progress max="1" value="0" aria-label="Upload" />
        <p class="alert" data-reason hidden />
        <ul class="renditions" role="list" />
      </li>
    </template>
  </section>
);
