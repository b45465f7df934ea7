// What ordermatch says that it received and sent, in the shape that parties.mjs gives to a report.
import { value } from './fix.mjs';
import { report } from './parties.mjs';

const orders = ['D', 'F', 'G'];
const answers = ['8', '9'];

export function received(ordermatch) {
  return select(ordermatch, (message) => message.incoming, orders);
}

export function sent(ordermatch) {
  return select(ordermatch, (message) => !message.incoming, answers);
}

function select(ordermatch, wanted, types) {
  return ordermatch.messages().filter(wanted).map(({ bytes }) => bytes)
    .filter((bytes) => types.includes(value(bytes, 35)))
    .map((bytes) => report(value(bytes, 35), { getString: (tag) => value(bytes, tag) }));
}
