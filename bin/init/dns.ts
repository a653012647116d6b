import type { SwitchoverConfig } from '../../lib/config/index.ts';

/**
 * The name under which a site's own zone is proposed: without `www.` before it. Which part of it is a public suffix (`co.uk`) is not
 * known here, so nothing is taken off but that: `dyn.co.uk` would be nobody's.
 */
export const ownDomain = (host: string): string => host.replace(/^www\./, '');

/**
 * What is wrong with a zone for this host, as a sentence. One with an id exists, so it is somebody's; a new one has to lie at or below
 * the host's own name, since only that is known to be the operator's.
 */
export const refuseZone = (zone: string, hasId: boolean, host: string): string | undefined => {
  const own = ownDomain(host);
  if (hasId || zone === own || zone.endsWith(`.${own}`)) return undefined;
  return `Expected a new zone below ${own}, such as dyn.${own}, received "${zone}", which may be somebody else's. If you have that zone at Route 53, add its id: ${zone}=Z0123456789ABC.`;
};

/** Whether nothing but a public suffix can be above this name; of three labels it is not known. */
const isBare = (host: string): boolean => host.split('.').length === 2;

const bareDomain = (host: string, target: string): string =>
  `A bare domain cannot have a CNAME record, so choose one of these for \`${host}\`:\n\n` +
  `- let it redirect to a \`www\` name, which is a CNAME to \`${target}\`;\n` +
  `- give it an ALIAS or ANAME record to \`${target}\`, where your DNS provider has them;\n` +
  '- keep the whole domain as a zone at Route 53, and name the site as the domain itself.';

/** How the zone is reached: nothing where it is already, name servers for a whole domain, else NS records above it. */
const delegation = (zone: string, id: string | undefined): string => {
  if (id !== undefined)
    return `The zone \`${zone}\` exists. \`npm run switchover -- check\` tells whether it is delegated as it should be.`;
  if (isBare(zone))
    return `\`${zone}\` is a whole domain: copy all its other records into the new zone first, mail too. Then let its registrar name the four name servers that the deployment prints.`;
  return `Where the DNS above \`${zone}\` is kept, make NS records for \`${zone}\` of the four name servers that the deployment prints.`;
};

/** What has to be done by hand in DNS after the deployment, as paragraphs of Markdown. */
export const dnsSteps = ({ sites = [], zones }: SwitchoverConfig): string[] => {
  const [site] = sites;
  const name = site?.name ?? '';
  const host = site?.host ?? new URL(site?.probe?.url ?? '').hostname;
  const { name: zone = '', id } = zones[0] ?? {};
  const first = delegation(zone, id);
  if (host === name)
    return [
      first,
      `Visitors ask for \`${name}\` itself, so no CNAME is needed. An address record that is there already is taken over as it is.`,
    ];
  if (isBare(host)) return [first, bareDomain(host, name)];
  const cname = `When that answers, let \`${host}\` be a CNAME record with the value \`${name}\`.`;
  if (host !== ownDomain(host)) return [first, cname];
  const unless = 'Not if it is a domain of its own at a registrar, as `shop.co.uk` is:';
  return [first, `${cname} ${unless}`, bareDomain(host, name)];
};
