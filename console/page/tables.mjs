// What the lists, the figures and the chart look like: from the API's page to the document.

export const el = (id) => document.getElementById(id);

export function set(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// 1204889 as 1 204 889, with spaces that do not break; decimals stay.
export function grouped(text) {
  const [, sign, whole, rest] = /^(-?)(\d*)([^]*)$/.exec(String(text));
  return sign + whole.replace(/\B(?=(\d{3})+$)/g, '\u202f') + rest;
}

const hundredths = (text) => text.replace(/(\.\d\d)\d+/, '$1');
export const timeOf = (rfc3339) => (rfc3339 ? rfc3339.slice(11, 19) : '');
export const words = (id) => id.replaceAll(/[-_]/g, ' ');
export const scopeName = ({ scope, id }) =>
  (id ? `${scope} ${id}` : scope === 'firm' ? 'everything' : scope);
export const list = (items) => items.join(', ');
export const plural = (count, word) => `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;

export function node(name, className = '', text = '') {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text) made.textContent = text;
  return made;
}

// A cell is a text, or { text, cls, tag, two: [above, below], share, button }.
function draw(cell, what) {
  const { text = '', cls = '', tag, two, share, button } = what;
  cell.className = cls;
  cell.title = text.length > 24 ? text : '';
  cell.replaceChildren();
  if (two) {
    cell.classList.add('two');
    cell.title = `${two[0]} ${two[1]}`;
    cell.append(node('b', '', two[0]), node('span', 'dim', two[1]));
  } else if (share !== undefined) {
    const track = node('span', `track ${fullness(share)}`);
    const bar = node('i');
    bar.style.width = `${100 * Math.min(1, Math.max(0, share))}%`;
    track.append(bar);
    cell.append(track);
  } else if (tag !== undefined) {
    cell.append(node('span', `tag ${tag}`, text));
  } else if (button) {
    const made = node('button', 'plain', text);
    made.type = 'button';
    made.setAttribute('aria-label', button.label);
    made.addEventListener('click', button.press);
    cell.append(made);
  } else {
    cell.textContent = text;
  }
}

// Makes the rows what they have to be; what has not changed is not touched, so that nothing that
// somebody points at or has the focus on goes away under them.
export function fill(body, items, cellsOf) {
  while (body.rows.length > items.length) body.deleteRow(-1);
  items.forEach((item, index) => {
    const row = body.rows[index] ?? body.insertRow();
    cellsOf(item).forEach((what, column) => {
      const cell = row.cells[column] ?? row.insertCell();
      const spec = typeof what === 'string' ? { text: what } : what;
      const key = JSON.stringify(spec);
      if (cell.shows === key) return;
      cell.shows = key;
      draw(cell, spec);
    });
  });
}

// How many rows the panel has room for.
function room(body, height) {
  const box = body.closest('.fit');
  const head = box.querySelector('thead:not(.away)')?.offsetHeight ?? 0;
  return Math.max(1, Math.floor((box.clientHeight - head) / height));
}

const fullness = (share) => (share >= 0.9 ? 'full' : share >= 0.75 ? 'near' : '');

export function percent(share) {
  const text = `${Math.floor(100 * share + 1e-9)} %`;
  if (share >= 1) return { text: `■ ${text}`, tag: 'full', cls: 'n' };
  if (share >= 0.9) return { text: `▲▲ ${text}`, tag: 'full', cls: 'n' };
  if (share >= 0.75) return { text: `▲ ${text}`, tag: 'near', cls: 'n' };
  return { text, cls: 'n' };
}

function shown(note, count, all, more = '') {
  set(note, all > count ? `${count} of ${grouped(all)}${more}` : more.replace(/^, /, ''));
}

export function showLimits(page) {
  const rows = page.limits.slice(0, room(el('limits'), 28));
  fill(el('limits'), rows, (limit) => [
    `${words(limit.control)}, ${limit.scope}${limit.id ? ` ${limit.id}` : ''}`,
    { share: limit.fraction },
    { text: `${grouped(hundredths(limit.used))} of ${grouped(limit.limit)}`, cls: 'n' },
    percent(limit.fraction),
  ]);
  shown(el('limits-note'), rows.length, page.limits_count, ', marks at 75 and 90 %');
}

export function parentShare({ size, cum, open }) {
  return Number(size) > 0 ? (Number(cum) + Number(open)) / Number(size) : 1;
}

function refusedCell(refused, full) {
  if (refused === 0) return { text: '0', cls: 'n' };
  const [mark, tag] = full ? ['■', 'full'] : ['▲', 'near'];
  return { text: `${mark} ${grouped(refused)}`, tag, cls: 'n' };
}

export function showParents(page) {
  const rows = page.parents.slice(0, room(el('parents'), 28));
  fill(el('parents'), rows, (parent) => {
    const share = parentShare(parent);
    return [
      parent.parent,
      `${parent.side.replaceAll('_', ' ')} ${parent.symbol}`,
      { text: grouped(parent.size), cls: 'n' }, { text: grouped(parent.cum), cls: 'n' },
      { text: grouped(parent.open), cls: 'n' }, { share },
      { text: parent.cancelled ? 'ended' : `${Math.floor(100 * share + 1e-9)} %`, cls: 'n' },
      refusedCell(parent.refused, share >= 1),
    ];
  });
  shown(el('parents-note'), rows.length, page.parents_count, ', counted here, not by the routers');
}

function sessionTag({ state, side, id }, kills) {
  const stopped = kills.some(({ level, scope, id: of }) =>
    level === 'kill' && (scope === 'firm' ? side === 'router' : scope === side && of === id));
  if (state === 'closed by schedule') return { text: 'closed', tag: '' };
  if (state !== 'on') return { text: `▲ ${state}`, tag: 'near' };
  return stopped ? { text: '✕ killed', tag: 'killed' } : { text: 'logged on', tag: '' };
}

// Those that are not as they should be first.
export function showSessions(page) {
  const odd = ({ state }) => (state === 'on' ? 1 : state === 'closed by schedule' ? 2 : 0);
  const sorted = [...page.sessions].sort((a, b) => odd(a) - odd(b));
  const most = page.kills.length > 0 ? 3 : 8; // the steps to resume need the room
  el('sessions-panel').style.setProperty('--rows', Math.min(sorted.length, most));
  const rows = sorted.slice(0, room(el('sessions'), 28));
  const now = Date.parse(page.time);
  fill(el('sessions'), rows, (session) => {
    const heard = session.last_received ? (now - Date.parse(session.last_received)) / 1000 : null;
    return [
      `${session.id} ${words(session.side)}`,
      sessionTag(session, page.kills),
      { text: grouped(session.next_in - 1), cls: 'n' },
      { text: grouped(session.next_out - 1), cls: 'n' },
      { text: heard === null ? 'never' : `${Math.max(0, Math.round(heard))} s`, cls: 'n' },
    ];
  });
  shown(el('sessions-note'), rows.length, page.sessions.length);
}

// "PARENT_FILL: child 100 makes ... . gw-03 B96" without its code and its last sentence.
export const fact = ({ code, text }) =>
  text.replace(new RegExp(`^${code}: `), '').replace(/\.? \S+ B\d+$/, '');

export function showRefusals(page) {
  const rows = page.refusals.slice(0, room(el('refusals'), 42));
  fill(el('refusals'), rows, (refusal) => [
    { text: timeOf(refusal.time), cls: 'dim' },
    { two: [refusal.router, refusal.cl_ord_id] },
    { two: [refusal.code, fact(refusal)] },
  ]);
  shown(el('refusals-note'), rows.length, page.refused);
}

export function showRecords(page) {
  const rows = page.records.slice(0, room(el('records'), 28));
  fill(el('records'), rows, ({ time, actor, kind, text }) => [
    { text: timeOf(time), cls: 'dim' },
    actor,
    text ? `${words(kind)}: ${text}` : words(kind),
  ]);
}

export function showButtons(page) {
  fill(el('buttons'), page.buttons, (button) => {
    const day = button.drilled_at?.slice(5, 16).replace('T', ' ');
    const drilled = day ? `drilled ${day}`
      : button.untested ? 'never pressed' : 'tested';
    return [
      button.id,
      button.good ? { text: button.state, tag: '' } : { text: `▲ ${button.state}`, tag: 'near' },
      { text: button.pressed_at ? `pressed ${timeOf(button.pressed_at)}` : drilled, cls: 'n dim' },
    ];
  });
  const bad = page.buttons.filter(({ good }) => !good).length;
  set(el('buttons-note'), page.buttons.length === 0 ? 'none is configured'
    : bad > 0 ? `${bad} of ${page.buttons.length} not at rest` : 'all at rest');
}

function shape(name, attributes, text = '') {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
}

// A round number that is not below the peak.
function scale(peak) {
  const power = 10 ** Math.floor(Math.log10(Math.max(peak, 1)));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= peak);
}

let drawn = '';

export function showFlow({ flow, kills }) {
  const key = `${flow.until} ${kills.map(({ kill_id: id }) => id)}`;
  if (key === drawn) return;
  drawn = key;
  const [left, right, top, bottom] = [40, 660, 12, 78];
  const perSecond = (counts) => counts.map((count) => count / flow.step_s);
  const [passed, refused] = [perSecond(flow.passed), perSecond(flow.refused)];
  const most = scale(Math.max(...passed, ...refused));
  const until = Date.parse(flow.until);
  const span = flow.passed.length * flow.step_s * 1000;
  const x = (time) => right - ((until - time) / span) * (right - left);
  const y = (value) => bottom - (value / most) * (bottom - top);
  const at = (index) => until - span + (index + 0.5) * flow.step_s * 1000;
  const parts = [top, bottom].map((line) =>
    shape('line', { class: 'grid', x1: left, x2: right, y1: line, y2: line }));
  parts.push(shape('text', { x: 0, y: top + 4 }, grouped(most)));
  parts.push(shape('text', { x: 0, y: bottom + 3 }, '0'));
  refused.forEach((value, index) => {
    if (value > 0)
      parts.push(shape('rect', { class: 'refused', x: x(at(index)) - 1.5, width: 3,
        y: Math.min(y(value), bottom - 2), height: Math.max(bottom - y(value), 2) }));
  });
  parts.push(shape('polyline', { class: 'passed',
    points: passed.map((value, index) => `${x(at(index))},${y(value)}`).join(' ') }));
  for (let minutes = 15; minutes >= 0; minutes -= 5) {
    const time = until - minutes * 60_000;
    const label = minutes === 0 ? timeOf(flow.until) : new Date(time).toISOString().slice(11, 16);
    parts.push(shape('text', { x: Math.max(x(time), left), y: 94,
      'text-anchor': minutes === 0 ? 'end' : 'start' }, label));
  }
  let labelled = Infinity; // the newest first; one that would stand on it has none
  for (const kill of [...kills].sort((a, b) => (a.tripped_at < b.tripped_at ? 1 : -1))) {
    const place = Math.min(x(Date.parse(kill.tripped_at)), right);
    if (place < left) continue;
    parts.push(shape('line', { class: 'kill', x1: place, x2: place, y1: 0, y2: bottom }));
    if (labelled - place < 110) continue;
    labelled = place;
    const before = place > (left + right) / 2;
    parts.push(shape('text', { class: 'kill', x: place + (before ? -5 : 5), y: 9,
      'text-anchor': before ? 'end' : 'start' }, `${kill.level} ${timeOf(kill.tripped_at)}`));
  }
  el('flow').replaceChildren(...parts);
  el('flow').setAttribute('aria-label', `Orders per second in the last 15 minutes: at most `
    + `${Math.max(...passed).toFixed(0)} passed, ${Math.max(...refused).toFixed(0)} refused`);
}
