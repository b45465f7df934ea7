// Before trading resumes: what is missing, step by step, and the two people who agree.
import { el, node, plural, scopeName, set, timeOf } from '/tables.mjs';

const validMs = 600_000;

let page = null;
let post = null; // (target, body) => answer, or an Error with words
let shownKill = null;
let known = new Set(); // the kills of the page before

const killShown = () => page.kills.find(({ kill_id: id }) => id === shownKill);
const orderName = ({ router, cl_ord_id: id }) => `${router}/${id}`;
const isHardware = ({ source }) => source === 'button' || source === 'file';

export function confirmedText({ cancels_sent: sent, residual }) {
  if (residual === 0)
    return sent > 0 ? `all of ${plural(sent, 'cancel')} confirmed` : 'no order is alive';
  const dead = Math.max(0, sent - residual);
  return `${dead} of ${plural(sent, 'cancel')} confirmed, ${residual} may be alive`;
}

function choose(id) {
  shownKill = id;
  el('cause').value = '';
  set(el('rearm-told'), '');
}

function showPick() {
  const pick = el('resume-kill');
  const offered = page.kills.map(({ kill_id: id }) => id).join(' ');
  if (pick.shows !== offered) {
    pick.shows = offered;
    pick.replaceChildren(...page.kills.map((kill) => new Option(
      `${scopeName(kill)}, ${kill.level} ${kill.kill_id}`, String(kill.kill_id))));
  }
  pick.value = String(shownKill);
}

function showOrders(kill) {
  const asking = page.venue_checks.filter(({ state }) => state === 'asking' || state === 'down');
  const dead = kill.residual === 0;
  el('step-orders').classList.toggle('done', dead && asking.length === 0);
  set(el('orders-fact'), confirmedText(kill));
  const waits = asking.map(({ venue, state }) => `${venue} is ${state}`);
  set(el('asking'), waits.length > 0 ? `Not compared yet: ${waits.join(', ')}` : '');
  const box = el('alive');
  const names = kill.residual_orders.map(orderName);
  const key = `${kill.kill_id} ${names}`;
  if (box.shows !== key) {
    const ticked = new Set([...box.querySelectorAll(':checked')].map(({ value }) => value));
    box.shows = key;
    box.replaceChildren(...kill.residual_orders.map((order) => {
      const line = node('label');
      const tick = node('input');
      const name = orderName(order);
      Object.assign(tick, { type: 'checkbox', value: name, checked: ticked.has(name) });
      line.append(tick, `${name} ${order.side} ${order.open} ${order.symbol}`
        + ` at ${order.venue}${order.cancel_in_flight ? '' : ', no cancel sent'}`);
      return line;
    }));
  }
  el('became').hidden = dead;
  el('cancel-again').hidden = dead;
  const those = kill.residual === 1 ? 'that cancel' : `those ${kill.residual} cancels`;
  set(el('cancel-again'), `Send ${those} again`);
}

function showCause(kill) {
  const begun = kill.rearm_begun;
  el('step-cause').classList.toggle('done', Boolean(begun));
  const cause = el('cause');
  cause.readOnly = Boolean(begun);
  if (begun) cause.value = begun.reason;
  cause.placeholder = kill.cause;
  const { needs_identity: needed, running, approved } = page.rearm;
  el('identity-part').hidden = !needed;
  set(el('identity-fact'), `${running} runs; ${approved ?? 'nothing'} was armed last. Both people `
    + 'write what may run, from the release:');
}

function showPeople(kill) {
  const me = page.person;
  const begun = kill.rearm_begun;
  set(el('people-fact'), `Two people agree: ${begun ? 1 : 0} of 2`);
  const mine = begun?.by === me?.name;
  const may = me?.may.includes('rearm');
  const left = begun ? Math.max(0, validMs - (Date.parse(page.time) - Date.parse(begun.at))) : 0;
  const minutes = `${Math.floor(left / 60_000)} min ${Math.floor((left % 60_000) / 1000)} s`;
  const note = !may ? 'You may not re-arm.'
    : !begun ? 'You would be the first; somebody else approves within ten minutes.'
      : mine ? `You, at ${timeOf(begun.at)}. The second has to be somebody else, on their own `
        + `sign-in, within ${minutes}.`
        : `${begun.by} at ${timeOf(begun.at)}; ${minutes} left. You would be the second: then it `
          + 'trades again.';
  set(el('people-note'), isHardware(kill) && page.hardware_rearm === 'host'
    ? `This came from ${kill.source === 'file' ? 'a file' : 'a button'}: it is re-armed on the host, `
      + `with interlock rearm begin ${kill.kill_id}. ${note}` : note);
  set(el('rearm'), begun ? `Approve: ${scopeName(kill)} trades again` : 'Begin to re-arm');
  el('rearm').disabled = !may || Boolean(begun && mine);
}

export function showResume(next) {
  page = next;
  el('resume').hidden = page.kills.length === 0;
  if (page.kills.length === 0) {
    for (const id of ['cause', 'became', 'identity']) el(id).value = '';
    set(el('rearm-told'), '');
    shownKill = null;
    return;
  }
  const firm = page.kills.find(({ scope }) => scope === 'firm');
  if (!killShown() || (firm && !known.has(firm.kill_id))) choose((firm ?? page.kills[0]).kill_id);
  known = new Set(page.kills.map(({ kill_id: id }) => id));
  const kill = killShown();
  showPick();
  el('step-button').classList.toggle('done', !page.rearm.problem);
  set(el('button-fact'), page.rearm.problem || (page.buttons.length > 0
    ? 'No button is pressed or lost.' : 'There is no button.'));
  showOrders(kill);
  showCause(kill);
  showPeople(kill);
}

async function rearm() {
  const kill = killShown();
  const body = { action: kill.rearm_begun ? 'approve' : 'begin', kill_id: kill.kill_id };
  const identity = el('identity').value.trim();
  if (page.rearm.needs_identity && identity) body.identity = identity;
  if (body.action === 'begin') {
    body.reason = el('cause').value.trim();
    const orders = [...el('alive').querySelectorAll(':checked')].map(({ value }) => value);
    if (orders.length > 0) {
      body.orders_signed_off = orders;
      body.residual_signed_off = el('became').value.trim();
    }
  }
  const answer = await post('/api/v1/rearm', body);
  set(el('rearm-told'), answer instanceof Error ? answer.message : '');
  if (!(answer instanceof Error)) el('identity').value = '';
}

async function cancelAgain() {
  const answer = await post('/api/v1/cancel', { kill_id: shownKill });
  set(el('rearm-told'), answer instanceof Error ? answer.message : answer.text);
}

export function connectResume(send) {
  post = send;
  el('resume-kill').addEventListener('change', () => {
    choose(Number(el('resume-kill').value));
    showResume(page);
  });
  el('rearm').addEventListener('click', rearm);
  el('cancel-again').addEventListener('click', cancelAgain);
}
