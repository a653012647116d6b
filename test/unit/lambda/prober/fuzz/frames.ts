import type { TestContext } from 'node:test';
import {
  data,
  frame,
  goaway,
  headers,
  number32,
  rst,
  SETTINGS,
  TYPE,
} from '../../../../../fixtures/hostile/http2-frames.ts';
import { type Random, random } from '../../../../simulation/random.ts';
import { serveTls } from '../servers.ts';
import { NEEDLE, noise } from './answers.ts';

const WINDOW = 8;

const anyFrame = (r: Random): Buffer =>
  r.pick([
    () => SETTINGS,
    () => frame(TYPE.settings, 0, 0, Buffer.from([0, r.between(0, 7), 0, 0, 0, r.between(0, 2)])),
    () => frame(TYPE.settings, 1, 0),
    () => headers(1, [[':status', '200']]),
    () => Buffer.concat([headers(1, [[':status', '200']]), data(1, NEEDLE)]),
    () => Buffer.concat([headers(1, [[':status', '200']]), data(1, NEEDLE)]),
    () => headers(1, [[':status', '103']]),
    // What nghttp2 refuses and browsers do not: asked for again, and mended.
    () =>
      headers(1, [
        [':status', '200'],
        ['upgrade', 'h2,h2c'],
      ]),
    () =>
      headers(1, [
        [':status', '302'],
        ['location', '/x'],
      ]),
    () => data(1, NEEDLE, 0),
    () => data(1, NEEDLE),
    () => rst(1, r.between(0, 13)),
    () => goaway(r.between(0, 13)),
    () => frame(TYPE.ping, 0, 0, Buffer.alloc(8)),
    () => frame(WINDOW, 0, r.between(0, 1), number32(r.between(0, 2))),
    () => frame(r.between(0, 11), r.between(0, 255), r.between(0, 3), noise(r, 40)),
  ])();

/** Up to eight frames, some with a byte that is wrong, in one piece or several, and then any end. */
export const speakAnything = (t: TestContext, seed: string) => {
  let connections = 0;
  return serveTls(
    t,
    'site.pem',
    (socket) => {
      connections += 1;
      const r = random(`${seed}/${connections}`);
      const talk = () => {
        for (let left = r.between(0, 8); left > 0; left -= 1) {
          const bytes = Buffer.from(anyFrame(r));
          if (r.chance(0.1)) bytes[r.between(0, bytes.length - 1)] = r.between(0, 255);
          if (socket.writable) socket.write(bytes);
        }
        const end = r.pick(['end', 'destroy', 'silence'] as const);
        if (end !== 'silence') setTimeout(() => socket[end](), r.between(0, 20));
      };
      if (r.chance(0.8)) socket.write(SETTINGS);
      if (r.chance(0.2)) talk();
      else socket.once('data', talk);
    },
    { ALPNProtocols: ['h2'] },
  );
};
