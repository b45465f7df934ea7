// The red button: what to stop, a hold of half a second, and a request that is sent until it is
// answered. It works whatever else of the page does not.
import { el, grouped, node, plural, set } from '/tables.mjs';

const holdMs = 500;
const answerMs = 2_000; // then it is sent again
const pauseMs = 250;

const always = ['everything', 'router', 'venue', 'account', 'symbol', 'parent'];
const kinds = [...always, 'algo', 'trader', 'desk']; // these where there are any
const listed = 60; // more names than this are typed

let names = {};
let page = null;

const chosenKind = () => el('scopes').querySelector('input[type=radio]:checked').value;
const picker = (kind) => el(`which-${kind}`);

export function chosen() {
  const scope = chosenKind();
  return scope === 'everything' ? { scope } : { scope, id: picker(scope).value.trim() };
}

function openOrders({ scope, id }) {
  if (!page) return null;
  if (scope === 'everything') return page.open_orders;
  const counts = page.open_orders_by[scope];
  return counts ? counts[id] ?? 0 : null;
}

const called = ({ scope, id }) => (scope === 'everything' ? scope : `${scope} ${id || '?'}`);

function showEffect() {
  const what = chosen();
  for (const kind of kinds.slice(1)) picker(kind)?.toggleAttribute('hidden', kind !== what.scope);
  for (const kind of kinds) {
    const count = el(`count-${kind}`);
    if (!count) continue;
    const orders = kind === 'everything' || kind === what.scope ? openOrders(what.scope === kind
      ? what : { scope: 'everything' }) : null;
    set(count, kind === 'everything' && orders !== null ? plural(orders, 'order')
      : kind === what.scope && orders !== null ? grouped(orders) : '');
  }
  const orders = openOrders(what);
  const name = called(what);
  set(el('effect'), `${name[0].toUpperCase()}${name.slice(1)}: refuses new orders and cancels `
    + `${orders === null ? 'its' : grouped(orders)} open order${orders === 1 ? '' : 's'}, on this `
    + 'host. Stays killed until two people re-arm.');
  set(el('kill-scope'), name);
}

function makePicker(kind, options) {
  const typed = kind === 'parent' || options.length > listed;
  const made = node(typed ? 'input' : 'select', 'which');
  made.id = `which-${kind}`;
  made.setAttribute('aria-label', `Which ${kind}`);
  made.hidden = true;
  if (typed) {
    made.setAttribute('list', `names-${kind}`);
    made.spellcheck = false;
    const known = node('datalist');
    known.id = `names-${kind}`;
    known.append(...options.map((name) => new Option(name)));
    return [made, known];
  }
  made.append(...options.map((name) => new Option(name)));
  return [made];
}

function makeScopes() {
  const before = el('scopes').querySelector('input:checked')?.value ?? 'everything';
  const rows = kinds.filter((kind) => always.includes(kind) || names[kind]?.length > 0).map((kind) => {
    const row = node('div', 'scope');
    const label = node('label', '', kind === 'everything' ? 'Everything' : `One ${kind}`);
    const radio = node('input');
    Object.assign(radio, { type: 'radio', name: 'scope', value: kind, checked: kind === before });
    label.prepend(radio);
    const count = node('span', 'count');
    count.id = `count-${kind}`;
    row.append(label, ...(kind === 'everything' ? [] : makePicker(kind, names[kind] ?? [])), count);
    return row;
  });
  el('scopes').replaceChildren(el('scopes').querySelector('legend'), ...rows);
  showEffect();
}

// The names that the configuration has now.
export function offer(scopes) {
  names = scopes;
  makeScopes();
}

export function showKill(next) {
  page = next;
  const parent = picker('parent');
  if (parent && !parent.value && document.activeElement !== parent)
    parent.value = page.parents[0]?.parent ?? '';
  const known = el('names-parent');
  const offered = page.parents.map(({ parent: id }) => id).join('\n');
  if (known && known.shows !== offered) {
    known.shows = offered;
    known.replaceChildren(...page.parents.map(({ parent: id }) => new Option(id)));
  }
  showEffect();
}

// Of the answer: how fast the gate was shut, and what is on its way.
function said(answer) {
  const gate = answer.gate_ns === null ? 'the gate is not confirmed shut'
    : `gate shut in ${(answer.gate_ns / 1e6).toFixed(1)} ms`;
  const disk = answer.persisted ? '' : `. Not on disk: ${answer.problem}`;
  return answer.already ? `It was killed before, as kill ${answer.kill_id}${disk}`
    : `Killed: ${gate}, ${plural(answer.cancels_sent, 'cancel')} sent${disk}`;
}

async function sendOnce(body, token) {
  const response = await fetch('/api/v1/kill', {
    method: 'POST', body, cache: 'no-store', priority: 'high', credentials: 'omit',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(answerMs),
  });
  return { ok: response.ok, status: response.status, answer: await response.json() };
}

let sending = 0;

// Until there is an answer: a kill twice is the same kill.
export async function fire(token, makeWay) {
  const what = chosen();
  const body = JSON.stringify({ ...what, reason: 'by the console' });
  const mine = ++sending;
  const tell = (text) => { if (mine === sending) set(el('told'), text); };
  tell(`Sent: kill ${called(what)}`);
  for (let tries = 1; ; ++tries) {
    makeWay();
    const sent = await sendOnce(body, token).catch(() => null);
    if (sent?.ok) return tell(said(sent.answer));
    if (sent && sent.status < 500) {
      const { message, hint } = sent.answer.error;
      return tell(`NOT killed: ${message}. ${hint}`);
    }
    tell(`No answer to ${tries === 1 ? 'the first try' : `${tries} tries`}: still sending. Press a `
      + 'red button, or run interlock kill on the host');
    if (mine !== sending) return undefined; // a newer press goes on with it
    await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
  }
}

// Half a second by pointer, Space or Enter; let go earlier, and nothing happens.
export function armButton(whenHeld) {
  const button = el('kill');
  let timer = null;
  let began = 0;
  const paint = () => {
    if (timer === null) return el('ring').style.removeProperty('--held');
    const share = Math.min(1, (performance.now() - began) / holdMs);
    el('ring').style.setProperty('--held', `${100 * share}%`);
    requestAnimationFrame(paint);
    return undefined;
  };
  const release = () => {
    clearTimeout(timer);
    timer = null;
  };
  const press = () => {
    if (timer !== null) return;
    began = performance.now();
    timer = setTimeout(() => {
      release();
      whenHeld();
    }, holdMs);
    paint();
  };
  button.addEventListener('pointerdown', (event) => { if (event.button === 0) press(); });
  for (const end of ['pointerup', 'pointerleave', 'pointercancel', 'blur', 'keyup'])
    button.addEventListener(end, release);
  button.addEventListener('contextmenu', (event) => event.preventDefault());
  button.addEventListener('keydown', (event) => {
    if (event.key !== ' ' && event.key !== 'Enter') return;
    event.preventDefault();
    if (!event.repeat) press();
  });
  document.addEventListener('keydown', (event) => {
    if (!event.ctrlKey || event.key.toLowerCase() !== 'k') return;
    event.preventDefault();
    button.focus();
  });
  el('scopes').addEventListener('input', showEffect);
  makeScopes();
}
