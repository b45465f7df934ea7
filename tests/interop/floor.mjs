// Routers, gateway and venue, with a tap on each leg: router -> tap -> gateway -> tap -> venue.
import { compIds, logon, startGateway } from './gateway.mjs';
import { startOrdermatch } from './ordermatch.mjs';
import { startRouter, startVenue } from './parties.mjs';
import { makePlace } from './place.mjs';
import { freePort, startTap } from './tap.mjs';

// The venue is ordermatch in FIX 4.2 and else jspurefix's, and R1 trades there. With `second`, a
// router R2 may connect, for that venue; a venue other than "XV" is never up. `close` ends all,
// routers first and the venue last: after it the gateway's journal is complete. With `copies`, a tee
// T1 and a drop copy D1 may connect as routers do.
export async function startFloor(t, { version, seed, second, copies }) {
  const { dir, close, atEnd } = makePlace(t);
  const port = await freePort();
  const compId = compIds.venue;
  const venue = version === 'FIX.4.2'
    ? await startOrdermatch({ dir, port, compId })
    : startVenue({ version, dir, port, compId, seed });
  atEnd(() => venue.stop());
  const venueTap = await startTap({ host: '127.0.0.1', port });
  atEnd(() => venueTap.stop());
  const routers = [{ id: 'R1', venue: 'XV' }];
  const venues = [{ id: 'XV', port: venueTap.port }];
  if (second) routers.push({ id: 'R2', venue: second });
  if (second && second !== 'XV') venues.push({ id: second, port: await freePort() });
  const gateway = await startGateway({ dir, atEnd, version, routers, venues, copies });
  const routerTap = await startTap({ host: '127.0.0.1', port: gateway.port });
  atEnd(() => routerTap.stop());
  return {
    version, venue, venueTap, gateway, routerTap, close,
    // A jspurefix router, logged on.
    async router(id) {
      const router = await startRouter({
        version, dir, port: routerTap.port, compId: compIds[id], logon,
      });
      atEnd(() => router.stop());
      return router;
    },
  };
}
