/**
 * CDK context: the account that is deployed to. With it the app also has the stacks of roles in other accounts, for who deploys there:
 * `npm run cdk -- deploy main-zone-roles-111122223333 -c switchover:zone-roles-for=444455556666`.
 */
export const ZONE_ROLES_FOR = 'switchover:zone-roles-for';
