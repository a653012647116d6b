import { DEEDS } from '../local/deeds.ts';
import { COMMANDS, type CommandName, FLAGS, type Flag, flagsOf } from './grammar.ts';
import { OF_FLAG } from './help.ts';
import { HELP } from './help-texts.ts';
import { SHELLS, type Shell } from './tool-arguments.ts';

/** The flags after which a shell offers files. */
const FILES: readonly Flag[] = ['config', 'local', 'svg', 'cert', 'key'];

/** The words that may follow a command, where they are known beforehand. */
const WORDS: Partial<Record<CommandName | 'help', readonly string[]>> = {
  help: COMMANDS,
  completion: SHELLS,
  'demo-server': ['primary', 'standby', ...Object.keys(DEEDS)],
};

const FIRST_WORDS = [...COMMANDS, 'help'] as const;

const does = (command: (typeof FIRST_WORDS)[number]): string =>
  command === 'help' ? 'what a command does, with examples' : HELP[command].does;

const flagsAfter = (command: (typeof FIRST_WORDS)[number]): Flag[] =>
  command === 'help' ? [] : [...flagsOf(command), 'help'];

const says = (flag: Flag): string =>
  flag === 'help' || flag === 'version' ? 'this help' : OF_FLAG[flag].replace(/^--\S+(?: \S+)? +/, '');

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const bash = (): string =>
  [
    '_switchover() {',
    '  local word=$2 before=$3 offered=',
    `  case $before in ${FILES.map((flag) => `--${flag}`).join('|')}) return ;; esac`,
    `  if [ "$COMP_CWORD" -eq 1 ]; then offered=${quoted([...FIRST_WORDS, '--help', '--version'].join(' '))}`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: bash reads it
    '  else case ${COMP_WORDS[1]} in',
    ...FIRST_WORDS.map((command) => {
      const offered = [...(WORDS[command] ?? []), ...flagsAfter(command).map((flag) => `--${flag}`)];
      return `    ${command}) offered=${quoted(offered.join(' '))} ;;`;
    }),
    '  esac; fi',
    '  COMPREPLY=($(compgen -W "$offered" -- "$word"))',
    '}',
    'complete -o default -F _switchover switchover',
  ].join('\n');

/** In a list for `_describe` a colon parts the word from what is said of it. */
const described = (word: string, text: string): string => quoted(`${word}:${text}`);

const zsh = (): string =>
  [
    '#compdef switchover',
    '_switchover() {',
    '  local -a offered',
    `  case $words[CURRENT-1] in ${FILES.map((flag) => `--${flag}`).join('|')}) _files; return ;; esac`,
    '  if (( CURRENT == 2 )); then offered=(',
    ...FIRST_WORDS.map((command) => `    ${described(command, does(command))}`),
    '  ); else case $words[2] in',
    ...FIRST_WORDS.map((command) => {
      const words = (WORDS[command] ?? []).map((word) => quoted(word));
      const flags = flagsAfter(command).map((flag) => described(`--${flag}`, says(flag)));
      return `    ${command}) offered=(${[...words, ...flags].join(' ')}) ;;`;
    }),
    '  esac; fi',
    '  _describe -o switchover offered',
    '}',
    'compdef _switchover switchover',
  ].join('\n');

const fish = (): string =>
  FIRST_WORDS.flatMap((command) => {
    const after = `complete -c switchover -n ${quoted(`__fish_seen_subcommand_from ${command}`)}`;
    return [
      `complete -c switchover -f -n __fish_use_subcommand -a ${command} -d ${quoted(does(command))}`,
      ...(WORDS[command] === undefined ? [] : [`${after} -f -a ${quoted(WORDS[command].join(' '))}`]),
      ...flagsAfter(command).map((flag) => `${after} -l ${flag}${kindOf(flag)} -d ${quoted(says(flag))}`),
    ];
  }).join('\n');

/** -r: something follows; -F: a file may; -f: none. */
const kindOf = (flag: Flag): string => {
  if (FLAGS[flag] === 'alone') return ' -f';
  return FILES.includes(flag) ? ' -r -F' : ' -x';
};

const SCRIPTS: Record<Shell, () => string> = { bash, zsh, fish };

/** What a shell reads to complete `switchover`; everything in it comes from the grammar and the help. */
export const completionFor = (shell: Shell): string => SCRIPTS[shell]();
