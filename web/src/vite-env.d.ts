declare module 'virtual:whetstone-routes' {
  /** `METHOD /path/{param}` of every endpoint, by name. */
  export const routes: Record<string, string>;
}
/** As under `nodenext`, where its declarations do not resolve: `domain` says what it uses of it. */
declare module '@huggingface/jinja';
