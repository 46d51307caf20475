declare module 'virtual:whetstone-routes' {
  /** `METHOD /path/{param}` of every endpoint, by name. */
  export const routes: Record<string, string>;
}
