/** What a CDK app imports of this package. */
export * from './config/define.ts';
export { Switchover } from './switchover.ts';
export type { SwitchoverProps, VantageStackProps } from './switchover-props.ts';
