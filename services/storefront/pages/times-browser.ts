// Times on a page in the visitor's own zone: the server knows the language alone, and writes UTC.

/** Rewrites each time under `root` that the server has marked. */
export function showOwnTimes(root: ParentNode): void {
  for (const time of root.querySelectorAll<HTMLTimeElement>('time[data-locale]'))
    time.textContent = new Intl.DateTimeFormat(time.dataset.locale, {
      dateStyle: 'medium',
      timeStyle: 'short',
    }).format(new Date(time.dateTime));
}
