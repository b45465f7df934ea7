// The journal against the wire: what it says was received and sent is what the taps saw, all of it.
import assert from 'node:assert/strict';
import { body, value } from './fix.mjs';

const admin = ['0', '1', '2', '3', '4', '5', 'A'];
const ofApplication = ['router_message', 'venue_message', 'gateway_message'];

export function applications(frames) {
  return frames.filter((frame) => !admin.includes(value(frame, 35)));
}

// A record of the journal is { sequence, kind, fields: [[name, value], ...] }.
export function field(record, name) {
  return record.fields.find(([known]) => known === name)?.[1];
}

// The frames of a session, "in" or "out". An answer to the sender is "out".
function framesOf(records, direction, session) {
  const kept = [];
  for (const record of records.filter(({ kind }) => ofApplication.includes(kind))) {
    const ends = direction === 'in' ? [['session', 'in_frame']]
      : [['out_session', 'out_frame'], ['reply_session', 'reply_frame']];
    for (const [whose, frame] of ends)
      if (field(record, whose) === session && field(record, frame) !== undefined)
        kept.push(Buffer.from(field(record, frame), 'latin1'));
  }
  return applications(kept);
}

function assertSameFrames(recorded, seen, what) {
  const at = seen.findIndex((frame, index) => !recorded[index]?.equals(frame));
  assert.equal(recorded[at]?.toString('latin1'), seen[at]?.toString('latin1'), `${what}, at ${at}`);
  assert.equal(recorded.length, seen.length, what);
}

// Every application message of the four directions, byte for byte and in its order; what passed has
// the body that came; and no number is missing.
export function assertJournal(records, { routerTap, venueTap }) {
  const compare = (direction, session, tapped) =>
    assertSameFrames(framesOf(records, direction, session), applications(tapped),
      `${direction} of ${session}`);
  compare('in', 'R1', routerTap.toServer());
  compare('out', 'XV', venueTap.toServer());
  compare('in', 'XV', venueTap.toClient());
  compare('out', 'R1', routerTap.toClient());
  for (const record of records) {
    const [came, went] = [field(record, 'in_frame'), field(record, 'out_frame')];
    if (!ofApplication.includes(record.kind) || came === undefined || went === undefined) continue;
    assert.deepEqual(body(Buffer.from(went, 'latin1')), body(Buffer.from(came, 'latin1')));
  }
  for (let index = 1; index < records.length; ++index)
    assert.equal(records[index].sequence, records[index - 1].sequence + 1);
}
