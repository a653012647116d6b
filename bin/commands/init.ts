import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { checkConfig, exampleText } from '../../lib/config/index.ts';
import { PACKAGES } from '../../lib/packages.ts';
import { storageReason } from '../../local/storage.ts';
import { UsageError } from '../grammar.ts';
import { type Ask, askOnTerminal } from '../init/ask.ts';
import { dependenciesFor, FILE_IS, type Files, filesFor, installFor } from '../init/files.ts';
import { lookAt } from '../init/look.ts';
import { mainDependency } from '../init/origin.ts';
import { planFor, troubleSoFar } from '../init/plan.ts';
import { type AnswerName, type Answers, QUESTIONS, type Question } from '../init/questions.ts';
import { addScripts, CONFIG_NAME, startCommand } from '../init/scripts.ts';
import type { Command } from '../result.ts';
import { wrap } from '../screen.ts';
import type { InitGiven } from '../tool-arguments.ts';
import { Trouble } from '../trouble.ts';

/** `init`: asks, looks, writes the files of a project, and checks what it wrote. Overwrites nothing. */
export const init: Command = async ({ init: given, offline, json }, { screen }) => {
  if (given === undefined) throw new Error('The command line of init was not read.');
  const directory = resolve(given.folder);
  mustBeFree(directory);
  const seen: string[] = [];
  const say = (lines: string[]): void => {
    seen.push(...lines);
    if (!json) process.stdout.write(lines.map((line) => `  ${line}\n`).join(''));
  };
  const answers = await answered(given, offline ? undefined : async (asked) => say(await lookAt(asked)));
  const plan = planFor(answers);
  const { config, warnings } = checkConfig(plan.config, join(directory, CONFIG_NAME));
  const example = exampleText(config);
  if (example !== undefined) warnings.push(example);
  const main = mainDependency(directory);
  const { written, kept } = write(directory, filesFor(plan, directory, main));
  const where = relative(process.cwd(), directory);
  const next = [
    ...(where === '' ? [] : [`cd ${quoted(where)}`]),
    ...(kept.includes('package.json') ? [installInto(main), ...intoScripts(directory)] : [installFor(main)]),
    'npm run switchover -- check --offline',
    startCommand(directory, plan.config.local),
  ];
  const lines = [
    `Wrote ${written.join(', ')}.`,
    ...(kept.length === 0
      ? []
      : [`Kept ${kept.join(', ')} as found.${kept.includes('cdk.json') ? WANTED : ''}`]),
    ...(warnings.length === 0 ? ['The configuration is valid.'] : warnings.map((text) => `Warning: ${text}`)),
    ...(main === undefined ? [FILE_IS] : []),
    'Next:',
  ];
  return {
    ok: true,
    text: [...lines.flatMap((line) => wrap(line, screen.width)), ...next.map((line) => `  ${line}`)].join(
      '\n',
    ),
    answer: { message: lines[0], directory, written, kept, seen, warnings, next },
  };
};

/** As a shell takes it for one word. */
const quoted = (path: string): string =>
  /^[\w./@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

/** For a package.json of somebody else: npm adds what is named to it. */
const installInto = (main: string | undefined): string =>
  ['npm install', main ?? 'FILE', ...Object.entries(dependenciesFor(undefined)).map((one) => one.join('@'))]
    .map((word, index) => (index === 0 ? word : quoted(word)))
    .join(' ');

const intoScripts = (directory: string): string[] => {
  const command = addScripts(directory);
  return command === undefined ? [] : [command];
};

/** With another app in it the CDK would make that one's stacks. */
const WANTED = ` cdk.json wants an app that imports ${PACKAGES.main}/app, or a stack of yours.`;

const mustBeFree = (directory: string): void => {
  const found = [CONFIG_NAME, 'switchover.config.json'].find((name) => existsSync(join(directory, name)));
  if (found === undefined) return;
  throw new Trouble(
    `Expected a folder without a configuration, found ${join(directory, found)}. Edit that one, or name another folder.`,
  );
};

type Look = (asked: Parameters<typeof lookAt>[0]) => Promise<void>;

/** The answers, by flag, by question, or as proposed; servers are looked at as soon as they are known, examples never. */
const answered = async (given: InitGiven, look: Look | undefined): Promise<Answers> => {
  const canAsk = process.stdin.isTTY && process.stdout.isTTY && !process.env.CI && !given.yes;
  if (!canAsk && !given.yes) demandFlags(given);
  const asking = canAsk ? askOnTerminal() : undefined;
  const known: Partial<Answers> = {};
  try {
    for (let at = 0; at < QUESTIONS.length; at += 1) {
      const question = QUESTIONS[at] as Question;
      const { name, example } = question;
      const mayLook = look !== undefined && known.url !== URL_EXAMPLE;
      const answer = await answerTo(question, { given, known, ask: asking?.ask, mayLook });
      known[name] = answer;
      const trouble = asking === undefined ? undefined : troubleSoFar(known);
      if (trouble !== undefined) {
        const from = askedAgain(name, given, trouble);
        for (const { name: again } of QUESTIONS.slice(from)) delete known[again];
        at = from - 1;
        continue;
      }
      if ((name === 'primary' || name === 'standby') && mayLook && answer !== example)
        await look({ url: known.url ?? '', name, addresses: answer });
    }
    return known as Answers;
  } finally {
    asking?.close();
  }
};

/** The number of the question to go back to, which is said why; both servers where one does not fit the other. */
const askedAgain = (name: AnswerName, { answers }: InitGiven, trouble: string): number => {
  const names: AnswerName[] = name === 'standby' ? ['primary', 'standby'] : [name];
  const flags = names.map((one) => `--${one}`).join(', ');
  if (names.every((one) => answers[one] !== undefined)) throw new UsageError(`${flags}: ${trouble}`, 'init');
  process.stdout.write(`${trouble}\n`);
  return QUESTIONS.findIndex((question) => question.name === names[0]);
};

const URL_EXAMPLE = QUESTIONS.find(({ name }) => name === 'url')?.example;

type Sources = { given: InitGiven; known: Partial<Answers>; ask: Ask | undefined; mayLook: boolean };

const answerTo = async (question: Question, { given, known, ask, mayLook }: Sources): Promise<string> => {
  const flag = given.answers[question.name];
  if (flag !== undefined) {
    const wrong = question.refuse(flag, known);
    if (wrong !== undefined) throw new UsageError(`--${question.name}: ${wrong}`, 'init');
    return flag;
  }
  const fromDns = mayLook ? await question.proposeFromDns?.(known) : undefined;
  const proposed = fromDns ?? question.propose?.(known);
  return ask === undefined ? (proposed ?? question.example ?? '') : ask(question, known, proposed);
};

/** What nobody can be asked for has to be said; what can be proposed well need not be. */
const demandFlags = ({ answers }: InitGiven): void => {
  const missing = QUESTIONS.filter(
    ({ name, example }) => example !== undefined && answers[name] === undefined,
  );
  if (missing.length === 0) return;
  throw new UsageError(
    `Expected ${missing.map(({ name }) => `--${name}`).join(', ')}, since nobody can be asked here: input and output are no terminal, or CI is set. ` +
      '--yes takes an example in their place.',
    'init',
  );
};

/** Each file is made, never overwritten: `wx` refuses one that came up meanwhile, too. */
const write = (directory: string, files: Files): { written: string[]; kept: string[] } => {
  const [written, kept]: [string[], string[]] = [[], []];
  try {
    mkdirSync(directory, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      if (existsSync(join(directory, name))) kept.push(name);
      else {
        writeFileSync(join(directory, name), text, { flag: 'wx' });
        written.push(name);
      }
    }
  } catch (error) {
    const reason = storageReason(error);
    if (reason === undefined) throw error;
    throw new Trouble(`Cannot write into ${directory}: ${reason}.`, { cause: error });
  }
  return { written, kept };
};
