import { addressesIn } from './questions.ts';

type Asked = { url: string; name: string; addresses: string };

/** What a server answers now, asked from here by the code of the probers, in one line; the site's probe expects 200. */
export const lookAt = async ({ url, name, addresses }: Asked): Promise<string[]> => {
  // Loaded when something is asked: the questions come first.
  const { probeBatch } = await import('../../lambda/prober/batch.ts');
  const { ipv4, ipv6 } = addressesIn(addresses);
  const probes = [...ipv4, ...ipv6].map((address, index) => ({
    id: String(index),
    url,
    address,
    method: 'GET',
    headers: {},
    expectStatus: [200],
    timeoutMs: 3000,
  }));
  const { observations } = await probeBatch({ probes, deadlineMs: 6000 });
  return observations.map(({ outcome, detail }, index) => {
    const way = outcome === 'failed' ? ` ${WAYS}` : '';
    return `${name} at ${probes[index]?.address}: ${outcome}, ${detail}.${way}`;
  });
};

const WAYS = 'It would count as down; mend it, or choose a page that answers 200 (docs/probes.md).';
