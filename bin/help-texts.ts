import { HISTORY_KINDS } from '../lambda/core/state/history.ts';
import { DEEDS } from '../local/deeds.ts';
import type { CommandName } from './grammar.ts';

export type Help = { usage: string; does: string; more?: string; examples: string[] };

const ON_SITES = 'SITE|--tag T|--all';

/** What is said of each command, in the order in which they are listed. */
export const HELP: Record<CommandName, Help> = {
  status: {
    usage: 'status [SITE|--tag T] [--all] [--not-fine] [--sort worst|name|since] [--watch]',
    does: 'what is not fine, the worst first, and the rest in a line',
    more: `Begins with counts; many sites that fare alike stand in one line, which --all unfolds. Of one SITE it shows each
server as each vantage saw it last, the row of the decision table that holds, and what was told.
Ends with 0 when the controller is deciding and every site is served, from records that are as
Switchover left them, by a server that is up; else with 1 and what is not so.
With --json it is one document, of which docs/status.schema.json is the schema; --not-fine leaves out the sites that are fine.`,
    examples: ['status www.example.com --json', 'status --not-fine --watch', 'status --local .switchover'],
  },
  history: {
    usage: 'history [SITE|--tag T] [--since TIME] [--until TIME] [--kind KIND] [--limit N]',
    does: 'what was seen, decided, written and told, newest last',
    more: `--limit is the number of entries: 50 without it, and with --since all of them. KIND is one or several of
${HISTORY_KINDS.join(', ')}. With --json they come newest first, whole, with the numbers behind them.`,
    examples: [
      'history www.example.com',
      'history --since "2026-11-22 03:00" --until "2026-11-22 04:00" --kind told,hand',
      'history --tag shop --since 2h --json',
    ],
  },
  explain: {
    usage: `explain [${ON_SITES}] [--at TIME]`,
    does: 'the row of the decision table that holds, with its numbers',
    more: `TIME is "2026-11-22 03:14", UTC as everything that is shown, unless a zone is given as in
2026-11-22T04:14+01:00; 03:14 is the last such time, and 20m twenty minutes ago. A site has to be named where there are several.`,
    examples: [
      'explain www.example.com',
      'explain www.example.com --at "2026-11-22 03:14"',
      'explain --all --at 20m',
    ],
  },
  hold: {
    usage: `hold ${ON_SITES} --reason TEXT [--for 2h]`,
    does: 'nothing moves by itself; "hold --all" is the one off-switch',
    more: `Health is still watched and told. It ends by "release", or by itself after --for (30s, 20m, 2h, 3d):
a day without it, thirty days at most.`,
    examples: [
      'hold --all --reason "provider works on the network"',
      'hold www.example.com --for 2h --reason "database upgrade"',
      'hold --tag shop --for 3d --reason "sale" --by alice',
    ],
  },
  pin: {
    usage: `pin SITE SERVER --reason TEXT [--for 2h] [--force]`,
    does: 'serve this server whatever its health, until released',
    more: `Refused for a server that is not up, but for --force. It ends as a hold does. With --tag or --all, SERVER is given by --server.`,
    examples: [
      'pin www.example.com standby --reason "primary gets new disks"',
      'pin --tag shop --server standby --for 30m --reason "drill" --force',
    ],
  },
  release: {
    usage: `release ${ON_SITES} --reason TEXT`,
    does: 'end a hold or pin, or cancel a "point"; the site stays where it is',
    examples: ['release www.example.com --reason "upgrade done"', 'release --all --reason "network is back"'],
  },
  failback: {
    usage: `failback ${ON_SITES} --reason TEXT`,
    does: 'move back to the most preferred server that is up',
    more: `Refused unless that server is up and the site neither held nor pinned. The order lives for a minute.`,
    examples: [
      'failback www.example.com --reason "primary repaired"',
      'failback --tag shop --reason "end of drill"',
    ],
  },
  point: {
    usage: 'point SITE SERVER [--planned] --reason TEXT',
    does: 'move to another server that is up, and decide by itself from there',
    more: `At once; or with --planned without visitors who are sent to the old server for long: lower the TTL, wait the old one out,
see that SERVER passes, switch, watch it for a minute, restore the TTL. Until all name servers have a change, usually less than a
minute passes, three times. "status" shows how far it has come and the time that is left, and "release" cancels it.
Refused unless the mode is auto and both servers are up. With --tag or --all, SERVER is given by --server.`,
    examples: [
      'point www.example.com standby --planned --reason "primary gets new disks"',
      'point www.example.com standby --reason "drill"',
      'point --tag shop --server standby --planned --reason "move the data centre"',
    ],
  },
  adopt: {
    usage: `adopt ${ON_SITES} --reason TEXT [--for 2h]`,
    does: 'take records that were edited by hand as they are',
    more: `A server's addresses become a pin to it, any others a hold; either ends as a hold does.`,
    examples: [
      'adopt www.example.com --reason "moved by hand last night"',
      'adopt www.example.com --for 2h --reason "test host"',
    ],
  },
  'put-back': {
    usage: `put-back ${ON_SITES} --reason TEXT [--force]`,
    does: 'undo an edit by hand: the server before it serves again',
    more: `Refused while that server is down, but for --force.`,
    examples: [
      'put-back www.example.com --reason "edited by mistake"',
      'put-back www.example.com --force --reason "anything but this"',
    ],
  },
  silence: {
    usage: `silence ${ON_SITES} --for 2h --reason TEXT`,
    does: 'be told only that a site is down, and of moves; nothing else changes',
    more: `Neither what is decided nor what moves knows of it. What is not told stands in "history --kind suppressed". It ends by
"unsilence", or by itself after --for (30s, 20m, 2h, 3d; thirty days at most): then one message tells what still holds.
With --all the alarms of the deployment are muted in CloudWatch for that time, with your own rights.`,
    examples: [
      'silence www.example.com --for 2h --reason "standby gets new disks"',
      'silence --tag shop --for 30m --reason "load test"',
      'silence --all --for 1h --reason "provider works on the network" --by alice',
    ],
  },
  unsilence: {
    usage: `unsilence ${ON_SITES} --reason TEXT`,
    does: 'end a silence; one message tells what still holds',
    examples: [
      'unsilence www.example.com --reason "disks are in"',
      'unsilence --all --reason "network is back"',
    ],
  },
  acknowledge: {
    usage: 'acknowledge INCIDENT --reason TEXT',
    does: 'no more reminders of this incident until it changes or ends',
    more: `INCIDENT stands in brackets at the end of each subject, and in "status". That of a mass failure is of all its sites.
Whatever is new is told: another server that dies, a move, the end.`,
    examples: ['acknowledge www-k3f9ab --reason "on it, disk is on its way"'],
  },
  init: {
    usage: 'init [DIR] [--yes] [--url URL --primary A --standby A --email A]',
    does: 'make a project: asks, looks at both servers, writes the files, checks them',
    more: `Asks where input and output are a terminal; else the flags say it all. With --yes whatever is not said is proposed:
addresses of documentation, if need be, which no deployment takes. --offline looks at no server. A file that is there is never
overwritten: a configuration ends it, any other is kept as it is.`,
    examples: [
      'init',
      'init shop --url https://www.example.com/healthz --primary 203.0.113.10 --standby 198.51.100.20 --email ops@example.com --yes',
    ],
  },
  check: {
    usage: 'check [SITE|--tag T] [--offline|--deployed|--notify|--local DIR] [--dns ADDRESS]',
    does: 'whether each site would fail over: configuration, servers, DNS, and what is deployed',
    more: `Servers are asked by the code that the probers run, from this machine, which may see what they do not
(an office network, a VPN). DNS is asked from the parent zone down to the site. --deployed asks the account too: alerts,
permissions, the controller. --offline leaves all but the configuration alone. Each finding says why it matters and
how to mend it; docs/doctor.md lists them. --notify looks at nothing: it posts a test to each channel of \`alerts\`,
and says what each answered. Ends with 0: nothing found, 1: errors, 3: warnings alone.`,
    examples: ['check --deployed', 'check --offline --config next.config.ts', 'check www.example.com --json'],
  },
  diff: {
    usage: 'diff',
    does: 'what a deploy would change for each site, before it',
    more: `Compares the configuration that is deployed with the one here, and says what each change does in the
next round. Ends with 1 when there is one.`,
    examples: ['diff', 'diff --config next.config.ts', 'diff --local .switchover --config next.json'],
  },
  forecast: {
    usage: 'forecast [SITE] [--svg FILE]',
    does: 'what a failure will cost visitors, and what the TTL costs everybody',
    more: `Nothing is asked of anybody: it reckons from the configuration here, and from assumptions that it names. Shows, second by
second, the share of visitors who are still sent to the dead server and why; TTLs and levers side by side; and the TTL to
have. Without SITE, and with several sites, a line a site. docs/forecast.md says how far to trust it.`,
    examples: ['forecast', 'forecast www.example.com --svg forecast.svg', 'forecast www.example.com --json'],
  },
  gate: {
    usage: 'gate --site SITE --listen HOST:PORT --upstream URL [--cert FILE --key FILE]',
    does: "stand before a standby's web server (lever dual): send visitors on until it must serve",
    more: `A reverse proxy that runs on the standby until it is ended by SIGTERM. It asks the zone's own name servers every
2 s (--every) whether this server serves. Until then it answers 307 to \`dual.primaryHost\`; what has the probe's header is
always let through. When nobody answers, it keeps its role for a minute (--keep), then tries the primary itself.
--server is which standby this is, where there are several. A probe's header that is kept in SSM is read from
SWITCHOVER_PROBE_SECRET. With --cert and --key it ends TLS itself (SIGHUP: read them again); else put it behind nginx, or
use the recipe without a proxy of ours. Logs a line of JSON for each event. docs/dual.md has it all.`,
    examples: [
      'gate --site www.example.com --listen 127.0.0.1:8081 --upstream http://127.0.0.1:8080',
      'gate --site www.example.com --listen 0.0.0.0:443 --upstream http://127.0.0.1:8080 --cert site.pem --key site.key',
    ],
  },
  cost: {
    usage: 'cost',
    does: 'what the deployment will cost in a month, line by line',
    more: `Nothing is asked of anybody: it reckons from the configuration here, from list prices and from assumptions that
docs/cost.md names, for a month in which all is well.`,
    examples: ['cost', 'cost --config next.config.ts', 'cost --json'],
  },
  synth: {
    usage: 'synth --template DIR',
    does: 'the stacks as plain CloudFormation templates, for who deploys without the CDK',
    more: `Nothing is asked of anybody. The folder holds a template for each stack, the zips of the functions, and a page with the
order and the commands; docs/templates.md has the console and Terraform. With the CDK it is "cdk synth" and "cdk deploy".`,
    examples: ['synth --template templates', 'synth --template templates --config next.config.ts'],
  },
  page: {
    usage: 'page [--port N]',
    does: 'the same in a browser: all sites, one site with its timeline, and every order as a form',
    more: `Serves it on this machine alone until Ctrl-C, and prints its address. The address has a token: whoever has it can do
what you can. It asks the functions with your own AWS credentials, every ten seconds while somebody looks. "npm start"
prints the address of a page of its own.`,
    examples: ['page', 'page --local .switchover', 'page --port 8090'],
  },
  probe: {
    usage: 'probe URL [--server ADDRESS]',
    does: 'ask one server once, as a prober would, and show what came of it',
    more: `Connects to ADDRESS (an address or host name; the URL's host without it) and asks for URL, without any
configuration: a status of 200 within 3 s. tls://HOST:PORT ends after the handshake, tcp://HOST:PORT once the connection
is there. Shows verdict, times and certificate; docs/probes.md has each code. Ends with 1 unless the probe passed.`,
    examples: [
      'probe https://www.example.com/healthz --server 203.0.113.10',
      'probe https://www.example.com/ --json',
      'probe tcp://mail.example.com:25',
    ],
  },
  'demo-server': {
    usage: `demo-server primary|standby ${Object.keys(DEEDS).join('|')} [--local DIR]`,
    does: 'make a web server of "npm start" fail, or work again',
    more: `Of an "npm start" without a configuration of yours, which starts two web servers and watches them at /healthz.
${Object.entries(DEEDS)
  .map(([deed, means]) => `${deed}: ${means}.`)
  .join('\n')}`,
    examples: ['demo-server primary kill', 'demo-server primary hang', 'demo-server primary revive'],
  },
  start: {
    usage: 'start [options]',
    does: 'run what would be deployed on this machine, and show what happens',
    more: 'Without options two web servers are started and watched. Its own --help lists the options.',
    examples: ['start', 'start --config next.config.ts --watch-real-servers', 'start --help'],
  },
  demo: {
    usage: 'demo [--lever NAME]',
    does: 'a failover and the way back, told as they happen, on this machine',
    examples: ['demo', 'demo --lever dual'],
  },
  completion: {
    usage: 'completion bash|zsh|fish',
    does: 'what makes a shell complete commands and options',
    more: `To be read by the shell when it starts. It completes the word \`switchover\`, so that has to be in the PATH:
bash and zsh: eval "$(switchover completion bash)"; fish: switchover completion fish | source.`,
    examples: ['completion bash', 'completion zsh', 'completion fish'],
  },
};
