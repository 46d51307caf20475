/** Brings the cases into view once the page has drawn them anew. */
export function toCases(): void {
  window.setTimeout(() => document.getElementById('cases')?.scrollIntoView({ block: 'start' }), 60);
}
