import { Environment as engineEnvironment, Interpreter as engineInterpreter, parse, tokenize } from '@huggingface/jinja';
import type { JinjaNode } from './jinja-names.ts';

/** What we use of the Jinja package, typed: its own declarations do not resolve under `nodenext`. */

export interface RuntimeValue {
  value: unknown;
}
export interface Environment {
  variables: Map<string, RuntimeValue>;
  set(name: string, value: unknown): RuntimeValue;
}
interface EnvironmentClass {
  new (parent?: Environment): Environment;
}
export interface Interpreter {
  run(program: JinjaNode): RuntimeValue;
  evaluate(statement: JinjaNode | undefined, environment: Environment): RuntimeValue;
}
interface InterpreterClass {
  new (environment: Environment): Interpreter;
}

export const Environment: EnvironmentClass = engineEnvironment;
export const Interpreter: InterpreterClass = engineInterpreter;

/** The syntax tree of a template, with Jinja's own defaults about white space. Throws on bad syntax. */
export function parseJinja(text: string): JinjaNode {
  return (parse as unknown as (tokens: unknown) => JinjaNode)((tokenize as unknown as (source: string) => unknown)(text));
}
