#!/usr/bin/env bash
# Installs the command where it is missing, runs the evaluations, and leaves JUnit and Markdown. Its status is that of `whetstone eval`.
set -uo pipefail

if [ -n "${EVAL_PACKAGE:-}" ]; then
  npm install --no-save --no-audit --no-fund "$EVAL_PACKAGE" || exit 2
elif [ ! -x node_modules/.bin/whetstone ]; then
  echo 'There is no command whetstone here: add @whetstone/sdk to the project and run npm ci before, or name its package (EVAL_PACKAGE).' >&2
  exit 2
fi

baseline="${EVAL_BASELINE:-}"
# On a pull request: its target branch, where there is a server that keeps its results.
if [ -z "$baseline" ] && [ -n "${EVAL_TARGET:-}" ] && [ -n "${WHETSTONE_API_KEY:-}" ]; then
  baseline="git:$EVAL_TARGET"
fi
# Empty variables would count as said.
[ -n "${WHETSTONE_BASE_URL:-}" ] || unset WHETSTONE_BASE_URL

report="$PWD/whetstone-eval.md"
words=(--junit "$PWD/whetstone-eval.xml" --markdown "$report" --json "$PWD/whetstone-eval.json")
[ -z "$baseline" ] || words+=(--baseline "$baseline")
# Words are split on purpose; names with blanks stand one a line.
if [ -n "${EVAL_ARGS:-}" ]; then read -r -a more <<<"$EVAL_ARGS"; words+=("${more[@]}"); fi
if [ -n "${EVAL_FILES:-}" ]; then while IFS= read -r name; do [ -z "$name" ] || words+=("$name"); done <<<"$EVAL_FILES"; fi

node_modules/.bin/whetstone eval "${words[@]}"
status=$?

if [ -f "$report" ] && [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$report" >>"$GITHUB_STEP_SUMMARY"; fi
if [ -n "${GITHUB_OUTPUT:-}" ]; then
  echo "status=$status" >>"$GITHUB_OUTPUT"
  [ ! -f "$report" ] || echo "report=$report" >>"$GITHUB_OUTPUT"
fi
exit $status
