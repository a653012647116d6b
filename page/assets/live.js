// Keeps the page as it is now. Without this file everything works, and a reload shows what is new.
const live = document.getElementById('live');
const say = document.getElementById('say');
let loading = false;
let again = false;

/** Who has the focus, so that they have it again when what they stand on is drawn anew. */
const focused = () => {
  const at = document.activeElement;
  if (at === null || at === document.body || at.closest('[data-live]') === null) return undefined;
  const region = at.closest('[data-live]').id;
  return {
    region,
    id: at.id,
    href: at.getAttribute('href'),
    index: [...document.querySelectorAll(`#${region} :is(a, [tabindex])`)].indexOf(at),
  };
};

const refocus = (was) => {
  if (was === undefined || document.activeElement !== document.body) return;
  const all = [...document.querySelectorAll(`#${was.region} :is(a, [tabindex])`)];
  const same =
    all.find((one) => was.href !== null && one.getAttribute('href') === was.href) ?? all[was.index];
  same?.focus({ preventScroll: true });
};

/** Puts in what differs. A form that is being filled in is no such part, and stays. */
const show = (text) => {
  const fresh = new DOMParser().parseFromString(text, 'text/html');
  const was = focused();
  const scrolled = [...document.querySelectorAll('.scroll')].map((one) => one.scrollLeft);
  const parts = [...fresh.querySelectorAll('[data-live]')];
  for (const part of parts) {
    const old = document.getElementById(part.id);
    if (old !== null && old.outerHTML !== part.outerHTML) old.replaceWith(document.adoptNode(part));
  }
  document.title = fresh.title;
  for (const [at, one] of document.querySelectorAll('.scroll').entries()) one.scrollLeft = scrolled[at] ?? 0;
  refocus(was);
};

const load = async () => {
  if (loading) {
    again = true;
    return;
  }
  loading = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    if (answer.ok) show(await answer.text());
  } catch {
    // The stream says so itself when nobody is there any more.
  } finally {
    loading = false;
    if (again) {
      again = false;
      void load();
    }
  }
};

let events;

const listen = () => {
  events = new EventSource('/live');
  events.addEventListener('open', () => {
    live.hidden = false;
    live.textContent = 'live';
    live.classList.remove('lost');
  });
  events.addEventListener('error', () => {
    live.hidden = false;
    live.textContent = 'not live: what you see may be old';
    live.classList.add('lost');
  });
  events.addEventListener('new', ({ data }) => {
    const { news } = JSON.parse(data);
    if (news !== '') say.textContent = news;
    void load();
  });
};

// What is tried is shown while it is moved; without this, a button shows it.
for (const form of document.querySelectorAll('form[data-auto]'))
  form.addEventListener('input', () => {
    history.replaceState(null, '', `${form.action}?${new URLSearchParams(new FormData(form))}`);
    void load();
  });

// A page that was drawn for an order shows what it was drawn for, until it is sent.
if (document.querySelector('form.order') === null) {
  listen();
  // Nothing is asked of anybody for a tab that nobody sees.
  document.addEventListener('visibilitychange', () => {
    events.close();
    if (document.hidden) return;
    listen();
    void load();
  });
}
