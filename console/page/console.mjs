// The console: asks the gateway four times a second, and says in one word whether trading is on.
// When it does not know, it says that.
import { armButton, fire, offer, showKill } from '/kill.mjs';
import { confirmedText, connectResume, showResume } from '/rearm.mjs';
import { el, fill, grouped, parentShare, percent, plural, scopeName, set, timeOf,
  words } from '/tables.mjs';
import { showButtons, showFlow, showLimits, showParents, showRecords, showRefusals,
  showSessions } from '/tables.mjs';

const askEveryMs = 250;
const answerMs = 1_000;
const oldMs = 1_000; // says its age in amber
const staleMs = 2_000; // and then that it does not know

const shapes = {
  armed: 'M19 3l14 5v10c0 9-6 14-14 17C11 32 5 27 5 18V8zM12 19l5 5 9-10',
  killed: 'M12 3h14l9 9v14l-9 9H12l-9-9V12zM13 13l12 12M25 13L13 25',
  blocked: 'M19 3a16 16 0 1 0 .1 0zM10 19h18',
  'reduce-only': 'M5 8h28M9 16h20M14 24h10M19 28v7M15 32l4 4 4-4',
  stopping: 'M7 7h24v24H7z',
  unknown: 'M19 3a16 16 0 1 0 .1 0zM14 15c0-7 11-6 10 0-.5 3-5 3-5 7M19 26v3',
};
const stateWords = { armed: 'Armed', killed: 'Killed', blocked: 'Blocked', stopping: 'Stopping',
  'reduce-only': 'Reduce only' };

let token = sessionStorage.getItem('token') ?? '';
let page = null; // the last answer
let receivedAt = 0;
let asking = null; // the request under way
let offeredFor = ''; // the configuration whose names the kill panel has
let alertShown = null;

// --- the gateway ---

// Seven tabs share six connections: all of them make way for a kill.
const tabs = new BroadcastChannel('interlock');
tabs.addEventListener('message', () => asking?.abort());
const makeWay = () => {
  tabs.postMessage('a kill');
  asking?.abort();
};

const headers = () => ({ Authorization: `Bearer ${token}` });

async function get(target, signal) {
  const response = await fetch(target,
    { headers: headers(), signal, cache: 'no-store', credentials: 'omit' });
  if (response.status === 401) signOut('No person has this token.');
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error.message);
  return answer;
}

// The answer, or an Error that says in words why not.
async function post(target, body) {
  try {
    const response = await fetch(target, {
      method: 'POST', body: JSON.stringify(body), cache: 'no-store', credentials: 'omit',
      headers: { ...headers(), 'Content-Type': 'application/json' },
      signal: AbortSignal.timeout(5_000),
    });
    const answer = await response.json();
    return response.ok ? answer : new Error(`${answer.error.message}. ${answer.error.hint}`);
  } catch {
    return new Error('The gateway did not answer; whether it was done is not known');
  }
}

async function ask() {
  if (!token || asking) return;
  asking = new AbortController();
  const late = setTimeout(() => asking?.abort(), answerMs);
  try {
    const answer = await get('/api/v1/console', asking.signal);
    page = answer;
    receivedAt = performance.now() - answer.age_ms;
    show();
    if (offeredFor !== page.identity.config_hash) {
      offer((await get('/api/v1/scopes', asking.signal)).scopes);
      offeredFor = page.identity.config_hash;
    }
  } catch {
    // The age of what is shown says it.
  } finally {
    clearTimeout(late);
    asking = null;
    showAge();
  }
}

// --- what it says ---

function look() {
  const { alerts, kills, buttons, sessions, venue_checks: checks, parents, limits } = page;
  const all = [
    page.journal_problem && `the journal: ${page.journal_problem}`,
    ...alerts.filter(({ severity }) => severity === 'critical')
      .filter(({ kind }) => kind !== 'trip' || kills.length === 0) // the kill says it
      .map(({ text }) => text),
    ...buttons.filter(({ good }) => !good).map(({ id, state }) => `button ${id}, ${state}`),
    ...sessions.filter(({ state }) => state !== 'on' && state !== 'closed by schedule')
      .map(({ id, side, state }) => `${words(side)} ${id}, ${state}`),
    ...checks.filter(({ state }) => state === 'differs' || state === 'no answer')
      .map(({ venue, state }) => `orders at ${venue}: ${state}`),
    ...parents.filter((parent) => parent.refused > 0 && parentShare(parent) >= 1)
      .map(({ parent, refused }) => `${parent}, full, ${plural(refused, 'order')} refused`),
    ...limits.filter(({ fraction }) => fraction >= 0.75).map((limit) =>
      `${words(limit.control)} of ${scopeName(limit)} at ${Math.floor(100 * limit.fraction)} %`),
    page.journal.signing_problem && `signing: ${page.journal.signing_problem}`,
    page.clock_problem,
    page.proposals > 0 && `${plural(page.proposals, 'change')} waiting for a second person`,
  ].filter(Boolean);
  if (all.length === 0) return 'Nothing to look at.';
  const more = all.length > 3 ? `; and ${all.length - 3} more` : '';
  const short = (text) => (text.length > 90 ? `${text.slice(0, 88)}…` : text);
  return `Look at: ${all.slice(0, 3).map(short).join('; ')}${more}.`;
}

function by({ level, source, actor, tripped_at: at }) {
  const who = { http: actor, socket: actor, button: `button ${actor}`, breach: 'a control',
    start: 'the gateway at its start', file: 'the file on the host', signal: 'a signal' }[source];
  return `${level === 'kill' ? 'killed' : level} by ${who ?? source} at ${at.slice(11, 23)} UTC`;
}

function say() {
  const firm = page.kills.find(({ scope, level }) => scope === 'firm' && level === 'kill')
    ?? page.kills.find(({ scope }) => scope === 'firm');
  if (firm) {
    const follows = firm.level === 'kill' ? `: ${confirmedText(firm)}. New orders are refused.`
      : `: ${firm.cause}.`;
    return `Everything ${by(firm)}${follows}`;
  }
  const on = page.sessions.filter(({ side, state }) => side === 'venue' && state === 'on').length;
  const flow = `Orders flow: ${grouped(page.open_orders)} open, ${plural(on, 'venue')} logged on.`;
  if (page.kills.length === 0) return flow;
  const [first, ...others] = page.kills;
  const more = others.length > 0 ? `, and ${plural(others.length, 'other')}` : '';
  return `But ${scopeName(first)} ${by(first)}${more}. ${flow}`;
}

function showState(state) {
  const body = document.body.classList;
  body.toggle('unknown', state === 'unknown');
  body.toggle('killed', state === 'killed');
  body.toggle('shut', state === 'blocked' || state === 'reduce-only' || state === 'stopping');
  set(el('word'), stateWords[state] ?? 'Unknown');
  el('shape-path').setAttribute('d', shapes[state] ?? shapes.unknown);
  const node = page?.identity.node ?? location.host;
  const partly = state === 'armed' && page.kills.length > 0 ? ' in part' : '';
  const word = stateWords[state] ?? 'Unknown';
  document.title = `${word.toUpperCase()}${partly} · ${node} · Interlock`;
}

function showHeader() {
  const { identity, journal } = page;
  set(el('environment'), identity.environment);
  set(el('node'), identity.node);
  const [build, config] = [identity.build_id, identity.config_hash].map((hash) => hash.slice(0, 8));
  set(el('build'), `build ${build}, config ${config}`);
  const unsigned = journal.signing_problem ? ', not signed' : journal.signing_key ? ', signed' : '';
  set(el('journal'), `journal B${grouped(journal.records)}${unsigned}`);
  set(el('person'), page.person?.name ?? '');
  el('sign-out').hidden = false;
}

// The bound of a histogram; above its last one there is none.
function latencyText({ orders, p99_us: most }) {
  if (orders === 0) return '-';
  if (most === null) return 'over 1 s';
  return most < 1_000 ? `≤ ${most} µs` : `≤ ${grouped(most / 1_000)} ms`;
}

function showFigures() {
  set(el('rate'), grouped(page.flow.passed_per_s + page.flow.refused_per_s));
  set(el('refused'), grouped(page.refused));
  set(el('open'), grouped(page.open_orders));
  set(el('latency'), latencyText(page.latency));
  const [fullest] = page.limits;
  set(el('fullest'), fullest ? percent(fullest.fraction).text : '-');
}

function showAlerts() {
  const most = page.kills.length > 0 ? 1 : 3; // the steps to resume need the room
  fill(el('alerts'), page.alerts.slice(0, most), (alert) => {
    const times = alert.count > 1 ? `, ${grouped(alert.count)} times` : '';
    const what = `${words(alert.kind)}, ${scopeName({ scope: alert.scope, id: alert.scope_id })}`;
    const label = `Acknowledge ${alert.kind} ${alert.id}`;
    return [
      { text: alert.severity === 'critical' ? '▲▲' : '▲', cls: 'mark' },
      { two: [what + times, `${timeOf(alert.raised_at)} ${alert.text}`] },
      { text: 'Acknowledge', button: { label, press: () => openAlert(alert) } },
    ];
  });
  set(el('alerts-note'), page.alerts_open === 0 ? 'none is open'
    : page.alerts_open > most ? `${most} of ${grouped(page.alerts_open)}` : '');
}

function openAlert(alert) {
  alertShown = alert.id;
  set(el('acknowledge-what'), `${words(alert.kind)}: ${alert.text}`);
  set(el('alerts-told'), '');
  el('acknowledge').hidden = false;
  el('acknowledge-why').focus();
}

function closeAlert() {
  el('acknowledge').hidden = true;
  el('acknowledge-why').value = '';
}

async function acknowledge(event) {
  event.preventDefault();
  const answer = await post('/api/v1/alerts',
    { action: 'acknowledge', id: alertShown, reason: el('acknowledge-why').value.trim() });
  set(el('alerts-told'), answer instanceof Error ? answer.message : '');
  if (!(answer instanceof Error)) closeAlert();
}

function show() {
  el('desk').hidden = false;
  showState(page.state);
  showHeader();
  showFigures();
  set(el('say'), say());
  set(el('look'), look());
  showKill(page);
  showResume(page);
  showButtons(page);
  showAlerts();
  showLimits(page);
  showParents(page);
  showSessions(page);
  showRefusals(page);
  showRecords(page);
  showFlow(page);
}

function showAge() {
  set(el('clock'), `${new Date().toISOString().slice(11, 19)} UTC`);
  if (!page) return;
  const age = performance.now() - receivedAt;
  const seconds = `${(age / 1000).toFixed(1)} s old`;
  set(el('age'), age < oldMs ? `● live, ${seconds}` : `▲ ${seconds}`);
  el('age').className = age < oldMs ? 'push' : 'push tag near';
  const stale = age >= staleMs;
  if (stale && !document.body.classList.contains('stale')) showState('unknown');
  document.body.classList.toggle('stale', stale);
  if (!stale) return;
  set(el('say'), 'This page does not know whether trading is on.');
  set(el('look'), `${stateWords[page.state] ?? page.state} was the last that was heard, at `
    + `${timeOf(page.time)} UTC. The button still works, if the gateway does.`);
}

// --- who ---

function signOut(why = '') {
  token = '';
  sessionStorage.removeItem('token');
  page = null;
  offeredFor = '';
  asking?.abort();
  document.body.classList.remove('stale');
  showState('unknown');
  set(el('say'), 'Nobody is signed in.');
  set(el('look'), '');
  set(el('sign-in-why'), why);
  el('desk').hidden = true;
  el('sign-out').hidden = true;
  set(el('person'), '');
  set(el('age'), '');
  el('sign-in').hidden = false;
  el('token').focus();
}

el('sign-in').addEventListener('submit', (event) => {
  event.preventDefault();
  token = el('token').value.trim();
  el('token').value = '';
  sessionStorage.setItem('token', token);
  el('sign-in').hidden = true;
  ask();
});
el('sign-out').addEventListener('click', () => signOut());
el('acknowledge').addEventListener('submit', acknowledge);
el('acknowledge-not').addEventListener('click', closeAlert);
connectResume(post);
armButton(() => fire(token, makeWay));
if (!token) signOut();
setInterval(ask, askEveryMs);
setInterval(showAge, 100);
document.addEventListener('visibilitychange', ask);
addEventListener('resize', () => { if (page) show(); });
ask();
