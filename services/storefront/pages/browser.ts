// What pages do beyond HTML: the token of a mail link goes from the fragment into its form, and a form is not sent twice.

const token = new URLSearchParams(location.hash.slice(1)).get('token');
const field = document.querySelector<HTMLInputElement>('input[name="token"]');
if (field && token) {
  field.value = token;
  // The secret must stay neither in the address bar nor in the history.
  history.replaceState(null, '', location.pathname);
}
if (field && !field.value) document.querySelector('[data-token-missing]')?.removeAttribute('hidden');

document.addEventListener('submit', (event) => {
  const form = event.target as HTMLFormElement;
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = 'yes';
  event.submitter?.setAttribute('aria-busy', 'true');
});
addEventListener('pageshow', () => {
  for (const form of document.forms) delete form.dataset.sent;
  for (const button of document.querySelectorAll('[aria-busy]')) button.removeAttribute('aria-busy');
});
for (const select of document.querySelectorAll<HTMLSelectElement>('select[data-submits]'))
  select.addEventListener('change', () => select.form?.requestSubmit());
