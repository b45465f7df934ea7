// Debian's `ordermatch`: a FIX 4.2 order book on QuickFIX C++ that we did not write.
//
// Takes limit orders, buy and sell, TimeInForce day; crosses them by price and time at the ask's
// price; OrderID is the ClOrdID; ExecIDs count from 1 at each start; a cancel is answered under the
// order's own ClOrdID, and one for an order that is gone is not answered at all.
// It binds every address, so it runs only where no other address than loopback exists (run.sh).
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import zlib from 'node:zlib';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dictionaryFile } from './dictionary.mjs';
import { waitFor } from './wait.mjs';

const packed = '/usr/share/doc/libquickfix-doc/examples/ordermatch/.libs/ordermatch.gz';
const outputMax = 200e6; // bytes: at the end of its input it prints newlines for ever

export async function startOrdermatch({ dir, port, compId }) {
  const addresses = Object.values(os.networkInterfaces()).flat();
  if (addresses.some((address) => !address.internal))
    throw new Error('ordermatch binds every address: start the tests by tests/interop/run.sh');

  const program = path.join(dir, 'ordermatch');
  fs.writeFileSync(program, zlib.gunzipSync(fs.readFileSync(packed)), { mode: 0o755 });
  const settings = path.join(dir, 'ordermatch.cfg');
  fs.writeFileSync(settings, configuration(dir, port, compId));
  const output = path.join(dir, 'ordermatch.log');
  const log = fs.openSync(output, 'w');
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'KILL', 'prlimit', `--fsize=${outputMax}`, program, settings],
    { cwd: dir, stdio: ['pipe', log, log] },
  );
  fs.closeSync(log);
  const ended = once(child, 'exit');
  await waitFor('ordermatch to start', () => fs.readFileSync(output).includes('Created session'));
  return {
    port,
    messages: () => readLog(fs.readFileSync(output, 'latin1')),
    async stop() {
      child.stdin.write('#quit\n');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(late);
    },
  };
}

function configuration(dir, port, compId) {
  // Its session day turns twelve hours from now, so that no test runs over the turn.
  const turn = `${String((new Date().getUTCHours() + 12) % 24).padStart(2, '0')}:00:00`;
  return `[DEFAULT]
ConnectionType=acceptor
SocketAcceptPort=${port}
SocketReuseAddress=Y
SocketNodelay=Y
FileStorePath=${path.join(dir, 'ordermatch.store')}
StartTime=${turn}
EndTime=${turn}
UseDataDictionary=Y
DataDictionary=${dictionaryFile('FIX.4.2', dir)}
[SESSION]
BeginString=FIX.4.2
SenderCompID=${compId.ours}
TargetCompID=${compId.theirs}
`;
}

// What it received and sent, by its own account: { incoming, text } a message.
function readLog(text) {
  const entry = /<[^,]*, [^,]*, (incoming|outgoing)>\n\s*\((8=FIX[^\n]*\x01)\)/g;
  return Array.from(text.matchAll(entry), ([, direction, bytes]) => ({
    incoming: direction === 'incoming',
    bytes: Buffer.from(bytes, 'latin1'),
  }));
}
